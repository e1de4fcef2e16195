"""What the worker's threads share: the way out for events, and jobs that can be cancelled."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import IO, Generic, TypeVar

from captioner.worker.codec import encode
from captioner.worker.protocol import Event, Request

Request_co = TypeVar("Request_co", bound=Request, covariant=True)


class JobCancelledError(Exception):
    """The job at hand is no longer wanted."""


@dataclass(frozen=True, slots=True)
class Job(Generic[Request_co]):
    """A request that is being worked on."""

    request: Request_co
    _cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def id(self) -> int:
        """Its job id."""
        return self.request.job_id

    @property
    def is_cancelled(self) -> bool:
        """Whether it is no longer wanted."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Ask it to stop; from any thread."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise `JobCancelledError` if it is no longer wanted."""
        if self.is_cancelled:
            raise JobCancelledError


Steps = Generator[None]
"""Work on a job, done a step at a time, so that more urgent jobs can go between."""


class Outlet:
    """Writes events to the client, whole and one at a time, whichever thread they come from."""

    def __init__(self, stream: IO[bytes], *, on_broken: Callable[[], None] = lambda: os._exit(1)) -> None:
        self._stream = stream
        self._on_broken = on_broken
        self._lock = threading.Lock()

    def send(self, event: Event) -> None:
        """Write an event; ends the process when there is nobody to read it."""
        parts = encode(event)
        with self._lock:
            try:
                for part in parts:
                    self._stream.write(part)
                self._stream.flush()
            except OSError:
                self._on_broken()
