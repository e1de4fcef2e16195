"""A titled part of the side panel."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.theme import FontSize, Space, font

HEADER_HEIGHT = 28


class Section(QWidget):
    """A quiet title, something small at its right if wanted, and `body` below for what it is about."""

    def __init__(self, title: str, trailing: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.L, Space.S, Space.L, Space.L)
        outer.setSpacing(Space.XS)
        outer.addLayout(_header(title, trailing))
        self.body = QVBoxLayout()
        self.body.setSpacing(Space.M)
        outer.addLayout(self.body)


def _header(title: str, trailing: QWidget | None) -> QHBoxLayout:
    label = QLabel(title)
    label.setProperty("role", "section")
    type_face = font(FontSize.SECONDARY, QFont.Weight.DemiBold)
    # The type sheet knows no capitals; the text itself stays as it is for screen readers.
    type_face.setCapitalization(QFont.Capitalization.AllUppercase)
    type_face.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.6)
    label.setFont(type_face)
    label.setMinimumHeight(HEADER_HEIGHT)
    row = QHBoxLayout()
    row.setSpacing(Space.S)
    row.addWidget(label, 1, Qt.AlignmentFlag.AlignVCenter)
    if trailing is not None:
        row.addWidget(trailing, 0, Qt.AlignmentFlag.AlignVCenter)
    return row
