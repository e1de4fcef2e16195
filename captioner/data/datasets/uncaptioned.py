"""Features to write captions of: those of a data set, or of files that come without captions."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from captioner.data.annotations import read_split
from captioner.data.datasets.feature_rows import FeatureRows
from captioner.data.datasets.feature_sources import open_feature_sources
from captioner.data.datasets.opening import is_captioned, open_dataset
from captioner.data.datasets.recognition import FoundFile, Kind, find_files
from captioner.data.datasets.region_features import RegionFile
from captioner.errors import FeatureFileError


@dataclass(frozen=True, slots=True, eq=False)
class NamedFeatures:
    """Images as an encoder saw them.

    Attributes
    ----------
    features
        Where they are read.
    names
        One per image: its name, or its number, or else that of its row.
    rows
        (N,) int64, where each image is in the features.
    """

    features: FeatureRows
    names: tuple[str, ...]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    def batches(self, size: int) -> Iterator[tuple[tuple[str, ...], NDArray[np.float32]]]:
        """Names (B,) and features (B, L, D) float32 of all images, ``size`` at a time."""
        for start in range(0, len(self), size):
            yield self.names[start : start + size], self.features.read(self.rows[start : start + size])


def open_features(paths: Sequence[str | os.PathLike[str]], stack: contextlib.ExitStack) -> NamedFeatures:
    """Open the features among files and folders of any layout, which ``stack`` closes.

    Raises
    ------
    CaptionerError
        If a file is missing, damaged or unsafe, there are no features, or files do not fit together.
    """
    files, _ = find_files(paths)
    if is_captioned(files):
        dataset = stack.enter_context(open_dataset(*paths))
        features = dataset.require_features()
        names = tuple(name for split in dataset.splits for name in split.image_names)
        rows = [split.rows for split in dataset.splits if split.rows is not None]
        return NamedFeatures(features, names, np.concatenate(rows))
    alone = _open_alone(files, stack)
    if alone is None:
        first = Path(paths[0])
        raise FeatureFileError(f"{first} holds no features. Choose a file that features were extracted to.", path=first)
    return NamedFeatures(alone, _names_of(alone, files), np.arange(alone.info.images))


def _open_alone(files: Sequence[FoundFile], stack: contextlib.ExitStack) -> FeatureRows | None:
    if len(files) == 1 and files[0].kind is Kind.REGIONS:  # which need not be joined to anything by their ids
        return stack.enter_context(contextlib.closing(RegionFile(files[0].path)))
    return open_feature_sources(files, stack)[0]


def _names_of(features: FeatureRows, files: Sequence[FoundFile]) -> tuple[str, ...]:
    keys: Sequence[Any] = features.image_names or features.image_ids
    if keys:
        return tuple(map(str, keys))
    for file in files:
        if file.kind is Kind.NAMES and len(names := read_split(file.path)) == features.info.images:
            return names
    return tuple(map(str, range(features.info.images)))
