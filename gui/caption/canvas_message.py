"""One sentence in the middle of the canvas: what is being done, or why there is no photograph."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from gui.theme import Space

_WIDEST = 420


class CanvasMessage(QFrame):
    """A card with a plain text; the pointer goes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = parent
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._label = QLabel()
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self._column.addWidget(self._label)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text()

    def say(self, text: str, role: str) -> None:
        """Show ``text`` in the look of ``role``; hide when it is empty."""
        self._label.setText(text)
        self._label.setProperty("role", role)
        self._label.style().unpolish(self._label)
        self._label.style().polish(self._label)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.place()

    def place(self) -> None:
        """Stand in the middle of the parent."""
        area = self._canvas.rect()
        most = min(_WIDEST, area.width() - 2 * Space.M)
        wanted = self._label.fontMetrics().horizontalAdvance(self.text) + 2 * Space.L + 4
        width = max(min(wanted, most), 1)
        frame = 2  # a hairline above and one below
        height = self._column.heightForWidth(width - frame) + frame
        self.setGeometry((area.width() - width) // 2, (area.height() - height) // 2, width, height)
