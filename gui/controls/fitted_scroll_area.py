"""A scroll area no taller than what it shows, up to a limit."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class FittedScrollArea(QScrollArea):
    """Shows a widget whole where it is at most ``most_height`` pixels tall, and scrolls it where it is taller."""

    def __init__(self, content: QWidget, most_height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content, self._most_height = content, most_height
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setWidget(content)
        content.installEventFilter(self)
        self.fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Fit again when the content wants another size."""
        if watched is self._content and event.type() is QEvent.Type.LayoutRequest:
            self.fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit again, as other widths break other lines."""
        super().resizeEvent(event)
        self.fit()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As tall as the content, up to the limit."""
        return QSize(super().sizeHint().width(), self.height())

    def set_most_height(self, most_height: int) -> None:
        """Scroll from another height on."""
        self._most_height = most_height
        self.fit()

    def fit(self) -> None:
        """Take the height of the content; done by itself while the area is visible."""
        content = self._content
        # Of the area rather than of the viewport, whose width depends on the bar that this height brings or takes.
        height = content.heightForWidth(self.width()) if content.hasHeightForWidth() else content.sizeHint().height()
        self.setFixedHeight(min(max(height, 0), self._most_height))
