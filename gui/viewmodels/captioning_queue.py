"""Which photographs are to be captioned next, and how fast that goes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from psygnal import Signal

from gui.viewmodels.image_collection import ImageCollection, ImageState
from gui.viewmodels.pace import Pace

BATCH_SIZE = 16


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; a run begins with the first image after the queue was empty.

    Attributes
    ----------
    done, total, failed
        Images dealt with, failed ones among them; all images of the run; those that failed.
    rate
        Images per second over the last seconds; 0 when that is not known.
    eta
        Seconds until all is done; None when that is not known.
    is_running
        Whether anything is left to do, paused or not.
    is_paused
        Whether nothing new is begun.
    """

    done: int = 0
    total: int = 0
    failed: int = 0
    rate: float = 0.0
    eta: float | None = None
    is_running: bool = False
    is_paused: bool = False


class CaptioningQueue:
    """The photographs that are to be captioned, in order.

    Parameters
    ----------
    collection
        Where they are; an image that is taken out of it leaves the queue.
    clock
        Seconds from any origin.

    Signals
    -------
    changed(Progress)
        There is more or less to do, or it goes on or stops.
    """

    changed = Signal(Progress)

    def __init__(self, collection: ImageCollection, clock: Callable[[], float] = time.monotonic) -> None:
        self._collection = collection
        self._waiting: OrderedDict[str, None] = OrderedDict()
        self._in_flight: dict[str, None] = {}
        self._done = self._failed = 0
        self._is_paused = False
        self._pace = Pace(clock)
        collection.paths_removed.connect(self._on_paths_removed)

    @property
    def progress(self) -> Progress:
        """How far the run is."""
        left = len(self._waiting) + len(self._in_flight)
        rate = 0.0 if self._is_paused or not left else self._pace.rate
        return Progress(
            done=self._done,
            total=self._done + left,
            failed=self._failed,
            rate=rate,
            eta=left / rate if rate else None,
            is_running=left > 0,
            is_paused=self._is_paused,
        )

    def enqueue(self, paths: Iterable[str]) -> None:
        """Caption these after all others, whatever is said of them already; until then they wait.

        Those that wait or are under way already are left where they are.
        """
        new = [path for path in paths if path in self._collection and not self._has(path)]
        if not new:
            return
        self._begin_run_if_idle()
        self._waiting.update(dict.fromkeys(new))
        for path in new:
            self._collection.set_state(path, ImageState.WAITING)
        self._tell()

    def start_all_waiting(self) -> None:
        """Caption every image that has no caption yet and has not failed."""
        self.enqueue([image.path for image in self._collection if image.state is ImageState.WAITING])

    def prioritise(self, path: str) -> None:
        """Caption this one next, if it is to be captioned at all."""
        if path in self._waiting:
            self._waiting.move_to_end(path, last=False)

    def next_batch(self, size: int = BATCH_SIZE) -> tuple[str, ...]:
        """Take the next images, at most ``size``, to be captioned now; none while paused.

        An image that has got a caption meanwhile, by hand or otherwise, is passed over, so that nothing is lost.
        """
        batch: dict[str, None] = {}
        is_any_passed_over = False
        while self._waiting and len(batch) < size and not self._is_paused:
            path, _ = self._waiting.popitem(last=False)
            if self._state_of(path) is ImageState.WAITING:
                batch[path] = None
            else:
                is_any_passed_over = True
        self._in_flight.update(batch)
        for path in batch:
            self._collection.set_state(path, ImageState.CAPTIONING)
        if is_any_passed_over:
            self._tell()
        return tuple(batch)

    def finish(self, path: str) -> None:
        """Count an image as dealt with; the collection has been told its caption or failure before."""
        if path not in self._in_flight:
            return
        del self._in_flight[path]
        self._done += 1
        self._failed += self._state_of(path) is ImageState.FAILED
        self._pace.count()
        self._tell()

    def give_back(self, paths: Iterable[str]) -> None:
        """Take back images that were handed out and not dealt with; they come first again, in this order."""
        returned = [path for path in paths if path in self._in_flight]
        for path in reversed(returned):
            del self._in_flight[path]
            self._waiting[path] = None
            self._waiting.move_to_end(path, last=False)
        for path in returned:
            if self._state_of(path) is ImageState.CAPTIONING:
                self._collection.set_state(path, ImageState.WAITING)
        if returned:
            self._tell()

    def pause(self) -> None:
        """Begin nothing new; what is under way ends."""
        if not self._is_paused:
            self._is_paused = True
            self._tell()

    def resume(self) -> None:
        """Go on after a pause."""
        if self._is_paused:
            self._is_paused = False
            self._pace.start()
            self._tell()

    def cancel(self) -> tuple[str, ...]:
        """Caption none of the rest.

        Returns
        -------
        tuple
            The images that were to be captioned or under way; they are as they were before.
        """
        left = (*self._in_flight, *self._waiting)
        self._waiting.clear()
        self._in_flight.clear()
        was_paused, self._is_paused = self._is_paused, False
        self._rest(left)
        if left or was_paused:
            self._tell()
        return left

    def _has(self, path: str) -> bool:
        return path in self._waiting or path in self._in_flight

    def _begin_run_if_idle(self) -> None:
        if not self._waiting and not self._in_flight:
            self._done = self._failed = 0
            self._pace.start()

    def _state_of(self, path: str) -> ImageState | None:
        image = self._collection.get(path)
        return None if image is None else image.state

    def _rest(self, paths: Iterable[str]) -> None:
        for path in paths:
            image = self._collection.get(path)
            if image is not None and image.state in (ImageState.WAITING, ImageState.CAPTIONING):
                self._collection.set_state(path, image.resting_state)

    def _on_paths_removed(self, paths: tuple[str, ...]) -> None:
        gone = [path for path in paths if self._has(path)]
        for path in gone:
            self._waiting.pop(path, None)
            self._in_flight.pop(path, None)
        if gone:
            self._tell()

    def _tell(self) -> None:
        self.changed.emit(self.progress)
