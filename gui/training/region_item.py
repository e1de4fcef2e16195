"""Attention over regions as a part of the scene: their boxes, the stronger the more they were looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.caption.colour_maps import colour_map
from gui.viewmodels.overlay_style import OverlayStyle

_LEAST_STRENGTH = 0.08
"""Weaker boxes would be a veil over the photograph that says nothing."""
_LEAST_OPACITY = 0.15
_FILL = 0.35
_WIDTH, _CASING = 2.0, 2.0


@dataclass(frozen=True, slots=True)
class Region:
    """A box on a photograph, its corners in [0, 1], and its weight as a share of full weight."""

    left: float
    top: float
    right: float
    bottom: float
    strength: float


class RegionItem(QGraphicsItem):
    """Boxes over a photograph, in pixels of the upright original, the strongest on top."""

    def __init__(self) -> None:
        super().__init__()
        self._size = QSizeF()
        self._regions: tuple[Region, ...] = ()
        self._style = OverlayStyle()

    @property
    def regions(self) -> tuple[Region, ...]:
        """What is drawn, the weakest first."""
        return self._regions

    def set_size(self, width: float, height: float) -> None:
        """Cover a photograph of this size."""
        self.prepareGeometryChange()
        self._size = QSizeF(width, height)

    def set_regions(self, regions: Sequence[Region], style: OverlayStyle) -> None:
        """Draw these, the ones that were hardly looked at left out."""
        seen = (region for region in regions if region.strength >= _LEAST_STRENGTH)
        self._regions = tuple(sorted(seen, key=lambda region: region.strength))
        self._style = style
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The whole photograph."""
        return QRectF(QPointF(0, 0), self._size)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw on the screen."""
        self.draw(painter)

    def draw(self, painter: QPainter, unit: float = 1.0) -> None:
        """Draw with a painter whose units are pixels of the original; ``unit`` makes lines wider."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.boundingRect(), Qt.ClipOperation.IntersectClip)
        for region in self._regions:
            self._draw_region(painter, region, unit)
        painter.restore()

    def _draw_region(self, painter: QPainter, region: Region, unit: float) -> None:
        width, height = self._size.width(), self._size.height()
        corner = QPointF(region.left * width, region.top * height)
        area = QRectF(corner, QPointF(region.right * width, region.bottom * height))
        red, green, blue = colour_map(self._style.colour_map)[round(255 * min(region.strength, 1.0))].tolist()
        colour = QColor(red, green, blue)
        colour.setAlphaF(self._style.opacity * region.strength * _FILL)
        painter.fillRect(area, colour)
        opacity = _LEAST_OPACITY + (1 - _LEAST_OPACITY) * min(region.strength, 1.0)
        colour.setAlphaF(opacity)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # A wider dark line under it, so that a light one shows on every photograph.
        casing = QPen(QColor(0, 0, 0, round(128 * opacity)), (_WIDTH + _CASING) * unit)
        for pen in (casing, QPen(colour, _WIDTH * unit)):
            pen.setCosmetic(True)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(area)
