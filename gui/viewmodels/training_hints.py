"""What is worth noticing in the curves of a run, for the window to word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise, takewhile

import numpy as np
from numpy.typing import NDArray

from captioner.worker.training_protocol import EpochReport
from gui.viewmodels.step_series import CAPTIONS
from gui.viewmodels.training_run import RunView

Numbers = NDArray[np.float64]

OVERFITTING_EPOCHS = 2
PLATEAU_EPOCHS = 3
SLOW_EPOCHS = 3
_SLOW_FALL = 0.02
_RECENT, _EARLIER = 5, 10
_LOSS_CLIMB, _GRADIENT_CLIMB, _REWARD_SHARE = 1.5, 10.0, 0.5


class HintKind(StrEnum):
    """What there is to notice.

    Attributes
    ----------
    DIVERGING
        The loss climbs, or gradients grow out of all proportion: ``loss`` and ``lowest``, or ``gradient_norm`` and
        ``usual``. Numbers that are none, such as an overflow, show as ``loss`` nan and no more.
    OVERFITTING
        The dev loss has risen for ``epochs``, ever since epoch ``lowest``, while the training loss fell.
    PLATEAU
        The metric that chooses the best epoch has not improved for ``epochs``, since epoch ``best``.
    SLOW
        In its first ``epochs`` the training loss fell by no more than the share ``fall``: the learning rate
        ``learning_rate``, where that is known, may be too small.
    """

    DIVERGING = "diverging"
    OVERFITTING = "overfitting"
    PLATEAU = "plateau"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to notice, and its numbers by the names that `HintKind` gives them."""

    kind: HintKind
    numbers: dict[str, float]


def hints(run: RunView) -> tuple[Hint, ...]:
    """What is to be noticed in the present stage of a run, the most pressing first; nothing where all is well."""
    epochs = _present_stage(run.epochs)
    if diverging := _diverging(run):
        return (diverging,)
    found = (_overfitting(epochs), _plateau(run, epochs), _slow(run, epochs))
    kinds = [hint for hint in found if hint is not None]
    # Who overfits is at the end of what can be learned, and needs to be told so once.
    is_overfitting = any(hint.kind is HintKind.OVERFITTING for hint in kinds)
    return tuple(hint for hint in kinds if not (is_overfitting and hint.kind is HintKind.PLATEAU))


def _present_stage(epochs: Sequence[EpochReport]) -> tuple[EpochReport, ...]:
    """The epochs of the stage that the last one belongs to."""
    same = takewhile(lambda epoch: epoch.stage == epochs[-1].stage, reversed(epochs))
    return tuple(same)[::-1]


def _diverging(run: RunView) -> Hint | None:
    steps = run.steps
    if not len(steps):
        return None
    is_present = steps.is_captions == steps.is_captions[-1]
    loss, norm = steps.loss[is_present], steps.gradient_norm[is_present]
    # One step that overflows is left out by the trainer; a report that is a mean of such steps is not.
    if not np.isfinite(loss[-1]):
        return Hint(HintKind.DIVERGING, {"loss": float("nan")})
    if len(loss) < _EARLIER + _RECENT:
        return None
    return _climbing_loss(loss, is_reward=bool(steps.is_captions[-1])) or _growing_gradient(norm)


def _climbing_loss(loss: Numbers, *, is_reward: bool) -> Hint | None:
    """The mean of the last reports against the lowest mean of as many in a row before."""
    means = np.convolve(loss[np.isfinite(loss)], np.full(_RECENT, 1 / _RECENT), mode="valid")
    recent, lowest = float(means[-1]), float(means.min())
    # Minus a reward: it starts below zero and is lost as it comes back.
    has_climbed = lowest < 0 and recent > _REWARD_SHARE * lowest if is_reward else recent > _LOSS_CLIMB * lowest > 0
    return Hint(HintKind.DIVERGING, {"loss": recent, "lowest": lowest}) if has_climbed else None


def _growing_gradient(norm: Numbers) -> Hint | None:
    usual = float(np.median(norm[:-_RECENT]))
    recent = float(np.median(norm[-_RECENT:]))
    if usual > 0 and not recent <= _GRADIENT_CLIMB * usual:
        return Hint(HintKind.DIVERGING, {"gradient_norm": recent, "usual": usual})
    return None


def _overfitting(epochs: Sequence[EpochReport]) -> Hint | None:
    # What is trained on whole captions gives up likelihood for them, and means to.
    if not epochs or epochs[-1].stage == CAPTIONS:
        return None
    rising = 0
    for before, after in reversed(tuple(pairwise(epochs))):
        if before.dev_loss is None or after.dev_loss is None:
            break
        if not (after.dev_loss > before.dev_loss and after.loss < before.loss):
            break
        rising += 1
    if rising < OVERFITTING_EPOCHS:
        return None
    return Hint(HintKind.OVERFITTING, {"epochs": rising, "lowest": epochs[-1 - rising].epoch})


def _plateau(run: RunView, epochs: Sequence[EpochReport]) -> Hint | None:
    sign = -1.0 if run.metric == "loss" else 1.0
    scored = [(sign * score, epoch.epoch) for epoch in epochs if (score := run.score(epoch)) is not None]
    if not scored:
        return None
    # Of equal ones the first, which is the one that is kept.
    best = max(scored, key=lambda pair: (pair[0], -pair[1]))[1]
    since = sum(epoch > best for _, epoch in scored)
    return Hint(HintKind.PLATEAU, {"epochs": since, "best": best}) if since >= PLATEAU_EPOCHS else None


def _slow(run: RunView, epochs: Sequence[EpochReport]) -> Hint | None:
    first = epochs[:SLOW_EPOCHS]
    if len(epochs) != len(first) or len(first) < SLOW_EPOCHS or epochs[0].epoch != 1:
        return None
    losses = [epoch.loss for epoch in first]
    fall = (losses[0] - losses[-1]) / losses[0] if losses[0] > 0 else 1.0
    # Between any two of its first epochs a loss that is going to be of use falls by several hundredths.
    if not (0 < fall <= _SLOW_FALL * (SLOW_EPOCHS - 1) and all(after < before for before, after in pairwise(losses))):
        return None
    rate = run.settings.get("learning_rate")
    known = {"learning_rate": float(rate)} if isinstance(rate, (int, float)) else {}
    return Hint(HintKind.SLOW, {"epochs": len(first), "fall": fall, **known})
