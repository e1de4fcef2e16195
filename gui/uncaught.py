"""Errors that nobody caught: they are logged and shown, and the window goes on."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal

_log = logging.getLogger(__name__)


class UncaughtErrors(QObject):
    """Takes the place of Python's own way with uncaught errors, on every thread, until `uninstall`.

    Signals
    -------
    reported(str, str)
        One sentence and the traceback, on the window's thread. An error that repeats itself is told once and logged
        every time.
    """

    reported = Signal(str, str)
    _caught = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._known: set[str] = set()
        self._before = (sys.excepthook, threading.excepthook)
        # Errors of other threads cross over by a queued signal.
        self._caught.connect(self.reported, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Catch from now on; PySide hands the errors of slots to `sys.excepthook`."""
        sys.excepthook = self.take
        threading.excepthook = self._take_from_thread

    def uninstall(self) -> None:
        """Let Python do as before."""
        sys.excepthook, threading.excepthook = self._before

    def take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log an error and tell of it; a keyboard interrupt is passed on."""
        if issubclass(kind, (KeyboardInterrupt, SystemExit)):
            self._before[0](kind, error, trace)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        _log.error("Uncaught error:\n%s", details)
        if details in self._known:
            return
        self._known.add(details)
        sentence = self.tr("Something went wrong in Captioner: {what}. You can go on; Help, Save diagnostics helps us.")
        self._caught.emit(sentence.format(what=f"{kind.__name__} {error}".strip()[:200]), details)

    def _take_from_thread(self, caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None:
            self.take(caught.exc_type, caught.exc_value, caught.exc_traceback)
