"""A small mark for the one model that is in use: a tick and a word on a tint of the accent."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.icons import icon
from gui.theme import FontSize, Space, font, theme, tokens

_ICON = 14


class InUseMark(QWidget):
    """A pill with a tick and a word; never colour alone."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._icon = icon("check-circle", "accent")
        self.setFont(font(FontSize.SECONDARY, QFont.Weight.DemiBold))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Of the word, the tick and some air."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._text) + _ICON + Space.XS + 2 * Space.S, metrics.height() + 6)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the pill."""
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("accent", 0.14))
        painter.drawRoundedRect(QRectF(self.rect()), self.height() / 2, self.height() / 2)
        place = QRect(Space.S, (self.height() - _ICON) // 2, _ICON, _ICON)
        self._icon.paint(painter, place)
        painter.setPen(QColor(colours.text))
        painter.drawText(
            self.rect().adjusted(place.right() + 1 + Space.XS, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._text
        )
        painter.end()
