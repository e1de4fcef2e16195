"""Makes a whole window take what is dropped on it, and shows while something hovers that it will."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen, QWindow
from PySide6.QtWidgets import QWidget

from gui.icons import icon
from gui.incoming import count_of, is_worth_dropping, read_mime_data
from gui.theme import RADIUS, FontSize, Space, font, theme, tokens

_ICON = 48
_DASHES = (4.0, 4.0)


class DropTarget(QObject):
    """Takes drops for a window, wherever in it they fall.

    What is dragged within the window, and text that is no path, are left to the widgets under the pointer.

    Signals
    -------
    dropped(Incoming)
        Something was dropped.
    """

    dropped = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._handle: QWindow | None = None
        self.overlay = DropOverlay(window)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self._watch_handle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """See drags before any widget does, since a text field would take a file for text."""
        match event.type():
            case QEvent.Type.Show | QEvent.Type.WinIdChange if watched is self._window:
                self._watch_handle()
            case QEvent.Type.Resize if watched is self._window:
                self.overlay.setGeometry(self._window.rect())
            case QEvent.Type.DragEnter if isinstance(event, QDragEnterEvent):
                return self._enter(event)
            case QEvent.Type.DragMove if isinstance(event, QDragMoveEvent) and self.overlay.isVisible():
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                return True
            case QEvent.Type.DragLeave if self.overlay.isVisible():
                self.overlay.hide()
                return True
            case QEvent.Type.Drop if isinstance(event, QDropEvent) and self._is_wanted(event):
                # Also where nothing hovered: what hovers over a busy window may have left by the time it is dropped.
                self._drop(event)
                return True
        return False

    def _watch_handle(self) -> None:
        handle = self._window.windowHandle()
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.installEventFilter(self)

    def _is_wanted(self, event: QDropEvent) -> bool:
        return event.source() is None and is_worth_dropping(event.mimeData())

    def _enter(self, event: QDragEnterEvent) -> bool:
        if not self._is_wanted(event):
            return False
        self.overlay.announce(count_of(event.mimeData()))
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        return True

    def _drop(self, event: QDropEvent) -> None:
        self.overlay.hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(read_mime_data(event.mimeData()))


class DropOverlay(QWidget):
    """Lies over a window while something hovers, and says how many things a drop would add."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._text = ""
        self._count = 0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(window.rect())
        self.hide()
        theme().changed.connect(self.update)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def announce(self, count: int) -> None:
        """Show itself over everything else; ``count`` 0 stands for what cannot be taken."""
        self._count = count
        self._text = self.tr("Drop to add %Ln item(s)", "", count) if count else self.tr("This is not on this computer")
        self.setAccessibleName(self._text)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        """Veil the window; a dashed frame, an icon and the sentence."""
        role = "accent" if self._count else "warning"
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), tokens().colour("ground", 0.94))
        frame = QRectF(self.rect()).adjusted(Space.L, Space.L, -Space.L, -Space.L)
        draw_dashed_frame(painter, frame, role, 2.0)
        text_height = 2 * FontSize.CAPTION
        top = (self.height() - _ICON - Space.M - text_height) // 2
        mark = QRect((self.width() - _ICON) // 2, top, _ICON, _ICON)
        icon("download-simple" if self._count else "prohibit", role).paint(painter, mark)
        painter.setFont(font(FontSize.CAPTION))
        painter.setPen(tokens().colour("text"))
        line = QRect(Space.XL, top + _ICON + Space.M, self.width() - 2 * Space.XL, text_height)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._text)
        painter.end()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """As large as the window."""
        return self._window.size()


def draw_dashed_frame(painter: QPainter, frame: QRectF, role: str, width: float, alpha: float = 1.0) -> None:
    """A rounded frame of dashes around a place where things can be dropped, lightly tinted within."""
    pen = QPen(tokens().colour(role, alpha), width)
    pen.setDashPattern(_DASHES)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(tokens().colour("accent", 0.06) if role == "accent" else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame, RADIUS, RADIUS)
