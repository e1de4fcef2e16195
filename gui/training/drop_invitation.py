"""What the Train page shows before there is anything: one large place to drop a data set, and what can be dropped."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.drop_overlay import draw_dashed_frame
from gui.icons import icon
from gui.library.fact_widgets import label
from gui.theme import Space, theme

_ICON, _WIDTH = 40, 460


class DropInvitation(QWidget):
    """An invitation.

    Signals
    -------
    files_wanted(), folder_wanted()
        A button was pressed.
    """

    files_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        area = _Area()
        area.setMaximumWidth(_WIDTH)
        area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout()
        row.addWidget(area, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.XL, Space.L, Space.XL, Space.L)
        column.addStretch(2)
        column.addLayout(row)
        column.addStretch(3)
        self._fill(area)
        theme().changed.connect(self._show_mark)
        self._show_mark()

    def set_told(self, heading: str, sentence: str) -> None:
        """Say this, where something was dropped already; with an empty heading, invite to drop a data set."""
        self.heading.setText(heading or self.tr("Drop a data set here"))
        self._told.setText(sentence if heading else self._invitation)

    def _fill(self, area: QWidget) -> None:
        self._mark = QLabel()
        self._invitation = self.tr(
            "A folder of photographs with a file of captions (Karpathy, COCO, Flickr and others), or features with "
            "captions."
        )
        self.heading, self._told = label("", "heading", wraps=True), label("", wraps=True)
        self.set_told("", "")
        promise = label(self.tr("Everything stays on this computer."), "secondary", wraps=True)
        self.files_button = QPushButton(self.tr("Choose files…"))
        self.folder_button = QPushButton(self.tr("Choose a folder…"))
        self.files_button.clicked.connect(self.files_wanted)
        self.folder_button.clicked.connect(self.folder_wanted)
        column = QVBoxLayout(area)
        column.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        column.setSpacing(Space.S)
        for text in (self._mark, self.heading, self._told, promise):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(text)
        column.addSpacing(Space.S)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addStretch(1)
        row.addWidget(self.files_button)
        row.addWidget(self.folder_button)
        row.addStretch(1)
        column.addLayout(row)

    def _show_mark(self) -> None:
        self._mark.setPixmap(icon("graduation-cap", "accent").pixmap(_ICON))


class _Area(QWidget):
    """A place with a dashed line around it."""

    def __init__(self) -> None:
        super().__init__()
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_dashed_frame(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), "text", 1.5, 0.3)
        painter.end()
