"""One training run from files to a model package."""

from __future__ import annotations

import logging
from collections.abc import Generator
from pathlib import Path

from captioner.config import ModelConfig, TrainingConfig
from captioner.data.feature_files import FeatureFile
from captioner.encoder_sources import EncoderSource
from captioner.errors import ConfigurationError, FeatureFileError
from captioner.model import CaptioningModel
from captioner.model_library import save_package
from captioner.training.model_card import summarise_training, write_model_card
from captioner.training.run_folder import RunFolder
from captioner.training.trainer import EpochFinished, Trainer, TrainingEvent, TrainingFinished
from captioner.training.training_data import load_training_data

logger = logging.getLogger(__name__)


class TrainingRun:
    """Reads and checks the data, trains, records, and packages the best weights.

    Parameters
    ----------
    config
        All options; the decoder's `encoder_dim` is taken from the features.
    features, dev_features
        Open feature files; without the second the last epoch is kept.
    captions
        Captions file of both.
    encoder
        What extracted the features; it travels in the package.
    output
        New folder for the run.
    name
        Of the new model, which lies in ``output/name``.

    Attributes
    ----------
    folder
        The run on disk.
    trainer
        The trainer.

    Raises
    ------
    FeatureFileError
        If the features were not extracted by ``encoder``.
    """

    def __init__(
        self,
        config: TrainingConfig,
        features: FeatureFile,
        dev_features: FeatureFile | None,
        captions: Path,
        encoder: EncoderSource,
        output: Path,
        *,
        name: str,
    ) -> None:
        if not name or Path(name).name != name or name.startswith("."):
            raise ConfigurationError(f"{name!r:.60} cannot be the name of a model. Use letters, digits and hyphens.")
        _require_same_encoder(features, encoder)
        self.config = config.replace(decoder=config.decoder.replace(encoder_dim=features.info.dim))
        data = load_training_data(features, dev_features, captions, self.config)
        self.trainer = Trainer(
            self.config,
            data.examples,
            features,
            data.vocabulary,
            views=features.info.views,
            references=data.references,
            dev=data.dev,
        )
        self.encoder = encoder
        self.folder = RunFolder(output)
        self.package_path = self.folder.path / name
        self._sources = {
            "features": str(features.path),
            "dev_features": "" if dev_features is None else str(dev_features.path),
            "captions": str(captions),
            "encoder_weights_sha256": encoder.weights_sha256,
        }

    def events(self) -> Generator[TrainingEvent]:
        """Train to the end, recording each epoch, and package the best weights."""
        self.folder.write_config(self.config, self._sources)
        best: EpochFinished | None = None
        for event in self.trainer.run():
            if isinstance(event, EpochFinished):
                self.folder.add_epoch(event)
                logger.info("%s", event.to_dict())
                if event.is_best:
                    best = event
                    self.folder.save_best(self.trainer.best_weights)
            if isinstance(event, TrainingFinished):
                self._package(best)
            yield event

    def _package(self, best: EpochFinished | None) -> None:
        config = ModelConfig(
            encoder=self.encoder.encoder.config, decoder=self.config.decoder, decoding=self.config.decoding
        )
        model = CaptioningModel(config, self.trainer.vocabulary, self.encoder.encoder)
        model.decoder.load_state_dict(self.trainer.best_weights)
        # Packages travel, so they name files without saying where those lie on this machine.
        sources = {key: Path(value).name for key, value in self._sources.items()}
        captions = len(self.trainer.examples)
        description = f"Trained on {captions:,} captions of {sources['captions']}."
        card = write_model_card(self.package_path.name, model, self.config, sources, best)
        about = summarise_training(self.config, sources, captions, best)
        save_package(model, self.package_path, description=description, card=card, about=about)


def _require_same_encoder(features: FeatureFile, encoder: EncoderSource) -> None:
    info, config = features.info, encoder.encoder.config
    if info.encoder != config.name or info.encoder_weights_sha256 != encoder.weights_sha256:
        raise FeatureFileError(
            f"{features.path} was not extracted with these weights of {config.name}. "
            "Give --weights and --model as they were given to `captioner extract`.",
            path=features.path,
        )
