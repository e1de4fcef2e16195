"""What others ask of a training run while it goes on."""

from __future__ import annotations

import time
from collections import deque

from captioner.errors import ConfigurationError

POLL_SECONDS = 0.05


class TrainingControl:
    """Wishes that a trainer heeds between two steps; any thread and any signal handler may call its methods.

    There are no locks in it: a signal handler that waited for one held by the code it interrupts would wait for ever.
    """

    def __init__(self) -> None:
        self._is_paused = self._is_stopping = self._is_out_of_room = False
        self._extensions: deque[int] = deque()

    @property
    def is_paused(self) -> bool:
        """Whether training is to wait."""
        return self._is_paused and not self._is_stopping

    @property
    def is_stopping(self) -> bool:
        """Whether training is to end."""
        return self._is_stopping

    def pause(self) -> None:
        """Save and wait after the step in progress."""
        self._is_paused = True

    def resume(self) -> None:
        """Go on after a pause, or try once more to write what there was no room for."""
        self._is_paused = self._is_out_of_room = False

    def stop_and_save(self) -> None:
        """Save and end after the step in progress, or between two batches of dev images; this cannot be taken back."""
        self._is_stopping = True

    def extend(self, epochs: int) -> None:
        """Add epochs to the stage in progress, or to the last one where all have ended.

        From here on everything that depends on the length of the stage (the learning rate, scheduled sampling) is as in
        a stage that had been that long from the start. A cosine that has reached zero rises again; patience starts
        afresh.

        Raises
        ------
        ConfigurationError
            If ``epochs`` is less than 1.
        """
        if epochs < 1:
            raise ConfigurationError(f"A run can be extended by 1 epoch or more, not by {epochs}.")
        self._extensions.append(epochs)

    def take_extension(self) -> int:
        """Epochs asked for since the last call."""
        epochs = 0
        while self._extensions:
            epochs += self._extensions.popleft()
        return epochs

    def wait_while_paused(self) -> None:
        """Return when training may go on or must stop."""
        while self.is_paused:
            time.sleep(POLL_SECONDS)

    def report_no_room(self) -> None:
        """Tell that something could not be written, before `wait_for_room`."""
        self._is_out_of_room = True

    def wait_for_room(self, seconds: float) -> None:
        """Return when it is to be tried once more, by `resume` or after ``seconds``, or when training must stop.

        A wish to pause is left as it is.
        """
        deadline = time.monotonic() + seconds
        while self._is_out_of_room and not self._is_stopping and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self._is_out_of_room = False
