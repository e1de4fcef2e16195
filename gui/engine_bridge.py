"""The one owner of the worker: requests in, Qt signals out, on the window's own thread."""

from __future__ import annotations

import itertools
import logging
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from captioner.worker.protocol import (
    Cancelled,
    Event,
    Failed,
    Finished,
    ModelLoaded,
    Request,
    WorkerDied,
    WorkerReady,
    WorkerStarted,
    WorkerUnusable,
)

_log = logging.getLogger(__name__)
_ENDS = (Finished, Cancelled, Failed)
RequestType = TypeVar("RequestType", bound=Request)


class WorkerState(StrEnum):
    """What the worker is up to, as the window tells it."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    UNUSABLE = "unusable"
    CLOSED = "closed"


class Client(Protocol):
    """What the bridge needs of `captioner.worker.client.WorkerClient`."""

    def start(self) -> None:
        """Start the process; returns at once."""

    def send(self, request: Request) -> None:
        """Send a request; returns at once."""

    def cancel(self, job_id: int) -> None:
        """Stop a job."""

    def close(self, timeout: float = 2.0) -> None:
        """End the process, within bounds."""


class Job(QObject):
    """One request and its answers.

    Signals
    -------
    event_received(object)
        Each `Event` of this job but the last.
    ended(object)
        The last: `Finished`, `Cancelled` or `Failed`. Comes exactly once, also after `drop`.
    """

    event_received = Signal(object)
    ended = Signal(object)

    def __init__(self, request: Request, bridge: EngineBridge) -> None:
        super().__init__(bridge)
        self.request = request
        self.is_open = True
        self._is_dropped = False
        self._bridge = bridge

    def drop(self) -> None:
        """Stop the job; of whatever it still says only its end is passed on."""
        if self.is_open and not self._is_dropped:
            self._is_dropped = True
            self._bridge.cancel(self)

    def take(self, event: Event) -> None:
        """Pass an event on, unless it is stale."""
        if isinstance(event, _ENDS):
            self.is_open = False
            self.ended.emit(event)
            self.deleteLater()
        elif not self._is_dropped:
            self.event_received.emit(event)


class EngineBridge(QObject):
    """Sends requests to the worker and brings its events to the window's thread.

    Signals
    -------
    state_changed(WorkerState, str)
        The worker's state, and a sentence where there is something to say.
    model_changed(ModelDetails)
        Another model is the current one.
    """

    state_changed = Signal(WorkerState, str)
    model_changed = Signal(object)
    _event_arrived = Signal(object)

    def __init__(self, client: Client | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._waiting: list[Request] = []
        self.state = WorkerState.STARTING
        self.message = ""
        self.details = ""
        # The client calls from a thread of its own; a queued signal is how Qt crosses threads.
        self._event_arrived.connect(self._on_event, Qt.ConnectionType.QueuedConnection)

    def take_event(self, event: Event) -> None:
        """Take an event from the client; may be called from any thread."""
        self._event_arrived.emit(event)

    def start(self, client: Client | None = None) -> None:
        """Start the worker; requests that were submitted before are sent now."""
        self._client = client or self._client
        if self._client is None:
            raise ValueError("There is no client to start.")
        self._client.start()
        for request in self._waiting:
            self._client.send(request)
        self._waiting.clear()

    def submit(self, kind: type[RequestType], **fields: Any) -> Job:
        """Send a request of this kind; its answers come through the job."""
        request = kind(job_id=next(self._numbers), **fields)
        job = self._jobs[request.job_id] = Job(request, self)
        if self.state is WorkerState.CLOSED or self._client is None:
            self._waiting.append(request)
        else:
            self._client.send(request)
        return job

    def cancel(self, job: Job) -> None:
        """Ask the worker to stop a job."""
        if self._client is not None and job.is_open:
            self._client.cancel(job.request.job_id)

    @property
    def open_jobs(self) -> tuple[Job, ...]:
        """Jobs that have not ended."""
        return tuple(self._jobs.values())

    def close(self) -> None:
        """End the worker and its process; nothing is received any more."""
        if self.state is WorkerState.CLOSED:
            return
        self.state = WorkerState.CLOSED
        self._event_arrived.disconnect(self._on_event)
        self._jobs.clear()
        if self._client is not None:
            self._client.close()

    def _on_event(self, event: Event) -> None:
        if self.state is WorkerState.CLOSED:
            return
        self._follow_state(event)
        job = self._jobs.get(event.job_id)
        if job is None:
            return
        if isinstance(event, _ENDS):
            del self._jobs[event.job_id]
        job.take(event)

    def _follow_state(self, event: Event) -> None:
        match event:
            case WorkerReady():
                self._set_state(WorkerState.READY)
            case WorkerDied(message=message):
                _log.warning("The worker died: %s", message)
                self._set_state(WorkerState.RESTARTING, message)
            case WorkerUnusable(message=message, details=details):
                _log.error("The worker cannot be used: %s\n%s", message, details)
                self.details = details
                self._set_state(WorkerState.UNUSABLE, message)
            case WorkerStarted(pid=pid):
                _log.info("Worker %d started.", pid)
            case ModelLoaded(model=model):
                self.model_changed.emit(model)

    def _set_state(self, state: WorkerState, message: str = "") -> None:
        self.state, self.message = state, message
        self.state_changed.emit(state, message)
