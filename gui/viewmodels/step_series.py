"""What a run told of its steps, as arrays that grow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from captioner.worker.training_protocol import StepReport

Numbers = NDArray[np.float64]

COLUMNS = ("step", "epoch", "loss", "penalty", "learning_rate", "gradient_norm", "captions_per_second", "is_captions")
_FIRST_ROOM = 256
CAPTIONS = "captions"


class StepSeries:
    """Reports of steps, oldest first, each later than the one before.

    The arrays are views, valid until the series changes, that nobody writes to.
    """

    def __init__(self) -> None:
        self._values = np.empty((len(COLUMNS), _FIRST_ROOM))
        self._length = 0
        self._steps_per_epoch = 0.0

    def __len__(self) -> int:
        return self._length

    @property
    def step(self) -> Numbers:
        """Step at each report, from 1 through all stages, (N,)."""
        return self._column("step")

    @property
    def epoch(self) -> Numbers:
        """Epoch at each report, from 1 through all stages, (N,)."""
        return self._column("epoch")

    @property
    def loss(self) -> Numbers:
        """Mean since the report before, (N,), as in `StepReport`; minus the reward in the second stage."""
        return self._column("loss")

    @property
    def penalty(self) -> Numbers:
        """The doubly stochastic penalty, mean since the report before, (N,)."""
        return self._column("penalty")

    @property
    def learning_rate(self) -> Numbers:
        """Of the next step, (N,)."""
        return self._column("learning_rate")

    @property
    def gradient_norm(self) -> Numbers:
        """Of the last step, before clipping, (N,)."""
        return self._column("gradient_norm")

    @property
    def captions_per_second(self) -> Numbers:
        """Since the report before, (N,)."""
        return self._column("captions_per_second")

    @property
    def is_captions(self) -> NDArray[np.bool_]:
        """Whether each report is of the second stage, (N,)."""
        return self._column("is_captions").astype(np.bool_)

    @property
    def position(self) -> Numbers:
        """Epochs that were done at each report, with their fraction, (N,): 1.5 is the middle of the second epoch.

        The end of an epoch is known once another has begun. Until then it is taken to be as long as the one before, or
        as epochs are on average where there was none in its stage.
        """
        steps, epochs = self.step, self.epoch
        if not len(steps):
            return np.empty(0)
        starts = np.flatnonzero(np.diff(epochs, prepend=epochs[0] - 1))
        ends = np.append(starts[1:], len(steps)) - 1
        firsts, lasts = steps[starts], steps[ends]
        # A run that was resumed told nothing of what came before, and a stage that stopped early leaves steps out.
        earliest = min((epochs[0] - 1) * self._steps_per_epoch, firsts[0] - 1)
        is_new_stage = np.diff(self.is_captions[starts], prepend=not self.is_captions[0])
        begins = np.append(earliest, lasts[:-1])
        begins[1:] = np.where(is_new_stage[1:], np.maximum(begins[1:], firsts[1:] - self._interval()), begins[1:])
        lengths = lasts - begins
        lengths[-1] = max(lengths[-1], self._steps_per_epoch if is_new_stage[-1] else lengths[-2])
        group = np.repeat(np.arange(len(starts)), ends - starts + 1)
        positions: Numbers = epochs - 1 + (steps - begins[group]) / lengths[group]
        return positions

    def append(self, report: StepReport) -> None:
        """Take a report up; those that are not before it belong to steps that were taken back, and go."""
        self.forget_from(report.step)
        if self._length == self._values.shape[1]:
            self._values = np.concatenate((self._values, np.empty_like(self._values)), axis=1)
        self._values[:, self._length] = (
            report.step,
            report.epoch,
            report.loss,
            report.penalty,
            report.learning_rate,
            report.gradient_norm,
            report.captions_per_second,
            report.stage == CAPTIONS,
        )
        self._length += 1
        self._steps_per_epoch = report.steps / report.epochs if report.epochs else 0.0

    def forget_from(self, step: int) -> None:
        """Forget what was reported at this step and later ones."""
        self._length = int(np.searchsorted(self.step, step))

    def _interval(self) -> float:
        """Most steps between two reports within an epoch; infinite where none has two."""
        gaps = np.diff(self.step)[np.diff(self.epoch) == 0]
        return float(gaps.max()) if len(gaps) else np.inf

    def _column(self, name: str) -> Numbers:
        column = self._values[COLUMNS.index(name), : self._length]
        column.flags.writeable = False
        return column
