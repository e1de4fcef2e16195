"""Drawing a picture so that it covers a place."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QPainter, QPixmap


def draw_covering(painter: QPainter, target: QRectF, pixmap: QPixmap, radius: float) -> None:
    """Draw the middle of a picture so that it covers ``target``, with rounded corners."""
    size = pixmap.deviceIndependentSize()
    scale = max(target.width() / size.width(), target.height() / size.height())
    part = QRectF(0, 0, target.width() / scale, target.height() / scale)
    part.moveCenter(QRectF(0, 0, size.width(), size.height()).center())
    painter.save()
    # A brush, because clipping by a path leaves steps in the corners.
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.translate(target.topLeft())
    painter.scale(scale, scale)
    painter.translate(-part.topLeft())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(pixmap))
    painter.drawRoundedRect(part, radius / scale, radius / scale)
    painter.restore()
