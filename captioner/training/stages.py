"""What the stages of training share: where they read from, the processes they run in, and what each step reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

if TYPE_CHECKING:
    from captioner.training.optimisation import Optimisation


class FeatureSource(Protocol):
    """What training needs of a feature file (`captioner.data.feature_files.FeatureFile` has it)."""

    def read(self, rows: NDArray[np.int64], views: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """Features (B, L, D) float32 of ``rows``; ``views`` (B,) names the view of each, 0 the plain image."""
        ...


class World(Protocol):
    """The processes that train one decoder together, each on its rows of every batch.

    Each takes rows ``rank::size`` of a batch, divides sums over them by counts of the whole batch, and adds up the
    gradients of all, so that however many they are the same step is taken.

    Attributes
    ----------
    rank, size
        Number of this process, from 0, and how many there are.
    """

    @property
    def rank(self) -> int:
        """Number of this process, from 0."""
        ...

    @property
    def size(self) -> int:
        """How many processes there are."""
        ...

    def sum(self, value: Tensor) -> Tensor:
        """The sum of ``value`` over all processes, bit for bit the same in each."""
        ...


class _Alone:
    """A world of one process."""

    rank, size = 0, 1

    def sum(self, value: Tensor) -> Tensor:
        """Return ``value`` itself."""
        return value


ALONE: World = _Alone()


class StepResult(NamedTuple):
    """One step over all processes.

    Attributes
    ----------
    loss
        As the stage defines it.
    penalty
        The doubly stochastic one, before its weight.
    gradient_norm
        Before clipping.
    captions
        Captions seen.
    """

    loss: float
    penalty: float
    gradient_norm: float
    captions: int


class Stage(Protocol):
    """A way of training the decoder.

    All that is drawn at random in a step depends only on the seed, the stage, the epoch and the step. Weights, what
    `state` returns and the position are therefore all it takes to go on bit for bit.

    Attributes
    ----------
    name
        ``words`` (teacher forcing) or ``captions`` (self-critical).
    epochs, steps_per_epoch
        How long it lasts.
    optimisation
        Takes its steps, and has the averaged weights. Whoever evaluates an epoch tells it the score by
        `captioner.training.optimisation.Optimisation.observe`.
    """

    name: str
    epochs: int
    steps_per_epoch: int
    optimisation: Optimisation[Any]

    def run_epoch(self, epoch: int, start: int = 0) -> Iterator[StepResult]:
        """Take every step of ``epoch``, counted from 1 within the stage, from ``start``, counted from 0, on."""
        ...

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Copies, on the CPU, of all that steps change besides the decoder's weights: tensors, and values for JSON."""
        ...

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Go back to what `state` returned.

        Raises
        ------
        ConfigurationError
            If it is the state of another decoder or optimiser.
        """
        ...
