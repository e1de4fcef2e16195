"""Opening ordinary files for reading, and nothing that is not one."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from captioner.errors import ImageError
from captioner.file_names import file_name, printable


@contextlib.contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open an ordinary file for reading.

    Raises
    ------
    ImageError
        When there is no such file, or it may not be read, or it is a folder, a pipe, a socket or a device; those are
        refused unopened, since opening a pipe may block for ever.
    """
    try:
        _require_ordinary(path, path.stat().st_mode)
        # Should a pipe take the file's place at this instant, O_NONBLOCK keeps the opening from waiting for it.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        file = os.fdopen(os.open(path, flags), "rb")
    except (OSError, ValueError) as error:
        raise ImageError(_explain_unopened(path, error), path=path) from error
    with file:
        _require_ordinary(path, os.fstat(file.fileno()).st_mode)
        yield file


def _require_ordinary(path: Path, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise ImageError(f"{file_name(path)} is a folder, not a photograph. Choose a file in it.", path=path)
    if not stat.S_ISREG(mode):
        kind = "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"
        raise ImageError(f"{file_name(path)} is {kind}, not a file. Save the photograph to a file first.", path=path)


def _explain_unopened(path: Path, error: Exception) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.ENOENT, errno.ENOTDIR):
        if path.is_symlink():
            return f"{file_name(path)} is a link to a file that does not exist. Choose the photograph itself."
        return f"{printable(path)} does not exist. Check the name, or whether it was moved."
    if code in (errno.EACCES, errno.EPERM):
        return f"{file_name(path)} may not be read by you. Change its permissions or copy it to a folder of yours."
    if code == errno.ELOOP:
        return f"{file_name(path)} is a link that leads back to itself. Choose the photograph itself."
    if code is None:
        return f"{file_name(path)} is not a name that a file can have. Check the path."
    return f"{file_name(path)} cannot be opened: {os.strerror(code)}."
