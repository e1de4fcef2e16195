"""What a distillation tells of itself while it goes on; importing this never imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from captioner.training.events import TrainingEvent


@dataclass(frozen=True, slots=True)
class StepsTaken:
    """The student learned for some steps.

    Attributes
    ----------
    epoch, step
        From 1, through the whole run.
    steps
        How many there are in all; None where the run goes by minutes.
    progress
        Share of the run that is done.
    size
        Side of the images in pixels.
    loss, errors
        Means since the last report: of the loss, and by depth of the squared error in units of the target's variance.
    learning_rate, gradient_norm
        Of the last step, the latter before clipping.
    images_per_second, seconds_left
        Since the last report, over all processes; to the end of the run.
    """

    epoch: int
    step: int
    steps: int | None
    progress: float
    size: int
    loss: float
    errors: Mapping[str, float]
    learning_rate: float
    gradient_norm: float
    images_per_second: float
    seconds_left: float


@dataclass(frozen=True, slots=True)
class StudentMeasured:
    """The averaged student was measured on the images held out.

    Attributes
    ----------
    epoch, step, seconds, images
        Done so far; the seconds without pauses, the images counted each time they were seen.
    loss
        Mean over the steps since it was measured last.
    explained
        By depth, the share of the variance of the teacher's features that the student explains; at most 1.
    """

    epoch: int
    step: int
    seconds: float
    images: int
    loss: float
    explained: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for ``history.jsonl``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class DistillationFinished:
    """The student is done; its encoder lies in `weights`, None where it was not written."""

    explained: Mapping[str, float]
    weights: Path | None = None


DistillationEvent = StepsTaken | StudentMeasured | DistillationFinished | TrainingEvent
"""Checkpoints, pauses and the end before its time are told as by `captioner.training.trainer.Trainer`."""
