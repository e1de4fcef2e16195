"""What is laid over a photograph to show attention, worked out as small pictures and lines before anything is drawn."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPolygonF

from captioner.attention_map import attention_on_original, checked_weights
from captioner.geometry import Geometry, Rectangle
from gui.caption.colour_maps import colour_map
from gui.caption.contours import level_lines
from gui.theme import OKABE_ITO
from gui.viewmodels.overlay_style import OverlayStyle

LEVELS = ((0.25, 1.0), (0.5, 1.75), (0.75, 3.0))
"""Shares of full weight that outlines stand for, and the widths of their lines in pixels of the screen."""
_PIN_WIDTH = 2.25
_MAP_SIDE = 256
_FINEST = 16
_CONTOUR_SAMPLES = 8
_HEAT_CURVE = 0.75
_LIGHT_CURVE = 1 / 1.4
"""As in `captioner.figures.attention_figure`: half the weight should not look like next to nothing."""
_DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (5, 2),
    (1.2, 1.6),
    (5, 1.6, 1.2, 1.6),
    (10, 3),
    (2.5, 2.5),
    (10, 1.6, 1.2, 1.6, 1.2, 1.6),
)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Where one word looked, and how it is told apart.

    Attributes
    ----------
    weights
        (rows, columns) float32, the weight of each cell.
    visible
        The part of the upright original that the cells cover, in its pixels.
    full
        The weight that is drawn at full strength.
    colour
        ``#RRGGBB`` of a pinned word; None takes the colour map.
    label
        Written at the strongest cell of a pinned word; none when empty.
    """

    weights: NDArray[np.float32]
    visible: Rectangle
    full: float
    colour: str | None = None
    label: str = ""

    def is_like(self, other: Layer) -> bool:
        """Whether both look the same."""
        return np.array_equal(self.weights, other.weights) and (
            (self.visible, self.full, self.colour, self.label) == (other.visible, other.full, other.colour, other.label)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A small picture stretched over a part of the photograph.

    Attributes
    ----------
    pixels
        (h, w, 4) uint8 RGBA, colours multiplied by alpha.
    area
        What it covers, in pixels of the original.
    is_smooth
        Interpolate when stretching; otherwise each pixel is a cell with sharp borders.
    """

    pixels: NDArray[np.uint8]
    area: Rectangle
    is_smooth: bool

    def towards(self, other: Sheet, share: float) -> Sheet | None:
        """What stands between this and ``other``; None where they do not lie alike."""
        if self.pixels.shape != other.pixels.shape or (self.area, self.is_smooth) != (other.area, other.is_smooth):
            return None
        mixed = self.pixels + (other.pixels.astype(np.float32) - self.pixels) * np.float32(share)
        return Sheet(np.rint(mixed).astype(np.uint8), self.area, self.is_smooth)


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Closed lines around the strong places of a word.

    Attributes
    ----------
    loops
        Polygons in pixels of the original.
    colour, width
        Of the line; the width in pixels of the screen.
    dashes
        Lengths of dashes and gaps in widths of the line; none for a whole line.
    """

    loops: tuple[QPolygonF, ...]
    colour: QColor
    width: float
    dashes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Tag:
    """The word of a pinned layer, beside the place where it looked most."""

    text: str
    place: QPointF
    colour: QColor


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPicture:
    """All that is drawn over a photograph, bottom to top."""

    sheets: tuple[Sheet, ...] = ()
    lines: tuple[Line, ...] = ()
    tags: tuple[Tag, ...] = ()
    opacity: float = 1.0
    """Of the lines."""
    visible: Rectangle | None = None
    """What the network saw; the rest is hatched. None leaves it as it is."""
    shade: float = 0.0
    """How dark what the network did not see becomes; 0 fades it to the ground of the window instead."""


def overlay_picture(layers: Sequence[Layer], style: OverlayStyle) -> OverlayPicture:
    """Work out what to draw for ``layers``.

    Raises
    ------
    ConfigurationError
        When weights are not a table of finite numbers.
    """
    groups = [
        tuple(group) for _, group in itertools.groupby(layers, lambda layer: (layer.weights.shape, layer.visible))
    ]
    sheets = () if style.mode == "outline" else tuple(_sheet(group, style) for group in groups)
    pinned = [layer for layer in layers if layer.colour is not None]
    lines = [line for layer in (layers if style.mode == "outline" else pinned) for line in _lines(layer, style)]
    tags = tuple(_tag(layer) for layer in pinned if layer.label)
    # Lines that only tell words apart do not fade with the colours under them.
    opacity = deepened(style.opacity) if style.mode == "outline" else 1.0
    shade = deepened(style.opacity) if style.mode == "spotlight" else 0.0
    return OverlayPicture(sheets, tuple(lines), tags, opacity, layers[0].visible if layers else None, shade)


def heat_alpha(strength: NDArray[np.float32], opacity: float) -> NDArray[np.float32]:
    """How much colour covers the photograph: none without weight, ``opacity`` at full strength."""
    return np.asarray(opacity * strength**_HEAT_CURVE, dtype=np.float32)


def shadow_alpha(strength: NDArray[np.float32], opacity: float) -> NDArray[np.float32]:
    """How dark the photograph becomes: not at all at full strength, ``deepened(opacity)`` without weight."""
    return np.asarray(deepened(opacity) * (1 - strength**_LIGHT_CURVE), dtype=np.float32)


def deepened(opacity: float) -> float:
    """Opacity of shadows and lines, which look weaker than colours of the same opacity; 0 and 1 stay."""
    return 1 - (1 - opacity) ** 2


def dashes_of(colour: str | None) -> tuple[float, ...]:
    """The kind of line that belongs to a pinned word's colour, as `Line.dashes`; without colour a whole line."""
    return _DASHES[OKABE_ITO.index(colour) % len(_DASHES)] if colour in OKABE_ITO else ()


def _sheet(layers: Sequence[Layer], style: OverlayStyle) -> Sheet:
    """One picture of all layers of one grid, whatever their order."""
    strengths = [_strength(layer, style.is_smooth) for layer in layers]
    if style.mode == "spotlight":
        alpha = shadow_alpha(np.maximum.reduce(strengths), style.opacity)
        colours = np.zeros((*alpha.shape, 3), np.float32)
    else:
        alphas = [heat_alpha(strength, style.opacity) for strength in strengths]
        alpha = 1 - np.multiply.reduce([1 - one for one in alphas])
        painted = [
            one[:, :, None] * _colours(layer, strength, style)
            for layer, one, strength in zip(layers, alphas, strengths, strict=True)
        ]
        # Where words meet, each gives its share of the colour.
        colours = (alpha / np.maximum(sum(alphas), 1e-6))[:, :, None] * np.add.reduce(painted)
    pixels = np.concatenate([colours, 255 * alpha[:, :, None]], axis=2)
    return Sheet(np.rint(pixels).astype(np.uint8), layers[0].visible, style.is_smooth)


def _colours(layer: Layer, strength: NDArray[np.float32], style: OverlayStyle) -> NDArray[np.float32]:
    """RGB in [0, 255]: one colour, or of the colour map for each strength."""
    if layer.colour is not None:
        colour = QColor(layer.colour)
        return np.array((colour.red(), colour.green(), colour.blue()), np.float32)
    return colour_map(style.colour_map)[np.rint(255 * strength).astype(np.uint8)].astype(np.float32)


def _strength(layer: Layer, is_smooth: bool, samples: int = _FINEST) -> NDArray[np.float32]:
    """Weights as shares of full weight in [0, 1], at ``samples`` points across a cell unless cells are shown."""
    grid = layer.weights.shape
    weights = checked_weights(layer.weights.reshape(1, -1), grid)
    scale = np.float32(1 / max(layer.full, 1e-30))
    if not is_smooth:
        return _shares(weights.reshape(grid) * scale)
    finest = min(max(_MAP_SIDE // max(grid), 1), samples)
    height, width = grid[0] * finest, grid[1] * finest
    # The map covers what the network saw and nothing else, so that stretching it over that leaves it in register.
    placement = Geometry(width, height, Rectangle(0, 0, width, height))
    return _shares(attention_on_original(weights, grid, placement)[0] * scale)


def _shares(values: NDArray[np.float32]) -> NDArray[np.float32]:
    shares: NDArray[np.float32] = np.clip(values, 0, 1)
    return shares


def _lines(layer: Layer, style: OverlayStyle) -> list[Line]:
    """Outlines at all levels; at half the full weight only, where they just tell pinned words apart."""
    values = _strength(layer, style.is_smooth, _CONTOUR_SAMPLES)
    levels = LEVELS if style.mode == "outline" else ((0.5, _PIN_WIDTH),)
    seen = layer.visible
    corner = np.array((seen.left, seen.top))
    unit = np.array(((seen.right - seen.left) / values.shape[1], (seen.bottom - seen.top) / values.shape[0]))
    lines = []
    for level, width in levels:
        loops = level_lines(values, level, around_cells=not style.is_smooth)
        polygons = tuple(QPolygonF([QPointF(x, y) for x, y in (corner + loop * unit).tolist()]) for loop in loops)
        lines.append(Line(polygons, QColor(layer.colour or Qt.GlobalColor.white), width, dashes_of(layer.colour)))
    return lines


def _tag(layer: Layer) -> Tag:
    row, column = np.unravel_index(int(layer.weights.argmax()), layer.weights.shape)
    seen = layer.visible
    x = seen.left + (seen.right - seen.left) * (int(column) + 0.5) / layer.weights.shape[1]
    y = seen.top + (seen.bottom - seen.top) * (int(row) + 0.5) / layer.weights.shape[0]
    return Tag(layer.label, QPointF(x, y), QColor(layer.colour or ""))
