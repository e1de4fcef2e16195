"""Where two captions differ, gathered into places, each with a colour of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from PySide6.QtGui import QColor

from gui.theme import OKABE_ITO, tokens
from gui.viewmodels.word_difference import Difference, WordPair

_TINT = 0.55


def differing_runs(pairs: Iterable[WordPair]) -> list[list[WordPair]]:
    """The places where two captions differ, each with its pairs of words, in reading order."""
    groups = itertools.groupby(pairs, key=lambda pair: pair.kind is Difference.EQUAL)
    return [list(group) for is_equal, group in groups if not is_equal]


def tint(number: int) -> QColor:
    """One of the colours that everybody can tell apart, calmed by the ground that it lies on."""
    colour, ground = QColor(OKABE_ITO[number % len(OKABE_ITO)]), QColor(tokens().panel)
    return QColor(
        round(_TINT * colour.red() + (1 - _TINT) * ground.red()),
        round(_TINT * colour.green() + (1 - _TINT) * ground.green()),
        round(_TINT * colour.blue() + (1 - _TINT) * ground.blue()),
    )


def position_of(pair: WordPair, number: int) -> int | None:
    """Position of its word in the left (0) or the right (1) caption."""
    return pair.right if number else pair.left
