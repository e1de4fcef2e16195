"""Files that take hours to write: an interrupted one stays beside its target, with a journal of what it holds."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from captioner.atomic_file import atomic_path
from captioner.errors import OutputError

MAX_JOURNAL_BYTES = 2**30


class _ProbeDone(Exception):  # noqa: N818 (not an error: it only ends the probe)
    """Leaves a block that only tried whether a file could be written."""


@contextlib.contextmanager
def unfinished_path(target: Path, settings: Sequence[Any]) -> Iterator[Path]:
    """Lend a hidden file in the folder of ``target``, the same for the same ``settings``, that replaces it in the end.

    When the block raises, the file stays, to be lent again with what it holds.

    Parameters
    ----------
    target
        The file to write.
    settings
        JSON values; everything that decides what the file will hold.

    Yields
    ------
    Path
        The file, which may not exist yet.

    Raises
    ------
    OutputError
        As `captioner.atomic_file.atomic_path` does.
    """
    with contextlib.suppress(_ProbeDone), atomic_path(target):
        raise _ProbeDone
    final = Path(os.path.realpath(target))
    digest = hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:12]
    stem = os.fsdecode(os.fsencode(final.stem)[:100])
    unfinished = final.with_name(f".{stem}.unfinished-{digest}{final.suffix[:32]}")
    yield unfinished
    with atomic_path(target) as temporary:
        unfinished.replace(temporary)
    for left in final.parent.glob(f".{_escaped(stem)}.unfinished-*"):
        with contextlib.suppress(OSError):
            left.unlink()


def _escaped(stem: str) -> str:
    return "".join(f"[{character}]" if character in "*?[" else character for character in stem)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """What came to a file at once.

    Attributes
    ----------
    images
        How many images are dealt with by now.
    left_out
        Names of those among the new ones that could not be read.
    checksums
        CRC-32 of the new rows, the plain image and then its views.
    """

    images: int
    left_out: list[str]
    checksums: list[list[int]]


class Journal:
    """The entries of an unfinished file, one line of JSON each.

    Parameters
    ----------
    path
        Of the journal, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[JournalEntry]:
        """Entries up to the first line that is cut short or damaged."""
        entries: list[JournalEntry] = []
        try:
            if self.path.stat().st_size > MAX_JOURNAL_BYTES:
                return entries
            lines = self.path.read_bytes().split(b"\n")[:-1]
        except OSError:
            return entries
        for line in lines:
            entry = _parse(line)
            if entry is None or entry.images <= (entries[-1].images if entries else 0):
                break
            entries.append(entry)
        return entries

    def restart(self, entries: Sequence[JournalEntry]) -> None:
        """Begin again with these entries."""
        with atomic_path(self.path) as temporary:
            temporary.write_text("".join(map(_line, entries)), encoding="utf-8")

    def append(self, entry: JournalEntry) -> None:
        """Add one.

        Raises
        ------
        OutputError
            If the disk is full.
        """
        try:
            with self.path.open("a", encoding="utf-8") as stream:
                stream.write(_line(entry))
        except OSError as error:
            raise OutputError(
                f"{self.path} could not be written: {error.strerror}. Free some space, then extract again.",
                path=self.path,
            ) from error


def _line(entry: JournalEntry) -> str:
    return json.dumps(asdict(entry)) + "\n"


def _parse(line: bytes) -> JournalEntry | None:
    try:
        values = json.loads(line)
        entry = JournalEntry(int(values["images"]), list(values["left_out"]), list(values["checksums"]))
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    rows_are_numbers = all(isinstance(row, list) and all(type(sum_) is int for sum_ in row) for row in entry.checksums)
    names_are_texts = all(isinstance(name, str) for name in entry.left_out)
    return entry if rows_are_numbers and names_are_texts else None
