"""One process per run: a lock that the system lets go when its holder ends, however that ends."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any, Self

from captioner.errors import OutputError, TrainingRunError
from captioner.file_names import printable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

logger = logging.getLogger(__name__)

LOCK = "lock"
# On Windows a locked byte cannot be read by others, so it lies far behind the text that tells them who holds it.
_LOCKED_BYTE = 2**30


class RunLock:
    """Exclusive hold of a run folder, from creation to `close` or the end of the process.

    The lock is on an open file, not the file itself: a process that was killed, or a machine that lost its power,
    leaves the file but no lock. The file names the holder, for whoever is refused.

    Parameters
    ----------
    folder
        The run folder.

    Raises
    ------
    TrainingRunError
        If another process (or another run of this one) holds it.
    OutputError
        If the folder cannot be written to.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK
        try:
            self._handle: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise OutputError(f"{printable(folder)} cannot be written to: {error.strerror}.", path=folder) from error
        if not _try_lock(self._handle):
            holder = _read_holder(self._handle)
            os.close(self._handle)
            raise TrainingRunError(
                f"{printable(folder)} is being trained by {holder}. Wait until that ends, or stop it first.",
                path=folder,
            )
        text = json.dumps({"pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")})
        os.ftruncate(self._handle, 0)
        os.write(self._handle, text.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others have the folder."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        # Some network mounts know no locks. Training there is worth more than refusing to.
        logger.warning("The run folder cannot be locked (%s). Do not train in it twice at a time.", error.strerror)
    return True


def _read_holder(handle: int) -> str:
    try:
        os.lseek(handle, 0, os.SEEK_SET)
        holder: Any = json.loads(os.read(handle, 1000))
        return f"process {int(holder['pid'])}, since {str(holder['since'])[:19]}"
    except (OSError, ValueError, TypeError, KeyError):
        return "another process"
