"""SIGINT and SIGTERM close the window as its owner would."""

from __future__ import annotations

import contextlib
import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal

_WATCHED = (signal.SIGINT, signal.SIGTERM)


class QuitSignals(QObject):
    """Listens for the signals that ask a program to end, until `close`.

    Signals
    -------
    quit_wanted()
        Somebody pressed Ctrl-C in the terminal, or the system is shutting down.
    """

    quit_wanted = Signal()
    _caught = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Python runs its handlers between two steps of Python, and Qt's loop takes none: a byte on a socket wakes it.
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._wakeup_before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)
        # A handler may run in the middle of a painting, where no window can be closed.
        self._caught.connect(self.quit_wanted, Qt.ConnectionType.QueuedConnection)
        self._handlers_before = {number: signal.signal(number, self._on_signal) for number in _WATCHED}

    def close(self) -> None:
        """Put back what was there before."""
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def _on_woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._reader.recv(64)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._caught.emit()
