"""A file under HDF5 that may run out of disk without HDF5 hearing of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Literal


class Sink(io.FileIO):
    """A file that takes every write and remembers the first that failed.

    HDF5 never hears of a failure, because after one it cannot close its file: it crashes or complains until the
    process ends.

    Attributes
    ----------
    error
        The first failure; None while there was none.
    """

    def __init__(self, path: Path, mode: Literal["w+", "r+"]) -> None:
        super().__init__(path, mode)
        self.error: OSError | None = None

    def write(self, data: Any) -> int:
        """Write all of ``data``, or nothing more once a write has failed."""
        rest = memoryview(data)
        try:
            while rest and self.error is None:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self.error = error
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        """Set the length of the file."""
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
        return size or 0

    def read(self, size: int | None = -1) -> bytes:
        """Read bytes; zeros where a failed write has left nothing."""
        data = super().read(size) or b""
        return data if self.error is None or size is None else data.ljust(size, b"\0")
