"""Brings pyqtgraph in while the window goes on: importing it takes longer than a window may stand still."""

from __future__ import annotations

import contextlib
import importlib
import threading

from PySide6.QtCore import QObject, Qt, Signal


class ChartLoader(QObject):
    """Imports pyqtgraph on a thread of its own.

    Signals
    -------
    ready()
        It can be used now.
    failed(str)
        It cannot; the reason.
    """

    ready = Signal()
    failed = Signal(str)
    _ended = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_started = False
        # Queued, so that whoever listens is told on the window's thread.
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin, unless it was begun before."""
        if not self._is_started:
            self._is_started = True
            threading.Thread(target=self._import, name="charts", daemon=True).start()

    def _import(self) -> None:
        reason = ""
        try:
            importlib.import_module("pyqtgraph")
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        # The window may have been closed meanwhile.
        with contextlib.suppress(RuntimeError):
            self._ended.emit(reason)

    def _on_ended(self, reason: str) -> None:
        if reason:
            self.failed.emit(reason)
        else:
            self.ready.emit()
