"""What a training run tells of itself while it goes on; importing this never imports torch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from captioner.metrics.evaluate import Scores
from captioner.training.sample_attention import SampleAttention


@dataclass(frozen=True, slots=True)
class StepsFinished:
    """Training went on by some steps.

    Attributes
    ----------
    stage
        ``words`` or ``captions``.
    epoch, epochs, step, steps
        Epoch and step from 1 through all stages, and how many there are in all.
    loss, penalty
        Means since the last report. In the first stage cross-entropy in nats per word with label smoothing, and the
        doubly stochastic penalty; in the second, minus the mean reward (CIDEr-D, 0 to 10) of the drawn captions, and 0.
    learning_rate, gradient_norm
        Of the next step; of the last step before clipping.
    captions_per_second
        Since the last report.
    seconds_left
        To the end of all stages, if none stops early.
    peak_memory
        Bytes: the most that this process has had in memory so far, on the GPU where that trains.
    """

    stage: str
    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    penalty: float
    learning_rate: float
    gradient_norm: float
    captions_per_second: float
    seconds_left: float
    peak_memory: int


@dataclass(frozen=True, slots=True)
class EpochFinished:
    """An epoch ended.

    Attributes
    ----------
    stage, epoch
        As in `StepsFinished`.
    loss
        Mean over the epoch's steps.
    seconds
        Spent on it, pauses left out.
    scores
        Of the captions of all dev images; None where not all were captioned.
    samples
        Captions by image: of all dev images where there are scores, else of a few that are always the same; empty
        without dev images.
    is_best
        Whether its weights are the best so far.
    dev_loss
        Cross-entropy of the dev references under the weights that are kept, nats per word, without label smoothing;
        None without dev images.
    attention
        Where the decoder looked for the words of a few of the samples, by image; empty where it does not look anywhere
        in particular.
    """

    stage: str
    epoch: int
    loss: float
    seconds: float
    scores: Scores | None
    is_best: bool
    samples: Mapping[str, str] = field(default_factory=dict)
    dev_loss: float | None = None
    attention: Mapping[str, SampleAttention] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for ``history.jsonl``; the samples and their attention are left out."""
        values = asdict(self.without_samples())
        return {key: value for key, value in values.items() if key not in ("samples", "attention")}

    def without_samples(self) -> EpochFinished:
        """The same without samples and their attention."""
        return replace(self, samples={}, attention={})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EpochFinished:
        """Build from what `to_dict` returned."""
        scores = values["scores"]
        return cls(**{**values, "scores": None if scores is None else Scores(**scores)})


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """All that has been done up to `step` is on the disk, in `path`; writing took `seconds`."""

    path: Path
    step: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TrainingPaused:
    """Training waits until it is told to go on; `reason` is a sentence, empty where it was asked to pause."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class TrainingResumed:
    """Training goes on after a pause."""


@dataclass(frozen=True, slots=True)
class TrainingExtended:
    """Epochs were added to the stage in progress; there now are `epochs` and `steps` in all."""

    epochs: int
    steps: int


@dataclass(frozen=True, slots=True)
class TrainingStopped:
    """Training was asked to stop after `step`; it can be resumed from `checkpoint`, None where none is kept."""

    step: int
    checkpoint: Path | None


@dataclass(frozen=True, slots=True)
class TrainingFinished:
    """Training ended: the best epoch, its dev scores (None where there were none), and why it ended."""

    best_epoch: int
    scores: Scores | None
    reason: str


TrainingEvent = (
    StepsFinished
    | EpochFinished
    | CheckpointSaved
    | TrainingPaused
    | TrainingResumed
    | TrainingExtended
    | TrainingStopped
    | TrainingFinished
)


def event_to_dict(event: TrainingEvent) -> dict[str, Any]:
    """Plain values for JSON: ``event``, the name of its kind (``steps_finished``), and its attributes.

    The attention of samples is left out; a run folder has it.
    """
    kind = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
    values = {key: str(value) if isinstance(value, Path) else value for key, value in asdict(event).items()}
    return {"event": kind, **{key: value for key, value in values.items() if key != "attention"}}
