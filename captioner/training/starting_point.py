"""A model that a run begins with: its decoder settings, its vocabulary and its weights."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from captioner.config import DecoderConfig, TextLevel, TrainingConfig
from captioner.data.feature_files import FeatureFileInfo
from captioner.decoder import Decoder
from captioner.encoder_sources import EncoderSource
from captioner.encoders import Encoder
from captioner.errors import ConfigurationError, FeatureFileError
from captioner.model_library import VOCABULARY, find_package
from captioner.vocabulary import SPECIAL_TOKENS, Vocabulary

logger = logging.getLogger(__name__)

# Features decide on the first; the second can be another on the same weights.
_FREE = ("encoder_dim", "dropout")
_BY_WORD = ("embedding.weight", "output.weight", "output.bias")


@dataclass(frozen=True, slots=True)
class StartingSettings:
    """What the model called `model` leaves no choice about: the settings of its `decoder`, the `level` of its text."""

    model: str
    decoder: DecoderConfig
    level: TextLevel

    @classmethod
    def of(cls, name: str) -> StartingSettings:
        """Those of the model with this name or in this folder; its weights are not read.

        Raises
        ------
        ModelPackageError, VocabularyError
            If there is no such model, or it cannot be read.
        """
        package = find_package(name)
        return cls(package.name, package.config.decoder, Vocabulary.from_file(package.path / VOCABULARY).level)

    def adopted_by(self, config: TrainingConfig) -> TrainingConfig:
        """``config`` with these settings in the place of its own."""
        return config.replace(decoder=self.decoder, level=self.level)

    def require(self, config: TrainingConfig) -> None:
        """Refuse settings that contradict these.

        Raises
        ------
        ConfigurationError
            Naming the first that does.
        """
        wanted = {"level": config.level} | {f"decoder.{name}": value for name, value in _fixed(config.decoder).items()}
        own = {"level": self.level} | {f"decoder.{name}": value for name, value in _fixed(self.decoder).items()}
        for name, value in wanted.items():
            if value != own[name]:
                raise ConfigurationError(
                    f"The setting {name} cannot be {value!r}, because the model {self.model}, which training starts "
                    f"from, has {own[name]!r}. Leave it out, or train a new model."
                )


def _fixed(decoder: DecoderConfig) -> dict[str, object]:
    return {name: value for name, value in dataclasses.asdict(decoder).items() if name not in _FREE}


@dataclass(frozen=True, slots=True, eq=False)
class StartingPoint:
    """A model from which training starts.

    Attributes
    ----------
    settings
        Its name, its decoder settings and its level.
    vocabulary
        The words it knows.
    weights
        State of its decoder, float32.
    encoder
        What it saw with; None where that is not known.
    """

    settings: StartingSettings
    vocabulary: Vocabulary
    weights: Mapping[str, Tensor]
    encoder: Encoder | None

    @classmethod
    def open(cls, name: str) -> StartingPoint:
        """Verify and read the model with this name or in this folder.

        Raises
        ------
        ModelPackageError, VocabularyError
            If there is no such model, or it is damaged.
        """
        package = find_package(name)
        model = package.load()
        settings = StartingSettings(package.name, package.config.decoder, model.vocabulary.level)
        return cls(settings, model.vocabulary, model.decoder.state_dict(), model.encoder)

    def settle(self, config: TrainingConfig) -> TrainingConfig:
        """``config`` with the decoder of the model, where it asks for no other than the default.

        Raises
        ------
        ConfigurationError
            If it asks for another than the model's.
        """
        if config.decoder == DecoderConfig(encoder_dim=config.decoder.encoder_dim):
            config = config.replace(decoder=self.settings.decoder)
            if config.level == TrainingConfig().level:
                config = config.replace(level=self.settings.level)
        self.settings.require(config)
        return config

    def require_features(self, info: FeatureFileInfo, path: object, encoder: EncoderSource | None) -> None:
        """Refuse features of another width than the model learned from, and warn of those of another encoder.

        Parameters
        ----------
        info, path
            Of the features.
        encoder
            What made them, if that is known.

        Raises
        ------
        FeatureFileError
            If the decoder cannot take them.
        """
        name, width = self.settings.model, self.settings.decoder.encoder_dim
        if info.dim != width:
            raise FeatureFileError(
                f"The features of {path} are {info.dim} wide, but the model {name} learned from features of width "
                f"{width}. Extract them with --model {name}."
            )
        if encoder is not None and self.encoder is not None and encoder.weights_sha256 != self.encoder.digest():
            logger.warning(
                "%s was made by another encoder than the model %s learned with, so that it has to learn anew what it "
                "sees. Extract with --model %s to avoid that.",
                *(path, name, name),
            )

    def fill(self, decoder: Decoder) -> None:
        """Give ``decoder`` the weights of the model.

        Words that the model does not know, which come after those it does, begin with the mean of the rows of those it
        does, in the embedding as in the output layer. By Jensen's inequality none of them is then likelier at first
        than known words are on average, whatever was said before, so that captions begin as the model's (Hewitt 2021,
        "Initializing New Word Embeddings for Pretrained Language Models").
        """
        rows = decoder.embedding.num_embeddings
        decoder.load_state_dict(
            {name: _with_rows(value, rows) if name in _BY_WORD else value for name, value in self.weights.items()}
        )


def _with_rows(weight: Tensor, rows: int) -> Tensor:
    """``weight`` (V, ...) with the mean of the rows of words after it, until it has so many rows."""
    mean = weight[len(SPECIAL_TOKENS) :].mean(0, keepdim=True)
    return torch.cat([weight, mean.expand(rows - len(weight), *weight.shape[1:])])
