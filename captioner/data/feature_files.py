"""Feature files: what an encoder saw in each image, in HDF5, written once and read at random while training.

A file of this project holds, in its root group,

- ``features`` (N, L, D) float16 or float32, one image per chunk: L places of D channels, row by row over the grid;
- ``image_names`` (N,) fixed-length UTF-8 texts, relative paths;
- ``views`` (N, V, L, D), optional, one view per chunk: the same images mirrored or cropped, for training;
- ``checksums`` (N, 1 + V) uint32, optional: CRC-32 of each stored row, the plain image first;
- attributes ``layout`` = "captioner-features", ``layout_version``, ``encoder``, ``encoder_weights_sha256``,
  ``grid_height``, ``grid_width``, ``input_size``, ``preprocessing``, ``project_version`` and,
  optional, ``image_names_crc32``: CRC-32 of the stored names, and ``part``: which share of the images it holds.

Files with nothing but ``features`` of shape (N, D), (N, L, D) or (N, H, W, D) are read as well.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import h5py
import numpy as np
from h5py import h5s, h5t
from numpy.typing import NDArray

from captioner.data.feature_layout import LAYOUT, LAYOUT_VERSION, FeatureFileInfo, check_names
from captioner.data.feature_writer import FeatureWriter
from captioner.data.safe_hdf5 import (
    open_array,
    open_hdf5,
    read_scalar,
    read_texts,
    refuse,
    refusing_damage,
    row_offsets,
)

__all__ = ["FeatureFile", "FeatureFileInfo", "FeatureWriter"]

_Scalar = TypeVar("_Scalar", str, int)


class FeatureFile:
    """Random access to the rows of a feature file, without holding it in memory.

    Use it as a context manager, or call `close`. One instance may be read from several threads; processes each open
    their own.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    FeatureFileError
        If it is missing, damaged, cut short, of another layout, or refers to anything outside itself.
    """

    image_ids: tuple[int, ...] = ()

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._stack = contextlib.ExitStack()
        self._is_closed = False
        with refusing_damage(self.path), contextlib.ExitStack() as on_failure:
            on_failure.callback(self._stack.close)
            file = self._stack.enter_context(contextlib.closing(open_hdf5(self.path)))
            features = open_array(file, "features", self.path)
            if features is None:
                refuse(self.path, "holds no dataset named features. Choose a file that features were extracted to.")
            self.info, self.image_names, views = _describe(file, features, self.path)
            self._dtype = features.dtype
            rank = features.ndim - 1
            self._sources = [_open_rows(features, rank, self.path, self._stack)]
            if views is not None:
                self._sources.append(_open_rows(views, rank, self.path, self._stack))
            self._sums = _read_sums(file, self.info, self.path)
            self._is_checked = None if self._sums is None else np.zeros(self._sums.shape, np.bool_)
            on_failure.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; reading afterwards raises `FeatureFileError`."""
        with self._lock:
            self._is_closed = True
            self._stack.close()

    @cached_property
    def _row_by_name(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.image_names)}

    def rows_of(self, names: Sequence[str]) -> NDArray[np.int64]:
        """Rows (B,) of the images of these names.

        Raises
        ------
        FeatureFileError
            If some are not in the file; the first is named and the others are counted.
        """
        missing = [name for name in names if name not in self._row_by_name]
        if missing:
            others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            refuse(self.path, f"has no features of {missing[0]}{others}. Extract features of these images.")
        return np.array([self._row_by_name[name] for name in names], np.int64)

    def boxes(self, rows: NDArray[np.integer[Any]]) -> None:
        """None: places lie on a grid, they are no regions. Other sources of features have boxes (B, L, 4)."""
        return

    def read(
        self, rows: NDArray[np.integer[Any]], views: NDArray[np.integer[Any]] | None = None
    ) -> NDArray[np.float32]:
        """Read some rows, in the order asked for.

        Parameters
        ----------
        rows
            (B,) whole numbers from 0 to N - 1; repeats are allowed.
        views
            (B,) whole numbers: 0 for the plain image, 1 to V for an extra view. None reads plain images.

        Returns
        -------
        (B, L, D) float32
            A new array, all finite.

        Raises
        ------
        FeatureFileError
            If a row or view does not exist, or what is stored there is damaged or not finite; the dataset inside the
            file and the row are named.
        """
        rows = np.asarray(rows)
        views = np.zeros_like(rows) if views is None else np.asarray(views)
        self._check_request(rows, views)
        stored = np.empty((len(rows), self.info.places, self.info.dim), self._dtype)
        with self._lock, refusing_damage(self.path):
            if self._is_closed:
                refuse(self.path, "is closed. Open it again to read from it.")
            for row, view, out in zip(rows.tolist(), views.tolist(), stored, strict=True):
                if view:
                    self._sources[1].read_into(out, row * self.info.views + view - 1)
                else:
                    self._sources[0].read_into(out, row)
                self._check_sum(out, row, view)
        features = stored.astype(np.float32, copy=False)
        # A sum is faster than a test of every value, and is finite only if all values are.
        with np.errstate(all="ignore"):
            total = features.sum()
        if not math.isfinite(total):
            self._check_finite(features, rows, views)
        return features

    def _check_request(self, rows: NDArray[Any], views: NDArray[Any]) -> None:
        if rows.ndim != 1 or rows.shape != views.shape or not all(array.dtype.kind in "iu" for array in (rows, views)):
            refuse(self.path, "is read by one whole number per row and one per view.")
        for what, array, limit in (("row", rows, self.info.images), ("view", views, self.info.views + 1)):
            outside = array[(array < 0) | (array >= limit)]
            if len(outside):
                refuse(self.path, f"has no {what} {outside[0]}: there are {limit}. Check what the captions refer to.")

    def _check_sum(self, stored: NDArray[Any], row: int, view: int) -> None:
        """Hold a row against its checksum, the first time it is read."""
        if self._sums is None or self._is_checked is None or self._is_checked[row, view]:
            return
        if zlib.crc32(stored.data) != self._sums[row, view]:
            refuse(self.path, f"is damaged in {self._where(row, view)}. Copy it again or extract again.")
        self._is_checked[row, view] = True

    def _check_finite(self, features: NDArray[np.float32], rows: NDArray[Any], views: NDArray[Any]) -> None:
        is_finite = np.isfinite(features).all(axis=(1, 2))
        if not is_finite.all():
            first = int(np.argmin(is_finite))
            where = self._where(int(rows[first]), int(views[first]))
            refuse(self.path, f"holds values that are not finite in {where}. Extract again.")

    def _where(self, row: int, view: int) -> str:
        """Row, image and dataset, for messages."""
        name = f" ({self.image_names[row]})" if self.image_names else ""
        return f"row {row}{name} of " + (f"views, view {view} of {self.info.views}" if view else "features")


class _PlainRows:
    """Rows stored as they are, read past HDF5, whose calls cost more than the copying."""

    def __init__(self, path: Path, offsets: NDArray[np.int64]) -> None:
        self._stream = path.open("rb", buffering=0)
        self._offsets = offsets.tolist()
        self._path = path

    def read_into(self, out: NDArray[Any], index: int) -> None:
        # Not a memory map: a file that shrinks while mapped kills the process.
        self._stream.seek(self._offsets[index])
        if self._stream.readinto(out.data.cast("B")) != out.nbytes:
            refuse(self._path, "became shorter while it was read. Copy it again or extract the features again.")

    def close(self) -> None:
        self._stream.close()


class _FilteredRows:
    """Rows that HDF5 has to unpack or gather."""

    def __init__(self, dataset: h5py.Dataset, row_rank: int) -> None:
        self._id = dataset.id
        self._space = dataset.id.get_space()
        self._lead = dataset.shape[:-row_rank]
        self._row_shape = dataset.shape[-row_rank:]
        self._row_space = h5s.create_simple(self._row_shape)

    def read_into(self, out: NDArray[Any], index: int) -> None:
        start = (*map(int, np.unravel_index(index, self._lead)), *(0 for _ in self._row_shape))
        self._space.select_hyperslab(start, (1,) * len(self._lead) + self._row_shape)
        self._id.read(self._row_space, self._space, out.reshape(self._row_shape))


def _open_rows(
    dataset: h5py.Dataset, row_rank: int, path: Path, stack: contextlib.ExitStack
) -> _PlainRows | _FilteredRows:
    offsets = row_offsets(dataset, row_rank, path)
    if offsets is None:
        return _FilteredRows(dataset, row_rank)
    return stack.enter_context(contextlib.closing(_PlainRows(path, offsets)))


def _describe(
    file: h5py.File, features: h5py.Dataset, path: Path
) -> tuple[FeatureFileInfo, tuple[str, ...], h5py.Dataset | None]:
    """Read and check everything but the rows: description, names, and the dataset of extra views."""
    dtype = _float_type(features, path)
    layout = read_scalar(file, "layout", path)
    if layout is None:
        info = _plain_info(features, dtype, path)
        views = None
    elif layout == LAYOUT:
        views = open_array(file, "views", path)
        info = _native_info(file, features, views, dtype, path)
    else:
        refuse(path, f"has the layout {layout!r:.60}, which is not known here. Extract the features again.")
    if fault := info.find_fault():
        refuse(path, f"is refused: it holds {fault}. Extract the features again.")
    names = _read_names(file, info, path, is_required=layout is not None)
    return info, names, views


def _float_type(dataset: h5py.Dataset, path: Path) -> Literal["float16", "float32"]:
    with refusing_damage(path):
        stored = dataset.id.get_type()
        if stored.equal(h5t.IEEE_F16LE) or stored.equal(h5t.IEEE_F16BE):
            return "float16"
        if not (stored.equal(h5t.IEEE_F32LE) or stored.equal(h5t.IEEE_F32BE)):
            refuse(path, f"holds {dataset.name.lstrip('/')} that are not float16 or float32. Convert them first.")
    return "float32"


def _plain_info(features: h5py.Dataset, dtype: Literal["float16", "float32"], path: Path) -> FeatureFileInfo:
    images, *places, dim = features.shape if features.ndim > 1 else (*features.shape, 0)
    grid = (1, 1) if not places else (1, places[0]) if len(places) == 1 else (places[0], places[1])
    return FeatureFileInfo(images=images, dim=dim, grid=grid, dtype=dtype, project_version="")


def _native_info(
    file: h5py.File,
    features: h5py.Dataset,
    views: h5py.Dataset | None,
    dtype: Literal["float16", "float32"],
    path: Path,
) -> FeatureFileInfo:
    version = _attribute(file, "layout_version", int, path)
    if version != LAYOUT_VERSION:
        refuse(path, f"has layout version {version}, but only {LAYOUT_VERSION} is known here. Update Captioner.")
    info = FeatureFileInfo(
        images=features.shape[0],
        dim=features.shape[-1],
        grid=(_attribute(file, "grid_height", int, path), _attribute(file, "grid_width", int, path)),
        views=0 if views is None else views.shape[1] if views.ndim > 1 else 0,
        encoder=_attribute(file, "encoder", str, path),
        encoder_weights_sha256=_attribute(file, "encoder_weights_sha256", str, path),
        input_size=_attribute(file, "input_size", int, path),
        preprocessing=_attribute(file, "preprocessing", str, path),
        project_version=_attribute(file, "project_version", str, path),
        part=_attribute(file, "part", str, path) if "part" in file.attrs else "",
        dtype=dtype,
    )
    row = (info.places, info.dim)
    if features.shape != (info.images, *row) or min(info.grid) < 1:
        refuse(
            path,
            f"holds features {features.shape} on a grid of {info.grid[0]} x {info.grid[1]}, which do not fit "
            "together. Extract the features again.",
        )
    if views is not None and (views.shape != (info.images, info.views, *row) or _float_type(views, path) != dtype):
        refuse(path, f"holds views {views.shape} that do not fit features {features.shape}. Extract them again.")
    return info


def _attribute(file: h5py.File, name: str, kind: type[_Scalar], path: Path) -> _Scalar:
    value = read_scalar(file, name, path)
    if not isinstance(value, kind):
        refuse(path, f"lacks the attribute {name} or holds it as another type. Extract the features again.")
    return value


def _read_names(file: h5py.File, info: FeatureFileInfo, path: Path, *, is_required: bool) -> tuple[str, ...]:
    dataset = open_array(file, "image_names", path, may_be_compressed=False)
    if dataset is None:
        if is_required:
            refuse(path, "holds no image_names. Extract the features again.")
        return ()
    if dataset.shape != (info.images,):
        refuse(path, f"must have one name per image: {info.images}, not {dataset.shape}. Extract the features again.")
    names, checksum = read_texts(dataset, path)
    if read_scalar(file, "image_names_crc32", path) not in (None, checksum):
        refuse(path, "is damaged: its image_names do not match their checksum. Copy it again.")
    check_names(names, info.images, path)
    return tuple(names)


def _read_sums(file: h5py.File, info: FeatureFileInfo, path: Path) -> NDArray[np.uint32] | None:
    dataset = open_array(file, "checksums", path, may_be_compressed=False)
    if dataset is None:
        return None
    if dataset.shape != (info.images, 1 + info.views) or dataset.dtype != np.uint32:
        refuse(path, "holds checksums that do not fit its features. Extract the features again.")
    with refusing_damage(path):
        sums: NDArray[np.uint32] = dataset[()]
    return sums
