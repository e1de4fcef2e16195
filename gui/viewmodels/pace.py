"""How many things per second are done lately, measured by a clock that may jump."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

WINDOW = 10.0
"""Seconds over which the rate is taken."""
_TOGETHER = 0.25
_LONGEST_USUAL = 5.0
_TIMES_USUAL = 50.0


@dataclass(slots=True)
class _Burst:
    """Things done within a quarter of a second: from when to when, leaving gaps out, and how many were done then."""

    start: float
    end: float = 0.0
    done: int = 0


class Pace:
    """The rate at which things are done, over the last seconds.

    A clock that goes on while the machine sleeps or the process is stopped shows one gap out of all proportion, which
    is left out of the measure; a second such gap at once is taken for real. One that goes back stands still.

    Parameters
    ----------
    clock
        Seconds from any origin.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._bursts: deque[_Burst] = deque()
        self._done = 0
        self._elapsed = 0.0
        self._seen = 0.0
        self._was_gap = False
        self.start()

    @property
    def rate(self) -> float:
        """Things per second; 0 before there is anything to tell it from."""
        if len(self._bursts) < 2:
            return 0.0
        first, last = self._bursts[0], self._bursts[-1]
        return (last.done - first.done) / (last.end - first.end)

    def start(self) -> None:
        """Measure anew from now on."""
        self._bursts.clear()
        self._seen = self._clock()
        self._elapsed = 0.0
        self._done = 0
        self._was_gap = False

    def count(self) -> None:
        """Count one thing as done now."""
        self._pass_time()
        self._done += 1
        # What comes together, such as the captions of a batch, was done in the time before it.
        if not self._bursts or self._elapsed - self._bursts[-1].start >= _TOGETHER:
            self._bursts.append(_Burst(self._elapsed))
        self._bursts[-1].end, self._bursts[-1].done = self._elapsed, self._done
        while len(self._bursts) > 2 and self._bursts[1].end <= self._elapsed - WINDOW:
            self._bursts.popleft()

    def _pass_time(self) -> None:
        now = self._clock()
        gap, self._seen = max(now - self._seen, 0.0), now
        rate = self.rate
        is_gap = rate > 0 and gap > max(_LONGEST_USUAL, _TIMES_USUAL / rate)
        if is_gap and not self._was_gap:
            gap = 1 / rate
        self._was_gap = is_gap
        self._elapsed += gap
