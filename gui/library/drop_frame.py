"""A frame that shows where something that is being dragged may be dropped."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import RADIUS, Space, theme, tokens


class DropFrame(QWidget):
    """A dashed line inside the edge of a widget and a breath of the accent over it; the pointer goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme().changed.connect(self.update)
        self.hide()

    def show_over(self, target: QWidget) -> None:
        """Lie over all of ``target``, the parent."""
        self.setGeometry(target.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the frame."""
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours.colour("accent"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(colours.colour("accent", 0.06))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(*[Space.S] * 2, *[-Space.S] * 2), RADIUS, RADIUS)
        painter.end()
