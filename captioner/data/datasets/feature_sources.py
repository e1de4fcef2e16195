"""The features among some recognised files, opened and joined, and the rows of images in them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from captioner.data.captioned_image import refuse
from captioner.data.datasets.feature_rows import FeatureRows, JoinedRows
from captioner.data.datasets.keyed_features import ArrayFolder, KeyedHdf5
from captioner.data.datasets.recognition import FoundFile, Kind
from captioner.data.datasets.region_features import RegionFile
from captioner.data.feature_files import FeatureFile
from captioner.data.formats.json_fields import field, typed
from captioner.errors import AnnotationError, FeatureFileError

_BY_ID = {Kind.ARRAY_FOLDER: ArrayFolder, Kind.KEYED_FEATURES: KeyedHdf5}


def open_feature_sources(
    files: Sequence[FoundFile], stack: contextlib.ExitStack
) -> tuple[FeatureRows | None, list[str]]:
    """Open all features among ``files`` as one source, which ``stack`` closes.

    Where several files or folders hold the same images by id, such as one vector and a grid of each, the one with
    most places is taken.

    Returns
    -------
    features
        None when there are none.
    notes
        Sentences about what is not used.

    Raises
    ------
    CaptionerError
        If a file is refused, or those that would be joined are not alike or share images.
    """
    sources: list[FeatureRows] = []
    notes: list[str] = []
    for file in files:
        if file.kind is Kind.REGIONS:
            sources.append(_open_regions(file, files))
        elif file.kind is Kind.FEATURES:
            sources.append(FeatureFile(file.path))
        elif file.kind in _BY_ID:
            sources.append(_BY_ID[file.kind](file.path))
        else:
            continue
        stack.callback(sources[-1].close)
    sources.sort(key=lambda source: -source.info.places)
    kept: list[FeatureRows] = []
    for source in sources:
        rival = next((other for other in kept if _are_the_same_images(source, other)), None)
        if rival is None:
            kept.append(source)
        else:
            notes.append(f"{source.path.name} is not used, because {rival.path.name} holds more of the same images.")
    kept.sort(key=sources.index)
    if not kept:
        return None, notes
    return kept[0] if len(kept) == 1 else JoinedRows(kept), notes


def _are_the_same_images(source: FeatureRows, other: FeatureRows) -> bool:
    """Whether the images of one are those of another kind of features; files of one kind are joined or refused."""
    return source.info.places != other.info.places and not set(source.image_ids).isdisjoint(other.image_ids)


def _open_regions(file: FoundFile, files: Sequence[FoundFile]) -> RegionFile:
    with contextlib.closing(RegionFile(file.path)) as regions:
        images = regions.info.images
    lists = [other for other in files if other.kind in (Kind.ID_ROWS, Kind.INTEGERS)]
    lists = [other for other in lists if len(_integers(other)) == images]
    if len(lists) > 1:
        lists = [other for other in lists if other.split == file.split]
    if len(lists) != 1:
        raise FeatureFileError(
            f"{file.path} does not say which images its {images} rows are. Give a JSON file such as "
            '{"image id": row} with one entry per row.',
            path=file.path,
        )
    return RegionFile(file.path, _ids_by_row(lists[0], images))


def _integers(file: FoundFile) -> Sequence[object]:
    content: Sequence[object] = file.content.split() if isinstance(file.content, str) else file.content
    return content


def _ids_by_row(file: FoundFile, images: int) -> tuple[int, ...]:
    """Image ids in the order of the rows, from {"id": row}, [id, ...] or one id per line."""
    path, content = file.path, file.content
    if not isinstance(content, dict):
        ids = content.split() if isinstance(content, str) else content
        numbers = [int(value) if isinstance(value, str) else typed(value, int, path, "an id") for value in ids]
    else:
        by_row: dict[int, int] = {}
        for key in content:
            row = field(content, key, int, path, "")
            if not 0 <= row < images:
                raise refuse(path, f"image {key}", f"it is said to be in row {row}, but there are {images} rows.")
            if row in by_row:
                raise refuse(path, f"image {key}", f"it is said to be in row {row}, as image {by_row[row]} is.")
            by_row[row] = int(key)
        numbers = [by_row[row] for row in range(images)]
    seen: dict[int, int] = {}
    for row, number in enumerate(numbers):
        if seen.setdefault(number, row) != row:
            raise refuse(path, f"row {row}", f"the image id {number} is already that of row {seen[number]}.")
    return tuple(numbers)


def rows_of_ids(features: FeatureRows, ids: Sequence[int], path: Path) -> NDArray[np.int64]:
    """Rows (N,) of the images with these ids, which the captions file ``path`` names.

    Raises
    ------
    FeatureFileError
        If the features have no ids, or some images have no features; the first is named.
    """
    if not features.image_ids:
        raise FeatureFileError(
            f"{features.path} does not number its images, but {path.name} speaks of images by number. "
            "Give features by image id.",
            path=features.path,
        )
    by_id = {image_id: row for row, image_id in enumerate(features.image_ids)}
    missing = [image_id for image_id in ids if image_id not in by_id]
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise FeatureFileError(
            f"{features.path} has no features of image {missing[0]}{others}, which {path.name} has captions of. "
            "Give the files that do, or leave these images out of the captions.",
            path=features.path,
        )
    return np.array([by_id[image_id] for image_id in ids], np.int64)


class RowsByName:
    """Finds rows by the name of an image; folders before it and its ending may be missing on either side.

    Raises
    ------
    AnnotationError
        On looking up a short name that several images share.
    """

    def __init__(self, names: Sequence[str], path: Path) -> None:
        self._path = path
        self._names = names
        self._exact = {name: row for row, name in enumerate(names)}
        self._by_stem: dict[str, list[int]] = {}
        for row, name in enumerate(names):
            self._by_stem.setdefault(PurePosixPath(name).stem, []).append(row)

    def find(self, name: str) -> int | None:
        """The row of an image; None when there is none."""
        if name in self._exact:
            return self._exact[name]
        rows = [row for row in self._by_stem.get(PurePosixPath(name).stem, ()) if _may_be(name, self._names[row])]
        if len(rows) > 1:
            raise AnnotationError(
                f"{self._path} has {len(rows)} images that {name} may be. Use the same names in both files.",
                path=self._path,
            )
        return rows[0] if rows else None


def _may_be(name: str, other: str) -> bool:
    """Whether two names with the same stem differ only in folders or in an ending that one of them lacks."""
    one, two = PurePosixPath(name), PurePosixPath(other)
    common = min(len(one.parts), len(two.parts)) - 1
    has_same_folders = one.parts[-1 - common : -1] == two.parts[-1 - common : -1]
    return has_same_folders and (one.suffix == two.suffix or not (one.suffix and two.suffix))
