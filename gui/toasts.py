"""Short notes at the bottom of the window that come and go by themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, QPoint, QPropertyAnimation, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QEnterEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from gui.icons import describe, icon
from gui.theme import OVERLAY_MILLISECONDS, Space, is_motion_reduced

SHORTEST_MILLISECONDS, PER_CHARACTER_MILLISECONDS = 3000, 60
WITH_ACTION_MILLISECONDS = 8000
MAX_WAITING = 4
MAX_WIDTH = 640


class ToastKind(StrEnum):
    """What a note is about."""

    INFO = "info"
    DONE = "done"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Toast:
    """A note: a sentence, its kind, and perhaps one thing that can be done about it."""

    text: str
    kind: ToastKind = ToastKind.INFO
    action: tuple[str, Callable[[], object]] | None = None

    @property
    def milliseconds(self) -> int:
        """How long it can be read."""
        shortest = WITH_ACTION_MILLISECONDS if self.action or self.kind is ToastKind.ERROR else SHORTEST_MILLISECONDS
        return max(shortest, PER_CHARACTER_MILLISECONDS * len(self.text))


_ICONS = {
    ToastKind.INFO: ("info", "accent"),
    ToastKind.DONE: ("check-circle", "done"),
    ToastKind.WARNING: ("warning", "warning"),
    ToastKind.ERROR: ("warning-circle", "error"),
}


class Toasts(QObject):
    """Shows one note at a time at the bottom of ``host``, centred; the others wait.

    A note never takes the focus, is told to screen readers, stays while the pointer is on it, and is not repeated while
    the same one is shown or waits. Where too many wait, the oldest of them is dropped.
    """

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._waiting: deque[Toast] = deque(maxlen=MAX_WAITING)
        self._card: ToastCard | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.dismiss)
        host.installEventFilter(self)

    @property
    def shown(self) -> Toast | None:
        """The note that can be seen."""
        return None if self._card is None else self._card.toast

    def show(
        self,
        text: str,
        kind: ToastKind = ToastKind.INFO,
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Show a note, now or when those before it have gone.

        Parameters
        ----------
        text
            A sentence, plain.
        action
            Label and callback of a button.
        """
        toast = Toast(text, ToastKind(kind), action)
        known = [*self._waiting, *([self._card.toast] if self._card else [])]
        if any((other.text, other.kind) == (toast.text, toast.kind) for other in known):
            return
        self._waiting.append(toast)
        if self._card is None:
            self._show_next()

    def dismiss(self) -> None:
        """Take the note away and show the next."""
        self._timer.stop()
        if self._card is not None:
            self._card.hide()
            self._card.deleteLater()
            self._card = None
        self._show_next()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the size of the host."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest) and self._card is not None:
            self._place()
        return super().eventFilter(watched, event)

    def hold(self, is_held: bool) -> None:
        """Let the note stay while somebody points at it."""
        if is_held:
            self._timer.stop()
        elif self._card is not None:
            self._timer.start(self._card.toast.milliseconds)

    def _show_next(self) -> None:
        if not self._waiting:
            return
        toast = self._waiting.popleft()
        self._card = ToastCard(toast, self, self._host)
        self._place()
        self._card.appear()
        self._timer.start(toast.milliseconds)
        announcement = QAccessibleAnnouncementEvent(self._card, toast.text)
        if toast.kind in (ToastKind.WARNING, ToastKind.ERROR):
            announcement.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(announcement)

    def _place(self) -> None:
        if self._card is None:
            return
        room = self._host.rect()
        size = self._card.size_within(min(MAX_WIDTH, room.width() - 2 * Space.L))
        left, top = (room.width() - size.width()) // 2, room.height() - size.height() - Space.XL
        self._card.setGeometry(QRect(QPoint(left, top), size))
        self._card.raise_()


class ToastCard(QFrame):
    """What a note looks like."""

    def __init__(self, toast: Toast, toasts: Toasts, host: QWidget) -> None:
        super().__init__(host)
        self.toast = toast
        self._toasts = toasts
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAccessibleName(toast.text)
        self._build_layout()

    def size_within(self, width: int) -> QSize:
        """As wide as the text in one line, or ``width`` and as high as its lines need."""
        others = self._row.sizeHint().width() - self._label.sizeHint().width()
        one_line = self._label.fontMetrics().horizontalAdvance(self.toast.text) + others + Space.XS
        width = min(one_line, width)
        return QSize(width, max(self._row.totalHeightForWidth(width), self._row.minimumSize().height()))

    def appear(self) -> None:
        """Become visible, slowly unless the system asks for no motion."""
        self.show()
        if is_motion_reduced():
            return
        effect = QGraphicsOpacityEffect(self, opacity=0.0)
        self.setGraphicsEffect(effect)
        animation = QPropertyAnimation(effect, b"opacity", self)
        animation.setDuration(OVERLAY_MILLISECONDS)
        animation.setEndValue(1.0)
        # An effect that stays would draw the text blurred on some screens.
        animation.finished.connect(lambda: self.setGraphicsEffect(None))  # type: ignore[arg-type]
        animation.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Stay while the pointer is here."""
        self._toasts.hold(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Go after a while."""
        self._toasts.hold(False)
        super().leaveEvent(event)

    def _build_layout(self) -> None:
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, Space.S, Space.S, Space.S)
        row.setSpacing(Space.M)
        mark = QLabel(self)
        mark.setPixmap(icon(*_ICONS[self.toast.kind]).pixmap(QSize(18, 18), self.devicePixelRatioF()))
        row.addWidget(mark, alignment=Qt.AlignmentFlag.AlignVCenter)
        self._label = self._text()
        row.addWidget(self._label, stretch=1)
        if self.toast.action is not None:
            label, callback = self.toast.action
            button = QPushButton(label, self)
            button.clicked.connect(lambda: self._run(callback))
            row.addWidget(button)
        close = QToolButton(self)
        close.setIcon(icon("x"))
        close.setProperty("role", "quiet")
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        describe(close, self.tr("Close this note"))
        close.clicked.connect(self._toasts.dismiss)
        row.addWidget(close)

    def _text(self) -> QLabel:
        text = QLabel(self.toast.text, self)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        return text

    def _run(self, callback: Callable[[], object]) -> None:
        self._toasts.dismiss()
        callback()
