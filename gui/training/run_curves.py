"""The curves of a run: step by step where its steps were heard of, epoch by epoch where only its folder tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from captioner.worker.training_protocol import EpochReport
from gui.training.quantities import Curve, Numbers, Part, Quantity, RunCurves
from gui.viewmodels.step_series import CAPTIONS
from gui.viewmodels.training_run import RunView


def curves_of(run: RunView) -> RunCurves:
    """All curves of a run, those without a point among them."""
    steps, epochs = run.steps, run.epochs
    position, is_captions = steps.position, steps.is_captions
    words = [epoch for epoch in epochs if epoch.stage != CAPTIONS]
    captions = [epoch for epoch in epochs if epoch.stage == CAPTIONS]
    curves = (
        _joined(Quantity.LOSS, words, 1.0, position[~is_captions], steps.loss[~is_captions]),
        _by_epoch(Quantity.LOSS, ((epoch.epoch, epoch.dev_loss) for epoch in epochs)),
        _joined(Quantity.REWARD, captions, -1.0, position[is_captions], steps.loss[is_captions]),
        _by_epoch(Quantity.CIDER, ((epoch.epoch, epoch.scores.get("cider")) for epoch in epochs)),
        _by_epoch(Quantity.BLEU_4, ((epoch.epoch, epoch.scores.get("bleu_4")) for epoch in epochs)),
        Curve(Quantity.LEARNING_RATE, Part.TRAIN, position, steps.learning_rate.copy()),
        Curve(Quantity.GRADIENT_NORM, Part.TRAIN, position, steps.gradient_norm.copy(), is_noisy=True),
    )
    return RunCurves(run.path, run.name, curves, _second_stage(captions, steps.epoch[is_captions]))


def _second_stage(captions: Sequence[EpochReport], epochs: Numbers) -> float | None:
    """Epochs done before the first that ended in the second stage, or the first step of it that was heard of."""
    begun = [float(captions[0].epoch)] if captions else []
    begun += [float(epochs[0])] if len(epochs) else []
    return min(begun) - 1 if begun and min(begun) > 1 else None


def _joined(quantity: Quantity, epochs: Iterable[EpochReport], sign: float, position: Numbers, loss: Numbers) -> Curve:
    """Means of the epochs before the first step that was heard of, then the steps."""
    first = float(position[0]) if len(position) else np.inf
    before = [epoch for epoch in epochs if epoch.epoch <= first]
    x = np.concatenate((np.array([epoch.epoch for epoch in before], np.float64), position))
    y = np.concatenate((np.array([epoch.loss for epoch in before], np.float64), loss))
    return Curve(quantity, Part.TRAIN, x, sign * y, is_noisy=len(position) > 0)


def _by_epoch(quantity: Quantity, points: Iterable[tuple[int, float | None]]) -> Curve:
    known = [(float(epoch), value) for epoch, value in points if value is not None]
    x, y = (np.array(column, np.float64) for column in zip(*known, strict=True)) if known else (np.empty(0),) * 2
    return Curve(quantity, Part.DEV, x, y)
