"""CS231n's ``coco_captioning`` folder: captions as token ids, one feature file and one list of addresses per split."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from captioner.data.captioned_image import refuse
from captioner.data.datasets.captions import TokenCaptions, check_indices, check_token_ids
from captioner.data.datasets.dataset import CaptionDataset, Split
from captioner.data.datasets.feature_rows import FeatureRows, JoinedRows
from captioner.data.datasets.recognition import FoundFile, Kind
from captioner.data.feature_files import FeatureFile
from captioner.data.formats.json_fields import field, typed
from captioner.data.safe_hdf5 import list_names, open_hdf5, read_integers
from captioner.errors import AnnotationError
from captioner.vocabulary import SPECIAL_TOKENS

LAYOUT = "CS231n coco_captioning"
SPLITS = ("train", "val")
_SPECIAL = dict(zip(("<NULL>", "<START>", "<END>", "<UNK>"), SPECIAL_TOKENS, strict=True))


def open_cs231n(files: Sequence[FoundFile], notes: Sequence[str]) -> CaptionDataset:
    """Put the files of the folder together.

    Raises
    ------
    CaptionerError
        If the vocabulary is missing, or files do not fit together; dataset and row are named.
    """
    vocabulary = next((file for file in files if file.kind is Kind.CS231N_VOCABULARY), None)
    captions = next(file for file in files if file.kind is Kind.CS231N_CAPTIONS)
    if vocabulary is None:
        raise AnnotationError(
            f"{captions.path} comes without its vocabulary. Give coco2014_vocab.json as well.", path=captions.path
        )
    tokens = _read_tokens(vocabulary)
    with contextlib.ExitStack() as stack:
        sources, unused = _open_features(files, stack)
        starts = dict(zip(sources, np.cumsum([0, *(file.info.images for file in sources.values())]), strict=False))
        splits = []
        for name in SPLITS:
            if sources and name not in sources:
                unused.append(f"The split {name} is left out, because no features of its images were given.")
                continue
            source, listed = sources.get(name), _read_lists(files, name)
            split = _read_split(captions.path, name, tokens, source, listed, int(starts.get(name, 0)))
            if split is not None:
                splits.append(split)
        features = tuple(sources.values())
        return CaptionDataset(
            layout=LAYOUT,
            files=(captions.path, vocabulary.path, *(source.path for source in features)),
            splits=tuple(splits),
            features=JoinedRows(features) if len(features) > 1 else next(iter(features), None),
            tokens=tuple(token for token in tokens if token not in SPECIAL_TOKENS),
            notes=(*notes, *unused),
            resources=stack.pop_all(),
        )


def _read_tokens(file: FoundFile) -> tuple[str, ...]:
    words = field(file.content, "idx_to_word", list, file.path, "")
    tokens = tuple(typed(word, str, file.path, f"idx_to_word {index}") for index, word in enumerate(words))
    for index, special in enumerate(_SPECIAL):
        if tokens[index : index + 1] != (special,):
            raise refuse(file.path, f"idx_to_word {index}", f"the token {special} was expected here.")
    if len(set(tokens)) < len(tokens):
        twice = next(token for index, token in enumerate(tokens) if token in tokens[:index])
        raise refuse(file.path, "idx_to_word", f"the word {twice!r:.40} occurs twice.")
    return tuple(_SPECIAL.get(token, token) for token in tokens)


def _open_features(files: Sequence[FoundFile], stack: contextlib.ExitStack) -> tuple[dict[str, FeatureRows], list[str]]:
    """Feature files by split; of several for one split the widest (fc7 rather than its principal components)."""
    by_split: dict[str, list[FeatureFile]] = {}
    for file in files:
        if file.kind is Kind.FEATURES:
            if file.split not in SPLITS:
                raise refuse(file.path, "", "has neither train nor val in its name, so its images are not known.")
            by_split.setdefault(file.split, []).append(stack.enter_context(FeatureFile(file.path)))
    chosen: dict[str, FeatureRows] = {}
    notes = []
    for split in SPLITS:
        for candidate in sorted(by_split.get(split, ()), key=lambda opened: -opened.info.dim):
            if chosen.setdefault(split, candidate) is not candidate:
                notes.append(f"{candidate.path.name} is not used, because {chosen[split].path.name} is wider.")
    return chosen, notes


@dataclass(frozen=True, slots=True)
class _Lists:
    """Lines of the lists of names and of addresses of one split, one line per row; empty where there is no list."""

    names: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    path: Path = Path()


def _read_lists(files: Sequence[FoundFile], split: str) -> _Lists:
    lists = _Lists()
    for file in files:
        if file.split == split and file.kind is Kind.NAMES:
            lists = replace(lists, names=_lines(file), path=file.path)
        elif file.split == split and file.kind is Kind.URLS:
            lists = replace(lists, urls=_lines(file), path=file.path)
    return lists


def _lines(file: FoundFile) -> tuple[str, ...]:
    text: str = file.content
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _read_split(
    path: Path, name: str, tokens: tuple[str, ...], source: FeatureRows | None, listed: _Lists, start: int
) -> Split | None:
    what, indices = f"{name}_captions", f"{name}_image_idxs"
    with contextlib.closing(open_hdf5(path)) as file:
        if what not in list_names(file, path):
            return None
        token_ids, images = read_integers(file, what, path, rank=2), read_integers(file, indices, path, rank=1)
    if len(images) != len(token_ids):
        raise refuse(path, "", f"holds {len(token_ids)} {what} but {len(images)} {indices}. Copy it again.")
    check_token_ids(token_ids, tokens, path, what)
    count = _count_images(images, source, listed)
    check_indices(images, count, path, indices)
    rows: NDArray[Any] | None = None if source is None else start + np.arange(count)
    return Split(
        name=name,
        image_names=listed.names or tuple(f"{name}/{row}" for row in range(count)),
        image_urls=listed.urls,
        captions=TokenCaptions(images, token_ids, tokens),
        rows=rows,
    )


def _count_images(images: NDArray[np.int64], source: FeatureRows | None, listed: _Lists) -> int:
    for lines in (listed.names, listed.urls):
        if source is not None and lines and len(lines) != source.info.images:
            raise refuse(
                listed.path, "", f"has {len(lines)} lines for the {source.info.images} rows of {source.path.name}."
            )
    if source is not None:
        return source.info.images
    return len(listed.names or listed.urls) or int(images.max()) + 1
