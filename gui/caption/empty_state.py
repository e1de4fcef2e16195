"""What the Caption page shows before there is a photograph: one large place to drop some, and samples to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from captioner.file_names import file_name
from gui.covering import draw_covering
from gui.drop_overlay import draw_dashed_frame
from gui.icons import describe, icon
from gui.theme import RADIUS, Space, theme, tokens

if TYPE_CHECKING:
    from gui.thumbnails import Thumbnails

_ICON = 40
_SAMPLE = QSize(112, 84)
_AREA = QSize(560, 260)


class EmptyState(QWidget):
    """An invitation.

    Signals
    -------
    open_wanted(), open_folder_wanted(), paste_wanted()
        A button was pressed.
    sample_chosen(str)
        One of the samples shall be captioned.
    samples_wanted()
        All of them shall be.
    """

    open_wanted = Signal()
    open_folder_wanted = Signal()
    paste_wanted = Signal()
    sample_chosen = Signal(object)
    samples_wanted = Signal()

    def __init__(self, samples: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.samples = [SampleButton(path) for path in samples]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        layout.setSpacing(Space.XL)
        layout.addStretch(2)
        layout.addWidget(self._build_area(), 0, Qt.AlignmentFlag.AlignHCenter)
        if self.samples:
            layout.addLayout(self._build_samples())
        layout.addStretch(3)

    def show_thumbnails(self, thumbnails: Thumbnails) -> None:
        """Show the samples themselves; until then their places are empty."""
        for sample in self.samples:
            sample.show_thumbnail(thumbnails)

    def _build_area(self) -> QWidget:
        area = _DropArea()
        layout = QVBoxLayout(area)
        layout.setContentsMargins(Space.XL, Space.XL, Space.XL, Space.XL)
        layout.setSpacing(Space.S)
        self._mark = QLabel()
        self._mark.setPixmap(icon("image", "accent").pixmap(_ICON))
        theme().changed.connect(self._on_theme_changed)
        heading = QLabel(self.tr("Drop photographs or a folder here"))
        heading.setProperty("role", "heading")
        promise = QLabel(self.tr("They stay on this computer."))
        promise.setProperty("role", "secondary")
        layout.addStretch(1)
        for label in (self._mark, heading, promise):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(label)
        layout.addSpacing(Space.M)
        layout.addLayout(self._build_buttons())
        layout.addStretch(1)
        return area

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addStretch(1)
        self.open_button = self._button(self.tr("Open…"), "primary", self.open_wanted)
        self.open_folder_button = self._button(self.tr("Open folder…"), "", self.open_folder_wanted)
        self.paste_button = self._button(self.tr("Paste"), "", self.paste_wanted)
        for button in (self.open_button, self.open_folder_button, self.paste_button):
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _button(self, text: str, role: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("role", role)
        button.clicked.connect(signal)
        return button

    def _build_samples(self) -> QVBoxLayout:
        title = QLabel(self.tr("Or begin with one of these"))
        title.setProperty("role", "secondary")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addStretch(1)
        for sample in self.samples:
            sample.clicked.connect(lambda _=False, path=sample.path: self.sample_chosen.emit(path))
            row.addWidget(sample)
        row.addStretch(1)
        self.all_button = self._button(self.tr("Caption all of them"), "quiet", self.samples_wanted)
        column = QVBoxLayout()
        column.setSpacing(Space.M)
        column.addWidget(title)
        column.addLayout(row)
        column.addWidget(self.all_button, 0, Qt.AlignmentFlag.AlignHCenter)
        return column

    def _on_theme_changed(self) -> None:
        self._mark.setPixmap(icon("image", "accent").pixmap(_ICON))


class SampleButton(QAbstractButton):
    """A photograph that comes with the program, as a small picture to press."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self._thumbnails: Thumbnails | None = None
        describe(self, self.tr("Caption the sample {name}").format(name=file_name(Path(path))))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme().changed.connect(self.update)

    def show_thumbnail(self, thumbnails: Thumbnails) -> None:
        """Show the picture as soon as it is there."""
        self._thumbnails = thumbnails
        thumbnails.thumbnail_arrived.connect(self._on_thumbnail_arrived)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Of all samples alike, with room for the ring that shows the focus."""
        return _SAMPLE + QSize(2 * Space.XS, 2 * Space.XS)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the picture, and a ring around it under the pointer or with the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = Space.XS
        place = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        shown = self._thumbnails
        pixmap = None if shown is None else shown.pixmap(self.path, self.devicePixelRatio())
        if pixmap is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens().colour("text", 0.06))
            painter.drawRoundedRect(place, RADIUS, RADIUS)
        else:
            draw_covering(painter, place, pixmap, RADIUS)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QPen(tokens().colour("accent", 1.0 if self.hasFocus() else 0.5), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS + 3, RADIUS + 3)
        painter.end()

    def _on_thumbnail_arrived(self, path: str) -> None:
        if path == self.path:
            self.update()


class _DropArea(QFrame):
    def __init__(self) -> None:
        super().__init__()
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return _AREA.expandedTo(super().sizeHint())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_dashed_frame(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1), "text", 1.5, 0.3)
        painter.end()
