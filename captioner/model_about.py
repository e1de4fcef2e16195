"""What the maker of a model says of it in a few words, kept in its ``config.json`` and checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from captioner.errors import ModelPackageError

MAX_TEXT = 2000
MAX_NAME = 40
MAX_SCORES = 32
_TEXTS = ("data", "licence", "limits", "protocol")


@dataclass(frozen=True, slots=True)
class PackageAbout:
    """The essence of a model card; every text is plain, on one line, and empty where nothing was said.

    Attributes
    ----------
    data
        What the model learned from.
    licence
        Under what terms it may be used.
    limits
        What it cannot do.
    scores
        Name and value of each score, such as ``("CIDEr", 50.3)``.
    protocol
        How the scores were obtained.

    Raises
    ------
    ModelPackageError
        If a text is longer than 2000 characters or not plain, or a score is no finite number with a short name.
    """

    data: str = ""
    licence: str = ""
    limits: str = ""
    scores: tuple[tuple[str, float], ...] = ()
    protocol: str = ""

    def __post_init__(self) -> None:
        for name in _TEXTS:
            _require(_is_plain(getattr(self, name), MAX_TEXT), f"its {name} must be plain text on one line")
        _require(len(self.scores) <= MAX_SCORES, f"it has more than {MAX_SCORES} scores")
        for score, value in self.scores:
            _require(bool(score) and _is_plain(score, MAX_NAME), "a score must have a short name")
            _require(_is_number(value), f"its score {score} is not a finite number")
        _require(len(dict(self.scores)) == len(self.scores), "a score is named twice")

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """Build from the table ``about`` of a ``config.json``, where ``scores`` is a table of names and numbers.

        Raises
        ------
        ModelPackageError
            On an unknown name, a value of another type, or one outside its range.
        """
        _require(isinstance(values, Mapping), "it must be a table")
        assured: dict[str, Any] = dict(values)  # type: ignore[call-overload]
        unknown = sorted(assured.keys() - {*_TEXTS, "scores"})
        _require(not unknown, f"its entry {unknown[0]!r:.60} is not known" if unknown else "")
        scores = assured.pop("scores", {})
        _require(isinstance(scores, Mapping), "its scores must be a table of names and numbers")
        return cls(scores=tuple(scores.items()), **assured)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that `from_dict` reads back to an equal object."""
        return {name: getattr(self, name) for name in _TEXTS} | {"scores": dict(self.scores)}


def _is_plain(text: object, most: int) -> bool:
    return isinstance(text, str) and len(text) <= most and text.isprintable()


def _is_number(value: object) -> bool:
    # JSON as Python reads it has NaN and Infinity, which no comparison lets through, and numbers too large for a float.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e9 < value < 1e9


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise ModelPackageError(f"What is said about the model cannot be used: {reason}.")
