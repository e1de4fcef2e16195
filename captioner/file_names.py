"""File names as they can be shown: any bytes that a file system allows become printable text on one line."""

from __future__ import annotations

import os
from pathlib import Path


def printable(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> str:
    r"""Write a path so that it can be printed, logged and encoded as UTF-8 whatever bytes it is made of.

    Bytes that are not text, line breaks, terminal escapes and marks that reverse the direction of writing become
    escapes such as ``\xe9`` or ``\n``; every other character stays.
    """
    return "".join(character if character.isprintable() else _escape(character) for character in os.fsdecode(path))


def file_name(path: Path) -> str:
    """Last part of a path, printable; the whole path where it has no last part, such as ``/``."""
    return printable(path.name or path)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that is not text (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
