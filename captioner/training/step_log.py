"""What a run told of its steps, kept in its folder: a line of JSON each, thinned so that the file stays small."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from captioner.atomic_file import atomic_path
from captioner.errors import OutputError
from captioner.file_names import printable
from captioner.training.events import StepsFinished

KEPT_EVERY = 1.0
"""Least seconds between two lines of an epoch, at first."""
MAX_BYTES = 500_000
"""Some 2500 lines: more points than a chart has pixels, and read in no time."""
_DIGITS = 6
_NAMES = ("stage", "epoch", "epochs", "step", "steps", "loss", "penalty", "learning_rate", "gradient_norm")

logger = logging.getLogger(__name__)


class StepLog:
    """``steps.jsonl`` of a run: of its reports at most one a second, and the last of each epoch.

    A file that has grown to 500 kB loses every second line, and from then on lines come half as often. Curves are not
    worth stopping for: where the file cannot be written, a warning is logged and training goes on.

    Parameters
    ----------
    path
        The file; it need not exist.
    clock
        Tells seconds.
    max_bytes
        Size at which the file is thinned.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic, max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._clock, self._max_bytes = clock, max_bytes
        self._interval = KEPT_EVERY
        self._written_at = -float("inf")
        self._pending: StepsFinished | None = None
        self._has_failed = False

    def add(self, report: StepsFinished) -> None:
        """Keep a report, if it is time for another."""
        if self._pending is not None and self._pending.epoch != report.epoch:
            self.flush()
        self._pending = report
        if self._clock() - self._written_at >= self._interval:
            self.flush()

    def flush(self) -> None:
        """Keep the last report, whenever it was; so an epoch's last one is always there."""
        report, self._pending = self._pending, None
        if report is None:
            return
        self._written_at = self._clock()
        self._try(lambda: self._append(json.dumps(_values(report)).encode() + b"\n"))

    def rewind(self, step: int) -> None:
        """Take back what was reported after ``step``, and what cannot be read."""
        self._pending = None
        self._try(lambda: self._rewrite([line for line in self._lines() if 0 < _step(line) <= step]))

    def _append(self, line: bytes) -> None:
        with self.path.open("ab") as file:
            # A line that a full disk has cut short stands alone, so that it costs no other.
            broken = b"" if self._is_whole() else b"\n"
            file.write(broken + line)
            size = file.tell()
        if size > self._max_bytes:
            self._rewrite(_thinned(self._lines()))
            self._interval *= 2

    def _is_whole(self) -> bool:
        with self.path.open("rb") as file:
            if not file.seek(0, 2):
                return True
            file.seek(-1, 2)
            return file.read(1) == b"\n"

    def _lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else []

    def _rewrite(self, lines: list[bytes]) -> None:
        if lines or self.path.exists():
            with atomic_path(self.path) as path:
                path.write_bytes(b"".join(lines))

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except (OSError, OutputError) as error:
            if not self._has_failed:
                logger.warning("%s cannot be written, so curves will have gaps: %s", printable(self.path), error)
            self._has_failed = True


def _values(report: StepsFinished) -> dict[str, Any]:
    """What curves are drawn from, numbers to six digits."""
    names = (*_NAMES, "captions_per_second")
    values = {name: getattr(report, name) for name in names}
    return {
        name: float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value for name, value in values.items()
    }


def _step(line: bytes) -> int:
    """Step that a line is of; 0 where it is damaged."""
    values = _read(line)
    step = values.get("step")
    return step if isinstance(step, int) else 0


def _read(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _thinned(lines: list[bytes]) -> list[bytes]:
    """Every second line, and the last one of each epoch, which tells how long that was."""
    epochs = [_read(line).get("epoch") for line in lines]
    is_last = [one != other for one, other in zip(epochs, [*epochs[1:], None], strict=True)]
    return [line for number, line in enumerate(lines) if number % 2 or is_last[number]]
