"""The one owner of training processes: requests in, Qt signals out, on the window's own thread."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance

from captioner.worker.training_protocol import (
    CheckpointSaved,
    DatasetChecked,
    EpochReport,
    ExtractionEnded,
    ExtractionFailed,
    ExtractionReport,
    ExtractionRequest,
    StepReport,
    Told,
    TrainingEnded,
    TrainingExtended,
    TrainingFailed,
    TrainingPaused,
    TrainingRequest,
    TrainingResumed,
    TrainingStarted,
)

_log = logging.getLogger(__name__)


class Client(Protocol):
    """What the bridge needs of `captioner.worker.training_client.TrainingClient`."""

    @property
    def is_training(self) -> bool:
        """Whether any run is going on."""

    @property
    def runs(self) -> tuple[str, ...]:
        """The runs that are going on."""

    def start(self, request: TrainingRequest) -> str:
        """Start, resume or extend a run; returns at once."""

    def pause(self, run: str) -> None:
        """Have a run wait."""

    def resume(self, run: str) -> None:
        """Have a paused run go on."""

    def stop_and_save(self, run: str) -> None:
        """Have a run save and end."""

    def extend(self, run: str, epochs: int) -> None:
        """Add epochs to a run that is going on."""

    def check(self, paths: Sequence[str], min_word_count: int | None = None) -> None:
        """Check a data set."""

    def drop_check(self) -> None:
        """End the check that is going on."""

    def extract(self, request: ExtractionRequest) -> str:
        """Extract features."""

    def stop_extraction(self, output: str) -> None:
        """End an extraction."""

    def close(self, timeout: float = 5.0) -> None:
        """End all processes, within bounds."""


class TrainingBridge(QObject):
    """Hands requests to the training client and brings its events to the window's thread.

    Nothing is a process, and no client is needed, before the first request; what a request is refused with is raised
    by its method, as the client's own do (`captioner.worker.training_client.TrainingClient`).

    Signals
    -------
    started(TrainingStarted), step_reported(StepReport), epoch_reported(EpochReport), checkpoint_saved(CheckpointSaved)
        How a run goes on.
    paused(TrainingPaused), resumed(TrainingResumed), extended(TrainingExtended)
        What was asked of it has been done; also where it pauses by itself.
    ended(TrainingEnded), failed(TrainingFailed)
        Its end, one of them, once.
    dataset_checked(DatasetChecked)
        The answer to a check.
    extraction_reported(ExtractionReport), extraction_ended(ExtractionEnded), extraction_failed(ExtractionFailed)
        How an extraction goes on and, with one of the last two, ends.
    is_training_changed(bool)
        Whether any run is going on.
    """

    started = Signal(object)
    step_reported = Signal(object)
    epoch_reported = Signal(object)
    checkpoint_saved = Signal(object)
    paused = Signal(object)
    resumed = Signal(object)
    extended = Signal(object)
    ended = Signal(object)
    failed = Signal(object)
    dataset_checked = Signal(object)
    extraction_reported = Signal(object)
    extraction_ended = Signal(object)
    extraction_failed = Signal(object)
    is_training_changed = Signal(bool)
    _event_arrived = Signal(object)

    def __init__(self, client: Client | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._is_closed = False
        self._was_training = False
        self._signals: dict[type[Told], SignalInstance] = {
            TrainingStarted: self.started,
            StepReport: self.step_reported,
            EpochReport: self.epoch_reported,
            CheckpointSaved: self.checkpoint_saved,
            TrainingPaused: self.paused,
            TrainingResumed: self.resumed,
            TrainingExtended: self.extended,
            TrainingEnded: self.ended,
            TrainingFailed: self.failed,
            DatasetChecked: self.dataset_checked,
            ExtractionReport: self.extraction_reported,
            ExtractionEnded: self.extraction_ended,
            ExtractionFailed: self.extraction_failed,
        }
        # The client calls from threads of its own; a queued signal is how Qt crosses threads.
        self._event_arrived.connect(self._on_event, Qt.ConnectionType.QueuedConnection)

    def take_event(self, event: Told) -> None:
        """Take an event from the client; may be called from any thread."""
        self._event_arrived.emit(event)

    def attach(self, client: Client) -> None:
        """Use this client from now on."""
        self._client = client

    @property
    def is_training(self) -> bool:
        """Whether any run is going on, paused ones among them."""
        return self._client is not None and self._client.is_training

    @property
    def runs(self) -> tuple[str, ...]:
        """The runs that are going on."""
        return () if self._client is None else self._client.runs

    def start(self, request: TrainingRequest) -> str:
        """Start a run, or resume or extend one that has ended; returns its folder, by which it is known."""
        run = self._required.start(request)
        self._tell_whether_training()
        return run

    def pause(self, run: str) -> None:
        """Have a run save and wait."""
        self._required.pause(run)

    def resume(self, run: str) -> None:
        """Have a paused run go on."""
        self._required.resume(run)

    def stop_and_save(self, run: str) -> None:
        """Have a run save and end."""
        self._required.stop_and_save(run)

    def extend(self, run: str, epochs: int) -> None:
        """Add epochs to a run that is going on."""
        self._required.extend(run, epochs)

    def check(self, paths: Sequence[str], min_word_count: int | None = None) -> None:
        """Check a data set; a check that is going on is dropped without an answer."""
        self._required.check(paths, min_word_count)

    def drop_check(self) -> None:
        """End the check that is going on, if there is one, without an answer."""
        self._required.drop_check()

    def extract(self, request: ExtractionRequest) -> str:
        """Extract features; returns the feature file, by which the extraction is known."""
        return self._required.extract(request)

    def stop_extraction(self, output: str) -> None:
        """End an extraction; what is done is kept for the next."""
        self._required.stop_extraction(output)

    def close(self) -> None:
        """Have runs save, and end all processes; nothing is received any more. Takes up to some seconds."""
        if self._is_closed:
            return
        self._is_closed = True
        self._event_arrived.disconnect(self._on_event)
        if self._client is not None:
            self._client.close()

    @property
    def _required(self) -> Client:
        if self._client is None:
            raise ValueError("There is no client that could train.")
        return self._client

    def _on_event(self, event: Told) -> None:
        if self._is_closed:
            return
        if isinstance(event, (TrainingFailed, ExtractionFailed)) and event.message:
            _log.warning("%s\n%s", event.message, event.details)
        self._signals[type(event)].emit(event)
        if isinstance(event, (TrainingEnded, TrainingFailed)):
            self._tell_whether_training()

    def _tell_whether_training(self) -> None:
        if self.is_training != self._was_training:
            self._was_training = self.is_training
            self.is_training_changed.emit(self._was_training)
