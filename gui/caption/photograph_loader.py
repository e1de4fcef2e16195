"""Asks the worker for the pixels of the photograph that is looked at, and keeps the last few."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QObject, Signal

from captioner.worker.protocol import Event, Failed, ImageFailed, OpenPhotograph, PhotographOpened
from gui.engine_bridge import EngineBridge, Job

SIDE = 1600
"""Longest side in pixels of what is shown at first: enough for most windows, 6 MB instead of the 36 of a camera."""
KEPT = 2


class PhotographLoader(QObject):
    """Opens one photograph at a time; a later wish replaces an earlier one.

    Signals
    -------
    opened(PhotographOpened)
        The photograph that was asked for last, at most `SIDE` pixels long.
    sharpened(PhotographOpened)
        The same with all its pixels, after `sharpen`.
    failed(str, str)
        Path and a sentence.
    """

    opened = Signal(object)
    sharpened = Signal(object)
    failed = Signal(object, str)  # not str: a path that is no text would lose bytes on its way through Qt

    def __init__(self, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._kept: OrderedDict[str, PhotographOpened] = OrderedDict()
        self._job: Job | None = None
        self._path = ""

    def open(self, path: str) -> None:
        """Show this photograph next; `opened` or `failed` tells how it went."""
        self._drop()
        self._path = path
        found = self._kept.get(path)
        if found is None:
            self._ask(SIDE)
        else:
            self._kept.move_to_end(path)
            self.opened.emit(found)

    def sharpen(self) -> None:
        """Fetch all pixels of the present photograph, for a close look."""
        shown = self._kept.get(self._path)
        if self._job is None and shown is not None and max(shown.width, shown.height) > SIDE:
            self._ask(0)

    def forget(self, path: str | None = None) -> None:
        """Drop what is kept of a photograph, or of all, and whatever is under way."""
        if path is None:
            self._kept.clear()
        else:
            self._kept.pop(path, None)
        if path in (None, self._path):
            self._drop()
            self._path = ""

    def _drop(self) -> None:
        if self._job is not None:
            self._job.drop()
            self._job = None

    def _ask(self, side: int) -> None:
        self._job = self._bridge.submit(OpenPhotograph, path=self._path, side=side)
        self._job.event_received.connect(self._on_event)
        self._job.ended.connect(self._on_ended)

    def _on_event(self, event: Event) -> None:
        match event:
            case PhotographOpened() if self._job is not None and self._job.request.side == 0:  # type: ignore[attr-defined]
                self.sharpened.emit(event)
            case PhotographOpened():
                self._kept[event.path] = event
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
                self.opened.emit(event)
            case ImageFailed(path=path, message=message):
                self.failed.emit(path, message)

    def _on_ended(self, event: Event) -> None:
        if self._job is None or event.job_id != self._job.request.job_id:
            return
        self._job = None
        if isinstance(event, Failed):
            self.failed.emit(self._path, event.message)
