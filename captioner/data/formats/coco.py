"""COCO caption annotations: ``images`` with ids and file names, ``annotations`` with captions by image id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from captioner.data.captioned_image import CaptionedImage, checked_captions, checked_file_name, refuse
from captioner.data.formats.json_fields import field, typed

LAYOUT = "COCO annotations"


def matches(document: dict[str, Any]) -> bool:
    """Whether a JSON object has this layout."""
    return "images" in document and "annotations" in document


def read(document: dict[str, Any], path: Path) -> Iterator[CaptionedImage]:
    """Images of the file in its order, captions in the order of ``annotations``; an image may have no caption.

    Raises
    ------
    AnnotationError
        On a missing field or one of another type, an image id that occurs twice, an annotation of an image that is
        not there, or a file name that leads out of the folder.
    """
    names: dict[int, str] = {}
    for index, value in enumerate(field(document, "images", list, path, "")):
        where = f"image {index}"
        entry = typed(value, dict, path, where)
        image_id = field(entry, "id", int, path, where)
        if image_id in names:
            raise refuse(path, where, f"the image id {image_id} occurs twice; one entry per image was expected.")
        names[image_id] = checked_file_name(field(entry, "file_name", str, path, where), path, where)
    captions: dict[int, list[str]] = {image_id: [] for image_id in names}
    for index, value in enumerate(field(document, "annotations", list, path, "")):
        where = f"annotation {index}"
        entry = typed(value, dict, path, where)
        image_id = field(entry, "image_id", int, path, where)
        if image_id not in names:
            raise refuse(path, where, f"it belongs to image id {image_id}, which is not among the images.")
        captions[image_id] += checked_captions([field(entry, "caption", str, path, where)], path, where)
    for image_id, name in names.items():
        yield CaptionedImage(file_name=name, captions=tuple(captions[image_id]), image_id=image_id)
