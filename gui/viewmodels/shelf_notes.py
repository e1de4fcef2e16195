"""What is kept of a shelf of runs beside the runs themselves: their names, and where others lie."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from captioner.atomic_file import atomic_path
from captioner.errors import OutputError
from captioner.file_names import printable

MAX_BYTES = 2**20
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShelfNotes:
    """Names that people gave to runs, by folder, and the folders of runs that lie elsewhere."""

    names: Mapping[str, str] = field(default_factory=dict)
    added: tuple[str, ...] = ()


def load_notes(path: Path) -> ShelfNotes:
    """What was kept; nothing where it is missing or damaged."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError("it is too large")
        values = json.loads(path.read_text(encoding="utf-8"))
        names, added = values["names"], values["added"]
        return ShelfNotes(
            {folder: name for folder, name in names.items() if isinstance(name, str) and name.isprintable()},
            tuple(folder for folder in added if isinstance(folder, str) and "\0" not in folder),
        )
    except FileNotFoundError:
        return ShelfNotes()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        _log.warning("%s cannot be read: %s", printable(path), error)
        return ShelfNotes()


def save_notes(notes: ShelfNotes, path: Path) -> None:
    """Keep notes; the file appears whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written; the one before stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{printable(path.parent)} cannot be made: {error.strerror}.", path=path) from error
    # Paths whose bytes are no text survive as escapes only.
    with atomic_path(path) as partial:
        partial.write_text(json.dumps({"names": dict(notes.names), "added": notes.added}), encoding="ascii")
