"""Captions as files: one beside each photograph, or one table, list or page for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from captioner.atomic_file import atomic_path
from captioner.caption import CaptionEntry, TextFormat
from captioner.caption_formats import CaptionWriter, CocoWriter, CsvWriter, ProvenanceWriter, pieces
from captioner.errors import ConfigurationError, OutputError
from captioner.exports.html_page import HtmlWriter
from captioner.exports.targets import require_free
from captioner.plain_text import plain

_WRITERS: dict[str, Callable[[Sequence[CaptionEntry]], CaptionWriter]] = {
    "csv": lambda entries: CsvWriter(tells_edits=True),
    "json": lambda entries: ProvenanceWriter(),
    "coco": lambda entries: CocoWriter([entry.path for entry in entries]),
    "html": lambda entries: HtmlWriter(len(entries)),
}


def export_captions(
    entries: Sequence[CaptionEntry],
    format: TextFormat,  # noqa: A002 (the word for it)
    target: Path | None,
    overwrite: bool,
) -> list[Path]:
    """Write captions as they stand, edited or not.

    Parameters
    ----------
    entries
        In the order in which they are written. Of several for one photograph the last counts.
    format
        ``txt`` writes a file beside each photograph, ``beach.txt`` for ``beach.jpg``; where photographs in a folder
        differ in nothing but their ending, each keeps it: ``beach.jpg.txt`` and ``beach.png.txt``. ``csv`` is a table
        that no spreadsheet takes for formulas, ``json`` a list of everything that is known of each caption, ``coco``
        COCO results, ``html`` a page that needs nothing but itself, see `HtmlWriter`.
    target
        The one file of all formats but ``txt``.
    overwrite
        Replace files that are there.

    Returns
    -------
    list of pathlib.Path
        The files, each of them written whole.

    Raises
    ------
    OutputError
        When a file is there already and ``overwrite`` is off, and then nothing is written; when one cannot be written.
    ConfigurationError
        When the format is not known, has no target, or an entry does not fit together.
    """
    entries = list({entry.path: entry for entry in entries}.values())
    if format == "txt":
        return _write_beside(entries, overwrite)
    if format not in _WRITERS:
        raise ConfigurationError(f"Captions cannot be written as {format!r:.20}. Known: txt, {', '.join(_WRITERS)}.")
    if target is None:
        raise OutputError("There is no file to write to. Name one.")
    require_free([target], (entry.path for entry in entries), overwrite=overwrite)
    writer = _WRITERS[format](entries)
    with atomic_path(target) as path, path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces(writer, entries))
    return [target]


def _write_beside(entries: Sequence[CaptionEntry], overwrite: bool) -> list[Path]:
    targets = _text_files([Path(entry.path) for entry in entries])
    require_free(targets, (entry.path for entry in entries), overwrite=overwrite)
    for entry, target in zip(entries, targets, strict=True):
        with atomic_path(target) as path:
            path.write_text(f"{plain(entry.text)}\n", encoding="utf-8", newline="")
    return targets


def _text_files(photographs: Sequence[Path]) -> list[Path]:
    short = [path.with_suffix(".txt") for path in photographs]
    # Some file systems do not tell capitals from small letters.
    uses = Counter(str(path).casefold() for path in (*short, *photographs))
    return [
        brief if uses[str(brief).casefold()] == 1 else path.with_name(f"{path.name}.txt")
        for brief, path in zip(short, photographs, strict=True)
    ]
