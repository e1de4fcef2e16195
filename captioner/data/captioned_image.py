"""One photograph with its captions, and the checks that every layout of captions file shares."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from captioner.errors import AnnotationError

_LOGGER = logging.getLogger(__name__)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class CaptionedImage:
    """A photograph and what people said about it.

    Attributes
    ----------
    file_name
        Path of the image relative to the images folder, parted by ``/``; it never leads out of that folder.
    captions
        One or more captions, none of them blank.
    split
        ``train``, ``val`` and so on, where the file says.
    image_id
        Number of the image, where the file has one.
    """

    file_name: str
    captions: tuple[str, ...]
    split: str | None = None
    image_id: int | None = None


def refuse(path: Path, where: str, problem: str) -> AnnotationError:
    """The error for ``problem`` at ``where`` (a line or an entry; may be empty) in the file ``path``."""
    return AnnotationError(f"{path.name}, {where}: {problem}" if where else f"{path.name} {problem}", path=path)


def checked_file_name(name: str, path: Path, where: str) -> str:
    """The name of an image file, if it stays inside the images folder on every system.

    Raises
    ------
    AnnotationError
        If it is empty, absolute, has a drive, a ``..`` or a control character, or cannot be written as UTF-8.
    """
    name = name.strip()
    if not name or name == ".":
        raise refuse(path, where, "the name of the image is empty; a file name such as beach.jpg was expected.")
    if _CONTROL.search(name) or not _is_encodable(name):
        raise refuse(path, where, f"the image name {name[:80]!r} holds characters that no file name has.")
    windows = PureWindowsPath(name)
    if windows.drive or windows.root or ".." in windows.parts:
        raise refuse(
            path, where, f"the image name {name[:80]!r} leads out of the images folder; a plain file name was expected."
        )
    return str(PurePosixPath(name))


def checked_captions(captions: Iterable[str], path: Path, where: str) -> tuple[str, ...]:
    """Captions without surrounding space; blank ones are left out.

    Raises
    ------
    AnnotationError
        If one holds half a character (a lone surrogate), which could not be saved again.
    """
    kept = tuple(stripped for caption in captions if (stripped := caption.strip()))
    if not all(map(_is_encodable, kept)):
        raise refuse(path, where, "the caption holds half a character; save the file as UTF-8 again.")
    return kept


def group_rows(rows: Iterable[tuple[int, str, str]], path: Path) -> Iterator[CaptionedImage]:
    """Images from rows of (line number, image name, caption), in order of first appearance."""
    captions: dict[str, list[str]] = {}
    for line, name, caption in rows:
        where = f"line {line}"
        captions.setdefault(checked_file_name(name, path, where), []).extend(checked_captions([caption], path, where))
    for name, several in captions.items():
        yield CaptionedImage(file_name=name, captions=tuple(several))


def with_captions(images: Iterable[CaptionedImage], path: Path) -> tuple[CaptionedImage, ...]:
    """The images that have a caption; the others are named in the log.

    Raises
    ------
    AnnotationError
        If two entries have the same file name, or no image has a caption.
    """
    kept: dict[str, CaptionedImage] = {}
    without: list[str] = []
    seen: set[str] = set()
    for image in images:
        if image.file_name in seen:
            raise refuse(path, "", f"lists the image {image.file_name} twice; one entry per image was expected.")
        seen.add(image.file_name)
        if image.captions:
            kept[image.file_name] = image
        else:
            without.append(image.file_name)
    if not kept:
        raise refuse(path, "", "holds no caption; at least one image with a caption was expected.")
    if without:
        _LOGGER.warning("%s: %d images have no caption and are left out: %s", path, len(without), _sample(without))
    return tuple(kept.values())


def _sample(names: list[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
