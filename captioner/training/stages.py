"""What the stages of training share: where they read from, and what each step reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from captioner.training.optimisation import Optimisation


class FeatureSource(Protocol):
    """What training needs of a feature file (`captioner.data.feature_files.FeatureFile` has it)."""

    def read(self, rows: NDArray[np.int64], views: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """Features (B, L, D) float32 of ``rows``; ``views`` (B,) names the view of each, 0 the plain image."""
        ...


class StepResult(NamedTuple):
    """One step: `loss` as the stage defines it, doubly stochastic `penalty`, `gradient_norm`, and `captions` seen."""

    loss: float
    penalty: float
    gradient_norm: float
    captions: int


class Stage(Protocol):
    """A way of training the decoder.

    Attributes
    ----------
    name
        ``words`` (teacher forcing) or ``captions`` (self-critical).
    epochs, steps_per_epoch
        How long it lasts.
    optimisation
        Takes its steps, and has the averaged weights.
    """

    name: str
    epochs: int
    steps_per_epoch: int
    optimisation: Optimisation

    def run_epoch(self, epoch: int) -> Iterator[StepResult]:
        """Take every step of ``epoch``, counted from 1 within the stage."""
        ...
