"""Who made this, which version it is, and under what terms."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication, QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.diagnostics import describe_system, versions_line
from gui.icons import icon
from gui.theme import FontSize, Space, font

ICON_SIZE = QSize(72, 72)


class AboutDialog(QDialog):
    """Name, version, purpose, licences; shown with `open`, it deletes itself when it is closed."""

    def __init__(self, program_icon: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("About Captioner"))
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.L)
        column.setSpacing(Space.M)
        mark = QLabel(self)
        mark.setPixmap(program_icon.pixmap(ICON_SIZE, self.devicePixelRatioF()))
        column.addWidget(mark, alignment=Qt.AlignmentFlag.AlignHCenter)
        name = self._add_text("Captioner")
        name.setFont(font(FontSize.CAPTION, QFont.Weight.DemiBold))
        self._add_text(self.tr("Captions for photographs, and where the network looked while it wrote them."))
        self._add_text(self.tr("Everything stays on this machine."))
        for text in (
            versions_line(),
            self.tr("Captioner is free software under the MIT licence. Qt and PySide are used under the LGPL."),
            self.tr("Icons: Phosphor, MIT licence. Attention: Xu et al. 2015, Show, Attend and Tell."),
        ):
            self._add_text(text).setProperty("role", "secondary")
        column.addSpacing(Space.S)
        column.addWidget(self._buttons())

    def _add_text(self, text: str) -> QLabel:
        label = QLabel(text, self, alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setMinimumWidth(380)
        self._column.addWidget(label)
        return label

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        box.rejected.connect(self.reject)
        box.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        copy = QPushButton(icon("copy"), self.tr("Copy versions"), self)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(describe_system()))
        box.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        return box
