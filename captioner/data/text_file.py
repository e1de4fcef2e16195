"""Reading a text file that may be anything: bounded, UTF-8, never a device or a folder."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

from captioner.errors import AnnotationError

MAX_BYTES = 512 * 1024**2


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with or without byte order mark; line ends are kept as they are.

    Raises
    ------
    AnnotationError
        If the file is missing, unreadable, not a plain file, empty, larger than `MAX_BYTES`, or not UTF-8 text.
    """
    data = _read_bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise AnnotationError(
            f"{path.name}, line {line}: this is not UTF-8 text; save the file as UTF-8.", path=path
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise AnnotationError(
            f"{path.name}, line {line}: this is not text but binary data; a captions file was expected.", path=path
        )
    if not text.strip():
        raise AnnotationError(f"{path.name} is empty; a captions file or a list of images was expected.", path=path)
    return text


def _read_bytes(path: Path) -> bytes:
    try:
        # A FIFO would block on opening, so the kind is looked at first.
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise AnnotationError(f"{path.name or path} is a folder; a captions file was expected.", path=path)
        if not stat.S_ISREG(mode):
            raise AnnotationError(f"{path.name} is not a plain file; a captions file was expected.", path=path)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise AnnotationError(f"There is no file {path}; check the name and the folder.", path=path) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AnnotationError(
            f"{path.name} cannot be read ({reason}); check the file and its permissions.", path=path
        ) from error
    if len(data) > MAX_BYTES:
        raise AnnotationError(
            f"{path.name} is larger than {MAX_BYTES // 1024**2} MB, which no captions file needs; choose another file.",
            path=path,
        )
    return data


def parse_json(text: str, path: Path) -> Any:
    """The value of a JSON text.

    Raises
    ------
    AnnotationError
        If it is not JSON, is cut short, or is nested too deeply.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            raise AnnotationError(
                f"{path.name} is cut short in line {error.lineno}: its JSON never ends. Copy it again.", path=path
            ) from error
        raise AnnotationError(
            f"{path.name}, line {error.lineno}, column {error.colno}: this is not valid JSON ({error.msg}).", path=path
        ) from error
    except RecursionError as error:
        raise AnnotationError(
            f"{path.name} is nested too deeply for a captions file; choose another file.", path=path
        ) from error
    except ValueError as error:
        raise AnnotationError(f"{path.name} holds a number that is too long for a captions file.", path=path) from error
