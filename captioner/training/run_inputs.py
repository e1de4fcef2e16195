"""What a run is made from: features, captions and the encoder, opened and checked together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from captioner.config import TrainingConfig
from captioner.data.datasets.opening import open_dataset
from captioner.data.feature_check import unknown_origin
from captioner.data.feature_files import FeatureFile
from captioner.devices import choose_device
from captioner.encoder_sources import EncoderSource
from captioner.errors import ConfigurationError
from captioner.training.feature_encoder import encoder_of
from captioner.training.run_folder import RESERVED, RunSources
from captioner.training.starting_point import StartingPoint
from captioner.training.training_data import TrainingData, join_dataset, load_training_data
from captioner.vocabulary import Vocabulary

Progress = Callable[[int, int], None]
NO_DEV_IMAGES = "There are no dev images, so the best epoch cannot be chosen and the last is kept."


@dataclass(frozen=True, slots=True, eq=False)
class RunInputs:
    """What a run is made from, open and checked.

    Attributes
    ----------
    config
        All options; the decoder's `encoder_dim` is that of the features.
    sources
        Where everything comes from.
    data
        Captions and features.
    encoder
        What made the features; it travels in the package. None where nobody knows.
    start
        The model that the run begins with; None where there is none, or a checkpoint has later weights.
    """

    config: TrainingConfig
    sources: RunSources
    data: TrainingData
    encoder: EncoderSource | None
    start: StartingPoint | None = None

    @property
    def captions_path(self) -> Path:
        """The captions, or else the first file of the data set, for messages."""
        return self.sources.captions or self.sources.paths[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was left out, and about what will be missing."""
        notes = list(self.data.notes)
        if self.data.dev is None:
            notes.append(NO_DEV_IMAGES)
        if self.encoder is None:
            notes.append(unknown_origin(self.data.features))
        return tuple(notes)

    def card_entries(self) -> dict[str, str]:
        """What a model card says of the data."""
        # Packages travel, so they name files without saying where those lie on this machine.
        start = {} if self.sources.start_from is None else {"begun_from": Path(self.sources.start_from).name}
        return self._data_entries() | start

    def _data_entries(self) -> dict[str, str]:
        if self.sources.paths:
            data_set = ", ".join(path.absolute().name for path in self.sources.paths)
            entries = {"layout": self.data.layout, "captions": data_set}
        else:
            files = {name: getattr(self.sources, name) for name in ("features", "dev_features", "captions")}
            entries = {name: path.name if path else "" for name, path in files.items()}
        if self.encoder is None:
            return entries | {"encoder": "not known"}
        named = "" if self.data.features.info.encoder else "named by whoever trained the model, not by the features"
        return entries | {"encoder": named, "encoder_weights_sha256": self.encoder.weights_sha256}


@contextlib.contextmanager
def open_inputs(
    config: TrainingConfig, sources: RunSources, on_progress: Progress | None, *, known: Vocabulary | None = None
) -> Generator[RunInputs]:
    """Open and check all that ``sources`` names, for as long as the context lasts.

    A run that was begun from a model, and goes on from a checkpoint, no longer needs that model but for the vocabulary
    ``known`` that it had.

    Raises
    ------
    CaptionerError
        If a file cannot be used, the features were not extracted by the encoder, or the device or the name cannot be.
    """
    # Less strict than `require_model_name`, so that older runs go on; but a run folder may come from anybody.
    name = sources.name
    if not name or Path(name).name != name or name.startswith(".") or name in RESERVED:
        raise ConfigurationError(f"{name!r:.60} cannot be the name of a model. Use letters, digits and hyphens.")
    choose_device(config.device)  # so that a device that is not there is told before anything is written
    start = None
    if known is None and sources.start_from is not None:
        start = StartingPoint.open(sources.start_from)
        config, known = start.settle(config), start.vocabulary
    if known is None and not config.epochs:
        raise ConfigurationError(
            "A decoder that was never trained cannot begin with the self-critical stage. Name a model with "
            "--start-from, or set epochs to 1 or more."
        )
    with contextlib.ExitStack() as stack:
        if sources.paths:
            data = join_dataset(stack.enter_context(open_dataset(*sources.paths)), config, known=known)
            encoder = encoder_of(data.features, sources, on_progress)
        else:
            features, dev = _open_features(sources, stack)
            encoder = encoder_of(features, sources, on_progress)
            data = load_training_data(features, dev, sources.captions or Path(), config, known=known)
        if start is not None:
            start.require_features(data.features.info, data.features.path, encoder)
        config = config.replace(decoder=config.decoder.replace(encoder_dim=data.features.info.dim))
        yield RunInputs(config, sources, data, encoder, start)


def _open_features(sources: RunSources, stack: contextlib.ExitStack) -> tuple[FeatureFile, FeatureFile | None]:
    features = stack.enter_context(FeatureFile(sources.features or Path()))
    dev = stack.enter_context(FeatureFile(sources.dev_features)) if sources.dev_features else None
    return features, dev
