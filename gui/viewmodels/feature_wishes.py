"""What is said of the encoder behind features: which is to make them, or which has made those that are there."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from psygnal import Signal

from captioner.encoder_registry import ENCODERS, OWN_ENCODER, encoder_spec, shares_weights
from captioner.errors import ConfigurationError
from captioner.worker.training_protocol import DatasetChoice
from gui.viewmodels.dataset_choice import DatasetSelection

MOST_VIEWS = 15


class EncoderQuestion(Enum):
    """What there is to say, the data being what it is.

    Which encoder is to make features; which one has made features that do not say so; or where the weights are of the
    one that features name, where the bundled model has no such encoder.
    """

    MAKE_WITH = auto()
    MADE_BY = auto()
    WEIGHTS = auto()


def encoder_question(dataset: DatasetSelection) -> EncoderQuestion | None:
    """What there is to say of the encoder; None where that is known, or nothing is chosen or checked yet."""
    if dataset.is_buildable:
        return EncoderQuestion.MAKE_WITH
    report, choice = dataset.report, dataset.choice
    if report is None or not dataset.is_usable or choice.model or choice.encoder_weights:
        return None
    if not report.encoder:
        return EncoderQuestion.MADE_BY if report.may_be_of_an_encoder else None
    is_foreign = report.encoder in ENCODERS and not _is_bundled(report.encoder)
    return EncoderQuestion.WEIGHTS if is_foreign else None


class FeatureWishes:
    """Encoder, weights and extra views, as the user wants or knows them.

    Attributes
    ----------
    encoder
        A name of `captioner.encoder_registry.ENCODERS`; empty for the one of the model, or one that is not known.
    weights
        Path of a ``.safetensors`` file; empty for the weights that the model has.
    views
        Mirrored and cropped views of each photograph, besides the plain one.

    Signals
    -------
    changed()
        Something else is wanted.
    """

    changed = Signal()

    def __init__(self) -> None:
        self.encoder = self.weights = ""
        self.views = 0

    def set_encoder(self, name: str) -> None:
        """Take this encoder, whose weights are another file then.

        Raises
        ------
        ConfigurationError
            If there is none of this name.
        """
        if name:
            encoder_spec(name)
        if name != self.encoder:
            self.encoder, self.weights = name, ""
            self.changed.emit()

    def set_weights(self, path: str) -> None:
        """Take the weights of the encoder from this file."""
        if path != self.weights:
            self.weights = path
            self.changed.emit()

    def set_views(self, views: int) -> None:
        """Have so many extra views made.

        Raises
        ------
        ConfigurationError
            If they are too many, or fewer than none.
        """
        if not 0 <= views <= MOST_VIEWS:
            raise ConfigurationError(f"Extra views must be 0 to {MOST_VIEWS}, not {views}.")
        if views != self.views:
            self.views = views
            self.changed.emit()

    def lacks_weights(self, dataset: DatasetSelection, model: str = "") -> bool:
        """Whether a file of weights has to be chosen, because neither ``model`` nor the bundled one may have them.

        Parameters
        ----------
        dataset
            What features are made of, or has them.
        model
            That is taught further; its own encoder then makes features, or may have made them.
        """
        question = encoder_question(dataset)
        if question is None or model or self.weights:
            return False
        named = dataset.report.encoder if question is EncoderQuestion.WEIGHTS and dataset.report else self.encoder
        return bool(named) and not _is_bundled(named)

    def told_of(self, dataset: DatasetSelection, model: str = "") -> DatasetChoice:
        """The choice of files with what was said of the features among them; ``model`` as of `lacks_weights`."""
        choice, question = dataset.choice, encoder_question(dataset)
        is_told = question is EncoderQuestion.MADE_BY and self.encoder
        if not is_told and question is not EncoderQuestion.WEIGHTS:
            return choice
        encoder = self.encoder if is_told else None
        return replace(choice, encoder=encoder, encoder_weights=self.weights or None, model=model or None)


def _is_bundled(encoder: str) -> bool:
    """Whether the bundled model has weights that are those of this encoder."""
    return shares_weights(encoder, OWN_ENCODER)
