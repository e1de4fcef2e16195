"""The forms in which captions are printed: text, JSON lines, CSV and COCO results."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from captioner.cli.console import plain
from captioner.file_names import printable

if TYPE_CHECKING:
    from captioner.caption import Caption

FORMULA_STARTS = ("=", "+", "-", "@")


class CaptionFormat(StrEnum):
    """Names of the formats."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    COCO = "coco"


class CaptionWriter(Protocol):
    """Turns captions into pieces of text, so that results can stream."""

    def begin(self) -> str:
        """What comes before the first caption."""
        ...

    def add(self, caption: Caption) -> str:
        """One caption."""
        ...

    def end(self) -> str:
        """What comes after the last caption."""
        ...


class _Plain:
    def begin(self) -> str:
        return ""

    def end(self) -> str:
        return ""


class TextWriter(_Plain):
    """``path: caption``, one line each; what a terminal would obey in a name is written as an escape."""

    def add(self, caption: Caption) -> str:
        """One line."""
        return f"{printable(caption.path or '')}: {plain(caption.text)}\n"


class JsonWriter(_Plain):
    """One JSON object per line, see `captioner.Caption.to_dict`."""

    def add(self, caption: Caption) -> str:
        """One line."""
        content = caption.to_dict()
        content["path"] = _as_text(content["path"])
        return json.dumps(content, ensure_ascii=False) + "\n"


class CsvWriter(_Plain):
    """A table that opens safely in a spreadsheet: one line per image, and no field is taken for a formula."""

    def begin(self) -> str:
        """The header."""
        return _csv_row(("path", "caption", "log_probability", "width", "height", "model"))

    def add(self, caption: Caption) -> str:
        """One row."""
        path, text, model = map(_no_formula, (printable(caption.path or ""), plain(caption.text), plain(caption.model)))
        return _csv_row((path, text, f"{caption.log_probability:.6f}", caption.width, caption.height, model))


class CocoWriter:
    """COCO results, ``[{"image_id": int, "caption": str}]``.

    The id is the number that each file name ends in, as in ``COCO_val2014_000000391895.jpg``. Where the names do not
    all end in different numbers, images are numbered from 1 in their order, and ``file_name`` tells which is which.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        found = [re.fullmatch(r"(?:.*_)?(\d{1,18})", path.stem) for path in paths]
        numbers = [int(match[1]) for match in found if match]
        self._numbers = iter(numbers) if len(numbers) == len(paths) == len(set(numbers)) else None
        self._by_path: dict[Path, int] = {}
        for index, path in enumerate(paths):
            self._by_path.setdefault(path, index + 1 if self._numbers is None else numbers[index])
        self._is_first = True

    def begin(self) -> str:
        """The opening bracket."""
        return "[\n"

    def add(self, caption: Caption) -> str:
        """One element; the line ends here, as what is printed above a progress bar must."""
        path = caption.path or Path()
        entry: dict[str, int | str] = {"image_id": self._by_path[path], "caption": caption.text}
        if self._numbers is None:
            entry["file_name"] = _as_text(path.name)
        separator = "" if self._is_first else ", "
        self._is_first = False
        return separator + json.dumps(entry, ensure_ascii=False) + "\n"

    def end(self) -> str:
        """The closing bracket."""
        return "]\n"


def caption_writer(kind: CaptionFormat, paths: Sequence[Path]) -> CaptionWriter:
    """The writer for ``kind``; ``paths`` are all images to come."""
    if kind is CaptionFormat.COCO:
        return CocoWriter(paths)
    writers: dict[CaptionFormat, type[CaptionWriter]] = {
        CaptionFormat.TEXT: TextWriter,
        CaptionFormat.JSON: JsonWriter,
        CaptionFormat.CSV: CsvWriter,
    }
    return writers[kind]()


def _as_text(name: str) -> str:
    """A file name with its bytes that are no text, which UTF-8 cannot hold, written as escapes."""
    return re.sub("[\ud800-\udfff]", lambda found: printable(found[0]), name)


def _no_formula(text: str) -> str:
    return f"'{text}" if text.lstrip().startswith(FORMULA_STARTS) else text


def _csv_row(values: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
