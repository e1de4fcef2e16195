"""The photograph as a part of the scene, drawn from whichever of its sizes suits the screen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from gui.theme import tokens

_MOST_CONVERTED = 6_000_000
"""Pixels that are brought into the format that Qt draws fastest; with more of them that would hold up the window."""
_PIXELS_SHOW_FROM = 3.0
"""Pixels of the screen per pixel of the original from which on those are seen as squares."""


class PhotographItem(QGraphicsItem):
    """A photograph whose units are pixels of the upright original, however many pixels of it there are."""

    def __init__(self) -> None:
        super().__init__()
        self._size = QSizeF()
        self._levels: list[QImage] = []
        self._lent: list[NDArray[np.uint8]] = []

    @property
    def image(self) -> QImage:
        """The photograph with the most pixels that there are; null without one."""
        return self._levels[0] if self._levels else QImage()

    def show_copy(self, pixels: NDArray[np.uint8], width: int, height: int) -> None:
        """Show a photograph of ``width`` x ``height`` pixels, of which ``pixels`` is a copy of some size."""
        self.prepareGeometryChange()
        self._size = QSizeF(width, height)
        self._levels, self._lent = [], []
        self._levels.append(self._image(pixels))
        self.update()

    def add_sharper(self, pixels: NDArray[np.uint8]) -> None:
        """Keep one more copy of the same photograph, if it has more pixels than the others."""
        if self._levels and pixels.shape[1] * pixels.shape[0] > self.image.width() * self.image.height():
            self._levels.insert(0, self._image(pixels))
            self.update()

    def clear(self) -> None:
        """Show nothing."""
        self.prepareGeometryChange()
        self._size = QSizeF()
        self._levels, self._lent = [], []

    def boundingRect(self) -> QRectF:  # noqa: N802 (Qt's name)
        """The whole photograph."""
        return QRectF(QPointF(0, 0), self._size)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw it, and a hairline around it, since a photograph may have the colour of the ground."""
        if not self._levels:
            return
        self.draw(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(tokens().hairline, 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawRect(self.boundingRect())

    def draw(self, painter: QPainter) -> None:
        """Draw with a painter whose units are pixels of the original."""
        device = painter.device()
        factor = painter.worldTransform().m11() * (device.devicePixelRatio() if device is not None else 1.0)
        level = self._level(self._size.width() * factor)
        are_pixels_seen = level.width() >= self._size.width() and factor >= _PIXELS_SHOW_FROM
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=not are_pixels_seen)
        painter.drawImage(self.boundingRect(), level)

    def _level(self, width: float) -> QImage:
        """The smallest copy with at least this width, halved as long as that leaves enough."""
        # Shrinking by more than half while drawing would leave pixels out.
        while (smallest := self._levels[-1]).width() >= 2 * width and min(smallest.width(), smallest.height()) > 1:
            self._levels.append(
                smallest.scaled(
                    (smallest.width() + 1) // 2,
                    (smallest.height() + 1) // 2,
                    Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
        return next((level for level in reversed(self._levels) if level.width() >= width), self._levels[0])

    def _image(self, pixels: NDArray[np.uint8]) -> QImage:
        """(h, w, 3) uint8 RGB as Qt knows it."""
        pixels = np.ascontiguousarray(pixels)
        height, width = pixels.shape[:2]
        image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        if width * height <= _MOST_CONVERTED:
            return image.convertToFormat(QImage.Format.Format_RGB32)
        # This image has no memory of its own.
        self._lent.append(pixels)
        return image
