"""What the curves of a run are of, and where their points lie; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class Quantity(StrEnum):
    """Something that is measured while a model learns."""

    LOSS = "loss"
    REWARD = "reward"
    CIDER = "cider"
    BLEU_4 = "bleu_4"
    LEARNING_RATE = "learning_rate"
    GRADIENT_NORM = "gradient_norm"


class Part(StrEnum):
    """Measured on what the model learns from, or on dev images that it never sees."""

    TRAIN = "train"
    DEV = "dev"


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Values (N,) of a quantity at epochs (N,), which grow; 1.5 is the middle of the second epoch.

    Attributes
    ----------
    is_noisy
        Whether it jumps from step to step, so that smoothing helps.
    """

    quantity: Quantity
    part: Part
    epochs: Numbers
    values: Numbers
    is_noisy: bool = False

    @property
    def latest(self) -> float | None:
        """The last value; None before there is one."""
        return float(self.values[-1]) if len(self.values) else None

    def at(self, epoch: float) -> float | None:
        """The value whose epoch is nearest; None outside of the curve."""
        if not len(self.epochs):
            return None
        # Beyond its ends a curve has nothing to say, but for half an epoch, where a single point would be out of reach.
        if not self.epochs[0] - 0.5 <= epoch <= self.epochs[-1] + 0.5:
            return None
        return float(self.values[np.abs(self.epochs - epoch).argmin()])


@dataclass(frozen=True, slots=True, eq=False)
class RunCurves:
    """All curves of one run; `path` is its folder.

    Attributes
    ----------
    second_stage
        How many epochs were done when the second stage began; None where it has not, or was the first.
    """

    path: str
    name: str
    curves: tuple[Curve, ...] = ()
    second_stage: float | None = None

    def of(self, quantity: Quantity) -> tuple[Curve, ...]:
        """Curves of one quantity that have points: training first, then dev."""
        return tuple(curve for curve in self.curves if curve.quantity is quantity and len(curve.values))
