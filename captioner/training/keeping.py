"""What a run keeps on the disk, and what it does while the disk is full."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from torch import Tensor

from captioner.errors import OutputError
from captioner.training.control import TrainingControl
from captioner.training.events import CheckpointSaved, EpochFinished, TrainingEvent, TrainingPaused, TrainingResumed

SAVE_EVERY = 300.0
RETRY_SECONDS = 60.0

Result = TypeVar("Result")
State = tuple[Mapping[str, Tensor], Mapping[str, Any]]


class CheckpointRecorder(Protocol):
    """Where states are put."""

    def save_checkpoint(self, step: int, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> Path:
        """Keep a whole state; returns where it is."""
        ...


class Recorder(CheckpointRecorder, Protocol):
    """Where epochs and states are put (`captioner.training.run_folder.RunFolder` is one)."""

    def add_epoch(self, epoch: EpochFinished) -> None:
        """Keep the record of an epoch; once more with the same one, where that failed."""
        ...

    def save_best(self, weights: Mapping[str, Tensor]) -> None:
        """Keep the best weights so far."""
        ...


class CheckpointKeeper:
    """Hands states to a recorder until it has them: where the disk is full, training waits for room.

    Parameters
    ----------
    recorder
        None keeps nothing.
    control
        Through which a wait is ended.
    save_every
        Seconds after which a checkpoint is due.
    """

    def __init__(
        self, recorder: CheckpointRecorder | None, control: TrainingControl, save_every: float = SAVE_EVERY
    ) -> None:
        self._checkpoints, self._control, self._save_every = recorder, control, save_every
        self._saved_at = time.monotonic()

    @property
    def is_due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return self._checkpoints is not None and time.monotonic() - self._saved_at >= self._save_every

    def save(self, step: int, state: Callable[[], State]) -> Generator[TrainingEvent, None, Path | None]:
        """Write a checkpoint of what ``state`` returns after ``step`` steps; returns where it is."""
        recorder = self._checkpoints
        if recorder is None:
            return None
        started = time.perf_counter()
        path = yield from self.insist(lambda: recorder.save_checkpoint(step, *state()))
        self._saved_at = time.monotonic()
        yield CheckpointSaved(path, step, time.perf_counter() - started)
        return path

    def insist(self, action: Callable[[], Result]) -> Generator[TrainingEvent, None, Result]:
        """Do ``action``, which writes something; until it succeeds where the disk is full. Returns what it does."""
        while True:
            try:
                return action()
            except OutputError as error:
                if self._control.is_stopping:
                    raise
                reason = f"{error.message} Training waits, and tries again every {RETRY_SECONDS:.0f} seconds."
            self._control.report_no_room()
            yield TrainingPaused(reason)
            self._control.wait_for_room(RETRY_SECONDS)
            yield TrainingResumed()


class Keeper(CheckpointKeeper):
    """The same for all that `Recorder` takes."""

    def __init__(self, recorder: Recorder | None, control: TrainingControl, save_every: float = SAVE_EVERY) -> None:
        super().__init__(recorder, control, save_every)
        self._recorder = recorder

    def record(self, epoch: EpochFinished, best_weights: Mapping[str, Tensor]) -> Generator[TrainingEvent]:
        """Record an epoch, and the best weights where it is the best."""
        recorder = self._recorder
        if recorder is None:
            return
        yield from self.insist(lambda: recorder.add_epoch(epoch))
        if epoch.is_best:
            yield from self.insist(lambda: recorder.save_best(best_weights))
