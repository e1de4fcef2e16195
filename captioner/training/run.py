"""One training run from files to a model package: begun, resumed, and repeated."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
from collections.abc import Generator
from pathlib import Path
from typing import Any, Self

import torch

from captioner.config import ModelConfig, TrainingConfig
from captioner.errors import TrainingRunError
from captioner.file_names import printable
from captioner.model import CaptioningModel
from captioner.model_library import save_package
from captioner.training.checkpoint import Checkpoint, CheckpointFolder
from captioner.training.events import TrainingEvent
from captioner.training.model_card import summarise_training, write_model_card
from captioner.training.recorded_run import RecordedRun, RunOptions
from captioner.training.run_folder import (
    CHECKPOINTS,
    CONFIG,
    VOCABULARY,
    RunFolder,
    RunSources,
    read_run,
    require_model_name,
)
from captioner.training.run_inputs import RunInputs, open_inputs
from captioner.training.trainer import Trainer
from captioner.vocabulary import Vocabulary

logger = logging.getLogger(__name__)


class TrainingRun(RecordedRun):
    """Trains on checked data, records, and packages the best weights. Made by `start` or `resume`; close it after use.

    Attributes
    ----------
    path
        The run folder.
    folder
        The same, held by this process; None in those of a world that do not write.
    trainer
        The trainer.
    package_path
        Where the new model will lie.
    notes
        Sentences about what was left out of the data, and about what will be missing.
    """

    command = "train"

    def __init__(
        self, trainer: Trainer, inputs: RunInputs, path: Path, folder: RunFolder | None, resources: contextlib.ExitStack
    ) -> None:
        super().__init__(trainer, path, folder, inputs.sources.name, resources)
        self.notes, self._inputs = inputs.notes, inputs

    @classmethod
    def start(
        cls, config: TrainingConfig, sources: RunSources, output: Path, options: RunOptions | None = None
    ) -> Self:
        """Check the data and begin a run.

        Parameters
        ----------
        config
            All options; the decoder's `encoder_dim` is taken from the features.
        sources
            What to train on. The model will lie in ``output/name``.
        output
            New folder for the run.
        options
            How to carry it out.

        Raises
        ------
        CaptionerError
            If a file cannot be used, the features were not extracted by the encoder, or the folder is not empty.
        """
        options = options or RunOptions()
        require_model_name(sources.name)
        with contextlib.ExitStack() as stack:
            inputs = stack.enter_context(open_inputs(config, sources, options.on_progress))
            folder = stack.enter_context(RunFolder(output)) if options.world.rank == 0 else None
            trainer = _build_trainer(inputs, options, folder)
            if folder is not None:
                folder.write_config(inputs.config, sources)
                _keep_start(folder, inputs, trainer)
            return cls(trainer, inputs, output, folder, stack.pop_all())

    @classmethod
    def resume(
        cls,
        path: Path,
        options: RunOptions | None = None,
        *,
        batch_size: int | None = None,
        **changes: Any,
    ) -> Self:
        """Go on with a run from its last checkpoint, or from its beginning where it has none.

        The weights at the end are bit for bit those of a run that was never interrupted.

        Parameters
        ----------
        path
            Its folder.
        options
            How to carry it out.
        batch_size
            Another size of the batches of the stage in progress, whose epoch then begins again.
        changes
            Fields of `RunSources` that are others from now on, where files were moved; None leaves one as it is.

        Raises
        ------
        CaptionerError
            If there is no run, no checkpoint is whole, another process is training in the folder, or the data is not
            what the run began with.
        """
        options = options or RunOptions()
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(RunFolder.reopen(path)) if options.world.rank == 0 else None
            options.world.sum(torch.zeros(1))  # all wait until the folder is in order
            begun, sources = read_run(path)
            sources = dataclasses.replace(sources, **{name: new for name, new in changes.items() if new is not None})
            checkpoint = CheckpointFolder(path / CHECKPOINTS).latest()
            config = _resumed_config(begun, checkpoint, batch_size)
            known = Vocabulary.from_file(path / VOCABULARY) if checkpoint and sources.start_from else None
            inputs = stack.enter_context(open_inputs(config, sources, options.on_progress, known=known))
            trainer = _build_trainer(inputs, options, folder)
            if checkpoint is not None:
                _require_same_data(inputs, checkpoint)
                trainer.restore(checkpoint.tensors, checkpoint.values)
            if folder is not None:
                folder.rewind(checkpoint)
                folder.write_config(begun, sources)
                _keep_start(folder, inputs, trainer)
            return cls(trainer, inputs, path, folder, stack.pop_all())

    def events(self) -> Generator[TrainingEvent]:
        """Train as every recorded run does, with the notes on the data in the log."""
        for note in self.notes:
            logger.info("%s", note)
        yield from super().events()

    def _write_package(self, path: Path) -> None:
        inputs, config = self._inputs, self.trainer.config
        encoder = None if inputs.encoder is None else inputs.encoder.encoder
        encoder_config = None if encoder is None else encoder.config
        model_config = ModelConfig(encoder=encoder_config, decoder=config.decoder, decoding=config.decoding)
        model = CaptioningModel(model_config, inputs.data.vocabulary, encoder)
        model.decoder.load_state_dict(self.trainer.best_weights)
        entries, best, captions = inputs.card_entries(), self.trainer.best, len(inputs.data.examples)
        description = f"Trained on {captions:,} captions of {inputs.captions_path.absolute().name}."
        card = write_model_card(path.name, model, config, entries, best)
        about = summarise_training(config, entries, captions, best, has_encoder=encoder is not None)
        save_package(model, path, description=description, card=card, about=about)


def _build_trainer(inputs: RunInputs, options: RunOptions, folder: RunFolder | None) -> Trainer:
    data = inputs.data
    if folder is not None:
        folder.fingerprint = data.fingerprint()
    return Trainer(
        *(inputs.config, data.examples, data.features, data.vocabulary),
        views=data.views,
        references=data.references,
        dev=data.dev,
        control=options.control,
        recorder=folder,
        save_every=options.save_every,
        world=options.world,
        start=inputs.start,
    )


def _keep_start(folder: RunFolder, inputs: RunInputs, trainer: Trainer) -> None:
    """Let a run that starts from a model be resumed without it: what came from there is kept at once."""
    if inputs.start is not None:
        folder.write_vocabulary(inputs.data.vocabulary)
        folder.save_checkpoint(0, *trainer.state())


def _resumed_config(config: TrainingConfig, checkpoint: Checkpoint | None, batch_size: int | None) -> TrainingConfig:
    """The configuration as it was at ``checkpoint``, extensions included, with another size of batches if given."""
    if checkpoint is None:
        return config.replace(batch_size=batch_size)
    # Checkpoints of earlier versions do not say which share is held out.
    values = {"dev_share": config.dev_share, **checkpoint.values["config"]}
    config = TrainingConfig.from_dict(values, where=printable(checkpoint.path))
    if checkpoint.values["position"]["stage"] or not config.epochs:
        return config.replace(self_critical=config.self_critical.replace(images_per_batch=batch_size))
    return config.replace(batch_size=batch_size)


def _require_same_data(inputs: RunInputs, checkpoint: Checkpoint) -> None:
    if checkpoint.values["fingerprint"] != inputs.data.fingerprint():
        raise TrainingRunError(
            f"{printable(inputs.captions_path)} or the features are not what the run began with. Put the old files "
            "back, or begin a new run.",
            path=inputs.captions_path,
        )


def resume_command(path: Path) -> list[str]:
    """The command that goes on with the run in the folder ``path``."""
    return ["captioner", "train", "--resume", str(path)]


def repeat_command(path: Path) -> list[str]:
    """The command that repeats the run in the folder ``path``, as it was begun, beside it.

    Raises
    ------
    TrainingRunError
        If there is no run.
    """
    _, sources = read_run(path)
    values = {name.replace("_", "-"): value for name, value in sources.to_dict().items() if value is not None}
    values["weights"] = values.pop("encoder-weights")
    paths = values.pop("paths")
    again = next(
        candidate for number in range(2, 10**6) if not (candidate := path.with_name(f"{path.name}-{number}")).exists()
    )
    options = {**values, "recipe": str(path / CONFIG), "output": str(again)}
    named = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return ["captioner", "train", *paths, *named]


__all__ = ["RunOptions", "RunSources", "TrainingRun", "repeat_command", "resume_command"]
