"""Writing feature files: every row checked, and no file at all unless it is whole."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from captioner.atomic_file import atomic_path
from captioner.data.feature_layout import LAYOUT, LAYOUT_VERSION, FeatureFileInfo, check_names
from captioner.data.safe_hdf5 import refuse
from captioner.errors import OutputError


class FeatureWriter:
    """Writes a feature file that appears when all its rows are there.

    Use it as a context manager. When the block raises, or ends before every row was written, no file is left and one
    that was there before stays.

    Parameters
    ----------
    path
        The file to write.
    info
        What it will hold.
    image_names
        One relative path per image.

    Raises
    ------
    FeatureFileError
        If sizes or names are not allowed, and on leaving the block if rows are missing.
    OutputError
        If the file cannot be written: the folder is missing or read-only, or the disk is full.
    """

    def __init__(self, path: str | os.PathLike[str], info: FeatureFileInfo, image_names: Sequence[str]) -> None:
        self.path = Path(path)
        self.info = info
        self._names = list(image_names)
        if fault := info.find_fault():
            refuse(self.path, f"cannot hold {fault}. Choose another encoder or input size.")
        check_names(tuple(self._names), info.images, self.path)
        self._sums = np.zeros((info.images, 1 + info.views), np.uint32)
        self._is_written = np.zeros(info.images, np.bool_)
        self._stack = contextlib.ExitStack()
        self._file: h5py.File | None = None
        self._sink: _Sink | None = None

    def __enter__(self) -> Self:
        temporary = self._stack.enter_context(atomic_path(self.path))
        try:
            self._require_space(temporary.parent)
            self._sink = self._stack.enter_context(_Sink(temporary))
            # The structures of HDF5 1.10 carry checksums, so that damage to them is noticed; older ones do not.
            self._file = h5py.File(self._sink, "w", libver=("v110", "v110"))
            self._create_datasets(self._file)
            self._require_written(self._sink)
        except BaseException:
            self._abandon()
            raise
        return self

    def _require_space(self, folder: Path) -> None:
        # Said before the hours that extraction may take, not after them.
        info = self.info
        needed = info.images * (1 + info.views) * info.places * info.dim * np.dtype(info.dtype).itemsize
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise OutputError(
                f"{self.path} needs {needed / 1e9:.1f} GB, but only {free / 1e9:.1f} GB are free. "
                "Free some space or choose another folder.",
                path=self.path,
            )

    def _create_datasets(self, file: h5py.File) -> None:
        info, row = self.info, (self.info.places, self.info.dim)
        file.create_dataset("features", (info.images, *row), info.dtype, chunks=(1, *row))
        if info.views:
            file.create_dataset("views", (info.images, info.views, *row), info.dtype, chunks=(1, 1, *row))
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
        for name, number in numbers.items():
            file.attrs.create(name, number, dtype=np.int64)
        for name, text in texts.items():
            encoded = text.encode()
            file.attrs.create(name, encoded, dtype=h5py.string_dtype("utf-8", max(1, len(encoded))))

    def _write_names(self, file: h5py.File) -> None:
        # Texts have a fixed length: HDF5 keeps others in a heap that carries no checksum.
        encoded = [name.encode() for name in self._names]
        names = np.array(encoded, h5py.string_dtype("utf-8", max(map(len, encoded))))
        file.create_dataset("image_names", data=names)
        file.attrs.create("image_names_crc32", zlib.crc32(names.tobytes()), dtype=np.int64)

    def write(
        self, start_row: int, features: NDArray[np.floating[Any]], views: NDArray[np.floating[Any]] | None = None
    ) -> None:
        """Write some neighbouring rows; batches may come in any order.

        Parameters
        ----------
        start_row
            Row of the first image.
        features
            (B, L, D) floating point.
        views
            (B, V, L, D) floating point; None when the file has no extra views.

        Raises
        ------
        FeatureFileError
            If shapes do not fit, or a value is not finite or too large for the stored type; the image is named.
        OutputError
            If the disk is full.
        """
        if self._file is None or self._sink is None:
            refuse(self.path, "is not open for writing. Use FeatureWriter in a with statement.")
        info, count = self.info, len(features)
        row = (info.places, info.dim)
        views_shape = None if views is None else views.shape
        wanted = (count, info.views, *row) if info.views else None
        if features.shape != (count, *row) or views_shape != wanted:
            refuse(
                self.path,
                f"takes features (B, {row[0]}, {row[1]}) with {info.views} extra views, "
                f"not {features.shape} with views {views_shape}. Extract all images alike.",
            )
        if not 0 <= start_row <= info.images - count:
            refuse(self.path, f"has {info.images} rows, so {count} cannot be written from row {start_row}.")
        if not count:
            return
        stop_row = start_row + count
        stored = self._as_stored(features[:, None], start_row)
        extra = None if views is None else self._as_stored(views, start_row)
        self._file["features"][start_row:stop_row] = stored[:, 0]
        if extra is not None:
            self._file["views"][start_row:stop_row] = extra
        self._require_written(self._sink)
        self._sums[start_row:stop_row, 0] = [zlib.crc32(row) for row in stored[:, 0]]
        if extra is not None:
            self._sums[start_row:stop_row, 1:] = [[zlib.crc32(view) for view in image] for image in extra]
        self._is_written[start_row:stop_row] = True

    def leave_out(self, image_name: str) -> None:
        """Take back the announcement of an image that turned out not to be readable; later rows move up by one.

        Rows are then to be written in their order, from the first.

        Parameters
        ----------
        image_name
            An announced name whose row has not been written.
        """
        if image_name not in self._names[np.count_nonzero(self._is_written) :]:
            refuse(self.path, f"has no row of {image_name} that could be left out.")
        self._names.remove(image_name)

    def _shorten(self, file: h5py.File) -> None:
        """Drop the rows at the end that images left out have made free."""
        for name in ("features", "views") if self.info.views else ("features",):
            file[name].resize(len(self._names), axis=0)
        self._sums = self._sums[: len(self._names)]

    def _as_stored(self, values: NDArray[np.floating[Any]], start_row: int) -> NDArray[np.floating[Any]]:
        """Convert (B, V, L, D) to the stored type, refusing what is not finite there."""
        with np.errstate(over="ignore"):
            stored = np.ascontiguousarray(values, np.dtype(self.info.dtype).newbyteorder("<"))
        if not np.isfinite(stored).all():
            bad = int(np.argmin(np.isfinite(stored).all(axis=(1, 2, 3))))
            name = self._names[start_row + bad]
            if np.isfinite(values[bad]).all():
                refuse(
                    self.path,
                    f"cannot hold the features of {name} as {self.info.dtype}: they are too large. Use float32.",
                )
            refuse(
                self.path,
                f"cannot hold the features of {name}: the encoder gave values that are not finite. "
                "Leave the image out, or run the encoder in float32.",
            )
        return stored

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            self._abandon()
            return
        announced = self._is_written[: len(self._names)]
        missing = int(np.count_nonzero(~announced))
        if missing or not self._names:
            first = self._names[int(np.argmin(announced))] if self._names else "all"
            self._abandon()
            refuse(
                self.path,
                f"was not written: {missing} of {self.info.images} images have no features, {first} first. "
                "Extract again.",
            )
        if self._file is None or self._sink is None:
            return
        try:
            # Last, because only now it is known which rows stay.
            self._shorten(self._file)
            self._write_names(self._file)
            self._file.create_dataset("checksums", data=self._sums)
            self._file.close()
            self._require_written(self._sink)
        except BaseException:
            self._abandon()
            raise
        self._file = None
        self._stack.close()

    def _abandon(self) -> None:
        """Close and remove the unfinished file."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._stack.__exit__(_Abandoned, _Abandoned(), None)

    def _require_written(self, sink: _Sink) -> None:
        if sink.error is not None:
            raise OutputError(
                f"{self.path} could not be written: {sink.error.strerror}. Free some space or choose another folder, "
                "then extract again.",
                path=self.path,
            ) from sink.error


class _Sink(io.FileIO):
    """A file that takes every write and remembers the first that failed.

    HDF5 never hears of a failure, because after one it cannot close its file: it crashes or complains until the
    process ends.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w+")
        self.error: OSError | None = None

    def write(self, data: Any) -> int:
        rest = memoryview(data)
        try:
            while rest and self.error is None:
                rest = rest[super().write(rest) :]
        except OSError as error:
            self.error = error
        return len(data)

    def truncate(self, size: int | None = None) -> int:
        try:
            return super().truncate(size)
        except OSError as error:
            self.error = self.error or error
        return size or 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size) or b""
        return data if self.error is None or size is None else data.ljust(size, b"\0")


class _Abandoned(Exception):  # noqa: N818 (not an error: it only tells `atomic_path` to clean up)
    """Leaves a block whose file is not wanted any more."""
