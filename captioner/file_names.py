"""File names as they can be shown, and those that every system allows."""

from __future__ import annotations

import os
import re
from pathlib import Path

_MODEL_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")
# Windows keeps these names, with any extension, for devices.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def printable(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> str:
    r"""Write a path so that it can be printed, logged and encoded as UTF-8 whatever bytes it is made of.

    Bytes that are not text, line breaks, terminal escapes and marks that reverse the direction of writing become
    escapes such as ``\xe9`` or ``\n``; every other character stays.
    """
    return "".join(character if character.isprintable() else _escape(character) for character in os.fsdecode(path))


def file_name(path: Path) -> str:
    """Last part of a path, printable; the whole path where it has no last part, such as ``/``."""
    return printable(path.name or path)


def is_model_name(name: str) -> bool:
    """Whether a model may be called so: up to 64 letters, digits, hyphens and dots that name a folder on any system."""
    return bool(_MODEL_NAME.fullmatch(name)) and not _DEVICES.fullmatch(name)


def _escape(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that is not text (PEP 383)
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")
