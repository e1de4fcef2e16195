"""Feeds the worker with the photographs that wait, batch by batch, and writes what it says into the collection."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from captioner.config import DecodingOptions
from captioner.worker.protocol import CaptionImages, Event, Failed, Finished, ImageCaptioned, ImageFailed
from gui.engine_bridge import EngineBridge, Job
from gui.viewmodels.captioning_queue import CaptioningQueue
from gui.viewmodels.image_collection import ImageCollection

IN_FLIGHT = 2
"""Batches that the worker has at a time: one under way, and one so that it never waits for the window."""
LARGEST_BATCH, FIRST_BATCH, SMALLEST_BATCH = 32, 8, 2
PART = 16
"""The worker captions at most so many at once; a batch that leaves a few over keeps it below its best speed."""
_BATCH_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Batch:
    """A job and those of its paths that are not answered yet, in order."""

    job: Job
    paths: dict[str, None]


class CaptioningRunner(QObject):
    """Captions what is in the queue, as long as there is something.

    Attributes
    ----------
    options
        How words are chosen from the next batch on; as the model recommends when None.
    model
        Name of the model for the next batches; the worker's current one when None.

    Signals
    -------
    image_captioned(str)
        The photograph with this path has a new caption.
    stopped(str)
        The worker could caption nothing, and why; the queue is paused and its photographs wait.
    """

    image_captioned = Signal(object)
    stopped = Signal(str)

    def __init__(
        self,
        bridge: EngineBridge,
        collection: ImageCollection,
        queue: CaptioningQueue,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.options: DecodingOptions | None = None
        self.model: str | None = None
        self._bridge, self._collection, self._queue = bridge, collection, queue
        self._batches: dict[int, _Batch] = {}
        # The queue tells of every photograph; one look at it in each turn of the event loop is enough.
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._feed)
        queue.changed.connect(self._on_queue_changed)

    def pause(self) -> None:
        """Stop at once; photographs that were under way come first when it goes on."""
        self._queue.pause()
        self._queue.give_back(self._drop_batches())

    def resume(self) -> None:
        """Go on."""
        self._queue.resume()

    def cancel(self) -> tuple[str, ...]:
        """Stop at once and empty the queue; its photographs are as before, and their paths are returned."""
        left = self._queue.cancel()
        self._drop_batches()
        return left

    def _drop_batches(self) -> list[str]:
        batches, self._batches = self._batches, {}
        for batch in batches.values():
            batch.job.drop()
        return [path for batch in batches.values() for path in batch.paths]

    def _on_queue_changed(self, *_: object) -> None:
        self._timer.start()

    def _feed(self) -> None:
        while len(self._batches) < IN_FLIGHT:
            paths = self._queue.next_batch(self._batch_size())
            if not paths:
                return
            job = self._bridge.submit(CaptionImages, paths=paths, options=self.options, model=self.model)
            self._batches[job.request.job_id] = _Batch(job, dict.fromkeys(paths))
            job.event_received.connect(self._on_event)
            job.ended.connect(self._on_ended)

    def _batch_size(self) -> int:
        """Half a second's work, so that a prioritised photograph never waits long; whole parts where it is many."""
        rate = self._queue.progress.rate
        size = round(rate * _BATCH_SECONDS) if rate else FIRST_BATCH
        if size > PART:
            size = PART * round(size / PART)
        return min(max(size, SMALLEST_BATCH), LARGEST_BATCH)

    def _on_event(self, event: Event) -> None:
        batch = self._batches.get(event.job_id)
        if batch is None:
            return
        match event:
            case ImageCaptioned(path=path, caption=caption):
                self._collection.set_caption(path, caption)
                self.image_captioned.emit(path)
            case ImageFailed(path=path, message=message):
                self._collection.set_failed(path, message)
            case _:
                return
        batch.paths.pop(path, None)
        self._queue.finish(path)

    def _on_ended(self, event: Event) -> None:
        batch = self._batches.pop(event.job_id, None)
        if batch is None:
            return
        match event:
            case Failed(message=message):
                # The next batch would fail for the same reason, a thousand times over.
                self._queue.give_back(batch.paths)
                self.pause()
                self.stopped.emit(message)
            case Finished():
                for path in batch.paths:
                    self._collection.set_failed(path, self.tr("No caption came back. Try again."))
                    self._queue.finish(path)
            case _:
                self._queue.give_back(batch.paths)
        self._timer.start()
