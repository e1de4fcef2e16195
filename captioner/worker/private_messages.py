"""What a client and its worker tell each other so that a dead worker can be replaced; no window sees these."""

from __future__ import annotations

from dataclasses import dataclass

from captioner.worker.protocol import Event, Request


@dataclass(frozen=True, slots=True)
class DangerousFile:
    """A file that ended a worker before: its path, its size and time of change then, and what to say of it."""

    path: str
    size: int
    modified_ns: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AvoidFiles(Request):
    """Refuse these files for as long as they stay as they were; has no answer."""

    files: tuple[DangerousFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStarted(Event):
    """Work on a job goes on, with these photographs or with none in particular.

    If the worker dies now, and no file is being decoded, it may be their doing.
    """

    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFinished(Event):
    """Nothing is being done for the job at this moment."""
