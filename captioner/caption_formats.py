"""The forms in which captions are written: text, JSON, CSV and COCO results, each a writer whose pieces can stream."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from captioner.caption import CaptionEntry
from captioner.file_names import printable
from captioner.plain_text import no_formula, plain


class CaptionFormat(StrEnum):
    """Names of the formats of the command line."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    COCO = "coco"
    HTML = "html"


class CaptionWriter(Protocol):
    """Turns captions into pieces of text, so that results can stream."""

    def begin(self) -> str:
        """What comes before the first caption."""
        ...

    def add(self, entry: CaptionEntry) -> str:
        """One caption."""
        ...

    def end(self) -> str:
        """What comes after the last caption."""
        ...


def pieces(writer: CaptionWriter, entries: Sequence[CaptionEntry]) -> Iterator[str]:
    """The whole text that ``writer`` makes of ``entries``, piece by piece."""
    yield writer.begin()
    yield from map(writer.add, entries)
    yield writer.end()


class _Plain:
    def begin(self) -> str:
        return ""

    def end(self) -> str:
        return ""


class TextWriter(_Plain):
    """``path: caption``, one line each; what a terminal would obey in a name is written as an escape."""

    def add(self, entry: CaptionEntry) -> str:
        """One line."""
        return f"{printable(entry.path)}: {plain(entry.text)}\n"


class JsonLinesWriter(_Plain):
    """One JSON object per line, see `captioner.Caption.to_dict`."""

    def add(self, entry: CaptionEntry) -> str:
        """One line."""
        content = {} if entry.caption is None else entry.caption.to_dict()
        return (
            json.dumps(content | {"path": _as_text(entry.path), "caption": _as_text(entry.text)}, ensure_ascii=False)
            + "\n"
        )


class CsvWriter(_Plain):
    """A table that opens safely in a spreadsheet: one line per image, and no field is taken for a formula.

    Parameters
    ----------
    tells_edits
        Add a column that says which texts a hand changed. The log-probability is that of the model's own words, so
        those texts have none.
    """

    def __init__(self, *, tells_edits: bool = False) -> None:
        self._tells_edits = tells_edits

    def begin(self) -> str:
        """The header."""
        edited = ("edited",) if self._tells_edits else ()
        return _csv_row(("path", "caption", "log_probability", "width", "height", "model", *edited))

    def add(self, entry: CaptionEntry) -> str:
        """One row."""
        caption = entry.caption
        number = "" if caption is None or entry.is_edited else f"{caption.log_probability:.6f}"
        size = ("", "") if caption is None else (caption.width, caption.height)
        texts = (printable(entry.path), plain(entry.text), plain(caption.model if caption else ""))
        path, text, model = map(no_formula, texts)
        edited = ("yes" if entry.is_edited else "no",) if self._tells_edits else ()
        return _csv_row((path, text, number, *size, model, *edited))


class _JsonList:
    """A JSON list; each line ends where an element does, as what is printed above a progress bar must."""

    def __init__(self) -> None:
        self._separator = ""

    def begin(self) -> str:
        """The opening bracket."""
        return "[\n"

    def end(self) -> str:
        """The closing bracket."""
        return "]\n"

    def _element(self, content: dict[str, Any]) -> str:
        separator, self._separator = self._separator, ", "
        return separator + json.dumps(content, ensure_ascii=False) + "\n"


class ProvenanceWriter(_JsonList):
    """A JSON list of everything that is known of each caption but its attention.

    Every element has ``path``, ``caption`` and ``is_edited``. Where a model had a part in it, there are also
    ``model``, its ``options``, ``width``, ``height``, and as ``written`` the model's own ``caption``, with
    ``log_probability``, ``score`` and ``words``, each with ``text``, ``log_probability``, ``gate`` and
    ``alternatives``. The ``word_indices`` of an edited caption say which of those each of its words came from.
    """

    def add(self, entry: CaptionEntry) -> str:
        """One element."""
        content: dict[str, Any] = {
            "path": _as_text(entry.path),
            "caption": _as_text(entry.text),
            "is_edited": entry.is_edited,
        }
        if (caption := entry.caption) is not None:
            if entry.is_edited:
                content["word_indices"] = list(entry.word_indices)
            content |= {"model": caption.model, "options": caption.options.to_dict()}
            content |= {"width": caption.width, "height": caption.height}
            words = [
                {
                    "text": word.text,
                    "log_probability": round(word.log_probability, 6),
                    "gate": round(word.gate, 6),
                    "alternatives": [[text, round(value, 6)] for text, value in word.alternatives],
                }
                for word in caption.words
            ]
            numbers = {"log_probability": round(caption.log_probability, 6), "score": round(caption.score, 6)}
            content["written"] = {"caption": caption.text, **numbers, "words": words}
        return self._element(content)


class CocoWriter(_JsonList):
    """COCO results, ``[{"image_id": int, "caption": str}]``.

    The id is the number that each file name ends in, as in ``COCO_val2014_000000391895.jpg``. Where the names do not
    all end in different numbers, images are numbered from 1 in their order, and ``file_name`` tells which is which.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__()
        found = [re.fullmatch(r"(?:.*_)?(\d{1,18})", Path(path).stem) for path in paths]
        numbers = [int(match[1]) for match in found if match]
        self._has_numbers = len(numbers) == len(paths) == len(set(numbers))
        self._by_path: dict[str, int] = {}
        for index, path in enumerate(paths):
            self._by_path.setdefault(path, numbers[index] if self._has_numbers else index + 1)

    def add(self, entry: CaptionEntry) -> str:
        """One element."""
        content: dict[str, Any] = {"image_id": self._by_path[entry.path], "caption": _as_text(entry.text)}
        if not self._has_numbers:
            content["file_name"] = _as_text(Path(entry.path).name)
        return self._element(content)


def _as_text(text: str) -> str:
    """A name or text with whatever UTF-8 cannot hold, such as bytes of a name that are no text, written as escapes."""
    return re.sub("[\ud800-\udfff]", lambda found: printable(found[0]), text)


def _csv_row(values: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
