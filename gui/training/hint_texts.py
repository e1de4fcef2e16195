"""What is worth noticing in a run, in plain words."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from gui.training.words import value_text
from gui.viewmodels.training_hints import Hint, HintKind

# By this name the translation tools find the texts.
translate = QCoreApplication.translate


def hint_text(hint: Hint) -> str:
    """A sentence that says what is seen, and one that says what helps."""
    numbers = hint.numbers
    match hint.kind:
        case HintKind.DIVERGING:
            return _diverging(numbers)
        case HintKind.OVERFITTING:
            text = translate(
                "TrainingHints",
                "The dev loss has been rising since epoch {lowest}: captions are learned by heart. Stop here, or train "
                "again with more dropout.",
            )
            return text.format(lowest=round(numbers["lowest"]))
        case HintKind.PLATEAU:
            text = translate(
                "TrainingHints",
                "Nothing has become better since epoch {best}. Stopping now loses nothing.",
            )
            return text.format(best=round(numbers["best"]))
        case HintKind.SLOW:
            return translate(
                "TrainingHints", "The loss falls very slowly. Stop, and train again with a larger learning rate."
            )


def _diverging(numbers: dict[str, float]) -> str:
    remedy = translate("TrainingHints", "Stop, and train again with a smaller learning rate.")
    if "gradient_norm" in numbers:
        text = translate("TrainingHints", "Gradients have grown from {usual} to {now}.")
        text = text.format(usual=value_text(numbers["usual"]), now=value_text(numbers["gradient_norm"]))
    elif math.isfinite(numbers["loss"]) and "lowest" in numbers:
        text = translate("TrainingHints", "The loss climbs: it was {lowest} and is {now}.")
        text = text.format(lowest=value_text(numbers["lowest"]), now=value_text(numbers["loss"]))
    else:
        text = translate("TrainingHints", "The loss is not a number any more.")
    return f"{text} {remedy}"
