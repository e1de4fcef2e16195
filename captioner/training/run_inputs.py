"""What a run is made from: features, captions and the encoder, opened and checked together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from captioner.config import TrainingConfig
from captioner.data.feature_files import FeatureFile
from captioner.devices import choose_device
from captioner.encoder_sources import EncoderSource, open_encoder
from captioner.errors import ConfigurationError, FeatureFileError
from captioner.training.run_folder import RESERVED, RunSources
from captioner.training.training_data import TrainingData, load_training_data

Progress = Callable[[int, int], None]


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
        What extracted the features; it travels in the package.
    """

    config: TrainingConfig
    sources: RunSources
    data: TrainingData
    encoder: EncoderSource

    def card_entries(self) -> dict[str, str]:
        """What a model card says of the data."""
        # Packages travel, so they name files without saying where those lie on this machine.
        files = {name: getattr(self.sources, name) for name in ("features", "dev_features", "captions")}
        names = {name: path.name if path else "" for name, path in files.items()}
        return names | {"encoder_weights_sha256": self.encoder.weights_sha256}


@contextlib.contextmanager
def open_inputs(config: TrainingConfig, sources: RunSources, on_progress: Progress | None) -> Generator[RunInputs]:
    """Open and check all that ``sources`` names, for as long as the context lasts.

    Raises
    ------
    CaptionerError
        If a file cannot be used, the features were not extracted by the encoder, or the device or the name cannot be.
    """
    name = sources.name
    if not name or Path(name).name != name or name.startswith(".") or name in RESERVED:
        raise ConfigurationError(f"{name!r:.60} cannot be the name of a model. Use letters, digits and hyphens.")
    choose_device(config.device)  # so that a device that is not there is told before anything is written
    with contextlib.ExitStack() as stack:
        features = stack.enter_context(FeatureFile(sources.features))
        dev = stack.enter_context(FeatureFile(sources.dev_features)) if sources.dev_features else None
        info = features.info
        encoder = open_encoder(
            *(info.encoder, sources.encoder_weights),
            model=sources.model,
            input_size=info.input_size,
            on_progress=on_progress,
        )
        _require_same_encoder(features, encoder)
        config = config.replace(decoder=config.decoder.replace(encoder_dim=info.dim))
        yield RunInputs(config, sources, load_training_data(features, dev, sources.captions, config), encoder)


def _require_same_encoder(features: FeatureFile, encoder: EncoderSource) -> None:
    info, config = features.info, encoder.encoder.config
    if info.encoder != config.name or info.encoder_weights_sha256 != encoder.weights_sha256:
        raise FeatureFileError(
            f"{features.path} was not extracted with these weights of {config.name}. "
            "Give --weights and --model as they were given to `captioner extract`.",
            path=features.path,
        )
