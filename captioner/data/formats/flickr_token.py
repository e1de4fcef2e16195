"""``Flickr8k.token.txt`` and its kin: ``name.jpg#k<TAB>caption``, one line per caption."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from captioner.data.captioned_image import CaptionedImage, group_rows, refuse

LAYOUT = "Flickr token file"
_ROW = re.compile(r"([^\t]+)#\d+\t(.*)", re.DOTALL)


def matches(first_line: str) -> bool:
    """Whether a file that begins with this line has this layout."""
    return _ROW.fullmatch(first_line) is not None


def read(text: str, path: Path) -> Iterator[CaptionedImage]:
    """Images of the file, in order of first appearance.

    Raises
    ------
    AnnotationError
        On a line of another form, or a file name that leads out of the folder.
    """
    return group_rows(_rows(text, path), path)


def _rows(text: str, path: Path) -> Iterator[tuple[int, str, str]]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        row = _ROW.fullmatch(content)
        if row is None:
            raise refuse(path, f"line {line}", "an image name, # and a number, a tab and a caption were expected.")
        yield line, row[1], row[2]
