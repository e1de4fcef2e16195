"""The learning rate over a stage of training."""

from __future__ import annotations

import math
from dataclasses import dataclass

from captioner.config import ScheduleKind, TrainingConfig


@dataclass(frozen=True, slots=True)
class Schedule:
    """Share of the peak rate at each step: a linear rise, then what `kind` says.

    Attributes
    ----------
    kind
        ``cosine``: half a cosine down to `lowest_share` at `steps` (Loshchilov and Hutter 2016, arXiv:1608.03983,
        without restarts). ``constant``: the peak. ``step``: times `decay_factor` after every `decay_steps`, the rise
        included. ``plateau``: times `decay_factor` for each drop that a `Plateau` has counted.
    steps, warmup_steps
        Of the stage, and of the rise in it; at least one each.
    decay_steps, decay_factor, lowest_share
        See `kind`.
    """

    kind: ScheduleKind
    steps: int
    warmup_steps: int
    decay_steps: int
    decay_factor: float
    lowest_share: float = 0.0

    @classmethod
    def for_stage(
        cls, config: TrainingConfig, *, epochs: int, steps_per_epoch: int, lowest_share: float = 0.0
    ) -> Schedule:
        """The schedule that ``config`` asks for, over a stage of this length."""
        steps = epochs * steps_per_epoch
        warmup_steps = max(1, int(steps * config.warmup_fraction))
        decay_steps = config.decay_epochs * steps_per_epoch
        return cls(config.schedule, steps, warmup_steps, decay_steps, config.decay_factor, lowest_share)

    def share(self, step: int, drops: int = 0) -> float:
        """Of the peak rate at ``step`` (from 0), after ``drops`` of a plateau; zero or a little more, at most 1."""
        rise = min(1.0, (step + 1) / self.warmup_steps)
        if self.kind == "constant":
            return rise
        if self.kind == "plateau":
            return rise * self.decay_factor**drops
        if self.kind == "step":
            return rise * self.decay_factor ** (step // self.decay_steps)
        progress = max(0, step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        fall = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        return rise * (self.lowest_share + (1 - self.lowest_share) * fall)


@dataclass(slots=True)
class Plateau:
    """Counts how often the dev metric has stopped improving.

    Attributes
    ----------
    patience
        Epochs without a better score after which the rate drops.
    best, waited, drops
        The best score so far (None before the first), the epochs since it or since the last drop, and the drops.
    """

    patience: int
    best: float | None = None
    waited: int = 0
    drops: int = 0

    def observe(self, score: float) -> None:
        """Take in the score of an epoch; higher is better."""
        if self.best is None or score > self.best:
            self.best, self.waited = score, 0
            return
        self.waited += 1
        if self.waited == self.patience:
            self.waited, self.drops = 0, self.drops + 1
