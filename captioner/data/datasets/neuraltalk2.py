"""neuraltalk2 and ImageCaptioning.pytorch: ``cocotalk.json`` with labels in HDF5 and features by image id."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from captioner.data.captioned_image import refuse
from captioner.data.datasets.captions import TokenCaptions, check_token_ids
from captioner.data.datasets.dataset import CaptionDataset, Split
from captioner.data.datasets.feature_rows import FeatureRows
from captioner.data.datasets.feature_sources import RowsByName, open_feature_sources, rows_of_ids
from captioner.data.datasets.named import views_of
from captioner.data.datasets.recognition import FoundFile, Kind
from captioner.data.formats.json_fields import field, typed
from captioner.data.pixel_files import PixelFile, row_of_name
from captioner.data.safe_hdf5 import list_names, open_hdf5, read_integers
from captioner.errors import AnnotationError, FeatureFileError
from captioner.vocabulary import SPECIAL_TOKENS

LAYOUT = "neuraltalk2 / ImageCaptioning.pytorch"
_PAD, _, _, _UNK = SPECIAL_TOKENS


@dataclass(frozen=True, slots=True)
class _Image:
    image_id: int
    name: str
    split: str


def open_neuraltalk2(files: Sequence[FoundFile], notes: Sequence[str]) -> CaptionDataset:
    """Put labels, words, images and features together.

    Raises
    ------
    CaptionerError
        If a part is missing, or files do not fit together; dataset and row are named.
    """
    described = _the_only(files, Kind.LABELLED_IMAGES, "cocotalk.json")
    labelled = _the_only(files, Kind.LABELS, "cocotalk_label.h5")
    images, tokens = _read_images(described), _read_tokens(described)
    labels, owners = _read_labels(labelled.path, len(images), tokens)
    with contextlib.ExitStack() as stack:
        features, more = open_feature_sources(files, stack)
        pixels = _open_pixels(labelled.path, len(images), stack) if features is None else None
        by_split: dict[str, list[int]] = {}
        for index, image in enumerate(images):
            by_split.setdefault(image.split, []).append(index)
        splits = []
        for name, members in by_split.items():
            ids = tuple(images[index].image_id for index in members)
            place = np.full(len(images), -1, np.int64)
            place[members] = np.arange(len(members))
            is_here = place[owners] >= 0
            rows = np.array(members) if features is None else _rows_of(features, images, members, described.path)
            split = Split(
                name=name,
                image_names=tuple(images[index].name for index in members),
                image_ids=ids,
                captions=TokenCaptions(place[owners[is_here]], labels[is_here], tokens),
                rows=rows,
                pixels=pixels,
                views=0 if features is None else views_of(features, rows),
            )
            splits.append(split)
        return CaptionDataset(
            layout=LAYOUT,
            files=(described.path, labelled.path, *([] if features is None else [features.path])),
            splits=tuple(splits),
            features=features,
            tokens=tuple(token for token in tokens if token not in SPECIAL_TOKENS),
            notes=(*notes, *more),
            resources=stack.pop_all(),
        )


def _rows_of(features: FeatureRows, images: Sequence[_Image], members: Sequence[int], path: Path) -> NDArray[np.int64]:
    """Rows of the images in the features: by number, by the row of neuraltalk2's own pixels, or by name."""
    if features.image_ids or not features.image_names:
        return rows_of_ids(features, [images[index].image_id for index in members], path)
    of_pixels = {row_of_name(name): row for row, name in enumerate(features.image_names)}
    by_name = RowsByName(features.image_names, features.path)
    # Features of the pixels beside the labels are named by file and row.
    is_of_pixels = None not in of_pixels and len(of_pixels) == len(images)
    rows = [of_pixels[index] if is_of_pixels else by_name.find(images[index].name) for index in members]
    if None in rows:
        missing = images[members[rows.index(None)]]
        raise FeatureFileError(
            f"{features.path} has no features of {missing.name}, which {path.name} has captions of. "
            "Extract features of all images.",
            path=features.path,
        )
    return np.array(rows, np.int64)


def _the_only(files: Sequence[FoundFile], kind: Kind, example: str) -> FoundFile:
    found = [file for file in files if file.kind is kind]
    if len(found) != 1:
        problem = f"comes without a file such as {example}" if not found else f"is one of {len(found)} {kind}"
        raise AnnotationError(f"{(found or files)[0].path} {problem}. Give exactly one.", path=(found or files)[0].path)
    return found[0]


def _read_tokens(file: FoundFile) -> tuple[str, ...]:
    """Token of each label: ``<pad>`` for 0, then the words of ``ix_to_word``, which count from "1"."""
    words: dict[str, Any] = field(file.content, "ix_to_word", dict, file.path, "")
    tokens = [_PAD]
    for index in range(1, len(words) + 1):
        word = field(words, str(index), str, file.path, "ix_to_word")
        tokens.append(_UNK if word == "UNK" else word)
    if len(set(tokens)) < len(tokens):
        twice = next(token for index, token in enumerate(tokens) if token in tokens[:index])
        raise refuse(file.path, "ix_to_word", f"the word {twice!r:.40} occurs twice.")
    return tuple(tokens)


def _read_images(file: FoundFile) -> list[_Image]:
    images: list[_Image] = []
    seen: dict[int, int] = {}
    names: set[str] = set()
    for index, value in enumerate(field(file.content, "images", list, file.path, "")):
        where = f"image {index}"
        entry = typed(value, dict, file.path, where)
        image_id = field(entry, "id", int, file.path, where)
        if seen.setdefault(image_id, index) != index:
            raise refuse(file.path, where, f"the image id {image_id} is already that of image {seen[image_id]}.")
        name = field(entry, "file_path", str, file.path, where) if "file_path" in entry else str(image_id)
        name = name if name and name not in names else str(image_id)
        names.add(name)
        images.append(_Image(image_id, name, field(entry, "split", str, file.path, where)))
    if not images:
        raise refuse(file.path, "", "lists no images.")
    return images


def _read_labels(path: Path, images: int, tokens: tuple[str, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Labels (M, T) and the image (M,) that each belongs to."""
    with contextlib.closing(open_hdf5(path)) as file:
        labels = read_integers(file, "labels", path, rank=2)
        # Pointers are 1-based, and the end is part of the range.
        starts = read_integers(file, "label_start_ix", path, rank=1) - 1
        ends = read_integers(file, "label_end_ix", path, rank=1)
        lengths = read_integers(file, "label_length", path, rank=1)
    for what, pointers in (("label_start_ix", starts), ("label_end_ix", ends)):
        if len(pointers) != images:
            raise refuse(path, what, f"there are {len(pointers)} entries for {images} images. Use files made together.")
    is_bad = (starts < 0) | (ends > len(labels)) | (starts > ends)
    if is_bad.any():
        row = int(np.argmax(is_bad))
        raise refuse(
            path,
            f"row {row} of label_start_ix and label_end_ix",
            f"labels {starts[row] + 1} to {ends[row]} were asked for, but there are {len(labels)}.",
        )
    if len(lengths) != len(labels) or not np.array_equal(lengths, np.count_nonzero(labels, axis=1)):
        row = -1 if len(lengths) != len(labels) else int(np.argmax(lengths != np.count_nonzero(labels, axis=1)))
        where = "label_length" if row < 0 else f"row {row} of label_length"
        raise refuse(path, where, "it is not the number of words in labels. Copy the file again.")
    check_token_ids(labels, tokens, path, "labels")
    owners = np.repeat(np.arange(images), ends - starts)
    chosen = np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)])
    if len(np.unique(chosen)) < len(chosen):
        raise refuse(path, "label_start_ix", "two images share a caption. Use files made together.")
    return labels[chosen], owners


def _open_pixels(path: Path, images: int, stack: contextlib.ExitStack) -> PixelFile | None:
    """The images that neuraltalk2 itself keeps beside the labels."""
    with contextlib.closing(open_hdf5(path)) as file:
        if "images" not in list_names(file, path):
            return None
    pixels = stack.enter_context(PixelFile(path))
    if pixels.images != images:
        raise refuse(path, "images", f"there are {pixels.images}, not {images}. Use files made together.")
    return pixels
