"""The words of a caption as it stands, each with what is known of where it came from and where it looked."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from captioner.caption import Caption, CaptionEntry
from captioner.errors import ConfigurationError

_ROWS, _COLUMNS = ("upper", "centre", "lower"), ("left", "centre", "right")


@dataclass(frozen=True, slots=True)
class ShownWord:
    """A word of a caption that is shown.

    Attributes
    ----------
    text
        The word.
    index
        Of the model's word that it came from; None for a word by hand.
    probability
        Of that word, in [0, 1]; None for a word by hand, and for one that a hand changed.
    is_joined
        Whether it follows the word before without a space, as ``'s`` does.
    """

    text: str
    index: int | None = None
    probability: float | None = None
    is_joined: bool = False


def shown_words(entry: CaptionEntry) -> tuple[ShownWord, ...]:
    """The words of an entry's text: the model's own, or those that a hand left, changed and added.

    Raises
    ------
    ConfigurationError
        When its `word_indices` do not fit its text or its caption.
    """
    caption, texts = entry.caption, entry.text.split()
    if not entry.word_indices:
        if caption is not None and caption.text == entry.text:
            return _own_words(caption)
        return tuple(map(ShownWord, texts))
    count = 0 if caption is None else len(caption.words)
    if len(texts) != len(entry.word_indices) or any(
        index is not None and not 0 <= index < count for index in entry.word_indices
    ):
        raise ConfigurationError(f"The words of {entry.text!r:.80} do not fit the model's words they came from.")
    return tuple(_linked(text, index, caption) for text, index in zip(texts, entry.word_indices, strict=True))


def _linked(text: str, index: int | None, caption: Caption | None) -> ShownWord:
    if index is None or caption is None:
        return ShownWord(text)
    word = caption.words[index]
    return ShownWord(text, index, word.probability if _same(word.text, text) else None)


def _same(one: str, other: str) -> bool:
    """Whether two words are one but for capitals and marks around them."""
    return re.sub(r"\W", "", one).casefold() == re.sub(r"\W", "", other).casefold()


def _own_words(caption: Caption) -> tuple[ShownWord, ...]:
    words: list[ShownWord] = []
    end = 0
    for index, word in enumerate(caption.words):
        is_joined = index > 0 and caption.text.startswith(word.text, end)
        end += len(word.text) + (0 if is_joined or not index else 1)
        words.append(ShownWord(word.text, index, word.probability, is_joined))
    return tuple(words)


def place_name(weights: NDArray[np.float32], caption: Caption) -> str:
    """Where on the photograph a word looked most, such as ``upper left``; ``all over`` where no place stands out.

    Parameters
    ----------
    weights
        (L,) attention weights of the word.
    caption
        Which they belong to.
    """
    # A word that looks at the picture gives its favourite place a multiple of what an even look would.
    if weights.max() < 2 / weights.size and weights.size > 1:
        return "all over"
    row, column = divmod(int(weights.argmax()), caption.grid[1])
    cell = caption.geometry.cell(row, column, caption.grid)
    down = (cell.top + cell.bottom) / 2 / caption.geometry.height
    across = (cell.left + cell.right) / 2 / caption.geometry.width
    vertical, horizontal = _ROWS[min(int(3 * down), 2)], _COLUMNS[min(int(3 * across), 2)]
    return vertical if vertical == horizontal else f"{vertical} {horizontal}"


def describe(word: ShownWord, caption: Caption) -> str:
    """A word in words: what it is, where it looked, and how probable it was, such as ``dog: centre left, 62 %``."""
    if word.index is None:
        return f"{word.text}: written by hand"
    known = "changed by hand" if word.probability is None else f"{round(100 * word.probability)} %"
    return f"{word.text}: {place_name(caption.attention[word.index], caption)}, {known}"
