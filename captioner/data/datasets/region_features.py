"""Bottom-up attention regions in HDF5: ``train36.hdf5`` with 36 per image, and the adaptive variant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from captioner.data.datasets.feature_rows import MAX_REGIONS, StoredRows, check_rows, fill_places
from captioner.data.feature_layout import FeatureFileInfo
from captioner.data.safe_hdf5 import (
    list_names,
    open_array,
    open_hdf5,
    read_integers,
    refuse,
    refusing_damage,
    require_array,
)

FEATURES, PLACEMENTS, RANGES = "image_features", "spatial_features", "pos_boxes"
# Boxes are computed in float32, so a corner may miss the edge of the image by a hair.
_TOLERANCE = 0.01


class RegionFile(StoredRows):
    """Regions of images: features ``image_features`` (N, n, D), or (S, D) with ``pos_boxes`` (N, 2) of [start, end).

    Parameters
    ----------
    path
        The file.
    image_ids
        The image of each row, from a file beside this one; empty when that is unknown.

    Raises
    ------
    FeatureFileError
        If it is damaged or unsafe, its datasets do not fit together, or there are other than N ids or some twice.
    """

    def __init__(self, path: Path, image_ids: Sequence[int] = ()) -> None:
        self.path = path
        self._file: h5py.File = open_hdf5(path)
        try:
            is_adaptive = RANGES in list_names(self._file, path)
            rank = 2 if is_adaptive else 3
            self._features = require_array(self._file, FEATURES, path, kind="f", rank=rank)
            self._ranges = _read_ranges(self._file, len(self._features), path) if is_adaptive else None
            self._placements = _open_placements(self._file, self._features, path)
            self.info = self._describe()
            self.image_ids = tuple(image_ids)
            if image_ids and len(image_ids) != self.info.images:
                refuse(path, f"holds {self.info.images} images, but {len(image_ids)} ids were given. Check the ids.")
        except BaseException:
            self._file.close()
            raise

    def _describe(self) -> FeatureFileInfo:
        if self._ranges is None:
            images, places, dim = self._features.shape
        else:
            images, dim = len(self._ranges), self._features.shape[1]
            places = min(int(np.diff(self._ranges).max()), MAX_REGIONS)
        info = FeatureFileInfo(
            images=images,
            dim=dim,
            grid=(1, places),
            dtype="float16" if self._features.dtype.itemsize == 2 else "float32",
            project_version="",
        )
        if fault := info.find_fault():
            refuse(self.path, f"is refused: it holds {fault}. Extract the features again.")
        return info

    def _read_row(self, row: int) -> NDArray[np.floating[Any]]:
        return self._read_from(self._features, row)

    def _where(self, row: int) -> str:
        rows = f"row {row}"
        if self._ranges is not None:
            start, end = self._ranges[row].tolist()
            rows = f"rows {start} to {end - 1}"
        return f"{rows}{self.name_in_brackets(row)} of {FEATURES}"

    def _read_from(self, dataset: h5py.Dataset, row: int) -> NDArray[np.floating[Any]]:
        with refusing_damage(self.path):
            where = row if self._ranges is None else slice(*self._ranges[row].tolist())
            values: NDArray[np.floating[Any]] = dataset[where]
        return values

    def boxes(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32] | None:
        """Boxes (B, L, 4) of the regions: left, top, right, bottom from 0 to 1; None if the file has none.

        Raises
        ------
        FeatureFileError
            If a box lies outside its image; the row is named.
        """
        if self._placements is None:
            return None
        rows = np.asarray(rows)
        check_rows(rows, self.info.images, self.path)
        boxes = np.empty((len(rows), self.info.places, 4), np.float32)
        for place, row in enumerate(rows.tolist()):
            stored = self._read_from(self._placements, row)[:, :4]
            if not ((stored >= -_TOLERANCE) & (stored <= 1 + _TOLERANCE)).all():
                refuse(
                    self.path,
                    f"holds a box outside its image in row {row}{self.name_in_brackets(row)} of {PLACEMENTS}.",
                )
            boxes[place] = fill_places(stored, self.info.places).clip(0, 1)
        return boxes

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _read_ranges(file: h5py.File, regions: int, path: Path) -> NDArray[np.int64]:
    ranges = read_integers(file, RANGES, path, rank=2)
    if ranges.shape[1] != 2:
        refuse(path, f"holds {RANGES} of shape {ranges.shape}, where (N, 2) was expected.")
    is_bad = (ranges[:, 0] < 0) | (ranges[:, 1] <= ranges[:, 0]) | (ranges[:, 1] > regions)
    if is_bad.any():
        row = int(np.argmax(is_bad))
        start, end = ranges[row].tolist()
        refuse(path, f"holds the range {start} to {end} in row {row} of {RANGES}, but there are {regions} regions.")
    return ranges


def _open_placements(file: h5py.File, features: h5py.Dataset, path: Path) -> h5py.Dataset | None:
    if open_array(file, PLACEMENTS, path) is None:
        return None
    placements = require_array(file, PLACEMENTS, path, kind="f", rank=features.ndim)
    if placements.shape[:-1] != features.shape[:-1] or placements.shape[-1] < 4:
        refuse(path, f"holds {PLACEMENTS} {placements.shape} that do not fit {FEATURES} {features.shape}.")
    return placements
