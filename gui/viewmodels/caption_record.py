"""Captions as plain values for JSON and back, attention included."""

from __future__ import annotations

import base64
import math
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from captioner.caption import Alternative, Caption, Word
from captioner.config import MAX_WORDS, DecodingOptions
from captioner.geometry import Geometry, Rectangle

MAX_CELLS = 2**16


def caption_to_record(caption: Caption) -> dict[str, Any]:
    """Plain values that `caption_from_record` reads back; attention is kept as float16, three digits of each weight."""
    seen = caption.geometry.visible
    return {
        "path": None if caption.path is None else str(caption.path),
        "text": caption.text,
        "words": [[word.text, word.log_probability, word.gate, word.alternatives] for word in caption.words],
        "log_probability": caption.log_probability,
        "score": caption.score,
        "size": [caption.width, caption.height],
        "visible": [seen.left, seen.top, seen.right, seen.bottom],
        "grid": caption.grid,
        "attention": base64.b64encode(caption.attention.astype("<f2").tobytes()).decode("ascii"),
        "alternatives": [[other.text, other.log_probability, other.score] for other in caption.alternatives],
        "model": caption.model,
        "options": caption.options.to_dict(),
    }


def caption_from_record(record: object) -> Caption:
    """Read a caption back.

    Raises
    ------
    ValueError
        When the values are not those of a caption.
    ConfigurationError
        When its decoding options cannot be.
    """
    if not isinstance(record, Mapping):
        raise ValueError("a caption should be a table")
    try:
        return _read(record)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError(f"a caption lacks something: {error!r:.80}") from error


def _read(record: Mapping[str, Any]) -> Caption:
    words = tuple(
        Word(_word(text), _number(log_probability), _number(gate), tuple((_word(a), _number(b)) for a, b in others))
        for text, log_probability, gate, others in record["words"]
    )
    rows, columns = map(_count, record["grid"])
    width, height = map(_count, record["size"])
    left, top, right, bottom = map(_number, record["visible"])
    if not (0 <= left < right <= width and 0 <= top < bottom <= height):
        raise ValueError("what the model saw lies beyond the photograph")
    if len(words) > MAX_WORDS or rows * columns > MAX_CELLS:
        raise ValueError("it has too many words or places")
    path = record["path"]
    return Caption(
        path=None if path is None else Path(_text(path)),
        text=_text(record["text"]),
        words=words,
        log_probability=_number(record["log_probability"]),
        score=_number(record["score"]),
        width=width,
        height=height,
        attention=_attention(_text(record["attention"]), len(words), rows * columns),
        grid=(rows, columns),
        geometry=Geometry(width, height, Rectangle(left, top, right, bottom)),
        alternatives=tuple(Alternative(_text(a), _number(b), _number(c)) for a, b, c in record["alternatives"]),
        model=_text(record["model"]),
        options=_options(tuple(record["options"].items())),
    )


@lru_cache
def _options(items: tuple[tuple[str, Any], ...]) -> DecodingOptions:
    # Checking takes longer than all the rest of a caption, and most have been made with the same few options.
    return DecodingOptions.from_dict(dict(items), where="the session")


def _attention(encoded: str, words: int, cells: int) -> NDArray[np.float32]:
    values = np.frombuffer(base64.b64decode(encoded, validate=True), "<f2").astype(np.float32)
    weights = values.reshape(words, cells)
    if not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("its attention weights are not finite numbers of 0 or more")
    total = weights.sum(axis=1, keepdims=True)
    # Rounding to float16 has moved the sums a little away from 1.
    np.divide(weights, total, out=weights, where=total > 0)
    return weights


def _word(value: object) -> str:
    # The same few words come again and again, and thousands of captions are kept.
    return sys.intern(_text(value))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} should be text")
    return value


def _number(value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise TypeError(f"{value!r:.40} should be a finite number")
    return float(value)


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TypeError(f"{value!r:.40} should be a whole number above 0")
    return value
