"""Kaggle's ``captions.txt`` of Flickr8k: CSV with the header ``image,caption``, one row per caption."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from captioner.data.captioned_image import CaptionedImage, group_rows, refuse

LAYOUT = "Kaggle CSV"


def matches(first_line: str) -> bool:
    """Whether a file that begins with this line has this layout."""
    return [cell.strip().strip('"').lower() for cell in first_line.split(",")] == ["image", "caption"]


def read(text: str, path: Path) -> Iterator[CaptionedImage]:
    """Images of the file, in order of first appearance.

    Raises
    ------
    AnnotationError
        On a row that has not two columns, a quote that is never closed, or a file name that leads out of the folder.
    """
    return group_rows(_rows(text, path), path)


def _rows(text: str, path: Path) -> Iterator[tuple[int, str, str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        next(reader)
        line = reader.line_num + 1
        for row in reader:
            if row:
                if len(row) != 2:
                    raise refuse(path, f"line {line}", f"2 columns, image and caption, were expected, not {len(row)}.")
                yield line, row[0], row[1]
            line = reader.line_num + 1
    except csv.Error as error:
        raise refuse(path, f"line {line}", f"this is not valid CSV ({error}).") from error
