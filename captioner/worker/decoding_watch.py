"""How long one file is being decoded, counted so that a suspended laptop does not count."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class DecodingWatch:
    """Tells when a file has been decoded for too long.

    Somebody calls `tick` regularly. A tick that comes late means that this process did not run either, as when the
    machine sleeps or both are stopped; only as much of the gap counts as two ticks in time would have.

    Attributes
    ----------
    limit
        Seconds that one file may take.
    interval
        Seconds between two ticks in time.
    """

    limit: float
    interval: float
    path: str | None = None
    _elapsed: float = field(default=0.0, init=False)
    _last: float | None = field(default=None, init=False)

    def start(self, path: str) -> None:
        """A file is about to be decoded."""
        self.path, self._elapsed = path, 0.0

    def finish(self) -> None:
        """No file is being decoded."""
        self.path = None

    def tick(self, now: float) -> bool:
        """Whether the file at hand has taken too long by ``now``, in seconds of any steady clock."""
        passed = 0.0 if self._last is None else min(now - self._last, 2 * self.interval)
        self._last = now
        if self.path is None:
            return False
        self._elapsed += passed
        return self._elapsed > self.limit
