"""A caption as an animation: one word after the other, each with the light of where it looked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from captioner.atomic_file import atomic_path
from captioner.attention_map import attention_on_original, checked_weights
from captioner.errors import ConfigurationError
from captioner.figures.light import lit
from captioner.figures.text import Font, choose_font, drawable, wrap
from captioner.geometry import Geometry

MILLISECONDS_PER_WORD = 700
_SIDE, _LEAST_WIDTH, _LEAST_HEIGHT = 480, 320, 120
_TYPE, _LEADING, _MARGIN, _MOST_LINES = 19, 27, 12, 4
_INK, _QUIET = (29, 29, 31), (118, 118, 123)
_GREYS = 16
_BOLD = 0.45
"""Pixels by which the word at hand is thickened; Pillow's own font has no bold face."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word of an animation.

    Attributes
    ----------
    text
        The word.
    row
        Of the attention weights that it looked with; None when it looked at nothing.
    is_joined
        Whether it follows the word before without a space.
    """

    text: str
    row: int | None
    is_joined: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    x: float
    line: int


def caption_frames(
    pixels: npt.NDArray[np.uint8],
    words: Sequence[SpokenWord],
    alphas: npt.ArrayLike,
    grid: tuple[int, int],
    geometry: Geometry,
    *,
    shared_scale: bool = True,
    smooth: bool = True,
) -> Iterator[Image.Image]:
    """The photograph with the caption below it, then a picture for each word.

    Parameters
    ----------
    pixels
        The upright photograph, (H, W, 3) uint8.
    words
        The caption. While a word that looked at nothing is spoken, the photograph is shown as it is.
    alphas, grid, geometry
        (T, L) weights, the (rows, columns) of their cells, and where those lie on the original.
    shared_scale
        Full light means the greatest weight of all words; otherwise that of each word by itself.
    smooth
        Interpolate between cells.

    Yields
    ------
    PIL.Image.Image
        Pictures of one size, at most 480 pixels wide and high, mode RGB.

    Raises
    ------
    ConfigurationError
        When the parts do not fit together.
    """
    weights = checked_weights(alphas, grid)
    if any(word.row is not None and not 0 <= word.row < len(weights) for word in words):
        raise ConfigurationError(f"A word looks with weights that are not among the {len(weights)} rows.")
    strip = _Strip(words, geometry)
    photograph = Image.fromarray(pixels).resize(strip.picture, Image.Resampling.BICUBIC, reducing_gap=3.0)
    maps = attention_on_original(weights, grid, geometry, strip.picture, smooth=smooth)
    peaks = weights.max(axis=1, initial=0)
    full = np.full_like(peaks, peaks.max(initial=0)) if shared_scale else peaks
    yield strip.draw(photograph, None)
    for index, word in enumerate(words):
        row = word.row
        pictures = iter(()) if row is None else lit(photograph, maps[[row]], full[[row]], geometry)
        yield strip.draw(next(pictures, photograph), index)


def save_animation(frames: Iterator[Image.Image], path: str | os.PathLike[str]) -> None:
    """Write frames as a GIF that goes round for ever, a word each 0.7 seconds, whole or not at all.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    first, *others = map(_with_palette, frames)
    # The sentence is read first, and looked at once more before it begins again.
    durations = [2 * MILLISECONDS_PER_WORD, *(MILLISECONDS_PER_WORD for _ in others)]
    with atomic_path(path) as temporary:
        first.save(temporary, "GIF", save_all=True, append_images=others, duration=durations, loop=0)


def _with_palette(frame: Image.Image) -> Image.Image:
    """In the colours that are best for this frame, dithered, since light fades in more steps than those.

    Some greys are kept for the type, which would else take on the tint of its nearest neighbours.
    """
    # Every other pixel has all the colours that matter, and counting them is what takes time.
    sample = frame.resize((frame.width // 2, frame.height // 2), Image.Resampling.NEAREST)
    colours = sample.quantize(256 - _GREYS, Image.Quantize.MEDIANCUT).getpalette() or []
    greys = [level for step in range(_GREYS) for level in [round(255 * step / (_GREYS - 1))] * 3]
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours[: 3 * (256 - _GREYS)] + greys)
    return frame.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)


class _Strip:
    """Where the picture and the words go: lines of words, of which as many are shown as there is room for."""

    def __init__(self, words: Sequence[SpokenWord], geometry: Geometry) -> None:
        self._font: Font = choose_font(" ".join(word.text for word in words), _TYPE)
        most = _SIDE - 2 * _MARGIN
        self._words = ["".join(wrap(drawable(word.text, self._font), self._font, most, 1)) for word in words]
        spaces = [0.0 if word.is_joined else self._width(" ") for word in words]
        self._places, lines = _flowed([self._width(word) for word in self._words], spaces, most)
        shown = min(lines, _MOST_LINES)
        self._below = shown * _LEADING + 2 * _MARGIN
        room = max(_SIDE - self._below, _LEAST_HEIGHT)
        scale = min(_SIDE / geometry.width, room / geometry.height)
        self.picture = (max(round(geometry.width * scale), 1), max(round(geometry.height * scale), 1))
        self._size = (_SIDE if lines > 1 else max(self.picture[0], _LEAST_WIDTH, self._longest()), self._below)

    def draw(self, picture: Image.Image, current: int | None) -> Image.Image:
        """The picture above the lines among which the current word is; without one, the first lines."""
        page = Image.new("RGB", (self._size[0], picture.height + self._below), "white")
        page.paste(picture, ((page.width - picture.width) // 2, 0))
        pen = ImageDraw.Draw(page)
        line = 0 if current is None else self._places[current].line
        first = line - line % _MOST_LINES
        for index, (word, place) in enumerate(zip(self._words, self._places, strict=True)):
            if first <= place.line < first + _MOST_LINES:
                baseline = picture.height + _MARGIN + (place.line - first) * _LEADING + 0.75 * _LEADING
                is_current = index == current
                colour = _INK if is_current or current is None else _QUIET
                width = _BOLD if is_current else 0
                corner = (_MARGIN + place.x, round(baseline))
                pen.text(corner, word, colour, self._font, anchor="ls", stroke_width=width, stroke_fill=colour)
        return page

    def _width(self, text: str) -> float:
        return self._font.getlength(text)

    def _longest(self) -> int:
        ends = (place.x + self._width(word) for word, place in zip(self._words, self._places, strict=True))
        return min(round(max(ends, default=0)) + 2 * _MARGIN, _SIDE)


def _flowed(widths: Sequence[float], spaces: Sequence[float], most: float) -> tuple[list[_Place], int]:
    """Places of words, each after its space, in lines no longer than ``most``, and how many lines there are."""
    places: list[_Place] = []
    x, line = 0.0, 0
    for width, space in zip(widths, spaces, strict=True):
        x += space if x else 0
        if x and x + width > most:
            x, line = 0.0, line + 1
        places.append(_Place(x, line))
        x += width
    return places, line + 1
