"""Flickr30k's ``results.csv``: ``image_name| comment_number| comment``, names padded and one row broken."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from captioner.data.captioned_image import CaptionedImage, group_rows

LAYOUT = "Flickr30k CSV"
_LOGGER = logging.getLogger(__name__)


def matches(first_line: str) -> bool:
    """Whether a file that begins with this line has this layout."""
    return [cell.strip().lower() for cell in first_line.split("|")] == ["image_name", "comment_number", "comment"]


def read(text: str, path: Path) -> Iterator[CaptionedImage]:
    """Images of the file, in order of first appearance; rows that lack a column are left out and named in the log.

    Raises
    ------
    AnnotationError
        On a file name that leads out of the folder.
    """
    return group_rows(_rows(text, path), path)


def _rows(text: str, path: Path) -> Iterator[tuple[int, str, str]]:
    for line, content in enumerate(text.split("\n")[1:], start=2):
        if not content.strip():
            continue
        # A caption may hold the delimiter itself.
        name, *others = content.split("|", 2)
        if len(others) == 2 and others[0].strip().isdecimal():
            yield line, name, others[1]
        else:
            _LOGGER.warning(
                "%s, line %d is left out: name, number and caption were expected in %.120r", path, line, content
            )
