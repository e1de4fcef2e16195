"""A setting that is on or off."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QStyle, QWidget

from gui.theme import Space, theme, tokens

_TRACK = QSize(32, 18)


class Switch(QCheckBox):
    """A check box drawn as a switch: its text at the beginning of the line, the switch at the end."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for text and switch."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.text()) + Space.M + _TRACK.width()
        return QSize(width, max(metrics.height(), _TRACK.height()) + Space.S)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Longer texts are cut with an ellipsis."""
        return QSize(_TRACK.width() + 3 * Space.L, self.sizeHint().height())

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802
        """Whether a press here counts: anywhere does."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw text and switch."""
        colours = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = (self.height() - _TRACK.height()) // 2
        track = QRect(QPoint(self.width() - _TRACK.width() - 2, top), _TRACK)
        text_area = QRect(0, 0, track.left() - Space.S, self.height())
        track, text_area = (QStyle.visualRect(self.layoutDirection(), self.rect(), area) for area in (track, text_area))
        strength = 1.0 if self.isEnabled() else 0.4
        painter.setPen(colours.colour("text", strength))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, text_area.width())
        leading = QStyle.visualAlignment(self.layoutDirection(), Qt.AlignmentFlag.AlignLeft)
        painter.drawText(text_area, leading | Qt.AlignmentFlag.AlignVCenter, text)
        self._paint_track(painter, QRectF(track), strength)

    def _paint_track(self, painter: QPainter, track: QRectF, strength: float) -> None:
        colours, radius = tokens(), track.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        is_on = self.isChecked()
        painter.setBrush(colours.colour("accent", strength) if is_on else colours.colour("text", 0.5 * strength))
        painter.drawRoundedRect(track, radius, radius)
        is_right = is_on is (self.layoutDirection() is Qt.LayoutDirection.LeftToRight)
        side = track.height() - 4
        left = track.right() - 2 - side if is_right else track.left() + 2
        painter.setBrush(colours.colour("panel"))
        painter.drawEllipse(QRectF(left, track.top() + 2, side, side))
        if self.hasFocus():
            painter.setPen(QPen(colours.colour("text" if is_on else "accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(track.adjusted(-1, -1, 1, 1), radius + 1, radius + 1)
