"""What a caption is: its words, their probabilities, and where the network looked; importing this imports no torch."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from captioner.config import DecodingOptions
from captioner.geometry import Geometry

TextFormat = Literal["txt", "csv", "json", "coco", "html"]
"""Forms in which captions are exported; ``txt`` is a file for each photograph, the others are one file for all."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a caption.

    Attributes
    ----------
    text
        The word.
    log_probability
        Natural logarithm of its probability, given the image and the words before it.
    gate
        Xu's beta in [0, 1]: how much of what attention saw was let through.
    alternatives
        The most likely words in its place: text and log-probability, best first. The word itself may be missing, as
        the search looks at whole captions.
    """

    text: str
    log_probability: float
    gate: float
    alternatives: tuple[tuple[str, float], ...]

    @property
    def probability(self) -> float:
        """In [0, 1], given the image and the words before it."""
        return math.exp(self.log_probability)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another caption that the search found: `text`, `log_probability`, and `score` after the length penalty."""

    text: str
    log_probability: float
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Caption:
    """A caption of one photograph and where the network looked.

    Attributes
    ----------
    path
        Of the file; None when the picture came from memory.
    text
        The caption.
    words
        Its T words.
    log_probability, score
        Sum over the words and the end of the caption; the same after the length penalty.
    width, height
        Of the upright original, in pixels.
    attention
        (T, L) float32, each row summing to 1: the weight of each place while that word was chosen.
    grid
        Rows and columns of the places, L = rows x columns, counted row by row from the top left.
    geometry
        Leads from a place to its rectangle of the original.
    alternatives
        Other captions, best first.
    model
        Name of the model.
    options
        How the words were chosen.
    """

    path: Path | None
    text: str
    words: tuple[Word, ...]
    log_probability: float
    score: float
    width: int
    height: int
    attention: NDArray[np.float32]
    grid: tuple[int, int]
    geometry: Geometry
    alternatives: tuple[Alternative, ...]
    model: str
    options: DecodingOptions

    @property
    def entropy(self) -> NDArray[np.float64]:
        """(T,) float64, in bits: how widely each word looked, from 0 (one place) to log2 L (everywhere alike)."""
        weights = self.attention.astype(np.float64)
        surprise = np.log2(weights, out=np.zeros_like(weights), where=weights > 0)
        bits: NDArray[np.float64] = -(weights * surprise).sum(axis=1)
        return np.maximum(bits, 0.0)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; attention is left out."""
        return {
            "path": None if self.path is None else os.fsdecode(self.path),
            "caption": self.text,
            "words": [{"text": word.text, "log_probability": round(word.log_probability, 6)} for word in self.words],
            "log_probability": round(self.log_probability, 6),
            "width": self.width,
            "height": self.height,
            "model": self.model,
        }


@dataclass(frozen=True, slots=True, eq=False)
class FeatureCaption:
    """A caption of features that came without a photograph.

    Attributes
    ----------
    text, words, log_probability, score, alternatives, model
        As in `Caption`.
    attention
        (T, L) float32, each row summing to 1: the weight of each of the L features while that word was chosen.
    """

    text: str
    words: tuple[Word, ...]
    log_probability: float
    score: float
    attention: NDArray[np.float32]
    alternatives: tuple[Alternative, ...]
    model: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; attention is left out."""
        return {
            "caption": self.text,
            "words": [{"text": word.text, "log_probability": round(word.log_probability, 6)} for word in self.words],
            "log_probability": round(self.log_probability, 6),
            "model": self.model,
        }


@dataclass(frozen=True, slots=True)
class CaptionEntry:
    """A caption as it stands in a window, ready to be exported.

    Attributes
    ----------
    path
        Of the photograph.
    text
        What is to be written, by the model or by hand.
    caption
        What the model said; None where there is nothing but text.
    is_edited
        Whether a hand changed the text.
    word_indices
        For each white-space separated word of `text`, the index of the model's word it came from, or None. Empty when
        it is the model's own sentence, word by word.
    """

    path: str
    text: str
    caption: Caption | None = None
    is_edited: bool = False
    word_indices: tuple[int | None, ...] = ()
