"""Sliders, numbers and menus that a wheel passes over, so that scrolling a panel changes no setting."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QStyle, QWidget

from gui.icons import icon
from gui.theme import Space

SLIDER_HEIGHT = 20
_CARET = 12
_NO_BUTTONS = "QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0px; border: none; }"


class CalmSlider(QSlider):
    """A horizontal slider, moved by dragging and by keys."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFixedHeight(SLIDER_HEIGHT)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave it to what scrolls."""
        event.ignore()


class CalmNumber(QDoubleSpinBox):
    """A number, typed or stepped by keys; a number being typed is not taken before Enter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Asked for no buttons, Qt gives a styled field no width (as of 6.11); buttons of no width do no harm.
        self.setStyleSheet(_NO_BUTTONS)
        self.lineEdit().setTextMargins(Space.S, 0, Space.S, 0)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave it to what scrolls."""
        event.ignore()


class CalmChoice(QComboBox):
    """A menu of choices; its longest one never makes a panel wider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave it to what scrolls."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the choice, and a sign that there are others."""
        super().paintEvent(event)
        place = QRect(self.width() - _CARET - Space.S, (self.height() - _CARET) // 2, _CARET, _CARET)
        painter = QPainter(self)
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        caret = QStyle.visualRect(self.layoutDirection(), self.rect(), place)
        icon("caret-down").paint(painter, caret, Qt.AlignmentFlag.AlignCenter, mode)
