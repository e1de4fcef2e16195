"""The files of sgrvinod's tutorial: captions as token ids in JSON, images in HDF5, split by the names of the files."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from captioner.data.captioned_image import refuse
from captioner.data.datasets.captions import TokenCaptions, check_token_ids
from captioner.data.datasets.dataset import CaptionDataset, Split
from captioner.data.datasets.feature_rows import FeatureRows
from captioner.data.datasets.feature_sources import open_feature_sources
from captioner.data.datasets.named import views_of
from captioner.data.datasets.recognition import FoundFile, Kind
from captioner.data.formats.json_fields import field
from captioner.data.pixel_files import PixelFile, row_of_name
from captioner.errors import AnnotationError, FeatureFileError
from captioner.vocabulary import SPECIAL_TOKENS

LAYOUT = "sgrvinod tutorial"
SPLITS = ("train", "val", "test")
USUAL_CAPTIONS_PER_IMAGE = 5


def open_sgrvinod(files: Sequence[FoundFile], notes: Sequence[str]) -> CaptionDataset:
    """Put captions, word map and images or features together.

    Features are those that `captioner extract` made of the images in HDF5: their names tell file and row.

    Raises
    ------
    CaptionerError
        If a part is missing, or files do not fit together; dataset and row are named.
    """
    rows = [file for file in files if file.kind is Kind.TOKEN_ROWS]
    words = next((file for file in files if file.kind is Kind.WORD_MAP), None)
    if words is None or not rows:
        problem = "comes without its WORDMAP file" if rows else "comes without a CAPTIONS file"
        raise AnnotationError(f"{files[0].path} {problem}. Give it as well.", path=files[0].path)
    if len({_split(file) for file in rows}) < len(rows):
        raise refuse(rows[-1].path, "", "is one of two CAPTIONS files of its split. Name the files of one data set.")
    tokens = _read_tokens(words)
    more: list[str] = []
    with contextlib.ExitStack() as stack:
        features, unused = open_feature_sources(files, stack)
        pixels = {file.split: stack.enter_context(PixelFile(file.path)) for file in files if file.kind is Kind.PIXELS}
        splits = []
        for file in sorted(rows, key=lambda file: SPLITS.index(_split(file))):
            name = _split(file)
            token_ids = _read_token_rows(file, _lengths_of(files, name), tokens)
            per_image = _captions_per_image(file, len(token_ids), pixels.get(name), more)
            splits.append(_make_split(file.path, name, token_ids, tokens, per_image, pixels.get(name), features))
        return CaptionDataset(
            layout=LAYOUT,
            files=tuple(file.path for file in files),
            splits=tuple(splits),
            features=features,
            tokens=tuple(token for token in tokens if token not in SPECIAL_TOKENS),
            notes=(*notes, *unused, *more),
            resources=stack.pop_all(),
        )


def _split(file: FoundFile) -> str:
    if file.split not in SPLITS:
        raise refuse(file.path, "", "has none of TRAIN, VAL and TEST in its name, so its split is not known.")
    return file.split


def _read_tokens(file: FoundFile) -> tuple[str, ...]:
    """The token of each id; ids must be 0 to n, each once."""
    tokens: list[str | None] = [None] * len(file.content)
    for token in file.content:
        token_id = field(file.content, token, int, file.path, "")
        if not 0 <= token_id < len(tokens):
            raise refuse(file.path, repr(token[:40]), f"its id {token_id} is not one of 0 to {len(tokens) - 1}.")
        if tokens[token_id] is not None:
            raise refuse(file.path, repr(token[:40]), f"its id {token_id} is already that of {tokens[token_id]!r:.40}.")
        tokens[token_id] = token
    for special in SPECIAL_TOKENS:
        if special not in tokens:
            raise refuse(file.path, "", f"lacks the token {special}. Use the word map that came with the captions.")
    return tuple(token for token in tokens if token is not None)


def _read_token_rows(file: FoundFile, lengths: FoundFile | None, tokens: tuple[str, ...]) -> NDArray[np.int64]:
    rows: list[Any] = file.content
    width = len(rows[0])
    for index, row in enumerate(rows):
        is_row = isinstance(row, list) and len(row) == width and all(type(token_id) is int for token_id in row)
        if not is_row or not width:
            raise refuse(file.path, f"row {index}", f"a list of {width} token ids was expected.")
    try:
        token_ids = np.array(rows, np.int64)
    except OverflowError as error:
        raise refuse(file.path, "", "holds token ids that are too large for any vocabulary.") from error
    check_token_ids(token_ids, tokens, file.path, "the captions")
    if lengths is None:
        return token_ids
    if len(lengths.content) != len(rows):
        raise refuse(lengths.path, "", f"holds {len(lengths.content)} lengths for {len(rows)} captions.")
    counted = np.count_nonzero(token_ids != tokens.index("<pad>"), axis=1)
    for index, (length, words) in enumerate(zip(lengths.content, counted.tolist(), strict=True)):
        if length != words:
            raise refuse(lengths.path, f"row {index}", f"the length is {length!r:.20}, but the caption has {words}.")
    return token_ids


def _lengths_of(files: Sequence[FoundFile], split: str) -> FoundFile | None:
    return next((file for file in files if file.kind is Kind.INTEGERS and file.split == split), None)


def _captions_per_image(file: FoundFile, captions: int, pixels: PixelFile | None, notes: list[str]) -> int:
    per_image = pixels.captions_per_image if pixels is not None else None
    if per_image is None:
        per_image = USUAL_CAPTIONS_PER_IMAGE
        notes.append(f"{file.path.name} does not tell how many captions an image has; {per_image} are assumed.")
    if captions % per_image:
        raise refuse(file.path, "", f"holds {captions} captions, which is no multiple of {per_image} per image.")
    if pixels is not None and captions != per_image * pixels.images:
        raise refuse(
            file.path, "", f"holds {captions} captions for {pixels.images} images of {per_image} each in {pixels.path}."
        )
    return per_image


def _make_split(
    path: Path,
    name: str,
    token_ids: NDArray[np.int64],
    tokens: tuple[str, ...],
    per_image: int,
    pixels: PixelFile | None,
    features: FeatureRows | None,
) -> Split:
    count = len(token_ids) // per_image
    stem = pixels.path.stem if pixels is not None else f"{name.upper()}_IMAGES"
    rows = np.arange(count) if features is None else _rows_of(features, name, count, path)
    return Split(
        name=name,
        image_names=tuple(f"{stem}/{row:07d}" for row in range(count)),
        captions=TokenCaptions(np.arange(len(token_ids)) // per_image, token_ids, tokens),
        rows=rows,
        pixels=pixels,
        views=0 if features is None else views_of(features, rows),
    )


def _rows_of(features: FeatureRows, split: str, count: int, path: Path) -> NDArray[np.int64]:
    """Rows of the images of a split, whose names begin as the HDF5 file of its images does."""
    rows = np.full(count, -1, np.int64)
    for row, image_name in enumerate(features.image_names):
        image = row_of_name(image_name)
        if image is not None and image_name.lower().startswith(f"{split}_images"):
            if image >= count:
                raise FeatureFileError(
                    f"{features.path} has features of image {image} of {split}, but {path.name} captions {count}.",
                    path=features.path,
                )
            rows[image] = row
    if (rows < 0).any():
        raise FeatureFileError(
            f"{features.path} has no features of image {int(np.argmin(rows))} of {split}, which {path.name} has "
            f"captions of. Extract them with `captioner extract --images {split.upper()}_IMAGES_....hdf5 -o FILE`.",
            path=features.path,
        )
    return rows
