"""The strip at the top: menus, pages, and what the worker is up to."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenuBar, QSizePolicy, QVBoxLayout, QWidget

from gui.page_switcher import PageSwitcher
from gui.theme import Space, theme
from gui.worker_indicator import WorkerIndicator

ICON_SIZE = QSize(20, 20)


class Header(QWidget):
    """Icon, `menu_bar`, `switcher` and `indicator` side by side, over a hairline."""

    def __init__(self, program_icon: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.menu_bar = QMenuBar(self)
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.switcher = PageSwitcher(self)
        self.indicator = WorkerIndicator(self)
        self._mark = QLabel(self)
        self._program_icon = program_icon
        self._build_layout()
        theme().changed.connect(self._draw_mark)
        self._draw_mark()

    def _build_layout(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(Space.M, Space.XS, Space.S, Space.XS)
        row.setSpacing(Space.S)
        row.addWidget(self._mark)
        row.addWidget(self.menu_bar)
        row.addStretch(1)
        row.addWidget(self.switcher)
        row.addWidget(self.indicator)
        line = QFrame(self)
        line.setProperty("role", "hairline")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(line)

    def _draw_mark(self) -> None:
        self._mark.setPixmap(self._program_icon.pixmap(ICON_SIZE, self.devicePixelRatioF()))
