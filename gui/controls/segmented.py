"""A few choices side by side, of which one holds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QSizePolicy, QWidget

from gui.theme import RADIUS, FontSize, Space, font, theme, tokens

_INSET = 2


class Segmented(QWidget):
    """Radio buttons drawn as one bar; one stop of the Tab key, the arrows choose.

    Signals
    -------
    chosen(str)
        The key of the choice that the user made; never emitted for `set_chosen`.
    """

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """Take choices as (key, text, tooltip)."""
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self._segments: dict[str, Segment] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_INSET, _INSET, _INSET, _INSET)
        layout.setSpacing(0)
        for key, text, tooltip in choices:
            segment = Segment(text, self)
            segment.setToolTip(tooltip)
            segment.setAccessibleDescription(tooltip)
            # Not toggled: that would also tell of what `set_chosen` does.
            segment.clicked.connect(lambda _=False, key=key: self._on_clicked(key))
            self._group.addButton(segment)
            self._segments[key] = segment
            layout.addWidget(segment, 1)
        self._chosen = ""
        theme().changed.connect(self.update)

    @property
    def value(self) -> str:
        """Key of the choice that holds; empty before the first."""
        return self._chosen

    def set_chosen(self, key: str) -> None:
        """Let this choice hold."""
        self._chosen = key
        self._segments[key].setChecked(True)

    def segment(self, key: str) -> Segment:
        """The button of a choice."""
        return self._segments[key]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens().colour("text", 0.07))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS, RADIUS)

    def _on_clicked(self, key: str) -> None:
        if key != self._chosen:
            self._chosen = key
            self.chosen.emit(key)


class Segment(QRadioButton):
    """One of the choices."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for the text in bold."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.text()) * 11 // 10 + 2 * Space.XS
        return QSize(width, metrics.height() + 2 * Space.XS)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Longer texts are cut with an ellipsis."""
        return QSize(Space.XL, self.sizeHint().height())

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802
        """Whether a press here counts: anywhere does."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the text, on a ground of its own where it holds."""
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        radius = RADIUS - _INSET
        if self.isChecked():
            painter.setPen(QPen(colours.hairline, 1))
            painter.setBrush(colours.colour("text", 0.16) if colours.is_dark else colours.colour("panel"))
            painter.drawRoundedRect(edge, radius, radius)
        if self.hasFocus():
            painter.setPen(QPen(colours.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(edge.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.setFont(font(FontSize.BODY, QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal))
        is_faint = not self.isEnabled()
        painter.setPen(colours.colour("text", 0.4 if is_faint else 1.0 if self.isChecked() else 0.75))
        room = self.width() - Space.XS
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
