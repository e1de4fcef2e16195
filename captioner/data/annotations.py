"""Captions files of every layout that users have on disk, recognised by what is in them."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from captioner.data.captioned_image import CaptionedImage, checked_file_name, refuse, with_captions
from captioner.data.formats import coco, flickr30k_csv, flickr_token, kaggle_csv, karpathy
from captioner.data.text_file import parse_json, read_text
from captioner.errors import AnnotationError

__all__ = [
    "Annotations",
    "CaptionedImage",
    "find_layout",
    "is_json",
    "parse_annotations",
    "read_annotations",
    "read_split",
]

_LOGGER = logging.getLogger(__name__)
_TEXT_LAYOUTS = (kaggle_csv, flickr30k_csv, flickr_token)
_JSON_LAYOUTS = (coco, karpathy)
_EXPECTED = (
    "a Kaggle CSV (image,caption), a Flickr token file (name.jpg#0, tab, caption), a Flickr30k results.csv,"
    " COCO annotations or a Karpathy split was expected"
)


@dataclass(frozen=True, slots=True)
class Annotations:
    """The captioned images of one file.

    Attributes
    ----------
    images
        One or more, in the order of the file, each with at least one caption; file names are unique.
    layout
        What the file was recognised as, such as "COCO annotations".
    path
        The file.
    """

    images: tuple[CaptionedImage, ...]
    layout: str
    path: Path

    @property
    def image_count(self) -> int:
        """Number of images."""
        return len(self.images)

    @property
    def caption_count(self) -> int:
        """Number of captions of all images together."""
        return sum(len(image.captions) for image in self.images)

    def by_name(self) -> Mapping[str, CaptionedImage]:
        """Images by file name, in the order of the file."""
        return {image.file_name: image for image in self.images}

    def images_per_split(self) -> Mapping[str, int]:
        """Number of images of each split; empty where the file names none."""
        return Counter(image.split for image in self.images if image.split is not None)

    def restrict_to(self, names: Collection[str]) -> Annotations:
        """The images with these file names, in the order of the file; names without captions are logged.

        Raises
        ------
        AnnotationError
            If none of the names has captions in this file.
        """
        wanted = set(names)
        kept = tuple(image for image in self.images if image.file_name in wanted)
        if not kept:
            raise refuse(self.path, "", f"holds captions for none of the {len(wanted)} images that were asked for.")
        if len(kept) < len(wanted):
            example = min(wanted - {image.file_name for image in kept})
            _LOGGER.warning(
                "%s: %d of %d images have no caption here, such as %s",
                self.path, len(wanted) - len(kept), len(wanted), example,
            )  # fmt: skip
        return dataclasses.replace(self, images=kept)


def read_annotations(path: str | os.PathLike[str], *, split: str | None = None) -> Annotations:
    """Read a captions file.

    Parameters
    ----------
    path
        A Kaggle CSV, Flickr token file, Flickr30k ``results.csv``, COCO annotations or Karpathy split; the layout is
        told from the content, whatever the file is called.
    split
        Keep only images of this split, exactly as the file names it; ``restval`` is not ``train``.

    Raises
    ------
    AnnotationError
        If the file cannot be read or is damaged, names an image outside the images folder or twice, holds no caption,
        or does not have the split.
    """
    path = Path(path)
    text = read_text(path)
    annotations = parse_annotations(parse_json(text, path) if is_json(text) else text, path)
    return annotations if split is None else _only(annotations, split)


def parse_annotations(content: Any, path: Path) -> Annotations:
    """Captions from the text of a file, or from the value of its JSON.

    Raises
    ------
    AnnotationError
        As `read_annotations` does.
    """
    layout = find_layout(content)
    if layout is None and isinstance(content, str):
        raise refuse(path, "line 1", f"{_EXPECTED}, not {_first_line(content)[:60]!r}.")
    if layout is None:
        raise refuse(path, "", f"is JSON but not a captions file; {_EXPECTED}.")
    return Annotations(images=with_captions(layout.read(content, path), path), layout=layout.LAYOUT, path=path)


def find_layout(content: Any) -> ModuleType | None:
    """The module that reads this text or JSON value; None when it is no captions file."""
    if isinstance(content, str):
        return next((layout for layout in _TEXT_LAYOUTS if layout.matches(_first_line(content))), None)
    if isinstance(content, dict):
        return next((layout for layout in _JSON_LAYOUTS if layout.matches(content)), None)
    return None


def is_json(text: str) -> bool:
    """Whether a text that is not blank begins as JSON does."""
    return text.lstrip()[0] in "{["


def read_split(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Read a list of images, one file name per line; blank lines are ignored.

    Raises
    ------
    AnnotationError
        If the file cannot be read, names an image outside the images folder, or names one twice.
    """
    path = Path(path)
    lines: dict[str, int] = {}
    for line, content in enumerate(read_text(path).split("\n"), start=1):
        if not content.strip():
            continue
        name = checked_file_name(content, path, f"line {line}")
        if name in lines:
            raise refuse(path, f"line {line}", f"{name} is already in line {lines[name]}; each image is listed once.")
        lines[name] = line
    return tuple(lines)


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0].rstrip("\r")


def _only(annotations: Annotations, split: str) -> Annotations:
    available = annotations.images_per_split()
    if not available:
        raise AnnotationError(
            f"{annotations.path.name} does not say which image belongs to which split; give a list of images instead.",
            path=annotations.path,
        )
    if split not in available:
        raise refuse(annotations.path, "", f"has no split {split!r}; it has {', '.join(sorted(available))}.")
    return dataclasses.replace(annotations, images=tuple(i for i in annotations.images if i.split == split))
