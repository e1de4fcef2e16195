"""What the Train page calls its numbers, and how it writes them."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QLocale

from gui.controls.numbers import MINUS
from gui.training.quantities import Part, Quantity

# By this name the translation tools find the texts.
translate = QCoreApplication.translate
SCORES = (Quantity.CIDER, Quantity.BLEU_4, Quantity.REWARD)
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def features_only_text(name: str) -> str:
    """Why a finished model cannot be used in a window, and what can be done with it."""
    sentence = translate(
        "TrainingWords",
        "{name} captions features, not photographs, because the features it learned from do not say what made them. "
        "Use it on the command line: captioner caption --features.",
    )
    return sentence.format(name=name)


def quantity_name(quantity: Quantity) -> str:
    """Short, for a tile and an axis."""
    names = {
        Quantity.LOSS: translate("TrainingWords", "Loss"),
        Quantity.REWARD: translate("TrainingWords", "Reward"),
        Quantity.CIDER: "CIDEr",
        Quantity.BLEU_4: "BLEU-4",
        Quantity.LEARNING_RATE: translate("TrainingWords", "Learning rate"),
        Quantity.GRADIENT_NORM: translate("TrainingWords", "Gradient"),
    }
    return names[quantity]


def quantity_sentence(quantity: Quantity) -> str:
    """What the numbers say, in one sentence."""
    sentences = {
        Quantity.LOSS: translate(
            "TrainingWords", "How surprised the model is by each word people wrote, in nats. Lower is better."
        ),
        Quantity.REWARD: translate(
            "TrainingWords", "How well the model's own captions agree with those of people. Higher is better."
        ),
        Quantity.CIDER: translate(
            "TrainingWords", "Agreement with the captions of people, rare words counting more. Higher is better."
        ),
        Quantity.BLEU_4: translate(
            "TrainingWords", "Share of four words in a row that people also wrote. Higher is better."
        ),
        Quantity.LEARNING_RATE: translate("TrainingWords", "How far the weights move at each step."),
        Quantity.GRADIENT_NORM: translate(
            "TrainingWords", "How steep the loss is, before clipping. A sudden climb is a bad sign."
        ),
    }
    return sentences[quantity]


def part_name(part: Part) -> str:
    """Whose numbers they are."""
    return translate("TrainingWords", "training") if part is Part.TRAIN else translate("TrainingWords", "dev")


def value_text(value: float | None) -> str:
    """A number as short as it can be read, such as ``2.413``, ``53.2`` or ``0.00083``; a dash for none."""
    if value is None or not math.isfinite(value):
        return "\N{EN DASH}"
    value = float(value)
    size = abs(value)
    if size >= 1e5:
        text = _scientific(value)
    elif size >= 100 or value == 0:
        text = QLocale().toString(value, "f", 0)
    elif size >= 0.1:
        text = QLocale().toString(value, "f", 1 if size >= 10 else 2 if size >= 1 else 3)
    elif size >= 1e-3:
        text = QLocale().toString(value, "f", 4)
    else:
        text = _scientific(value)
    return text.replace("-", MINUS) if value < 0 else text


def score_text(value: float | None) -> str:
    """A score out of a hundred, such as ``53.2``, ``4.21`` or, however small, ``0.00``; a dash for none."""
    if value is None or not math.isfinite(value) or abs(value) >= 1:
        return value_text(value)
    text = QLocale().toString(abs(float(value)), "f", 2)
    return text if round(value, 2) >= 0 else MINUS + text


def quantity_text(quantity: Quantity, value: float | None) -> str:
    """A value of ``quantity``."""
    return (score_text if quantity in SCORES else value_text)(value)


def _scientific(value: float) -> str:
    """Such as ``5.9·10⁻⁵``."""
    factor, power = f"{value:.1e}".split("e")
    return f"{QLocale().toString(float(factor), 'f', 1)}·10{str(int(power)).translate(_RAISED)}"


def count_text(number: int) -> str:
    """A whole number with its thousands apart."""
    return QLocale().toString(number)


def duration_text(seconds: float) -> str:
    """A length of time no finer than anybody needs, such as ``40 s``, ``12 min`` or ``3 h 20 min``."""
    if seconds < 55:
        rounded = 5 * round(seconds / 5) if seconds > 10 else round(seconds)
        return translate("TrainingWords", "{seconds} s").format(seconds=max(rounded, 1))
    minutes = round(seconds / 60)
    if minutes < 60:
        return translate("TrainingWords", "{minutes} min").format(minutes=minutes)
    if minutes < 60 * 48:
        return translate("TrainingWords", "{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
    return translate("TrainingWords", "{days} days").format(days=round(minutes / 60 / 24))


def memory_text(size: int) -> str:
    """Bytes as ``840 MB`` or ``1.2 GB``."""
    if size >= 10**9:
        return f"{QLocale().toString(size / 10**9, 'f', 1)}\N{NO-BREAK SPACE}GB"
    return f"{QLocale().toString(round(size / 10**6))}\N{NO-BREAK SPACE}MB"
