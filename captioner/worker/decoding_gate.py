"""The one place where the worker decodes files: one at a time, announced, those that ended a worker before refused."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image

from captioner.errors import ImageError
from captioner.imaging import Photograph, open_photograph
from captioner.worker.jobs import Job, Outlet
from captioner.worker.private_messages import DangerousFile
from captioner.worker.protocol import DecodingFinished, DecodingStarted, Request


class DecodingGate:
    """Lets one file through at a time, so that the client knows of which one a worker died."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._queue: deque[object] = deque()
        self._moved = threading.Condition()
        self._dangerous: dict[str, DangerousFile] = {}

    def avoid(self, files: Sequence[DangerousFile]) -> None:
        """Refuse these files as long as they stay as they are."""
        self._dangerous |= {file.path: file for file in files}

    @contextlib.contextmanager
    def passing(self, job: Job[Request], path: str) -> Iterator[None]:
        """Wait for the turn of a file that is decoded within the block.

        Raises
        ------
        ImageError
            If it ended a worker before.
        JobCancelledError
            If the job is no longer wanted when its turn comes.
        """
        self._refuse_dangerous(path)
        with self._turn():
            job.check()
            self._outlet.send(DecodingStarted(job_id=job.id, path=path))
            try:
                yield
            finally:
                self._outlet.send(DecodingFinished(job_id=job.id, path=path))

    def open_within(self, job: Job[Request], path: str, side: int) -> Photograph:
        """Decode a photograph so that neither side of its pixels is longer than ``side``; 0 asks for all of them.

        Raises
        ------
        ImageError
            If it cannot be decoded.
        JobCancelledError
            If the job is no longer wanted.
        """
        with self.passing(job, path):
            return shrink(open_photograph(path, longer_at_least=side or None), side)

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        """First come, first served: a lock would go to the batch again and again while the user waits for a picture."""
        ticket = object()
        with self._moved:
            self._queue.append(ticket)
            self._moved.wait_for(lambda: self._queue[0] is ticket)
        try:
            yield
        finally:
            with self._moved:
                self._queue.popleft()
                self._moved.notify_all()

    def _refuse_dangerous(self, path: str) -> None:
        known = self._dangerous.get(path)
        if known is None:
            return
        with contextlib.suppress(OSError, ValueError):
            status = os.stat(path)  # noqa: PTH116 (as the client took it)
            if (status.st_size, status.st_mtime_ns) == (known.size, known.modified_ns):
                raise ImageError(known.message, path=path)


def shrink(photograph: Photograph, side: int) -> Photograph:
    """Scale pixels down, by an antialiased filter, until neither side is longer than ``side``; 0 leaves them."""
    rows, columns = photograph.pixels.shape[:2]
    longest = max(rows, columns)
    if not 0 < side < longest:
        return photograph
    size = (max(1, round(columns * side / longest)), max(1, round(rows * side / longest)))
    image = Image.fromarray(photograph.pixels).resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return Photograph(np.asarray(image), photograph.width, photograph.height, photograph.path)
