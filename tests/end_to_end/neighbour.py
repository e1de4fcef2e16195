"""Another program on the same screen: drags files onto a place, looks until it has a colour, and has something copied.

Pointer and keys are those of the X server, so that nothing tells them from a user's. Prints what is on the clipboard
in the end.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import QColor, QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

AREA = QRect(0, 0, 120, 90)
STEPS = 12
_XK_CONTROL, _XK_C = 0xFFE3, 0x63
_REVERT_TO_PARENT, _CURRENT_TIME = 2, 0


class Hands:
    """Pointer and keyboard of the display, moved by its XTEST extension."""

    def __init__(self) -> None:
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XDefaultRootWindow.restype = ctypes.c_ulong
        self._x.XKeysymToKeycode.restype = ctypes.c_ubyte
        self._display = ctypes.c_void_p(self._x.XOpenDisplay(os.environ["DISPLAY"].encode()))

    def move(self, place: QPoint) -> None:
        """Move the pointer."""
        self._test.XTestFakeMotionEvent(self._display, -1, place.x(), place.y(), 0)
        self._x.XFlush(self._display)

    def hold(self, is_down: bool) -> None:
        """Press the left button, or let it go."""
        self._test.XTestFakeButtonEvent(self._display, 1, is_down, 0)
        self._x.XFlush(self._display)

    def press_copy(self) -> None:
        """Press Ctrl+C in the window under the pointer."""
        self._x.XSetInputFocus(self._display, self._window_under_pointer(), _REVERT_TO_PARENT, _CURRENT_TIME)
        for key, is_down in ((_XK_CONTROL, 1), (_XK_C, 1), (_XK_C, 0), (_XK_CONTROL, 0)):
            code = self._x.XKeysymToKeycode(self._display, ctypes.c_ulong(key))
            self._test.XTestFakeKeyEvent(self._display, code, is_down, 0)
        self._x.XFlush(self._display)

    def _window_under_pointer(self) -> ctypes.c_ulong:
        root, child = ctypes.c_ulong(), ctypes.c_ulong()
        numbers, mask = [ctypes.c_int() for _ in range(4)], ctypes.c_uint()
        window = ctypes.c_ulong(self._x.XDefaultRootWindow(self._display))
        places = map(ctypes.byref, (root, child, *numbers, mask))
        self._x.XQueryPointer(self._display, window, *places)
        return child


class Source(QWidget):
    """A corner of the screen from which files can be dragged."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__(None, Qt.WindowType.X11BypassWindowManagerHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setGeometry(AREA)
        self._paths = paths
        self.was_dropped = False

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Drag until the button is let go; whatever happens meanwhile goes on."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in self._paths])
        drag = QDrag(self)
        drag.setMimeData(data)
        self.was_dropped |= drag.exec(Qt.DropAction.CopyAction) is Qt.DropAction.CopyAction


def act(source: Source, target: QPoint, colour: QColor) -> Iterator[int]:
    """Drag, look, copy, tell; yields milliseconds to wait before it goes on."""
    hands, clipboard = Hands(), QApplication.clipboard()
    start = AREA.center()
    while not source.was_dropped:
        hands.move(start)
        yield 100
        hands.hold(True)
        yield 100
        for step in range(STEPS + 1):
            hands.move(start + (target - start) * step / STEPS)
            yield 20
        yield 100
        hands.hold(False)
        yield 300
    while source.screen().grabWindow(0, target.x(), target.y(), 1, 1).toImage().pixelColor(0, 0) != colour:
        yield 50
    while not clipboard.text():
        hands.press_copy()
        yield 200
    sys.stdout.write(clipboard.text())


def main() -> None:
    """``neighbour.py X Y COLOUR PATH...``"""
    application = QApplication(sys.argv[:1])
    x, y, colour, *paths = sys.argv[1:]
    source = Source(paths)
    source.show()
    script = act(source, QPoint(int(x), int(y)), QColor(colour))

    def go_on() -> None:
        pause = next(script, None)
        if pause is None:
            application.quit()
        else:
            QTimer.singleShot(pause, go_on)

    go_on()
    application.exec()


if __name__ == "__main__":
    main()
