"""Widgets one after the other, like words on a page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QWidget


class Flow(QWidget):
    """Lines of widgets, each as wide as it wants to be, never wider than a line.

    Lines run from right to left where the language does.
    """

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 4) -> None:
        super().__init__(parent)
        self._widgets: tuple[QWidget, ...] = ()
        self._spacing = spacing
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Place these children of the flow, in this order."""
        self._widgets = tuple(widgets)
        self._arrange()
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Narrower lines are more lines."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Of all lines."""
        return max((place.bottom() + 1 for place in self._places(width)), default=0)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as it is, and as tall as that makes it."""
        return QSize(self.width(), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As narrow as its widest widget can get."""
        return QSize(max((widget.minimumSizeHint().width() for widget in self._widgets), default=0), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Break the lines anew."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Break the lines anew when a widget wants another size or the direction changes."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.LayoutDirectionChange):
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        for widget, place in zip(self._widgets, self._places(self.width()), strict=True):
            widget.setGeometry(QStyle.visualRect(self.layoutDirection(), self.rect(), place))

    def _places(self, width: int) -> list[QRect]:
        """Where each widget stands in lines of this width that run from left to right."""
        places: list[QRect] = []
        x = y = line_height = 0
        for widget in self._widgets:
            size = widget.sizeHint()
            size.setWidth(min(size.width(), max(width, widget.minimumSizeHint().width())))
            if x > 0 and x + size.width() > width:
                x, y, line_height = 0, y + line_height + self._spacing, 0
            places.append(QRect(QPoint(x, y), size))
            x += size.width() + self._spacing
            line_height = max(line_height, size.height())
        return places
