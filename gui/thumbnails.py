"""Small pictures of the photographs on the screen: asked of the worker, newest wish first, and kept within bounds."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPixmap

from captioner.worker.protocol import Event, Failed, ImageFailed, MakeThumbnails, ThumbnailMade
from gui.engine_bridge import EngineBridge, Job

SIDE = 128
"""Longest side of a small picture, in logical pixels."""
CACHE_BYTES = 16_000_000
"""Some thirty screens of the list; the worker has the others on the disk."""
_BATCH_SIZE = 6
_IN_FLIGHT = 2
_REMEMBERED = 64
"""About as many as can be on the screen at a time; older wishes are forgotten, whoever is still there asks again."""
_GATHER_MILLISECONDS = 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Batch:
    """A job, the device pixels per logical pixel that it was asked for, and the paths that are not answered yet."""

    job: Job
    ratio: float
    paths: set[str]


class Thumbnails(QObject):
    """Small pictures by path.

    Signals
    -------
    thumbnail_arrived(str)
        There is a picture of this path now, or it is known that there is none.
    """

    # Not Signal(str): on its way through Qt's strings, a path that is not text would lose the bytes that are not.
    thumbnail_arrived = Signal(object)

    def __init__(self, bridge: EngineBridge, parent: QObject | None = None, *, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._kept: OrderedDict[str, QPixmap] = OrderedDict()
        self._kept_bytes, self._cache_bytes = 0, cache_bytes
        self._broken: set[str] = set()
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._batches: dict[int, _Batch] = {}
        self._ratio = 1.0
        self._timer = QTimer(self, singleShot=True, interval=_GATHER_MILLISECONDS)
        self._timer.timeout.connect(self._ask)

    def pixmap(self, path: str, ratio: float = 0.0) -> QPixmap | None:
        """The picture of a path; None where there is none yet, and then it is asked for.

        Parameters
        ----------
        ratio
            Device pixels per logical pixel; the finest screen's when 0. A coarser picture is returned until the finer
            one has arrived.
        """
        self._ratio = max(self._ratio, ratio or _finest_ratio())
        found = self._kept.get(path)
        if found is not None:
            self._kept.move_to_end(path)
        if (found is None or found.devicePixelRatio() < self._ratio) and path not in self._broken:
            self._want(path)
        return found

    def is_broken(self, path: str) -> bool:
        """Whether the worker could not make a picture of it."""
        return path in self._broken

    def forget(self, path: str) -> None:
        """Ask the worker anew when the picture of this path is needed again."""
        self._broken.discard(path)
        self._wanted.pop(path, None)
        found = self._kept.pop(path, None)
        if found is not None:
            self._kept_bytes -= _bytes_of(found)

    # Asking

    def _want(self, path: str) -> None:
        self._wanted[path] = None
        self._wanted.move_to_end(path)
        while len(self._wanted) > _REMEMBERED:
            self._wanted.popitem(last=False)
        if not self._timer.isActive():
            self._timer.start()

    def _ask(self) -> None:
        self._drop_stale()
        while len(self._batches) < _IN_FLIGHT:
            asked = set().union(*(batch.paths for batch in self._batches.values()))
            paths = tuple(path for path in reversed(self._wanted) if path not in asked)[:_BATCH_SIZE]
            if not paths:
                return
            job = self._bridge.submit(MakeThumbnails, paths=paths, side=round(SIDE * self._ratio))
            self._batches[job.request.job_id] = _Batch(job, self._ratio, set(paths))
            job.event_received.connect(self._on_event)
            job.ended.connect(self._on_ended)

    def _drop_stale(self) -> None:
        for job_id, batch in list(self._batches.items()):
            if not any(path in self._wanted for path in batch.paths):
                del self._batches[job_id]
                batch.job.drop()

    # Answers

    def _on_event(self, event: Event) -> None:
        batch = self._batches.get(event.job_id)
        if batch is None:
            return
        match event:
            case ThumbnailMade(path=path, pixels=pixels):
                self._keep(path, _to_pixmap(pixels, batch.ratio))
            case ImageFailed(path=path):
                self._broken.add(path)
            case _:
                return
        self._wanted.pop(path, None)
        batch.paths.discard(path)
        self.thumbnail_arrived.emit(path)

    def _on_ended(self, event: Event) -> None:
        batch = self._batches.pop(event.job_id, None)
        if batch is not None:
            # What was left unanswered is asked for again when it is painted again, so a broken worker causes no loop.
            for path in batch.paths:
                self._wanted.pop(path, None)
        if isinstance(event, Failed):
            _log.warning("Thumbnails could not be made: %s", event.message)
        self._ask()

    def _keep(self, path: str, pixmap: QPixmap) -> None:
        self.forget(path)
        self._kept[path] = pixmap
        self._kept_bytes += _bytes_of(pixmap)
        while self._kept_bytes > self._cache_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= _bytes_of(oldest)


def _to_pixmap(pixels: NDArray[np.uint8], ratio: float) -> QPixmap:
    pixels = np.ascontiguousarray(pixels)
    height, width, _ = pixels.shape
    pixmap = QPixmap.fromImage(QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _bytes_of(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4


def _finest_ratio() -> float:
    application = QGuiApplication.instance()
    return application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0
