"""Where two captions of the same photograph differ, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest


class Difference(StrEnum):
    """What became of a word between two captions."""

    EQUAL = "equal"
    REPLACED = "replaced"
    ONLY_LEFT = "only_left"
    ONLY_RIGHT = "only_right"


@dataclass(frozen=True, slots=True)
class WordPair:
    """Positions of two words that stand at the same place of two captions; None where one has no such word."""

    kind: Difference
    left: int | None
    right: int | None


def difference(a: Sequence[str], b: Sequence[str]) -> tuple[WordPair, ...]:
    """Pair the words of two captions; case does not matter.

    Returns
    -------
    tuple
        In reading order; each position of ``a`` (left) and of ``b`` (right) occurs in one pair.
    """
    left, right = [word.casefold() for word in a], [word.casefold() for word in b]
    pairs: list[WordPair] = []
    for kind, first, last, start, end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for one, other in zip_longest(range(first, last), range(start, end)):
            pairs.append(WordPair(_kind(kind == "equal", one, other), one, other))
    return tuple(pairs)


def _kind(is_equal: bool, left: int | None, right: int | None) -> Difference:
    if is_equal:
        return Difference.EQUAL
    if right is None:
        return Difference.ONLY_LEFT
    return Difference.ONLY_RIGHT if left is None else Difference.REPLACED
