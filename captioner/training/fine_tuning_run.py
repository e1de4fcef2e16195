"""One fine-tuning run from files to a model package: begun and resumed."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from pathlib import Path
from typing import Any, Self

import torch

from captioner.config import TrainingConfig
from captioner.devices import choose_device
from captioner.encoders import Encoder, build_empty_trunk
from captioner.errors import TrainingRunError
from captioner.file_names import printable
from captioner.model import CaptioningModel
from captioner.model_library import find_package, save_package
from captioner.training.checkpoint import Checkpoint, CheckpointFolder
from captioner.training.fine_tuner import FineTuner
from captioner.training.fine_tuning import require_encoder
from captioner.training.fine_tuning_config import FineTuningConfig
from captioner.training.fine_tuning_data import FineTuningData, load_fine_tuning_data
from captioner.training.fine_tuning_sources import COMMAND, FineTuningRecord, FineTuningSources
from captioner.training.model_card import summarise_training, write_model_card
from captioner.training.recorded_run import RecordedRun, RunOptions
from captioner.training.run_folder import CHECKPOINTS, VOCABULARY, RunFolder, require_model_name
from captioner.training.run_inputs import NO_DEV_IMAGES
from captioner.vocabulary import Vocabulary


class FineTuningRun(RecordedRun):
    """Trains encoder and decoder of a model on photographs. Made by `start` or `resume`; close it after use.

    Attributes
    ----------
    record
        Its settings and files.
    data
        What it is trained on and chosen by.
    """

    command = COMMAND

    def __init__(
        self,
        trainer: FineTuner,
        record: FineTuningRecord,
        data: FineTuningData,
        path: Path,
        folder: RunFolder | None,
        resources: contextlib.ExitStack,
    ) -> None:
        super().__init__(trainer, path, folder, record.sources.name, resources)
        self.record, self.data = record, data
        self._model = trainer.model

    @classmethod
    def start(
        cls, config: FineTuningConfig, sources: FineTuningSources, output: Path, options: RunOptions | None = None
    ) -> Self:
        """Check the data and begin a run.

        Parameters
        ----------
        config
            All options.
        sources
            What to start from and to train on. The new model will lie in ``output/name``.
        output
            New folder for the run.
        options
            How to carry it out.

        Raises
        ------
        CaptionerError
            If a file cannot be used, the model has no encoder, or the folder is not empty.
        """
        options = options or RunOptions()
        require_model_name(sources.name)
        choose_device(config.device)  # so that a device that is not there is told before anything is written
        with contextlib.ExitStack() as stack:
            model = _load_model(sources)
            record = FineTuningRecord(config, sources, model.config)
            data = _load_data(record, model)
            folder = stack.enter_context(RunFolder(output)) if options.world.rank == 0 else None
            trainer = _build_trainer(config, model, data, options, folder)
            if folder is not None:
                record.write(output)
                folder.write_vocabulary(model.vocabulary)
            return cls(trainer, record, data, output, folder, stack.pop_all())

    @classmethod
    def resume(
        cls, path: Path, options: RunOptions | None = None, *, batch_size: int | None = None, **changes: Any
    ) -> Self:
        """Go on with a run from its last checkpoint, or from its beginning where it has none.

        The weights at the end are bit for bit those of a run that was never interrupted. The model that it started from
        need not be there any more.

        Parameters
        ----------
        path
            Its folder.
        options
            How to carry it out.
        batch_size
            Another number of photographs per step; the epoch in progress then begins again.
        changes
            Fields of `FineTuningSources` that are others from now on, where files were moved; None leaves one as it is.

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
            begun, sources, model_config = FineTuningRecord.read(path)
            sources = dataclasses.replace(sources, **{name: new for name, new in changes.items() if new is not None})
            require_model_name(sources.name)
            record = FineTuningRecord(begun, sources, model_config)
            checkpoint = CheckpointFolder(path / CHECKPOINTS).latest()
            model = _load_model(sources) if checkpoint is None else _empty_model(record, path)
            data = _load_data(record, model)
            config = _resumed_config(begun, checkpoint, batch_size)
            trainer = _build_trainer(config, model, data, options, folder)
            if checkpoint is not None:
                _require_same_data(data, record, checkpoint)
                trainer.restore(checkpoint.tensors, checkpoint.values)
            if folder is not None:
                folder.rewind(checkpoint)
                record.write(path)
            return cls(trainer, record, data, path, folder, stack.pop_all())

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what will be missing."""
        return () if self.data.dev is not None else (NO_DEV_IMAGES,)

    def _write_package(self, path: Path) -> None:
        model = copy.deepcopy(self._model).float().cpu()
        model.load_state_dict(self.trainer.best_weights)
        config, best, captions = self.trainer.config, self.trainer.best, len(self.data.train.examples)
        entries = self._card_entries()
        description = f"Encoder and decoder trained together on {captions:,} captions of {entries['captions']}."
        card = write_model_card(path.name, model, config, entries, best)
        about = summarise_training(config, entries, captions, best)
        save_package(model, path, description=description, card=card, about=about)

    def _card_entries(self) -> dict[str, str]:
        # Packages travel, so they name files without saying where those lie on this machine.
        sources, left_out = self.record.sources, len(self.data.train.photographs.left_out)
        files = {name: getattr(sources, name) for name in ("images", "captions", "split", "dev_split")}
        return {
            "started_from": Path(sources.model).name if sources.model else "the bundled model",
            **{name: path.absolute().name if path else "" for name, path in files.items()},
            "photographs": f"{len(self.data.train) - left_out:,}",
            "photographs_left_out_as_damaged": f"{left_out:,}" if left_out else "",
        }


def _load_model(sources: FineTuningSources) -> CaptioningModel:
    """The model to start from, with the encoder and the input size that ``sources`` ask for."""
    package = find_package(sources.model)
    package.require_encoder()
    if sources.encoder is None:
        return package.load(sources.input_size)
    model = package.load()
    encoder = require_encoder(model).variant(sources.encoder, sources.input_size)
    config = model.config.replace(encoder=encoder.config)
    return CaptioningModel(config, model.vocabulary, encoder, model.decoder)


def _empty_model(record: FineTuningRecord, path: Path) -> CaptioningModel:
    """The model of a run, for a checkpoint to be restored into: its weights are whatever was in memory."""
    config = record.model
    if config.encoder is None:
        raise TrainingRunError(f"{printable(path)} is damaged: it names no encoder. Begin a new run.", path=path)
    trunk = build_empty_trunk(config.encoder.name).to_empty(device="cpu")
    vocabulary = Vocabulary.from_file(path / VOCABULARY)
    return CaptioningModel(config, vocabulary, Encoder(config.encoder, trunk))


def _load_data(record: FineTuningRecord, model: CaptioningModel) -> FineTuningData:
    encoder, length = require_encoder(model).config, record.config.max_caption_length
    return load_fine_tuning_data(record.sources, model.vocabulary, encoder, max_caption_length=length)


def _build_trainer(
    config: FineTuningConfig,
    model: CaptioningModel,
    data: FineTuningData,
    options: RunOptions,
    folder: RunFolder | None,
) -> FineTuner:
    if folder is not None:
        folder.fingerprint = data.fingerprint()
    return FineTuner(
        *(config, model, data),
        control=options.control,
        recorder=folder,
        save_every=options.save_every,
        world=options.world,
    )


def _resumed_config(
    config: FineTuningConfig, checkpoint: Checkpoint | None, batch_size: int | None
) -> FineTuningConfig:
    """The configuration as it was at ``checkpoint``, extensions included, with another size of batches if given."""
    if checkpoint is not None:
        then = TrainingConfig.from_dict(checkpoint.values["config"], where=printable(checkpoint.path))
        config = config.replace(epochs=then.epochs, batch_size=then.batch_size)
    if batch_size is None:
        return config
    return config.replace(batch_size=batch_size, accumulation_steps=min(batch_size, config.accumulation_steps))


def _require_same_data(data: FineTuningData, record: FineTuningRecord, checkpoint: Checkpoint) -> None:
    if checkpoint.values["fingerprint"] != data.fingerprint():
        raise TrainingRunError(
            f"{printable(record.sources.captions)} or the lists of photographs are not what the run began with. Put "
            "the old files back, or begin a new run.",
            path=record.sources.captions,
        )
