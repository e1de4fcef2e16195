"""Captions files of any layout with features by image name or id: feature files, regions, detections, folders."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from captioner.data.annotations import parse_annotations, read_split
from captioner.data.captioned_image import CaptionedImage, refuse
from captioner.data.datasets.captions import TextCaptions
from captioner.data.datasets.dataset import WHOLE, CaptionDataset, Split
from captioner.data.datasets.feature_rows import FeatureRows, JoinedRows
from captioner.data.datasets.feature_sources import RowsByName, open_feature_sources, rows_of_ids
from captioner.data.datasets.recognition import FoundFile, Kind, split_of_name
from captioner.errors import FeatureFileError


@dataclass(frozen=True, slots=True)
class _Captioned:
    """An image, its split as far as the captions files tell, and its row of features."""

    image: CaptionedImage
    split: str | None
    row: int | None = None


def open_named(files: Sequence[FoundFile], notes: Sequence[str]) -> CaptionDataset:
    """Put captions and features together.

    Images are split by lists of names where those are given, else as the captions files say, else by the names of
    captions or feature files such as ``dev.h5``.

    Raises
    ------
    CaptionerError
        If a file is refused, captions files share images, or images that features are asked of by id have none.
    """
    captions = [file for file in files if file.kind is Kind.CAPTIONS]
    images, layout = _read_captions(captions)
    with contextlib.ExitStack() as stack:
        features, more = open_feature_sources(files, stack)
        lists = [file for file in files if file.kind is Kind.NAMES]
        names, split_lists = _row_names(features, lists)
        without: dict[str, int] = {}
        joined = _join(images, features, names, captions[0].path, without)
        by_split = _by_split(joined, split_lists, features)
        splits = tuple(_make_split(name, members, features, without.get(name, 0)) for name, members in by_split.items())
        unused = _count_unused(joined, features)
        if unused:
            more.append(f"{unused:,} rows of features belong to no captioned image and are not used.")
        return CaptionDataset(
            layout=layout if features is None else f"{layout} with {_kind_of(features)}",
            files=tuple(file.path for file in files),
            splits=splits,
            features=features,
            notes=(*notes, *more),
            captions_files=tuple(file.path for file in captions),
            resources=stack.pop_all(),
        )


def _kind_of(features: FeatureRows) -> str:
    if features.info.encoder:
        return f"features of {features.info.encoder}"
    return "feature vectors" if features.info.places == 1 else "features"


def _read_captions(files: Sequence[FoundFile]) -> tuple[list[_Captioned], str]:
    images: list[_Captioned] = []
    owner: dict[str, Path] = {}
    layouts: dict[str, None] = {}
    for file in files:
        annotations = parse_annotations(file.content, file.path)
        layouts[annotations.layout] = None
        for image in annotations.images:
            if owner.setdefault(image.file_name, file.path) != file.path:
                raise refuse(
                    file.path,
                    "",
                    f"describes {image.file_name}, as {owner[image.file_name].name} does. Give one file of the two.",
                )
            split = image.split or (file.split if len(files) > 1 else None)
            images.append(_Captioned(image, split))
    return images, ", ".join(layouts)


def _row_names(features: FeatureRows | None, lists: Sequence[FoundFile]) -> tuple[Sequence[str], Sequence[FoundFile]]:
    """Names of the rows, from the file itself or from a list with a line per row, and the lists that are left."""
    if features is None or features.image_names or features.image_ids:
        return () if features is None else features.image_names, lists
    for file in lists:
        names = read_split(file.path)
        if len(names) == features.info.images:
            return names, [other for other in lists if other is not file]
    raise FeatureFileError(
        f"{features.path} does not name its images, so captions cannot be joined to it. Give a list with one name per "
        "row, or write features with `captioner extract`.",
        path=features.path,
    )


def _join(
    images: Sequence[_Captioned],
    features: FeatureRows | None,
    names: Sequence[str],
    path: Path,
    without: dict[str, int],
) -> list[_Captioned]:
    """Images with their rows; those without features are counted by split and left out."""
    if features is None:
        return list(images)
    if not names:
        ids = _unique_ids(images, path)
        rows = rows_of_ids(features, ids, path).tolist()
        return [_Captioned(entry.image, entry.split, row) for entry, row in zip(images, rows, strict=True)]
    by_name = RowsByName(names, features.path)
    joined = []
    taken: dict[int, str] = {}
    for entry in images:
        row = by_name.find(entry.image.file_name)
        if row is None:
            name = entry.split or WHOLE
            without[name] = without.get(name, 0) + 1
            continue
        if taken.setdefault(row, entry.image.file_name) != entry.image.file_name:
            raise refuse(
                path, "", f"has two images, {taken[row]} and {entry.image.file_name}, for row {row} of {features.path}."
            )
        joined.append(_Captioned(entry.image, entry.split, row))
    if not joined:
        raise FeatureFileError(
            f"{features.path} has features of none of the {len(images)} images of {path.name}, such as "
            f"{images[0].image.file_name}; its own are named like {names[0]}. Use the same names in both.",
            path=features.path,
        )
    return joined


def _unique_ids(images: Sequence[_Captioned], path: Path) -> list[int]:
    owner: dict[int, str] = {}
    for entry in images:
        name, image_id = entry.image.file_name, entry.image.image_id
        if image_id is None:
            raise refuse(path, name, "it has no number, but the features are stored by the number of images.")
        if image_id in owner:
            raise refuse(path, name, f"its number {image_id} is already that of {owner[image_id]}.")
        owner[image_id] = name
    return list(owner)


def _by_split(
    images: Sequence[_Captioned], lists: Sequence[FoundFile], features: FeatureRows | None
) -> Mapping[str, list[_Captioned]]:
    splits: dict[str, list[_Captioned]] = {}
    if lists:
        listed = _listed(lists)
        for entry in images:
            split = listed.get(entry.image.file_name)
            if split is not None:
                splits.setdefault(split, []).append(entry)
        if splits:
            return splits
        raise refuse(lists[0].path, "", "names none of the captioned images. Use the same names in both files.")
    sources = features.sources if isinstance(features, JoinedRows) else ()
    ends = np.cumsum([source.info.images for source in sources])
    names = [split_of_name(source.path.name) or source.path.stem for source in sources]
    for entry in images:
        source = int(np.searchsorted(ends, entry.row, side="right")) if sources and entry.row is not None else None
        of_file = WHOLE if source is None else names[source]
        splits.setdefault(entry.split or of_file, []).append(entry)
    return splits


def _listed(lists: Sequence[FoundFile]) -> dict[str, str]:
    """The split of each listed name.

    Raises
    ------
    AnnotationError
        If a name is in two lists: an image that is trained on must not be tested on.
    """
    listed: dict[str, str] = {}
    for file in lists:
        split = file.split or file.path.stem
        for line, name in enumerate(read_split(file.path), start=1):
            if listed.setdefault(name, split) != split:
                raise refuse(file.path, f"line {line}", f"{name} is already in the split {listed[name]}.")
    return listed


def _make_split(name: str, members: Sequence[_Captioned], features: FeatureRows | None, without: int) -> Split:
    owners = [index for index, entry in enumerate(members) for _ in entry.image.captions]
    rows: NDArray[np.int64] | None = None
    if features is not None:
        rows = np.array([entry.row for entry in members], np.int64)
    ids = tuple(entry.image.image_id for entry in members if entry.image.image_id is not None)
    return Split(
        name=name,
        image_names=tuple(entry.image.file_name for entry in members),
        image_ids=ids if len(ids) == len(members) else (),
        captions=TextCaptions(
            np.array(owners, np.int64), tuple(text for entry in members for text in entry.image.captions)
        ),
        rows=rows,
        views=0 if features is None or rows is None else views_of(features, rows),
        without_features=without,
    )


def views_of(features: FeatureRows, rows: NDArray[np.int64]) -> int:
    """Extra views that every image of these rows has."""
    if not isinstance(features, JoinedRows):
        return features.info.views
    return min((features.sources[index].info.views for index in features.sources_of(rows)), default=0)


def _count_unused(images: Sequence[_Captioned], features: FeatureRows | None) -> int:
    return 0 if features is None else features.info.images - len({entry.row for entry in images})
