"""Which photographs a list of files, folders and patterns stands for."""

from __future__ import annotations

import glob
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from captioner.errors import ImageError
from captioner.file_names import printable

IMAGE_EXTENSIONS = (
    ".jpg",
    ".jpeg",
    ".jpe",
    ".jfif",
    ".png",
    ".webp",
    ".bmp",
    ".dib",
    ".gif",
    ".tif",
    ".tiff",
    ".avif",
    ".heic",
    ".heif",
)
_LOOKED_FOR = "looked for .jpg, .png, .webp, .bmp, .gif, .tif, .avif and .heic"
_log = logging.getLogger(__name__)


def _ignore(_: Path) -> None:
    pass


def find_images(
    paths: Iterable[str | os.PathLike[str]],
    *,
    recursive: bool = False,
    on_folder: Callable[[Path], object] = _ignore,
) -> Iterator[Path]:
    """Find the photographs that the paths stand for, one by one, in the order of the paths.

    Parameters
    ----------
    paths
        A file stands for itself, whatever its extension; so does a path where nothing is, so that opening it says so.
        A folder stands for the files in it that have an image extension, in natural order (``IMG_2`` before
        ``IMG_10``) and without hidden ones; a pattern such as ``holiday/*.jpg`` or ``**/*.png`` for those it matches.
    recursive
        Search the folders inside folders too. Links are followed, each folder is searched once.
    on_folder
        Called with each folder before it is searched, also where no image is found for long; what it raises ends the
        search.

    Raises
    ------
    ImageError
        While iterating: when a folder or a pattern stands for no photograph.
    """
    for path in map(Path, paths):
        if path.is_dir():
            yield from _in_folder(path, recursive, on_folder)
        elif glob.has_magic(os.fspath(path)) and not os.path.lexists(path):
            yield from _matching(os.fspath(path))
        else:
            yield path


def _in_folder(folder: Path, recursive: bool, on_folder: Callable[[Path], object]) -> Iterator[Path]:
    found = False
    for image in _walk(folder, recursive, on_folder):
        found = True
        yield image
    if found:
        return
    message = f"{printable(folder)} has no images ({_LOOKED_FOR})"
    if not recursive and any(map(_is_folder, _entries(folder))):
        raise ImageError(f"{message}; add --recursive to look in its subfolders.", path=folder)
    raise ImageError(f"{message}. Choose another folder.", path=folder)


def _walk(top: Path, recursive: bool, on_folder: Callable[[Path], object]) -> Iterator[Path]:
    waiting, searched = [top], set[tuple[int, int]]()
    while waiting:
        folder = waiting.pop()
        on_folder(folder)
        try:
            status = folder.stat()
            entries = _entries(folder)
        except OSError as error:
            if folder is top:
                message = f"{printable(folder)} may not be searched: {error.strerror}."
                raise ImageError(message, path=folder) from error
            _log.warning("%s was left out: %s.", printable(folder), error.strerror)
            continue
        if (status.st_dev, status.st_ino) in searched:
            continue
        searched.add((status.st_dev, status.st_ino))
        yield from (Path(entry.path) for entry in entries if _is_image(entry))
        if recursive:
            waiting += [Path(entry.path) for entry in reversed(entries) if _is_folder(entry)]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda e: _natural(e.name))


def _is_image(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.name.lower().endswith(IMAGE_EXTENSIONS) and entry.is_file()
    except OSError:  # a link that leads back to itself
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _matching(pattern: str) -> Iterator[Path]:
    # Path.glob cannot take patterns that begin at the root, and finds hidden files.
    matches = [match for match in glob.glob(pattern, recursive=True) if match.lower().endswith(IMAGE_EXTENSIONS)]  # noqa: PTH207
    images = [match for match in matches if Path(match).is_file()]
    if not images:
        message = f"No image matches {printable(pattern)} ({_LOOKED_FOR}). Check the pattern."
        raise ImageError(message, path=pattern)
    yield from (Path(match) for match in sorted(images, key=_natural))


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Sort key under which runs of digits count as numbers and case does not count."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [(int(part), "") if index % 2 else (0, part) for index, part in enumerate(parts)], name
