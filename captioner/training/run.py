"""One training run from files to a model package: begun, resumed, and repeated."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import shutil
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
from captioner.training.control import TrainingControl
from captioner.training.events import CheckpointSaved, StepsFinished, TrainingEvent, TrainingFinished, event_to_dict
from captioner.training.keeping import SAVE_EVERY
from captioner.training.model_card import summarise_training, write_model_card
from captioner.training.run_folder import CHECKPOINTS, CONFIG, RunFolder, RunSources, read_run
from captioner.training.run_inputs import Progress, RunInputs, open_inputs
from captioner.training.stages import ALONE, World
from captioner.training.trainer import Trainer

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run is carried out, which does not change what comes of it.

    Attributes
    ----------
    control
        Through which others pause, stop or extend it.
    save_every
        Seconds between checkpoints.
    world
        The processes that train together; the first of them alone writes.
    on_progress
        Called with bytes done and bytes in all while encoder weights are downloaded.
    """

    control: TrainingControl | None = None
    save_every: float = SAVE_EVERY
    world: World = ALONE
    on_progress: Progress | None = None


class TrainingRun:
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
    """

    def __init__(
        self, trainer: Trainer, inputs: RunInputs, path: Path, folder: RunFolder | None, resources: contextlib.ExitStack
    ) -> None:
        self.trainer, self.path, self.folder = trainer, path, folder
        self.package_path = path / inputs.sources.name
        self._inputs, self._resources = inputs, resources

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
        with contextlib.ExitStack() as stack:
            inputs = stack.enter_context(open_inputs(config, sources, options.on_progress))
            folder = stack.enter_context(RunFolder(output)) if options.world.rank == 0 else None
            trainer = _build_trainer(inputs, options, folder)
            if folder is not None:
                folder.write_config(inputs.config, sources)
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
            inputs = stack.enter_context(open_inputs(config, sources, options.on_progress))
            trainer = _build_trainer(inputs, options, folder)
            if checkpoint is not None:
                _require_same_data(inputs, checkpoint)
                trainer.restore(checkpoint.tensors, checkpoint.values)
            if folder is not None:
                folder.rewind(checkpoint)
                folder.write_config(begun, sources)
            return cls(trainer, inputs, path, folder, stack.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the data and let other processes have the folder."""
        self._resources.close()

    def events(self) -> Generator[TrainingEvent]:
        """Train to the end or to where the control asks to stop; at the end package the best weights."""
        has_trained = False
        with contextlib.closing(self.trainer.run()) as events:
            for event in events:
                has_trained |= isinstance(event, StepsFinished)
                if not isinstance(event, StepsFinished | CheckpointSaved):
                    logger.info("%s", _without_samples(event))
                if isinstance(event, TrainingFinished) and self.folder is not None:
                    self._package(is_newer=has_trained)
                yield event

    def _package(self, *, is_newer: bool) -> None:
        """Write the model, in the place of an older one of this run if there is one and ``is_newer``."""
        path, older = self.package_path, self.path / f".{self.package_path.name}-older"
        for litter in list(self.path.glob(f".{path.name}-*")):
            shutil.rmtree(litter, ignore_errors=True)
        if path.exists():
            if not is_newer:
                return
            path.rename(older)
        inputs, config = self._inputs, self.trainer.config
        encoder = inputs.encoder.encoder
        model_config = ModelConfig(encoder=encoder.config, decoder=config.decoder, decoding=config.decoding)
        model = CaptioningModel(model_config, inputs.data.vocabulary, encoder)
        model.decoder.load_state_dict(self.trainer.best_weights)
        entries, best, captions = inputs.card_entries(), self.trainer.best, len(inputs.data.examples)
        description = f"Trained on {captions:,} captions of {inputs.sources.captions.name}."
        card = write_model_card(path.name, model, config, entries, best)
        about = summarise_training(config, entries, captions, best)
        save_package(model, path, description=description, card=card, about=about)
        shutil.rmtree(older, ignore_errors=True)


def _without_samples(event: TrainingEvent) -> dict[str, object]:
    return {key: value for key, value in event_to_dict(event).items() if key != "samples"}


def _build_trainer(inputs: RunInputs, options: RunOptions, folder: RunFolder | None) -> Trainer:
    data = inputs.data
    if folder is not None:
        folder.fingerprint = data.fingerprint()
    return Trainer(
        *(inputs.config, data.examples, data.features, data.vocabulary),
        views=data.features.info.views,
        references=data.references,
        dev=data.dev,
        control=options.control,
        recorder=folder,
        save_every=options.save_every,
        world=options.world,
    )


def _resumed_config(config: TrainingConfig, checkpoint: Checkpoint | None, batch_size: int | None) -> TrainingConfig:
    """The configuration as it was at ``checkpoint``, extensions included, with another size of batches if given."""
    if checkpoint is None:
        return config.replace(batch_size=batch_size)
    config = TrainingConfig.from_dict(checkpoint.values["config"], where=printable(checkpoint.path))
    if checkpoint.values["position"]["stage"]:
        return config.replace(self_critical=config.self_critical.replace(images_per_batch=batch_size))
    return config.replace(batch_size=batch_size)


def _require_same_data(inputs: RunInputs, checkpoint: Checkpoint) -> None:
    if checkpoint.values["fingerprint"] != inputs.data.fingerprint():
        raise TrainingRunError(
            f"{printable(inputs.sources.captions)} or the features are not what the run began with. Put the old files "
            "back, or begin a new run.",
            path=inputs.sources.captions,
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
    again = next(
        candidate for number in range(2, 10**6) if not (candidate := path.with_name(f"{path.name}-{number}")).exists()
    )
    options = {**values, "recipe": str(path / CONFIG), "output": str(again)}
    return ["captioner", "train", *(part for name, value in options.items() for part in (f"--{name}", value))]


__all__ = ["RunOptions", "RunSources", "TrainingRun", "repeat_command", "resume_command"]
