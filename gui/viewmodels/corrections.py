"""Captions corrected by hand, collected in a folder as a data set that a model can learn from."""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from captioner.atomic_file import atomic_path
from captioner.errors import AnnotationError, OutputError
from captioner.file_names import printable
from captioner.worker.training_protocol import DatasetChoice

CAPTIONS, TRAIN, DEV = "captions.json", "train.txt", "dev.txt"
DESCRIPTION = "Captions corrected by hand in Captioner"
LEAST_WITH_DEV, DEV_SHARE = 100, 10
"""From so many photographs on, every tenth or so is kept apart to choose the best epoch by."""
_FOLDER = "images_folder"
# Control characters, and bytes that are not text (PEP 383); a backslash parts names on other systems.
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]" if os.name == "nt" else r"[\x00-\x1f\x7f\ud800-\udfff\\]")


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting came to.

    Attributes
    ----------
    choice
        What a model learns from: the captions, the folder that their image names are relative to, and, from
        `LEAST_WITH_DEV` photographs on, the lists of those that are trained on and chosen by.
    added, changed, photographs
        Photographs that are new in the collection, those whose caption is another now, and all in it.
    left_out
        Paths of photographs that cannot be named in a captions file, or lie on another drive.
    """

    choice: DatasetChoice
    added: int
    changed: int
    photographs: int
    left_out: tuple[str, ...]


def collect(folder: Path, captions: Mapping[str, str]) -> Collected:
    """Put captions into the collection in a folder, which need not exist; of each photograph the newest stays.

    The photographs stay where they are. The file is COCO annotations; names are relative to the folder that holds all
    of the photographs, since no captions file may name files beyond the folder of its images.

    Parameters
    ----------
    folder
        New, empty, or one that was collected into before.
    captions
        Text by the absolute path of the photograph.

    Raises
    ------
    AnnotationError
        If there is a captions file in it that was not collected, or that is damaged.
    OutputError
        If nothing can be written there, or none of the photographs can be named.
    """
    before = read_collection(folder)
    wanted = {os.path.abspath(path): " ".join(text.split()) for path, text in captions.items() if text.strip()}  # noqa: PTH100 (a path may be no text)
    root, whole = _rooted(before | wanted)
    left_out = tuple(path for path in wanted if path not in whole)
    if not whole:
        raise OutputError("None of these photographs has a name that a captions file can hold. Rename them first.")
    _write(folder, root, whole)
    return Collected(
        _choice(folder, root, whole),
        added=sum(path in whole and path not in before for path in wanted),
        changed=sum(path in before and before[path] != text for path, text in wanted.items()),
        photographs=len(whole),
        left_out=left_out,
    )


def read_collection(folder: Path) -> dict[str, str]:
    """Captions by the path of their photograph; empty where nothing was collected into the folder yet.

    Raises
    ------
    AnnotationError
        If its captions file is not a collection's, or is damaged.
    """
    content = _read(folder / CAPTIONS)
    if content is None:
        return {}
    try:
        root = Path(content["info"][_FOLDER])
        names = {image["id"]: str(root / image["file_name"]) for image in content["images"]}
        return {names[one["image_id"]]: str(one["caption"]) for one in content["annotations"]}
    except (KeyError, TypeError) as error:
        raise AnnotationError(
            f"{printable(folder / CAPTIONS)} is not a collection of corrected captions. Choose another folder.",
            path=folder / CAPTIONS,
        ) from error


def choice_in(folder: Path) -> DatasetChoice | None:
    """What a model learns from in a folder that captions were collected into; None in any other."""
    try:
        captions = read_collection(folder)
    except AnnotationError:
        return None
    root, whole = _rooted(captions)
    return _choice(folder, root, whole) if whole else None


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AnnotationError(f"{printable(path)} cannot be read: {error.strerror}.", path=path) from error
    except (ValueError, RecursionError) as error:
        raise AnnotationError(
            f"{printable(path)} is damaged, so nothing was added to it. Choose another folder.", path=path
        ) from error


def _rooted(captions: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The innermost folder that holds all photographs that can be named, and the captions of these."""
    kept = {path: text for path, text in captions.items() if _can_be_named(path)}
    drive = PureWindowsPath(next(iter(kept), "")).drive if os.name == "nt" else ""
    kept = {path: text for path, text in kept.items() if not drive or PureWindowsPath(path).drive == drive}
    return (os.path.commonpath([os.path.dirname(path) for path in kept]) if kept else ""), kept  # noqa: PTH120


def _can_be_named(path: str) -> bool:
    """Whether a captions file can hold every part of a path as `captioner.data.annotations` reads it."""
    parts = Path(path).parts[1:]
    is_text = bool(parts) and not _NO_TEXT.search(path)
    return is_text and all(part == part.strip() and not PureWindowsPath(part).drive for part in parts)


def _write(folder: Path, root: str, captions: Mapping[str, str]) -> None:
    names = [_relative(path, root) for path in captions]
    content = {
        "info": {"description": DESCRIPTION, _FOLDER: root},
        "images": [{"id": number, "file_name": name} for number, name in enumerate(names, 1)],
        "annotations": [
            {"id": number, "image_id": number, "caption": text} for number, text in enumerate(captions.values(), 1)
        ],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{printable(folder)} cannot be made: {error.strerror}.", path=folder) from error
    _write_text(folder / CAPTIONS, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    if len(captions) >= LEAST_WITH_DEV:
        for name, is_dev in ((TRAIN, False), (DEV, True)):
            _write_lines(folder / name, (_relative(path, root) for path in captions if _is_dev(path) is is_dev))


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    _write_text(path, "".join(f"{line}\n" for line in lines))


def _write_text(path: Path, text: str) -> None:
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _choice(folder: Path, root: str, captions: Mapping[str, str]) -> DatasetChoice:
    has_dev = len(captions) >= LEAST_WITH_DEV and {True, False} == {_is_dev(path) for path in captions}
    return DatasetChoice(
        captions=str(folder / CAPTIONS),
        images=root,
        train_split=str(folder / TRAIN) if has_dev else None,
        dev_split=str(folder / DEV) if has_dev else None,
    )


def _is_dev(path: str) -> bool:
    # By the name alone, so that a photograph stays on its side while the collection grows.
    return zlib.crc32(path.encode()) % DEV_SHARE == 0


def _relative(path: str, root: str) -> str:
    return str(PurePosixPath(*Path(path).relative_to(root).parts))
