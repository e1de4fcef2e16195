"""What a window asks of training processes and what it hears from them: frozen messages, none of which imports torch.

A run is known by its folder, as `TrainingRequest.output` names it; that is the `run` of every event. A run that was
started, resumed or extended ends with exactly one of `TrainingEnded` and `TrainingFailed`, a check with exactly one
`DatasetChecked`, an extraction with exactly one of `ExtractionEnded` and `ExtractionFailed`, all of which are told when
the process has gone; only `close` of the client ends processes without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# Requests


@dataclass(frozen=True, slots=True)
class DatasetChoice:
    """The files that a model learns from.

    Attributes
    ----------
    features, dev_features
        Feature files of the training images, and of the images that choose the best epoch.
    captions
        Captions of all these images.
    images
        Folder of the photographs, for extraction and for showing samples, also of runs that are looked at later.
    train_split, dev_split
        Files with one image name per line: which images features are made of, and which are trained on and chosen by.
    paths
        Files, or one folder, of a data set that brings features, captions and splits in a layout of its own.
    encoder
        What made the features, where they do not say so themselves.
    encoder_weights, model
        What the features were extracted with, as ``captioner extract`` takes it; the bundled model's own when None.
    """

    features: str = ""
    dev_features: str | None = None
    captions: str = ""
    images: str | None = None
    train_split: str | None = None
    dev_split: str | None = None
    paths: tuple[str, ...] = ()
    encoder: str | None = None
    encoder_weights: str | None = None
    model: str | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """Everything that training reads, as `check` takes it."""
        named = (self.features, self.dev_features, self.captions, *self.lists)
        return self.paths + tuple(path for path in named if path)

    @property
    def lists(self) -> tuple[str, ...]:
        """The files that list images."""
        return tuple(path for path in (self.train_split, self.dev_split) if path)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """One run from files to a model package.

    Attributes
    ----------
    dataset
        What it learns from. A run that is resumed knows that itself; what is named here are files that were moved.
    preset
        ``quick``, ``good`` or ``best``; empty for the engine's defaults.
    settings
        What differs from that: fields of `captioner.config.TrainingConfig` by dotted name, such as
        ``{"epochs": 3, "decoder.cell": "gru"}``. Of a run that is resumed only ``batch_size`` can change.
    output
        Folder of the run; a new one, unless it is resumed.
    name
        Of the model, which lies in ``output/name``.
    resume
        Go on with the run in ``output`` from its last checkpoint.
    extend
        Resume it, and add so many epochs.
    start_from
        Name or folder of the model that is taught further; a new decoder is trained when None.
    command
        What trains it: ``train``, or ``fine-tune`` for a run that is resumed and was begun so.
    """

    dataset: DatasetChoice = field(default_factory=DatasetChoice)
    preset: str = "quick"
    settings: Mapping[str, object] = field(default_factory=dict)
    output: str = ""
    name: str = "my-model"
    resume: bool = False
    extend: int = 0
    start_from: str | None = None
    command: Literal["train", "fine-tune"] = "train"

    @property
    def is_going_on(self) -> bool:
        """Whether the run was begun before."""
        return self.resume or self.extend > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionRequest:
    """Features of images, for training, into one file.

    Attributes
    ----------
    images
        Folder of the images, or a file that holds their pixels.
    output
        The feature file. An interrupted one is gone on with.
    split, captions
        File with one image name per line, or a captions file, to take the names of the images from; all images of the
        folder without either.
    encoder, weights, model, input_size
        As ``captioner extract`` takes them; the bundled model's own when None.
    views
        Extra mirrored and cropped views of each image.
    is_overwriting
        Replace a file that is there.
    """

    images: str
    output: str
    split: str | None = None
    captions: str | None = None
    encoder: str | None = None
    weights: str | None = None
    model: str | None = None
    input_size: int | None = None
    views: int = 0
    is_overwriting: bool = False


# Events of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEvent:
    """Something that happened to the run in the folder `run`."""

    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStarted(TrainingEvent):
    """Data has been read, and the process `pid` trains from `step`, 0 for a new run, to `steps`."""

    pid: int
    step: int
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport(TrainingEvent):
    """Training went on by some steps.

    Attributes
    ----------
    stage
        ``words`` (cross-entropy) or ``captions`` (self-critical).
    epoch, epochs, step, steps
        Epoch and step from 1 through all stages, and how many there are in all if no stage stops early.
    loss, penalty
        Means since the last report: cross-entropy in nats per word and the doubly stochastic penalty, or minus the mean
        reward and 0 in the second stage.
    learning_rate, gradient_norm
        Of the next step; of the last step, before clipping.
    captions_per_second
        Since the last report.
    seconds_left
        To the end of all stages; None where nothing is known yet.
    memory
        Most bytes that the process has had in memory so far.
    """

    stage: str
    epoch: int
    epochs: int = 0
    step: int
    steps: int
    loss: float
    penalty: float
    learning_rate: float
    gradient_norm: float
    captions_per_second: float
    seconds_left: float | None = None
    memory: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochReport(TrainingEvent):
    """An epoch ended; its sample captions are in ``samples/epoch-NNN.json`` of the run folder by then.

    Attributes
    ----------
    stage, epoch
        As in `StepReport`.
    loss, dev_loss
        Mean over the training steps; cross-entropy of the dev references, None without dev images.
    scores
        Of the captions of all dev images, by the names that ``history.jsonl`` uses (``cider``, ``bleu_4``, ...); empty
        where not all were captioned.
    is_best
        Whether its weights are the best so far.
    seconds
        Spent on it, pauses left out.
    """

    stage: str
    epoch: int
    loss: float
    dev_loss: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    is_best: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointSaved(TrainingEvent):
    """All that has been done up to `step` is on the disk."""

    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPaused(TrainingEvent):
    """Training has saved and waits; `reason` is a sentence where nobody asked for it, as when the disk is full."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResumed(TrainingEvent):
    """Training goes on after a pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingExtended(TrainingEvent):
    """Epochs were added; there now are `epochs` and `steps` in all."""

    epochs: int
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEnded(TrainingEvent):
    """The run ended as it should.

    Attributes
    ----------
    reason
        Why, in a few words.
    package
        Folder of the finished model package; None where the run was stopped before its end, so that it can be resumed.
    best_epoch
        Whose weights are in the package; 0 where none is known.
    """

    reason: str
    package: str | None
    best_epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFailed(TrainingEvent):
    """The run broke off.

    Attributes
    ----------
    message
        One or two sentences that say what to do.
    details
        For a report.
    batch_size
        Where memory ran out, a smaller size of batches, to resume the run with; else None.
    """

    message: str
    details: str = ""
    batch_size: int | None = None


# Events of checks and extractions


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSummary:
    """What a check found.

    Attributes
    ----------
    layout
        What the files were recognised as; empty where they were not.
    counts
        Images in each split, by its name.
    lines
        Label and value of each further fact worth showing, in order.
    samples
        Image name and caption of some pairs.
    warnings, refusals
        Sentences; with a refusal, the data cannot be trained on.
    estimate_seconds, memory
        How long training takes, and how many bytes it needs beyond the engine itself; None and 0 where not known.
    preset
        The settings that these two are for.
    is_usable
        Whether nothing stands in the way of training but features, where `has_features` is False.
    has_features
        Whether there are features among the files.
    encoder, may_be_of_an_encoder
        What made them, as they say; empty where they do not. Whether a registered encoder gives features of this shape.
    pixel_files
        Files of images that features can be extracted from; empty where there are features.
    captions_files
        Captions files whose photographs features can be extracted from; empty where there are features.
    details
        For a report, where the check itself failed.
    """

    layout: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    lines: tuple[tuple[str, str], ...] = ()
    samples: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    estimate_seconds: float | None = None
    memory: int = 0
    preset: str = ""
    is_usable: bool = False
    has_features: bool = True
    encoder: str = ""
    may_be_of_an_encoder: bool = False
    pixel_files: tuple[str, ...] = ()
    captions_files: tuple[str, ...] = ()
    details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetChecked:
    """The answer to a check of `paths`, also where the check itself failed; `report` says what was found."""

    paths: tuple[str, ...]
    report: DatasetSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionEvent:
    """Something that happened to the extraction into the file `output`."""

    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionReport(ExtractionEvent):
    """So many of all `images` are done or could not be read; `messages` are the sentences about the newest of these.

    `images_per_second` is the mean of those done since the first report; 0 in that one.
    """

    done: int
    failed: int
    images: int
    images_per_second: float
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionEnded(ExtractionEvent):
    """The feature file is whole and lies at `path`; `failed` images are not in it.

    `images` is the folder in which their names led to files: the one that was asked for, or one around or inside it.
    """

    path: str
    failed: int = 0
    images: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionFailed(ExtractionEvent):
    """There is no feature file; the message is empty where the extraction was stopped as asked."""

    message: str
    details: str = ""


Told = TrainingEvent | DatasetChecked | ExtractionEvent
