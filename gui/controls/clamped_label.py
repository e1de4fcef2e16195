"""A label of plain text that wraps to a number of lines at most and ends in an ellipsis where more is left."""

from __future__ import annotations

import html

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import FontSize, font, theme, tokens


class ClampedLabel(QWidget):
    """Plain text on at most `most_lines` lines.

    The whole text is its accessible name, and its tooltip where it does not fit.
    """

    def __init__(
        self,
        text: str = "",
        *,
        most_lines: int = 2,
        size: int = FontSize.BODY,
        is_bold: bool = False,
        is_secondary: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self._most_lines, self._is_secondary = most_lines, is_secondary
        self._lines: list[str] = []
        self.setFont(font(size, QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.update)
        self.set_text(text)

    @property
    def text(self) -> str:
        """All of the text."""
        return self._text

    @property
    def is_cut(self) -> bool:
        """Whether something is left out at the present width."""
        return bool(self._lines) and self._lines[-1].endswith("…") and not self._text.endswith("…")

    def set_text(self, text: str) -> None:
        """Show another text; line breaks in it count as spaces."""
        self._text = " ".join(text.split())
        self.setAccessibleName(self._text)
        self._break_lines()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wide enough for some words, high enough for its lines."""
        width = round(QFontMetricsF(self.font()).averageCharWidth() * 36)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """A few characters."""
        return QSize(60, self._height_of(1))

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Of as many lines as the text takes at this width."""
        return self._height_of(min(max(len(self._broken(width, self._most_lines)), 1), self._most_lines))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Break the lines again."""
        super().resizeEvent(event)
        self._break_lines()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the lines."""
        metrics = QFontMetricsF(self.font())
        painter = QPainter(self)
        painter.setPen(tokens().secondary if self._is_secondary else QColor(tokens().text))
        for number, line in enumerate(self._lines):
            painter.drawText(QPointF(0, number * metrics.lineSpacing() + metrics.ascent()), line)
        painter.end()

    def _height_of(self, lines: int) -> int:
        metrics = QFontMetricsF(self.font())
        return round(metrics.lineSpacing() * (lines - 1) + metrics.height() + 0.5)

    def _break_lines(self) -> None:
        self._lines = self._broken(self.width(), self._most_lines)
        # Tooltips guess whether they are rich text, which a model's words must never be.
        self.setToolTip(f"<p>{html.escape(self._text)}</p>" if self.is_cut else "")

    def _broken(self, width: int, most: int) -> list[str]:
        """The lines at this width, the last one cut short where more is left."""
        metrics = QFontMetricsF(self.font())
        layout = QTextLayout(self._text, self.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        lines: list[str] = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 1))
            start = line.textStart()
            if len(lines) == most - 1:
                lines.append(metrics.elidedText(self._text[start:], Qt.TextElideMode.ElideRight, width))
                break
            lines.append(self._text[start : start + line.textLength()].rstrip())
        layout.endLayout()
        return lines
