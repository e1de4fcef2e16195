"""Where exports may be written: never over a photograph, and over nothing else unasked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from captioner.errors import OutputError
from captioner.file_names import file_name, printable


def require_free(targets: Iterable[Path], photographs: Iterable[str], *, overwrite: bool) -> None:
    """Refuse targets that are photographs of this export, folders, or, unless ``overwrite``, there already.

    Raises
    ------
    OutputError
        Naming the first of them and saying what to do.
    """
    kept = {_place(Path(path)) for path in photographs}
    for target in targets:
        if _place(target) in kept:
            message = f"{file_name(target)} is one of the photographs and is never replaced. Choose another name."
            raise OutputError(message, path=target)
        if target.is_dir():
            raise OutputError(f"{printable(target)} is a folder. Name a file in it.", path=target)
        if not overwrite and os.path.lexists(target):
            message = f"{printable(target)} exists already. Choose another name, or allow it to be replaced."
            raise OutputError(message, path=target)


def _place(path: Path) -> str:
    """Equal for two names of one file, whether it is there or not."""
    return os.path.normcase(os.path.realpath(path))
