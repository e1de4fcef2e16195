"""The log of a run, and the command that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase, QGuiApplication, QHideEvent, QShowEvent, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from gui.icons import icon
from gui.library.fact_widgets import label
from gui.theme import FontSize, Space

READ_EVERY_MILLISECONDS = 1000
MOST_LINES = 2000
_MOST_BYTES = 200_000
_WITHOUT_BOX = "QPlainTextEdit, QPlainTextEdit:focus { border: none; padding: 0; background: transparent; }"


class LogView(QPlainTextEdit):
    """The end of a log file, read again every second while it can be seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file: Path | None = None
        self._place = 0
        _look_like_a_terminal(self)
        self.setMaximumBlockCount(MOST_LINES)
        self.setPlaceholderText(self.tr("What the run notes down appears here."))
        self.setAccessibleName(self.tr("Log of the run"))
        self._timer = QTimer(self, interval=READ_EVERY_MILLISECONDS)
        self._timer.timeout.connect(self.read)

    def set_file(self, path: Path | None) -> None:
        """Show this file from its end on, whether it is there yet or not."""
        if path == self._file:
            return
        self._file, self._place = path, 0
        self.clear()
        if self.isVisible():
            self.read()

    def read(self) -> None:
        """Add what has been written since."""
        if self._file is None:
            return
        try:
            size = self._file.stat().st_size
            if size < self._place:  # another file now
                self._place = 0
                self.clear()
            if size == self._place:
                return
            with self._file.open("rb") as file:
                file.seek(max(self._place, size - _MOST_BYTES))
                content = file.read(_MOST_BYTES)
                self._place = file.tell()
        except OSError:
            return  # it is not there yet, or gone with its run
        self.appendPlainText(content.decode("utf-8", "replace").rstrip("\n"))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Read on."""
        super().showEvent(event)
        self.read()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Rest."""
        super().hideEvent(event)
        self._timer.stop()


class CommandView(QWidget):
    """The command line that does in a terminal what this run does here."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        _look_like_a_terminal(self._text)
        self._text.setAccessibleName(self.tr("Command that repeats this run"))
        self._text.setPlaceholderText(self.tr("A run that was started here shows its command."))
        self.copy_button = QPushButton(self.tr("Copy"))
        self.copy_button.setIcon(icon("copy"))
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.command))
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(label(self.tr("In a terminal, this repeats the run."), "secondary", wraps=True), 1)
        row.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.S)
        column.addLayout(row)
        column.addWidget(self._text, 1)
        self.set_command(())

    @property
    def command(self) -> str:
        """The command as it is typed."""
        return self._text.toPlainText()

    def set_command(self, arguments: Sequence[str]) -> None:
        """Show a command, quoted for a shell."""
        self._text.setPlainText(shlex.join(arguments))
        self.copy_button.setEnabled(bool(arguments))


def _look_like_a_terminal(edit: QPlainTextEdit) -> None:
    type_face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    type_face.setPixelSize(FontSize.SECONDARY + 1)
    edit.setFont(type_face)
    edit.setReadOnly(True)
    edit.setStyleSheet(_WITHOUT_BOX)
    edit.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
