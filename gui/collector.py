"""Brings the photographs that the worker finds in files and folders into the collection, a few at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal

from captioner.worker.protocol import Event, Failed, FindImages, FoundImage, ImagesFound, PathRefused
from gui.engine_bridge import EngineBridge, Job
from gui.viewmodels.image_collection import ImageCollection

CHUNK = 200
"""Photographs that are added in one turn of the event loop."""
TOLD_ONE_BY_ONE = 3


@dataclass(slots=True, eq=False)
class _Search:
    """One request: what it found and is not in the collection yet, what was new, and what was there before."""

    job: Job
    pending: deque[FoundImage] = field(default_factory=deque)
    new: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    is_ended: bool = False


class Collector(QObject):
    """Finds photographs and adds them to the collection; several searches may go on at a time.

    Signals
    -------
    found(int)
        So many photographs have been found by a search that still goes on.
    refused(str)
        A sentence about something that is no photograph; many of them are told as one.
    finished(int, list[str])
        A search is over: how many photographs are new, and their paths; if none is new, those that were found.
    """

    found = Signal(int)
    refused = Signal(str)
    finished = Signal(int, object)

    def __init__(self, bridge: EngineBridge, collection: ImageCollection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._collection = bridge, collection
        self._searches: dict[int, _Search] = {}
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._add_chunk)

    @property
    def is_searching(self) -> bool:
        """Whether a search goes on."""
        return bool(self._searches)

    def add(self, paths: Sequence[str]) -> None:
        """Look for photographs in these files and folders and add them."""
        if not paths:
            return
        job = self._bridge.submit(FindImages, paths=tuple(paths))
        self._searches[job.request.job_id] = _Search(job)
        job.event_received.connect(self._on_event)
        job.ended.connect(self._on_ended)

    def cancel(self) -> None:
        """End all searches; what has been added stays."""
        for search in list(self._searches.values()):
            search.pending.clear()
            search.job.drop()

    def _on_event(self, event: Event) -> None:
        search = self._searches.get(event.job_id)
        match event:
            case ImagesFound(images=images) if search is not None:
                search.pending.extend(images)
                self._timer.start()
            case PathRefused(message=message) if search is not None:
                search.refusals.append(message)

    def _on_ended(self, event: Event) -> None:
        search = self._searches.get(event.job_id)
        if search is None:
            return
        if isinstance(event, Failed):
            search.refusals.append(event.message)
        search.is_ended = True
        self._timer.start()

    def _add_chunk(self) -> None:
        search = next((search for search in self._searches.values() if search.pending or search.is_ended), None)
        if search is None:
            self._timer.stop()
            return
        if search.pending:
            chunk = [search.pending.popleft() for _ in range(min(CHUNK, len(search.pending)))]
            added = {image.path for image in self._collection.add(chunk)}
            for image in chunk:
                (search.new if image.path in added else search.known).append(image.path)
            self.found.emit(len(search.new) + len(search.known))
        if search.is_ended and not search.pending:
            self._finish(search)

    def _finish(self, search: _Search) -> None:
        del self._searches[search.job.request.job_id]
        for message in search.refusals[:TOLD_ONE_BY_ONE]:
            self.refused.emit(message)
        untold = len(search.refusals) - TOLD_ONE_BY_ONE
        if untold > 0:
            self.refused.emit(self.tr("%Ln more file(s) were left out.", "", untold))
        self.finished.emit(len(search.new), search.new or search.known)
