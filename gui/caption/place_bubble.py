"""Beside the pointer: the words that looked most at the place under it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.controls.numbers import percent_text
from gui.theme import RADIUS, FontSize, Space, font, theme, tokens

_BAR = 56


class PlaceBubble(QWidget):
    """A list of words with a bar for the share of their attention that lies on one cell; never takes the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._host = parent
        self._words: list[tuple[str, float]] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("Words that looked here"))
        theme().changed.connect(self.update)
        self.hide()

    @property
    def words(self) -> tuple[tuple[str, float], ...]:
        """What it shows: words and weights, greatest first."""
        return tuple(self._words)

    def show_words(self, words: Sequence[tuple[str, float]]) -> None:
        """Show these; without any it hides."""
        self._words = list(words)
        self.setAccessibleDescription(", ".join(f"{text} {percent_text(weight)}" for text, weight in self._words))
        self.resize(self.sizeHint())
        self.setVisible(bool(self._words))
        self.raise_()
        self.update()

    def move_beside(self, point: QPoint) -> None:
        """Stand near ``point`` of the parent, wholly inside it."""
        area = self._host.rect()
        x, y = point.x() + Space.L, point.y() + Space.L
        if x + self.width() > area.right():
            x = point.x() - Space.M - self.width()
        if y + self.height() > area.bottom():
            y = point.y() - Space.M - self.height()
        self.move(max(x, 0), max(y, 0))

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As wide as the longest word, its bar and its figure."""
        metrics = QFontMetricsF(font(FontSize.BODY))
        width = max((metrics.horizontalAdvance(text) for text, _ in self._words), default=0)
        figure = metrics.horizontalAdvance(percent_text(1))
        rows = len(self._words) * (metrics.height() + Space.XS)
        return QSize(round(width + _BAR + figure + 2 * Space.S + 2 * Space.M), round(rows + 2 * Space.S))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the card, then a row per word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = tokens()
        painter.setPen(colours.hairline)
        painter.setBrush(colours.colour("panel", 0.94))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.setFont(font(FontSize.BODY))
        metrics = QFontMetricsF(font(FontSize.BODY))
        right = self.width() - Space.M
        figure = metrics.horizontalAdvance(percent_text(1))
        most = max((weight for _, weight in self._words), default=1.0) or 1.0
        for row, (text, weight) in enumerate(self._words):
            top = Space.S + row * (metrics.height() + Space.XS)
            line = QRectF(Space.M, top, right - Space.M, metrics.height())
            painter.setPen(colours.colour("text"))
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent_text(weight))
            bar = QRectF(right - figure - Space.S - _BAR, top + metrics.height() / 2 - 2, _BAR * weight / most, 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("accent"))
            painter.drawRoundedRect(bar, 2, 2)
        painter.end()
