"""The HDF5 structure of a feature file: made before its rows are known, completed when they are all there."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5p
from numpy.typing import NDArray

from captioner.data.feature_layout import LAYOUT, LAYOUT_VERSION, FeatureFileInfo
from captioner.data.safe_hdf5 import open_array, open_hdf5, refuse, row_offsets


def create_datasets(file: h5py.File, info: FeatureFileInfo) -> None:
    """Make room for all rows and describe them."""
    row = (info.places, info.dim)
    file.create_dataset("features", (info.images, *row), info.dtype, chunks=(1, *row), dcpl=_placed_at_once())
    if info.views:
        shape = (info.images, info.views, *row)
        file.create_dataset("views", shape, info.dtype, chunks=(1, 1, *row), dcpl=_placed_at_once())
    numbers = {
        "layout_version": LAYOUT_VERSION,
        "grid_height": info.grid[0],
        "grid_width": info.grid[1],
        "input_size": info.input_size,
    }
    texts = {
        "layout": LAYOUT,
        "encoder": info.encoder,
        "encoder_weights_sha256": info.encoder_weights_sha256,
        "preprocessing": info.preprocessing,
        "project_version": info.project_version,
    }
    if info.part:
        texts["part"] = info.part
    for name, number in numbers.items():
        file.attrs.create(name, number, dtype=np.int64)
    for name, text in texts.items():
        encoded = text.encode()
        file.attrs.create(name, encoded, dtype=h5py.string_dtype("utf-8", max(1, len(encoded))))


def complete(file: h5py.File, image_names: Sequence[str], checksums: NDArray[np.uint32]) -> None:
    """Drop the rows at the end that images left out have made free, and write names and checksums (N, 1 + V)."""
    for name in ("features", "views"):
        if name in file:
            file[name].resize(len(image_names), axis=0)
    for name in ("image_names", "checksums"):
        if name in file:  # when an earlier attempt could not put the file in its place
            del file[name]
    # Texts have a fixed length: HDF5 keeps others in a heap that carries no checksum.
    encoded = [name.encode() for name in image_names]
    names = np.array(encoded, h5py.string_dtype("utf-8", max(map(len, encoded))))
    file.create_dataset("image_names", data=names)
    file.attrs.create("image_names_crc32", zlib.crc32(names.tobytes()), dtype=np.int64)
    file.create_dataset("checksums", data=checksums)


def find_rows(path: Path, info: FeatureFileInfo) -> NDArray[np.int64]:
    """Where in the file each row begins.

    Returns
    -------
    (N, 1 + V) int64
        Byte offsets, the plain image first.

    Raises
    ------
    FeatureFileError
        If the file is not one that `create_datasets` began with this ``info``.
    """
    row = (info.places, info.dim)
    shapes = {"features": (info.images, *row), "views": (info.images, info.views, *row)}
    offsets = []
    with contextlib.closing(open_hdf5(path)) as file:
        for name in ("features", "views") if info.views else ("features",):
            dataset = open_array(file, name, path)
            places = None
            if dataset is not None and (dataset.shape, dataset.dtype) == (shapes[name], np.dtype(info.dtype)):
                places = row_offsets(dataset, len(row), path)
            if places is None:
                refuse(path, "was not begun by this program. Remove it.")
            offsets.append(places.reshape(info.images, -1))
    return np.concatenate(offsets, axis=1)


def _placed_at_once() -> Any:
    """Creation properties that give every row its place in the file at once, so that writing it needs no HDF5."""
    plan = h5p.create(h5p.DATASET_CREATE)
    plan.set_alloc_time(h5d.ALLOC_TIME_EARLY)
    plan.set_fill_time(h5d.FILL_TIME_NEVER)
    return plan
