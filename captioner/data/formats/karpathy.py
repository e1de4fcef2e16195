"""Karpathy's split files: ``images`` that each hold their split and their sentences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from captioner.data.captioned_image import CaptionedImage, checked_captions, checked_file_name
from captioner.data.formats.json_fields import field, typed

LAYOUT = "Karpathy split"


def matches(document: dict[str, Any]) -> bool:
    """Whether a JSON object has this layout."""
    images = document.get("images")
    return isinstance(images, list) and bool(images) and isinstance(images[0], dict) and "sentences" in images[0]


def read(document: dict[str, Any], path: Path) -> Iterator[CaptionedImage]:
    """Images of the file in its order; ``image_id`` is ``cocoid`` where there is one, else ``imgid``.

    Raises
    ------
    AnnotationError
        On a missing field or one of another type, or a file name that leads out of the folder.
    """
    for index, value in enumerate(field(document, "images", list, path, "")):
        where = f"image {index}"
        entry = typed(value, dict, path, where)
        name = field(entry, "filename", str, path, where)
        if "filepath" in entry:
            # Checked apart: joined to an empty folder, an absolute file name would look like one below it.
            name = checked_file_name(name, path, where)
            folder = field(entry, "filepath", str, path, where)
            name = f"{folder}/{name}" if folder else name
        id_name = next((key for key in ("cocoid", "imgid") if key in entry), None)
        yield CaptionedImage(
            file_name=checked_file_name(name, path, where),
            captions=checked_captions(_sentences(entry, path, where), path, where),
            split=field(entry, "split", str, path, where),
            image_id=None if id_name is None else field(entry, id_name, int, path, where),
        )


def _sentences(entry: dict[str, Any], path: Path, where: str) -> Iterator[str]:
    for index, value in enumerate(field(entry, "sentences", list, path, where)):
        sentence = f"{where}, sentence {index}"
        yield field(typed(value, dict, path, sentence), "raw", str, path, sentence)
