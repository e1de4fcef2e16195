"""A mark and a word in the header: what the worker is up to."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from gui.icons import icon

# Each state has a shape of its own, so that colour is not all that tells them apart.
_MARKS = {
    "starting": ("circle-dashed", "text"),
    "ready": ("check-circle", "done"),
    "restarting": ("arrows-clockwise", "warning"),
    "unusable": ("warning-circle", "error"),
}


class WorkerIndicator(QToolButton):
    """The worker's state; pressed, it tells more, and the window decides what."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(16, 16))
        self._model = ""
        self.set_state("starting")

    def set_state(self, state: str, message: str = "") -> None:
        """Show a state, a value of `gui.engine_bridge.WorkerState`, and keep a sentence for whoever asks."""
        self.state, self.message = state, message
        if state in _MARKS:
            self.setIcon(icon(*_MARKS[state]))
        self.setText(f" {self._word()}")  # Qt leaves little room after the icon
        self._describe()

    def set_model(self, name: str) -> None:
        """Say in the tooltip which model captions."""
        self._model = name
        self._describe()

    def _word(self) -> str:
        words = {
            "starting": self.tr("Starting"),
            "ready": self.tr("Ready"),
            "restarting": self.tr("Starting again"),
            "unusable": self.tr("Cannot caption"),
        }
        return words.get(self.state, "")

    def _describe(self) -> None:
        details = [self.message or self._word()]
        if self._model:
            details.append(self.tr("Model: {name}").format(name=self._model))
        self.setToolTip("\n".join(details))
        self.setAccessibleName(". ".join(details))
