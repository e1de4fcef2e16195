"""A dialog for what a note at the bottom of the window is too small for."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QPlainTextEdit, QPushButton, QWidget

from captioner.file_names import printable
from gui.icons import icon
from gui.theme import Space


class ErrorDialog(QDialog):
    """What happened, to which file, what to do, and the details for a report.

    Show it with `open`; it deletes itself when it is closed.
    """

    def __init__(
        self, message: str, *, path: str = "", advice: str = "", details: str = "", parent: QWidget | None = None
    ) -> None:
        """Build the dialog.

        Parameters
        ----------
        message
            What happened; the sentences of a `CaptionerError` also say to which file and what to do.
        path
            Of the file, where the message does not name it.
        advice
            What to do, where the message does not say it.
        details
            A traceback or log, shown when asked for and copied for a report.
        """
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.setMinimumWidth(420)
        self.message = message
        self._texts = [text for text in (message, printable(path), advice) if text]
        self._details = details
        self._build_layout()

    def report(self) -> str:
        """Everything the dialog says, as plain text."""
        return "\n\n".join([*self._texts, *([self._details] if self._details else [])]) + "\n"

    def _build_layout(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        grid.setHorizontalSpacing(Space.L)
        grid.setVerticalSpacing(Space.S)
        grid.setColumnStretch(1, 1)
        mark = QLabel(self)
        mark.setPixmap(icon("warning-circle", "error").pixmap(QSize(32, 32), self.devicePixelRatioF()))
        grid.addWidget(mark, 0, 0, alignment=Qt.AlignmentFlag.AlignTop)
        for row, text in enumerate(self._texts):
            grid.addWidget(self._sentence(text), row, 1)
        row = len(self._texts)
        if self._details:
            self._box = QPlainTextEdit(self._details, self)
            self._box.setReadOnly(True)
            self._box.hide()
            self._box.setAccessibleName(self.tr("Details"))
            self._box.setMinimumHeight(180)
            grid.addWidget(self._box, row, 0, 1, 2)
        grid.setRowMinimumHeight(row + 1, Space.S)
        grid.addWidget(self._buttons(), row + 2, 0, 1, 2)

    def _sentence(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return label

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        box.rejected.connect(self.reject)
        box.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        if self._details:
            self._toggle = QPushButton(self.tr("Show details"), self)
            self._toggle.clicked.connect(self._on_details_wanted)
            box.addButton(self._toggle, QDialogButtonBox.ButtonRole.ActionRole)
        copy = QPushButton(icon("copy"), self.tr("Copy details"), self)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report()))
        box.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        return box

    def _on_details_wanted(self) -> None:
        is_shown = not self._box.isVisible()
        self._box.setVisible(is_shown)
        self._toggle.setText(self.tr("Hide details") if is_shown else self.tr("Show details"))
        self.adjustSize()
