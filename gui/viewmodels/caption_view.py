"""What is shown of one photograph: its words, where they looked, and which of them are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from captioner.caption import Caption
from captioner.geometry import Geometry
from gui.viewmodels.image_collection import CollectedImage
from gui.viewmodels.word_alignment import normal, tokens_of

PIN_COLOURS = 7
FLAT_SHARE = 0.85
"""Words that looked at this share of all places, as if alike, looked nowhere in particular."""


@dataclass(frozen=True, slots=True)
class ShownWord:
    """A word as it stands: its `text`; the `index` of the model's word it is, and how probable that was, if it is one.

    A word that a hand wrote has neither `index` nor `probability`.
    """

    text: str
    index: int | None = None
    probability: float | None = None


class Vertical(StrEnum):
    """A third of a photograph's height."""

    TOP = "top"
    CENTRE = "centre"
    BOTTOM = "bottom"


class Horizontal(StrEnum):
    """A third of a photograph's width."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Place:
    """The ninth of a photograph that a word looked at most, and the `share` in [0, 1] of its attention there."""

    vertical: Vertical
    horizontal: Horizontal
    share: float


class CaptionView:
    """What is shown of one photograph.

    Words are counted by their position in the text as it stands; the model's own words by their index.

    Signals
    -------
    changed()
        There is another photograph, caption or text to show. Focus and pins fit it already.
    focus_changed(object)
        Another word is looked at: its position, or None.
    pins_changed()
        Other words are pinned.
    """

    changed = Signal()
    focus_changed = Signal(object)
    pins_changed = Signal()

    def __init__(self) -> None:
        self._image: CollectedImage | None = None
        self._caption: Caption | None = None
        self._words: tuple[ShownWord, ...] = ()
        self._focus: int | None = None
        self._pins: dict[int, int] = {}

    @property
    def image(self) -> CollectedImage | None:
        """The photograph that is shown."""
        return self._image

    @property
    def caption(self) -> Caption | None:
        """What the model said of it; the text may be another by now."""
        return self._caption

    @property
    def words(self) -> tuple[ShownWord, ...]:
        """The words of the text as it stands."""
        return self._words

    @property
    def focus(self) -> int | None:
        """Position of the word that is looked at."""
        return self._focus

    @property
    def pins(self) -> Mapping[int, int]:
        """Positions of the pinned words, in the order they were pinned, and the numbers of their colours, 0 to 6."""
        return MappingProxyType(self._pins)

    def set_image(self, image: CollectedImage | None) -> None:
        """Show this photograph; to be called again when something else is said of it.

        After an edit of the same caption, focus and pins stay with the words that are still there.
        """
        caption = None if image is None else image.caption
        words = () if image is None else _shown_words(image)
        if image is self._image and caption is self._caption and words == self._words:
            return
        is_edit = image is self._image and caption is self._caption
        moves = _moves(self._words, words) if is_edit else {}
        focus = None if self._focus is None else moves.get(self._focus)
        pins = {moves[position]: colour for position, colour in self._pins.items() if position in moves}
        is_other_focus, are_other_pins = focus != self._focus, pins != self._pins
        self._image, self._caption, self._words = image, caption, words
        self._focus, self._pins = focus, pins
        self.changed.emit()
        if is_other_focus:
            self.focus_changed.emit(focus)
        if are_other_pins:
            self.pins_changed.emit()

    def set_focus(self, position: int | None) -> None:
        """Look at a word, or at none; a position that there is not is none."""
        focus = position if position is not None and 0 <= position < len(self._words) else None
        if focus != self._focus:
            self._focus = focus
            self.focus_changed.emit(focus)

    def step(self, by: int) -> None:
        """Look at the next word (1) or the one before (-1), from the last to the first and back."""
        if not self._words:
            return
        if self._focus is None:
            self.set_focus(0 if by > 0 else len(self._words) - 1)
        else:
            self.set_focus((self._focus + by) % len(self._words))

    def toggle_pin(self, position: int) -> None:
        """Pin a word, in the first colour that is free, or let it go.

        Words without a map cannot be pinned. When all colours are taken, the word that was pinned first is let go.
        """
        if position in self._pins:
            del self._pins[position]
        elif self.map_of(position) is None:
            return
        else:
            if len(self._pins) == PIN_COLOURS:
                del self._pins[next(iter(self._pins))]
            taken = set(self._pins.values())
            self._pins[position] = next(colour for colour in range(PIN_COLOURS) if colour not in taken)
        self.pins_changed.emit()

    def clear_pins(self) -> None:
        """Let all pinned words go."""
        if self._pins:
            self._pins.clear()
            self.pins_changed.emit()

    def map_of(self, position: int) -> NDArray[np.float32] | None:
        """Where a word looked: (rows, columns) float32, its sum 1, to be read only.

        None for words of a hand, and where the model has but one place, so that there is nothing to see.
        """
        index = self._index_of(position)
        if index is None or self._caption is None or self._caption.attention.shape[1] < 2:
            return None
        weights: NDArray[np.float32] = self._caption.attention[index].reshape(self._caption.grid)
        return weights

    def full_weight(self, position: int, shared: bool) -> float:
        """The weight that is drawn at full strength: the word's greatest, or that of all the model's words."""
        weights = self.map_of(position)
        if weights is None or self._caption is None:
            return 0.0
        return float(self._caption.attention.max() if shared else weights.max())

    def is_flat(self, position: int) -> bool:
        """Whether a word looked nowhere in particular, so that its map says little.

        That is so when 2 to the power of its entropy in bits, the number of places it would have looked at if it had
        weighed them alike, is 85 % of all L places or more: an entropy of log2 L - 0.234.
        """
        weights = self.map_of(position)
        if weights is None:
            return False
        positive = weights[weights > 0].astype(np.float64)
        entropy = -(positive * np.log2(positive)).sum()
        return bool(2**entropy >= FLAT_SHARE * weights.size)

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of the place that a point of the upright original, in pixels, lies in; None outside."""
        if self._caption is None:
            return None
        seen = self._caption.geometry.visible
        if not (seen.left <= x < seen.right and seen.top <= y < seen.bottom):
            return None
        rows, columns = self._caption.grid
        row = int((y - seen.top) / (seen.bottom - seen.top) * rows)
        column = int((x - seen.left) / (seen.right - seen.left) * columns)
        # Rounding may lead a point that is just inside to the edge.
        return min(row, rows - 1), min(column, columns - 1)

    def words_at(self, x: float, y: float) -> list[tuple[int, float]]:
        """Words that looked at a point of the upright original: position and weight there, greatest first."""
        cell = self.cell_at(x, y)
        if cell is None:
            return []
        maps = ((position, self.map_of(position)) for position in range(len(self._words)))
        weights = [(position, float(weights[cell])) for position, weights in maps if weights is not None]
        return sorted(weights, key=lambda pair: -pair[1])

    def place_of(self, position: int) -> Place | None:
        """The ninth of the photograph that a word looked at most; None for words without a map.

        The weight of a cell that lies in several ninths is parted among them by area.
        """
        weights = self.map_of(position)
        if weights is None or self._caption is None:
            return None
        down, across = _thirds(self._caption.geometry, self._caption.grid)
        shares = down @ weights.astype(np.float64) @ across.T
        row, column = divmod(int(shares.argmax()), 3)
        return Place(tuple(Vertical)[row], tuple(Horizontal)[column], float(shares[row, column]))

    def beginning_to(self, position: int, word: str) -> tuple[str, ...]:
        """Tokens that a caption must begin with when ``word`` is chosen at ``position``.

        The model's words that still stand before it, then ``word``. What a hand wrote is left out, since the model
        may not know it.
        """
        tokens: list[str] = []
        for shown in self._words[:position]:
            if shown.index is not None:
                tokens += self._tokens_of(shown.index, shown.text)
        return (*tokens, word)

    def _tokens_of(self, index: int, text: str) -> list[str]:
        """The model's tokens that a written word is made of: ``man`` and ``'s`` for ``man's``."""
        model_words = [] if self._caption is None else [word.text for word in self._caption.words]
        tokens = [model_words[index]]
        written = tokens_of(text)
        first = written.index(normal(tokens[0])) if normal(tokens[0]) in written else len(written)
        for token, model_word in zip(written[first + 1 :], model_words[index + 1 :], strict=False):
            if token != normal(model_word):
                break
            tokens.append(model_word)
        return tokens

    def _index_of(self, position: int) -> int | None:
        return self._words[position].index if 0 <= position < len(self._words) else None


def _shown_words(image: CollectedImage) -> tuple[ShownWord, ...]:
    model_words = () if image.caption is None else image.caption.words
    if model_words and not image.word_indices and not image.is_edited:
        return tuple(ShownWord(word.text, index, word.probability) for index, word in enumerate(model_words))
    texts = image.text.split()
    links = image.word_indices if len(image.word_indices) == len(texts) else (None,) * len(texts)
    return tuple(
        ShownWord(text)
        if index is None or not 0 <= index < len(model_words)
        else ShownWord(text, index, model_words[index].probability)
        for text, index in zip(texts, links, strict=True)
    )


def _moves(before: tuple[ShownWord, ...], after: tuple[ShownWord, ...]) -> dict[int, int]:
    """Where the model's words that stand in both texts have moved to, by position."""
    now = {word.index: position for position, word in enumerate(after) if word.index is not None}
    return {position: now[word.index] for position, word in enumerate(before) if word.index in now}


def _thirds(geometry: Geometry, grid: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of each row of cells in each third of the height, (3, rows), and of each column, (3, columns)."""
    seen = geometry.visible
    down = _overlap(geometry.height, np.linspace(seen.top, seen.bottom, grid[0] + 1))
    across = _overlap(geometry.width, np.linspace(seen.left, seen.right, grid[1] + 1))
    return down, across


def _overlap(length: float, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    cuts = np.array((0, length / 3, 2 * length / 3, length))[:, None]
    low = np.maximum(cuts[:-1], edges[:-1])
    high = np.minimum(cuts[1:], edges[1:])
    shares: NDArray[np.float64] = np.maximum(high - low, 0) / np.diff(edges)
    return shares
