"""The layout of a page: a heading, rows of pictures with words under them, and a legend."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image

from captioner.figures.sheet import Colour, PlacedPicture, PlacedText, Sheet
from captioner.figures.text import Font, choose_font, drawable, wrap
from captioner.plain_text import plain

_INK, _GREY, _HAIRLINE = (29, 29, 31), (118, 118, 123), (210, 210, 215)
_SIZES = {"heading": 1.5, "word": 1.12, "small": 0.82}
_LEADING = {"heading": 1.9, "word": 1.45, "small": 1.2}
_PAGE_RATIO = 1.6


@dataclass(frozen=True, slots=True)
class Tile:
    """A picture, the word under it, a note to the right of the word and a detail below it."""

    picture: Image.Image
    word: str
    note: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """The legend: what full light stands for, a sentence about the scale, and how its bar looks."""

    full_light: str
    sentence: str
    ramp: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.uint8]]
    """From shares of full light, 0 to 1, to the grey that shows them."""


@dataclass(slots=True)
class Page:
    """Where everything goes; all distances are multiples of a unit that grows with the tiles.

    Attributes
    ----------
    tiles
        At least one, with pictures of one size.
    heading
        Text above the pictures; none when empty.
    scale
        The legend below them.
    columns
        Tiles in a row; None chooses.
    tile_size
        Side of the square whose area a picture has, in units of the sheet.
    picture_size
        Width and height of the room for a picture, in units of the sheet.
    keeps_characters
        Leave characters that the font of the layout lacks as they are.
    """

    tiles: Sequence[Tile]
    heading: str
    scale: Scale
    columns: int | None
    tile_size: int
    picture_size: tuple[int, int]
    keeps_characters: bool = False
    _unit: float = field(init=False)
    _sizes: dict[str, int] = field(init=False)
    _fonts: dict[str, Font] = field(init=False)
    _cell: float = field(init=False)
    _pictures: list[PlacedPicture] = field(init=False, default_factory=list)
    _texts: list[PlacedText] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._unit = self.tile_size / 15
        text = " ".join([self.heading, self.scale.sentence, *(tile.word for tile in self.tiles)])
        self._sizes = {name: round(size * self._unit) for name, size in _SIZES.items()}
        self._fonts = {name: choose_font(text, size) for name, size in self._sizes.items()}
        # Narrow pictures still need room for their words.
        self._cell = max(self.picture_size[0], 6.2 * self._unit)

    def layout(self) -> Sheet:
        """Place everything; the sheet is as large as it needs to be."""
        self._pictures.clear()
        self._texts.clear()
        unit, count = self._unit, len(self.tiles)
        columns = min(self.columns or self._best_columns(), count)
        content = max(columns * self._cell + (columns - 1) * 1.3 * unit, 26 * unit)
        heading = self._lines(self.heading, "heading", content, 4)
        legend = self._lines(self.scale.sentence, "small", content - self._bar_width() - 1.2 * unit, 4)
        rows = [self.tiles[start : start + columns] for start in range(0, count, columns)]
        top = 2 * unit + (len(heading) * 1.9 * unit + 1.1 * unit if heading else 0)
        bottom = top + sum(self._row_height(row) for row in rows) + 0.4 * unit
        height = bottom + max(len(legend) * 1.2 * unit, 1.2 * unit) + 2 * unit
        self._write(heading, "heading", _INK, (2 * unit, 3.2 * unit))
        for row in rows:
            for column, tile in enumerate(row):
                self._place_tile(tile, (2 * unit + column * (self._cell + 1.3 * unit), top))
            top += self._row_height(row)
        self._place_scale(bottom, legend)
        size = (round(content + 4 * unit), round(height))
        return Sheet(*size, plain(self.heading), tuple(self._pictures), tuple(self._texts))

    def _best_columns(self) -> int:
        """The number of columns whose page comes nearest to the usual proportions with few empty places."""
        count, unit = len(self.tiles), self._unit
        tallest = max(map(self._row_height, [[tile] for tile in self.tiles]))

        def badness(columns: int) -> float:
            rows = math.ceil(count / columns)
            ratio = columns * (self._cell + 1.3 * unit) / (rows * tallest + 6 * unit)
            return abs(math.log(ratio / _PAGE_RATIO)) + 1.2 * (rows * columns - count) / count

        return min(range(1, count + 1), key=badness)

    def _lines(self, text: str, font: str, width: float, most: int) -> list[str]:
        shown = plain(text) if self.keeps_characters else drawable(text, self._fonts[font])
        return wrap(shown, self._fonts[font], width, most) if text.strip() else []

    def _word_lines(self, tile: Tile) -> list[str]:
        note = self._fonts["small"].getlength(tile.note) + 0.5 * self._unit if tile.note else 0
        return self._lines(tile.word, "word", self._cell - note, 3)

    def _row_height(self, row: Sequence[Tile]) -> float:
        lines = max(max(len(self._word_lines(tile)), 1) * 1.45 + bool(tile.detail) * 1.15 for tile in row)
        return self.picture_size[1] + (lines + 1.6) * self._unit

    def _write(
        self,
        lines: Sequence[str],
        font: str,
        colour: Colour,
        place: tuple[float, float],
        *,
        is_right_aligned: bool = False,
    ) -> None:
        """Write lines; ``place`` is where the baseline of the first begins, or ends."""
        for index, line in enumerate(lines):
            if line:
                baseline = place[1] + index * _LEADING[font] * self._unit
                style = (self._fonts[font], self._sizes[font], colour, is_right_aligned)
                self._texts.append(PlacedText(place[0], baseline, line, *style))

    def _place_tile(self, tile: Tile, place: tuple[float, float]) -> None:
        (left, top), (width, height) = (round(place[0]), round(place[1])), self.picture_size
        self._pictures.append(PlacedPicture(left, top, width, height, tile.picture, plain(tile.word)))
        lines, baseline = self._word_lines(tile), top + height + 1.55 * self._unit
        self._write(lines, "word", _GREY if tile is self.tiles[0] else _INK, (left, baseline))
        self._write([tile.note], "small", _GREY, (left + self._cell, baseline), is_right_aligned=True)
        below = baseline + (max(len(lines), 1) - 1) * _LEADING["word"] * self._unit + 1.2 * self._unit
        self._write([tile.detail], "small", _GREY, (left, below))

    def _bar_width(self) -> float:
        small = self._fonts["small"]
        return 8.8 * self._unit + small.getlength("0") + small.getlength(self.scale.full_light)

    def _place_scale(self, top: float, legend: Sequence[str]) -> None:
        unit, small = self._unit, self._fonts["small"]
        baseline, left = top + 0.85 * unit, 2 * unit
        width, height = round(8 * unit), max(round(0.5 * unit), 3)
        self._write(["0"], "small", _GREY, (left, baseline))
        x, y = round(left + small.getlength("0") + 0.4 * unit), round(baseline - 0.3 * unit - height / 2)
        ramp = Image.fromarray(np.tile(self.scale.ramp(np.linspace(0, 1, width)), (height, 1)))
        bar = PlacedPicture(x, y, width, height, ramp, "from no light to full light", False, _HAIRLINE)
        self._pictures.append(bar)
        self._write([self.scale.full_light], "small", _GREY, (x + 8.4 * unit, baseline))
        self._write(legend, "small", _GREY, (left + self._bar_width() + 1.2 * unit, baseline))
