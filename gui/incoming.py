"""What is dropped on the window or pasted into it: files, folders and pictures, apart from what is neither."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QCoreApplication, QMimeData, QUrl
from PySide6.QtGui import QImage

from captioner.file_names import printable

# Taken over byte by byte, the lossless ones first: what a browser or a screenshot offers several of is one picture.
_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/avif": ".avif",
    "image/heic": ".heic",
}
_QT_IMAGE = "application/x-qt-image"
_MAX_TEXT = 100_000


class Reason(StrEnum):
    """Why something cannot be taken."""

    ELSEWHERE = "elsewhere"
    TEXT = "text"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that cannot be taken, in short, and why."""

    what: str
    reason: Reason

    @property
    def sentence(self) -> str:
        """What people are told."""
        sentences = {
            Reason.ELSEWHERE: _tr("{what} is not on this computer. Download it first, then drop the file."),
            Reason.TEXT: _tr("This is text, not a photograph. Copy a picture, a file or a folder."),
            Reason.NOTHING: _tr("There is no photograph in it. Copy a picture, a file or a folder."),
        }
        return sentences[self.reason].format(what=self.what)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture that is no file yet: the bytes of one, or pixels that Qt already has, and the suffix it shall have."""

    content: bytes | QImage
    suffix: str


@dataclass(frozen=True, slots=True, eq=False)
class Incoming:
    """What was dropped or pasted.

    Attributes
    ----------
    paths
        Files and folders, as `os.fsdecode` makes them. Nothing has been opened: the worker says which are photographs.
    refused
        The rest.
    picture
        Where there is no path.
    """

    paths: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    picture: Picture | None = None

    @property
    def count(self) -> int:
        """Number of things that can be taken."""
        return len(self.paths) + (self.picture is not None)


def read_mime_data(data: QMimeData) -> Incoming:
    """What a drop or the clipboard holds: files, else a picture, else text in which each line is a path."""
    found = _from_urls(data)
    if found.paths:
        return found
    picture = _picture_of(data)
    if picture is not None:
        return Incoming(picture=picture)
    if found.refused:
        return found
    return _from_text(data.text()) if data.hasText() else Incoming(refused=(Refused("", Reason.NOTHING),))


def count_of(data: QMimeData) -> int:
    """How many things a drop would bring, without reading a picture."""
    paths = len(_from_urls(data).paths)
    if paths or _has_picture(data):
        return paths or 1
    return len(_from_text(data.text()).paths) if data.hasText() else 0


def is_worth_dropping(data: QMimeData) -> bool:
    """Whether a drop would bring something, or deserves a sentence that says why it does not."""
    return data.hasUrls() or count_of(data) > 0


def path_of(url: QUrl) -> str | None:
    """Path of a file on this computer, whatever bytes its name is made of; None for what is elsewhere."""
    if not url.isLocalFile():
        return None
    if sys.platform == "win32":
        return str(Path(url.toLocalFile()))
    if url.host() not in ("", "localhost"):
        return None
    # QUrl.toLocalFile replaces bytes that are not text.
    encoded = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
    return os.path.normpath(os.fsdecode(unquote_to_bytes(encoded)))


def _from_urls(data: QMimeData) -> Incoming:
    paths: dict[str, None] = {}
    refused: dict[str, None] = {}
    for url in data.urls() if data.hasUrls() else ():
        path = path_of(url)
        if path is None:
            refused[printable(url.toDisplayString())] = None
        else:
            paths[path] = None
    return Incoming(tuple(paths), tuple(Refused(what, Reason.ELSEWHERE) for what in refused))


def _has_picture(data: QMimeData) -> bool:
    return data.hasImage() or any(data.hasFormat(kind) for kind in _SUFFIXES)


def _picture_of(data: QMimeData) -> Picture | None:
    for kind, suffix in _SUFFIXES.items():
        content = data.data(kind).data() if data.hasFormat(kind) else b""
        if content:
            return Picture(bytes(content), suffix)
    image = data.imageData() if data.hasFormat(_QT_IMAGE) else None
    return Picture(image, ".png") if isinstance(image, QImage) and not image.isNull() else None


def _from_text(text: str) -> Incoming:
    lines = [line.strip().strip("\"'") for line in text[:_MAX_TEXT].splitlines()]
    paths: dict[str, None] = {}
    for line in filter(None, lines):
        if line.startswith(("http://", "https://", "ftp://")):
            return Incoming(refused=(Refused(printable(line), Reason.ELSEWHERE),))
        path = path_of(QUrl(line)) if line.startswith("file://") else _absolute(line)
        if path is None:
            return Incoming(refused=(Refused("", Reason.TEXT),))
        paths[path] = None
    if not paths:
        return Incoming(refused=(Refused("", Reason.NOTHING),))
    return Incoming(tuple(paths))


def _absolute(line: str) -> str | None:
    try:
        path = Path(line).expanduser()
    except RuntimeError:  # ~nobody
        return None
    return str(path) if path.is_absolute() else None


def _tr(text: str) -> str:
    return QCoreApplication.translate("Incoming", text)
