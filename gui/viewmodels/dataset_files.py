"""What chosen files and folders are for, as far as their names tell; no file is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from captioner.worker.training_protocol import DatasetChoice

HDF5_SUFFIXES = (".h5", ".hdf5", ".hdf")
ARRAY_SUFFIXES = (".npy", ".npz")
TEXT_SUFFIXES = (".json", ".csv", ".txt", ".token", ".tsv")
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic", ".avif")
DATA_SUFFIXES = (*HDF5_SUFFIXES, *ARRAY_SUFFIXES, *TEXT_SUFFIXES)
MOST_LOOKED_AT, _MOST_INSIDE = 20_000, 200
_MOST_SUBFOLDERS = 50
_DEV, _TEST = re.compile(r"(?<![a-z])(dev|val|valid|validation)(?![a-z])|devimages|valimages"), re.compile("test")
_TRAIN = re.compile("train")
# HDF5 files of other layouts than the project's own, which come with parts that belong together.
_OTHER_LAYOUT = re.compile("captions|label|talk|images_|vgg|fc7|detection|train36|val36")
_CAPTIONS, _NO_CAPTIONS = re.compile("caption|token|result|dataset|annotation"), re.compile("lemma|expert|crowd")
_NOTES = re.compile("readme|licen[cs]e")


def looks_like_data(path: str) -> bool:
    """Whether a path that was dropped may be part of a data set: a folder, or a file that is no photograph."""
    return path.lower().endswith(DATA_SUFFIXES) or os.path.isdir(path)  # noqa: PTH112


def is_of_other_split(path: str) -> bool:
    """Whether a file of features, images or captions is called like one of dev or test images; folders are not."""
    name = _name(path)
    return _has((*HDF5_SUFFIXES, *TEXT_SUFFIXES), [path]) and bool(_DEV.search(name) or _TEST.search(name))


def folders_in(folder: str) -> list[str]:
    """Folders right inside a folder, as far as they can be found at once."""
    return _listed(folder, _MOST_INSIDE)[1][:_MOST_SUBFOLDERS]


@dataclass(slots=True)
class _Found:
    """What was chosen, by kind; folders of arrays and of layouts with many parts among `others`."""

    hdf5: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    image_folders: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


def choice_of(paths: Sequence[str]) -> DatasetChoice:
    """The roles of chosen files and folders.

    One or two HDF5 files with one file of captions are features of the project's own making, told apart by their
    names; a folder of photographs with a file of captions is what features can be made of. Anything else is left as it
    is, in `DatasetChoice.paths`, for the engine to recognise by content.

    Parameters
    ----------
    paths
        Files and folders. Folders are looked into, and those right inside them.
    """
    found, kept = _Found(), []
    for path in paths:
        kept += _look_into(path, found) if Path(path).is_dir() else _sort(path, found)
    images = _images_of(found)
    return _named(found, images) or DatasetChoice(paths=tuple(kept), images=images)


def _images_of(found: _Found) -> str | None:
    """The folder of the photographs; the one around those that lie side by side, such as COCO's for each year."""
    around = {str(Path(folder).parent) for folder in found.image_folders}
    if len(found.image_folders) > 1 and len(around) == 1 and not found.hdf5:
        return around.pop()
    return found.image_folders[0] if found.image_folders else None


def _look_into(folder: str, found: _Found) -> list[str]:
    """Sort what is in a folder; what of it may be more than photographs: the folder, or captions in those inside it."""
    files, subfolders = _listed(folder)
    inside = {subfolder: _listed(subfolder, _MOST_INSIDE)[0] for subfolder in subfolders[:_MOST_SUBFOLDERS]}
    holders = [place for place, within in {folder: files, **inside}.items() if _has(IMAGE_SUFFIXES, within)]
    found.image_folders += holders
    data = [path for path in files if _has(DATA_SUFFIXES, [path]) and not _NOTES.search(_name(path))]
    if _has(ARRAY_SUFFIXES, (*data, *chain(*inside.values()))) or not (data or holders):
        found.others.append(folder)
        return [folder]
    kept = [folder] if data else _texts_in(inside.values())
    for path in data or kept:
        _sort(path, found)
    return kept


def _texts_in(folders: Iterable[Sequence[str]]) -> list[str]:
    """Captions files and lists of names in folders beside those of photographs, such as COCO's ``annotations``."""
    texts = [path for files in folders for path in files if _has(TEXT_SUFFIXES, [path])]
    captions = list(filter(_may_hold_captions, texts))
    return [*captions, *filter(_is_list_of_names, texts)] if captions else []


def _sort(path: str, found: _Found) -> list[str]:
    """Put a file with its kind; the file, if it may be part of a data set."""
    if _has(IMAGE_SUFFIXES, [path]):
        return []
    kinds = ((HDF5_SUFFIXES, found.hdf5), (TEXT_SUFFIXES, found.texts))
    next((files for suffixes, files in kinds if _has(suffixes, [path])), found.others).append(path)
    return [path]


def _named(found: _Found, images: str | None) -> DatasetChoice | None:
    """Every file in its role; None where there are others than those that have one."""
    lists = [path for path in found.texts if _is_list_of_names(path)]
    captions = _captions_of([path for path in found.texts if path not in lists])
    dev = [path for path in found.hdf5 if _DEV.search(_name(path))]
    features = [path for path in found.hdf5 if path not in dev]
    is_other = found.others or any(_OTHER_LAYOUT.search(_name(path)) for path in found.hdf5)
    if is_other or captions is None or len(dev) > 1 or len(features) > 1 or len(dev) > len(features):
        return None
    return DatasetChoice(
        features=features[0] if features else "",
        dev_features=dev[0] if dev else None,
        captions=captions,
        images=images,
        train_split=next((path for path in lists if _TRAIN.search(_name(path))), None),
        dev_split=next((path for path in lists if _DEV.search(_name(path))), None),
    )


def _is_list_of_names(path: str) -> bool:
    """Whether it is called like Flickr8k's ``Flickr_8k.trainImages.txt``, one image name per line."""
    name = _name(path)
    is_of_split = _TRAIN.search(name) or _DEV.search(name) or _TEST.search(name)
    return name.endswith(".txt") and bool(is_of_split) and not _CAPTIONS.search(name)


def _captions_of(texts: Sequence[str]) -> str | None:
    """The one file that holds captions; None where there is none, or no telling."""
    likely = list(filter(_may_hold_captions, texts))
    if len(likely) == 1:
        return likely[0]
    return texts[0] if len(texts) == 1 else None


def _may_hold_captions(path: str) -> bool:
    """Whether it is called like a file of captions."""
    return bool(_CAPTIONS.search(_name(path))) and not _NO_CAPTIONS.search(_name(path))


def _listed(folder: str, most: int = MOST_LOOKED_AT) -> tuple[list[str], list[str]]:
    """Files and folders right inside a folder, by name; those whose names begin with a dot left out."""
    try:
        with os.scandir(folder) as entries:
            seen = [(entry.path, entry.is_dir()) for entry in islice(entries, most) if entry.name[0] != "."]
    except OSError:
        return [], []
    return sorted(path for path, is_dir in seen if not is_dir), sorted(path for path, is_dir in seen if is_dir)


def _has(suffixes: tuple[str, ...], paths: Iterable[str]) -> bool:
    return any(path.lower().endswith(suffixes) for path in paths)


def _name(path: str) -> str:
    return Path(path).name.lower()
