"""How far a distillation has come: by its steps, or by the time it has taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from captioner.training.distillation.config import DistillationConfig


@dataclass(slots=True)
class Clock:
    """The position of a run.

    Attributes
    ----------
    config
        Says how long the run is.
    steps_per_epoch
        Batches of all images.
    epoch, step
        Epoch in progress, from 1, and how many of its steps are done.
    steps_done, seconds
        In all; the seconds without pauses.
    loss_sum, losses
        Of the losses since the student was measured last, and their number.
    is_measured
        Whether the student has been measured since the last step.
    """

    config: DistillationConfig
    steps_per_epoch: int
    epoch: int = 1
    step: int = 0
    steps_done: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0
    losses: int = 0
    is_measured: bool = False

    @property
    def steps(self) -> int | None:
        """Of the whole run; None where it goes by minutes."""
        return None if self.config.minutes else self.config.epochs * self.steps_per_epoch

    @property
    def progress(self) -> float:
        """Share of the run that is done."""
        return self.progress_at(self.epoch, self.step)

    def progress_at(self, epoch: int, step: int) -> float:
        """Share of the run that is done when ``step`` of ``epoch`` begins; by minutes, what is done by now."""
        if self.config.minutes:
            return min(1.0, self.seconds / (60 * self.config.minutes))
        return ((epoch - 1) * self.steps_per_epoch + step) / (self.config.epochs * self.steps_per_epoch)

    @property
    def is_over(self) -> bool:
        """Whether all has been done."""
        return self.progress >= 1 and self.steps_done > 0

    @property
    def is_epoch_over(self) -> bool:
        """Whether no step is left of the epoch, or of the run."""
        return self.step >= self.steps_per_epoch or self.is_over

    @property
    def pixels_left(self) -> int:
        """Steps still to take, each counted by the area of its images; 0 where the run goes by minutes."""
        if self.steps is None:
            return 0
        total, end, left = self.steps, 0.0, 0
        for share, size in self.config.phases:
            start, end = end, end + share
            left += max(0, round(end * total) - max(self.steps_done, round(start * total))) * size * size
        return left

    def count(self, loss: float) -> None:
        """Take in that a step was taken."""
        self.step, self.steps_done = self.step + 1, self.steps_done + 1
        self.loss_sum, self.losses, self.is_measured = self.loss_sum + loss, self.losses + 1, False

    def begin_epoch(self) -> None:
        """Go on to the next epoch."""
        self.epoch, self.step = self.epoch + 1, 0

    def to_dict(self) -> dict[str, Any]:
        """The position as plain values."""
        return {name: value for name, value in asdict(self).items() if name not in ("config", "steps_per_epoch")}

    def restore(self, values: Mapping[str, Any]) -> None:
        """Go back to what `to_dict` returned."""
        for name, value in values.items():
            setattr(self, name, value)
