"""What each of the given files is, told from its content."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from captioner.data.annotations import find_layout, is_json
from captioner.data.datasets.keyed_features import ARRAY_SUFFIXES, id_of_key, is_image_name
from captioner.data.safe_hdf5 import list_names, open_hdf5
from captioner.data.text_file import parse_json, read_text
from captioner.errors import AnnotationError
from captioner.file_names import file_name

_HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf")
_TEXT_SUFFIXES = (".json", ".txt", ".csv", ".token", ".tsv")
_PICKLE_SUFFIXES = (".pkl", ".pickle", ".p")
_KNOWN_SUFFIXES = (*_HDF5_SUFFIXES, *_TEXT_SUFFIXES, *_PICKLE_SUFFIXES)
_HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_IMAGE_NAME = re.compile(r"[^\t|]*\.(?:jpe?g|png|bmp|gif|tiff?|webp)", re.IGNORECASE)
_SPLIT_WORDS = {"train": "train", "restval": "restval", "val": "val", "dev": "val", "test": "test"}
MAX_FILES = 10_000


class _UnknownFileError(AnnotationError):
    """A file that may well be whole, but is of no kind that is known here."""


class Kind(StrEnum):
    """What a file is for."""

    FEATURES = "features"
    REGIONS = "regions"
    KEYED_FEATURES = "features by image id"
    ARRAY_FOLDER = "folder of feature arrays"
    PIXELS = "images"
    CS231N_CAPTIONS = "CS231n captions"
    CS231N_VOCABULARY = "CS231n vocabulary"
    LABELS = "neuraltalk2 labels"
    LABELLED_IMAGES = "neuraltalk2 images and words"
    WORD_MAP = "word map"
    TOKEN_ROWS = "captions as token ids"
    INTEGERS = "list of whole numbers"
    ID_ROWS = "rows by image id"
    CAPTIONS = "captions"
    NAMES = "list of image names"
    URLS = "list of addresses"


@dataclass(frozen=True, slots=True, eq=False)
class FoundFile:
    """A file and its kind; `content` is the text or the value of its JSON, None for others."""

    path: Path
    kind: Kind
    content: Any = None

    @property
    def split(self) -> str | None:
        """The split that the name of the file speaks of: train, restval, val or test."""
        return split_of_name(self.path.name)


def split_of_name(name: str) -> str | None:
    """The split that a file name speaks of; None when it speaks of none or of several."""
    words = re.findall(r"restval|train|val|dev|test", name.lower())
    splits = {_SPLIT_WORDS[word] for word in words}
    return splits.pop() if len(splits) == 1 else None


def find_files(paths: Iterable[str | os.PathLike[str]]) -> tuple[list[FoundFile], list[str]]:
    """Recognise files given singly and those that lie directly in given folders.

    Returns
    -------
    files
        In the order given; those of a folder by name.
    notes
        Sentences about what in the folders was left out.

    Raises
    ------
    CaptionerError
        If a file given singly is missing, damaged or of no known kind, or a file anywhere is a damaged HDF5 file.
    """
    found: list[FoundFile] = []
    notes: list[str] = []
    for path in map(Path, paths):
        if not path.is_dir():
            found.append(recognise(path))
        elif _is_array_folder(path):
            found.append(FoundFile(path, Kind.ARRAY_FOLDER))
        else:
            for inside in _candidates(path):
                _recognise_inside(inside, found, notes)
    return found, notes


def recognise(path: Path) -> FoundFile:
    """Tell what one file is.

    Raises
    ------
    CaptionerError
        If it is missing, damaged, a pickle, or of no known kind.
    """
    head = _first_bytes(path)
    if path.suffix.lower() in _PICKLE_SUFFIXES or head[:1] == b"\x80":
        raise _UnknownFileError(
            f"{path} is a Python pickle, which is never opened, because it can run programs. Write what it holds as "
            'JSON, such as {"image id": row}.',
            path=path,
        )
    if path.suffix.lower() in _HDF5_SUFFIXES or head == _HDF5_SIGNATURE:
        return FoundFile(path, _kind_of_hdf5(path))
    text = read_text(path)
    content = parse_json(text, path) if is_json(text) else text
    kind = _kind_of_text(content) if isinstance(content, str) else _kind_of_json(content)
    if kind is None:
        raise _UnknownFileError(f"{path} is not a file of any data set that is known here. Leave it out.", path=path)
    return FoundFile(path, kind, content)


def _recognise_inside(path: Path, found: list[FoundFile], notes: list[str]) -> None:
    if path.is_dir():
        found.append(FoundFile(path, Kind.ARRAY_FOLDER))
        return
    try:
        found.append(recognise(path))
    except _UnknownFileError as error:
        # A README in the folder is no fault; what is known but damaged is.
        notes.append(f"{file_name(path)} was left out: {error.message}")


def _candidates(folder: Path) -> Iterator[Path]:
    count = 0
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if _is_array_folder(path) if path.is_dir() else path.suffix.lower() in _KNOWN_SUFFIXES:
            count += 1
            if count > MAX_FILES:
                message = f"{folder} holds more than {MAX_FILES:,} files. Name those of the data set."
                raise AnnotationError(message, path=folder)
            yield path


def _is_array_folder(path: Path) -> bool:
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                return entry.name.endswith(ARRAY_SUFFIXES)
    return False


def _first_bytes(path: Path) -> bytes:
    if not path.is_file():
        return b""  # the reader that is tried next says what is wrong
    try:
        with path.open("rb") as stream:
            return stream.read(len(_HDF5_SIGNATURE))
    except OSError:
        return b""


def _kind_of_hdf5(path: Path) -> Kind:
    with contextlib.closing(open_hdf5(path)) as file:
        names = set(list_names(file, path))
    for needed, kind in (
        ({"features"}, Kind.FEATURES),
        ({"image_features"}, Kind.REGIONS),
        ({"label_start_ix"}, Kind.LABELS),
        ({"train_captions"}, Kind.CS231N_CAPTIONS),
        ({"val_captions"}, Kind.CS231N_CAPTIONS),
        ({"images"}, Kind.PIXELS),
    ):
        if needed <= names:
            return kind
    if any(id_of_key(name) is not None or is_image_name(name) for name in names):
        return Kind.KEYED_FEATURES
    shown = ", ".join(sorted(names)[:3]) or "nothing"
    others = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    raise _UnknownFileError(
        f"{path} holds {shown}{others}, which no data set that is known here has. Features are found in one dataset, "
        "features, or in one dataset per image, called by its number or by the name of its file.",
        path=path,
    )


def _kind_of_json(content: Any) -> Kind | None:
    if isinstance(content, dict):
        if "idx_to_word" in content:
            return Kind.CS231N_VOCABULARY
        if "ix_to_word" in content:
            return Kind.LABELLED_IMAGES
        if find_layout(content) is not None:
            return Kind.CAPTIONS
        if "<start>" in content and "<end>" in content:
            return Kind.WORD_MAP
        return Kind.ID_ROWS if content and all(key.isdecimal() for key in content) else None
    first = content[0] if isinstance(content, list) and content else None
    if isinstance(first, list):
        return Kind.TOKEN_ROWS
    return Kind.INTEGERS if isinstance(first, int) and not isinstance(first, bool) else None


def _kind_of_text(text: str) -> Kind | None:
    if find_layout(text) is not None:
        return Kind.CAPTIONS
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if all(line.startswith(("http://", "https://")) for line in lines):
        return Kind.URLS
    if all(line.isdecimal() for line in lines):
        return Kind.INTEGERS
    return Kind.NAMES if all(_IMAGE_NAME.fullmatch(line) for line in lines) else None
