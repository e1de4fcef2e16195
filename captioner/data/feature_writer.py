"""Writing feature files: every row checked, and no file at all unless it is whole."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from captioner.atomic_file import atomic_path
from captioner.data.feature_layout import FeatureFileInfo, check_names
from captioner.data.feature_skeleton import complete, create_datasets, find_rows
from captioner.data.hdf5_sink import Sink
from captioner.data.safe_hdf5 import refuse
from captioner.data.unfinished_file import Journal, JournalEntry, unfinished_path
from captioner.errors import FeatureFileError, OutputError


class FeatureWriter:
    """Writes a feature file that appears when all its rows are there.

    Use it as a context manager. When the block raises, or ends before every row was written, no file is left and one
    that was there before stays.

    A resumable writer keeps what it wrote, hidden beside its target, and the next one with the same arguments goes on
    from there; see `images_done` and `commit`.

    Parameters
    ----------
    path
        The file to write.
    info
        What it will hold.
    image_names
        One relative path per image.
    resume_key
        Whatever else decides what the rows hold, such as the folder of the images; None writes at one go.

    Raises
    ------
    FeatureFileError
        If sizes or names are not allowed, and on leaving the block if rows are missing.
    OutputError
        If the file cannot be written: the folder is missing or read-only, or the disk is full.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        info: FeatureFileInfo,
        image_names: Sequence[str],
        *,
        resume_key: str | None = None,
    ) -> None:
        self.path = Path(path)
        self.info = info
        self._names = list(image_names)
        if fault := info.find_fault():
            refuse(self.path, f"cannot hold {fault}. Choose another encoder or input size.")
        check_names(tuple(self._names), info.images, self.path)
        self._resume_key = resume_key
        self._sums = np.zeros((info.images, 1 + info.views), np.uint32)
        self._is_written = np.zeros(info.images, np.bool_)
        self._left_out: list[str] = []
        self._committed_rows = self._committed_left_out = 0
        self._stack = contextlib.ExitStack()
        self._is_discarded = False
        self._stream: BinaryIO | None = None
        self._journal: Journal | None = None

    @property
    def images_done(self) -> int:
        """How many of the announced images were written or left out when `commit` was last called, in their order."""
        return self._committed_rows + self._committed_left_out

    @property
    def images_left_out(self) -> int:
        """How many images were left out so far."""
        return len(self._left_out)

    def __enter__(self) -> Self:
        try:
            self._temporary = self._stack.enter_context(self._lend_path())
            if not self._resume():
                self._require_space(self._temporary.parent)
                self._write_hdf5("w", lambda file: create_datasets(file, self.info))
                self._offsets = find_rows(self._temporary, self.info)
                if self._journal is not None:
                    self._journal.restart([])
            self._stream = self._stack.enter_context(self._temporary.open("r+b", buffering=0))
        except BaseException:
            self._abandon()
            raise
        return self

    def _lend_path(self) -> contextlib.AbstractContextManager[Path]:
        if self._resume_key is None:
            return atomic_path(self.path)
        return unfinished_path(self.path, [dataclasses.asdict(self.info), self._names, self._resume_key])

    def _resume(self) -> bool:
        """Take over what an earlier writer left, as far as its checksums hold; False when there is nothing."""
        if self._resume_key is None:
            return False
        self._journal = Journal(self._temporary.with_name(f"{self._temporary.name}.journal"))
        try:
            self._offsets = find_rows(self._temporary, self.info)
        except FeatureFileError:
            return False
        entries = self._journal.read()
        kept = 0
        with self._temporary.open("rb", buffering=0) as stream:
            while kept < len(entries) and self._take_over(entries[kept], stream):
                kept += 1
        self._journal.restart(entries[:kept])
        return True

    def _take_over(self, entry: JournalEntry, stream: BinaryIO) -> bool:
        """Count in what one entry of the journal speaks of, unless it is not what the file holds."""
        start, width = self._rows_done, 1 + self.info.views
        stop = start + len(entry.checksums)
        is_whole = stop + len(self._left_out) + len(entry.left_out) == entry.images <= self.info.images
        if not is_whole or any(len(sums) != width for sums in entry.checksums):
            return False
        for row, sums in enumerate(entry.checksums, start=start):
            for view, checksum in enumerate(sums):
                stream.seek(int(self._offsets[row, view]))
                if zlib.crc32(stream.read(self._row_bytes)) != checksum:
                    return False
        for name in entry.left_out:
            self.leave_out(name)
        self._sums[start:stop] = np.array(entry.checksums, np.uint32).reshape(-1, width)
        self._is_written[start:stop] = True
        self._note_as_committed()
        return True

    @property
    def _row_bytes(self) -> int:
        return self.info.places * self.info.dim * np.dtype(self.info.dtype).itemsize

    @property
    def _rows_done(self) -> int:
        return int(np.count_nonzero(self._is_written))

    def _require_space(self, folder: Path) -> None:
        # Said before the hours that extraction may take, not after them.
        needed = self.info.images * (1 + self.info.views) * self._row_bytes
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise OutputError(
                f"{self.path} needs {needed / 1e9:.1f} GB, but only {free / 1e9:.1f} GB are free. "
                "Free some space or choose another folder.",
                path=self.path,
            )

    def _write_hdf5(self, mode: Literal["w", "r+"], change: Callable[[h5py.File], None]) -> None:
        """Let ``change`` work on the file through HDF5."""
        with Sink(self._temporary, "w+" if mode == "w" else "r+") as sink:
            # The structures of HDF5 1.10 carry checksums, so that damage to them is noticed; older ones do not.
            with h5py.File(sink, mode, libver=("v110", "v110")) as file:
                change(file)
            if sink.error is not None:
                raise self._not_written(sink.error)

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
        if self._stream is None:
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
        both = features[:, None] if views is None else np.concatenate([features[:, None], views], axis=1)
        for place, image in enumerate(self._as_stored(both, start_row)):
            self._write_row(self._stream, start_row + place, image)

    def _write_row(self, stream: BinaryIO, row: int, stored: NDArray[np.floating[Any]]) -> None:
        """Write one image and its views (1 + V, L, D) past HDF5, so that a kill cannot leave it half-changed."""
        try:
            for view, values in enumerate(stored):
                stream.seek(int(self._offsets[row, view]))
                rest = memoryview(values).cast("B")
                while rest:
                    rest = rest[stream.write(rest) :]
                self._sums[row, view] = zlib.crc32(values)
        except OSError as error:
            raise self._not_written(error) from error
        self._is_written[row] = True

    def leave_out(self, image_name: str) -> None:
        """Take back the announcement of an image that turned out not to be readable; later rows move up by one.

        Rows are then to be written in their order, from the first.

        Parameters
        ----------
        image_name
            An announced name whose row has not been written.
        """
        if image_name not in self._names[self._rows_done :]:
            refuse(self.path, f"has no row of {image_name} that could be left out.")
        self._names.remove(image_name)
        self._left_out.append(image_name)

    def commit(self) -> None:
        """Note what was written and left out since the last time, so that the next writer need not do it again.

        Rows must have been written in their order. Without a resume key this does nothing but count.

        Raises
        ------
        OutputError
            If the disk is full.
        """
        left_out = self._left_out[self._committed_left_out :]
        sums = self._sums[self._committed_rows : self._rows_done].tolist()
        self._note_as_committed()
        if self._journal is not None and (left_out or sums):
            self._journal.append(JournalEntry(self.images_done, left_out, sums))

    def _note_as_committed(self) -> None:
        self._committed_rows, self._committed_left_out = self._rows_done, len(self._left_out)

    def discard(self) -> None:
        """Keep nothing for a later writer when the block is left by an exception."""
        self._is_discarded = True

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
        try:
            # Last, because only now it is known which rows stay.
            sums = self._sums[: len(self._names)]
            self._write_hdf5("r+", lambda file: complete(file, self._names, sums))
        except BaseException:
            self._abandon()
            raise
        self._stream = None
        self._stack.close()

    def _abandon(self) -> None:
        """Close the unfinished file, which is then removed or, if it is resumable, kept."""
        self._stack.__exit__(_Abandoned, _Abandoned(), None)
        self._stream = None
        if self._journal is not None and (self._is_discarded or not self.images_done):
            for path in (self._temporary, self._journal.path):
                path.unlink(missing_ok=True)

    def _not_written(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self.path} could not be written: {error.strerror}. Free some space or choose another folder, "
            "then extract again.",
            path=self.path,
        )


class _Abandoned(Exception):  # noqa: N818 (not an error: it only tells that the file is not to be put in place)
    """Leaves a block whose file is not wanted any more."""
