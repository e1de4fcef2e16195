"""What the check of a data set found, as data and as sentences."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from captioner.amounts import byte_size, counted, duration

Severity = Literal["refusal", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that stands in the way of training (a refusal), or that should be known before it (a warning).

    Attributes
    ----------
    message
        One or two plain sentences that name the file and, inside it, dataset and row.
    """

    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest, middle and largest of some whole numbers; zeros when there are none."""

    minimum: int = 0
    median: float = 0.0
    maximum: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitReport:
    """One split.

    Attributes
    ----------
    images, captions
        How many there are.
    captions_per_image, words_per_caption
        Their spread.
    words
        In all captions together.
    images_without_captions, captions_without_words
        How many, which are not trained on.
    images_without_features
        Captioned images that were left out because no features of them were given.
    unknown_rate
        Share of the words that the vocabulary does not have.
    image_ids
        Smallest and largest number of an image; None where images have no numbers.
    """

    name: str
    images: int
    captions: int
    captions_per_image: Spread
    words_per_caption: Spread
    images_without_captions: int
    captions_without_words: int
    images_without_features: int
    words: int
    unknown_rate: float
    image_ids: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureReport:
    """The features of all splits.

    Attributes
    ----------
    images, places, dim
        Their shape (N, L, D).
    grid
        Rows and columns of the places; None for vectors, for regions and where no file says.
    dtype, encoder, views
        How they are stored, what computed them (empty when unknown), extra views of each training image.
    may_be_of_an_encoder
        Whether an encoder that is known here gives features of this shape.
    has_boxes
        Whether places are regions with known boxes.
    images_read, views_read
        Of how many images and extra views values were looked at; of all images when the first equals `images`.
    minimum, mean, maximum
        Of the images' values, extra views left out.
    rows_of_zeros, rows_repeated
        Of those images, how many have features that are all zero, or equal to those of another.
    """

    images: int
    places: int
    dim: int
    grid: tuple[int, int] | None
    dtype: str
    encoder: str
    may_be_of_an_encoder: bool
    views: int
    has_boxes: bool
    images_read: int
    views_read: int
    minimum: float
    mean: float
    maximum: float
    rows_of_zeros: int
    rows_repeated: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One image (by name, or its address where there is one) and one caption of it."""

    split: str
    image: str
    caption: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What training will take.

    Attributes
    ----------
    preset
        The settings it is for; empty where those are the standard ones.
    captions_per_second
        The rate of the first stage that is assumed.
    seconds_per_epoch, seconds
        One pass over all training captions at that rate, and all of training, both stages and evaluations.
    caption_bytes, network_bytes, batch_bytes
        Memory for the captions; for the weights and what training keeps besides of their size; for the features of one
        batch and what back-propagation keeps of it.
    feature_bytes
        Size of all features; reading is fastest where that much memory is free for the system to keep them in.
    """

    preset: str
    captions_per_second: float
    seconds_per_epoch: float
    seconds: float
    caption_bytes: int
    network_bytes: int
    batch_bytes: int
    feature_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetReport:
    """All that `check_dataset` found.

    Attributes
    ----------
    layout, files
        What the files were recognised as, and which are used.
    splits, features
        Counts and ranges; features are None where only captions were given.
    vocabulary_size
        Words that a model trained on this will know, special tokens left out.
    min_word_count
        What that size goes by; None where the files bring their own vocabulary.
    samples
        Up to five images with a caption each, to see whether they belong together.
    estimate
        None where there is nothing to train on.
    pixel_files
        HDF5 files of images that features have to be extracted from first; empty where there are features.
    captions_files
        Captions files whose photographs features can be extracted from; empty where there are features.
    findings
        Refusals first.
    """

    layout: str
    files: tuple[str, ...]
    splits: tuple[SplitReport, ...]
    features: FeatureReport | None
    vocabulary_size: int
    min_word_count: int | None
    samples: tuple[Sample, ...]
    estimate: Estimate | None
    findings: tuple[Finding, ...]
    pixel_files: tuple[str, ...] = ()
    captions_files: tuple[str, ...] = ()

    @property
    def refusals(self) -> tuple[str, ...]:
        """What stands in the way of training."""
        return tuple(finding.message for finding in self.findings if finding.severity == "refusal")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What should be known before training."""
        return tuple(finding.message for finding in self.findings if finding.severity == "warning")

    @property
    def is_usable(self) -> bool:
        """Whether nothing stands in the way of training but features, where there are none."""
        return not self.refusals

    @property
    def is_trainable(self) -> bool:
        """Whether it can be trained on as it is: nothing stands in the way, and there are features."""
        return self.is_usable and self.features is not None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"is_usable": self.is_usable, "is_trainable": self.is_trainable, **dataclasses.asdict(self)}

    def details(self) -> tuple[str, ...]:
        """The sentences about numbers of images, features, vocabulary, samples and what training takes."""
        lines = [
            f"Images of {split.name} are numbered {split.image_ids[0]} to {split.image_ids[1]}."
            for split in self.splits
            if split.image_ids is not None
        ]
        if self.features is not None:
            lines += _feature_sentences(self.features)
        least = self.min_word_count
        rule = "as the files define them" if least is None else f"seen {counted(least, 'time')} or more"
        lines.append(f"The vocabulary has {self.vocabulary_size:,} words, {rule}.")
        lines += [f"{sample.image} ({sample.split}): {sample.caption}" for sample in self.samples]
        if self.estimate is not None and self.features is not None:
            lines += _estimate_sentences(self.estimate)
        return tuple(lines)


def _feature_sentences(features: FeatureReport) -> list[str]:
    if features.places == 1:
        shape = "one vector each, so that there is no attention to draw"
    elif features.grid is not None:
        shape = f"a grid of {features.grid[0]} x {features.grid[1]} places each"
    else:
        shape = f"{features.places} {'regions with boxes' if features.has_boxes else 'places without a grid'} each"
    origin = f" from {features.encoder}" if features.encoder else ""
    views = f", with {features.views} extra views" if features.views else ""
    how = "all" if features.images_read == features.images else f"{features.images_read:,} of them, spread evenly,"
    besides = f" {counted(features.views_read, 'extra view')} read besides." if features.views_read else ""
    return [
        f"Features{origin} of {counted(features.images, 'image')}: {shape}, {features.dim} wide, "
        f"{features.dtype}{views}.",
        f"Values of {how} were read: {features.minimum:.4g} to {features.maximum:.4g}, mean {features.mean:.4g}."
        f"{besides}",
    ]


def _estimate_sentences(estimate: Estimate) -> list[str]:
    settings = f"the preset {estimate.preset.capitalize()}" if estimate.preset else "the standard settings"
    return [
        f"Training with {settings} takes about {duration(estimate.seconds)}, of which one pass by word takes "
        f"{duration(estimate.seconds_per_epoch)} at {estimate.captions_per_second:,.0f} captions per second.",
        f"Beyond the engine's own, captions take about {byte_size(estimate.caption_bytes)} of memory, the network "
        f"{byte_size(estimate.network_bytes)} and a batch {byte_size(estimate.batch_bytes)}; all features have "
        f"{byte_size(estimate.feature_bytes)}, which the system keeps in memory where there is room.",
    ]


class Findings:
    """Findings as they come; a report lists refusals first."""

    def __init__(self) -> None:
        self._found: dict[Severity, list[str]] = {"refusal": [], "warning": []}

    def warn(self, message: str) -> None:
        """Note what should be known before training."""
        self._found["warning"].append(message)

    def refuse(self, message: str) -> None:
        """Note what stands in the way of training."""
        self._found["refusal"].append(message)

    def in_order(self) -> tuple[Finding, ...]:
        """All of them, refusals first."""
        return tuple(Finding(kind, message) for kind, messages in self._found.items() for message in messages)
