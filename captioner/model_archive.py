"""Zip files that hold one model package: read without trust, and written so that equal models give equal bytes."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Self

from captioner.errors import ModelPackageError
from captioner.file_names import printable

_CHUNK = 2**20
_MOST_AT_ONCE = 2**20
_MOST_SHRUNK = 25
"""Weights shrink by a tenth, words and JSON to a fifth; more is meant to fill a disk."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
# NotImplementedError is a RuntimeError; UnicodeDecodeError a ValueError.
_DAMAGES = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError)


class ModelArchive(contextlib.AbstractContextManager["ModelArchive"]):
    """An open zip file whose entries are, and are only, the files of one model package.

    Parameters
    ----------
    path
        The zip file.
    limits
        The files of a package, and how many bytes each may have.

    Attributes
    ----------
    folder
        The folder in the archive that holds the files; empty when they lie at its top.

    Raises
    ------
    ModelPackageError
        When the file is no zip file or damaged, a file is missing, too large, encrypted, or packed in a way that few
        programs use, or there is anything else in it.
    """

    def __init__(self, path: Path, limits: Mapping[str, int]) -> None:
        self._path, self._limits = path, limits
        with contextlib.ExitStack() as stack, self._explained():
            file = stack.enter_context(self._opened())
            self._zip = stack.enter_context(zipfile.ZipFile(file))
            self.folder, self._entries = self._entries_of_package()
            self._open = stack.pop_all()

    def __enter__(self) -> Self:
        """The archive itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._open.close()

    def extract(self, folder: Path) -> None:
        """Write the files into ``folder``, where none of them is yet.

        Raises
        ------
        ModelPackageError
            Where reading ends because the archive is damaged; what was written so far stays.
        OSError
            When a file cannot be written.
        """
        for name, limit in self._limits.items():
            with self._explained(), self._zip.open(self._entries[name]) as content:
                copy_at_most(limit, content, folder / name)

    def _entries_of_package(self) -> tuple[str, dict[str, zipfile.ZipInfo]]:
        entries = [entry for entry in self._zip.infolist() if not _is_of_the_mac(entry.filename)]
        folders = {entry.filename.rpartition("/")[0] for entry in entries}
        if len(folders) != 1 or "/" in (folder := folders.pop()):
            raise self._refusal("it must hold one model, at its top or in one folder")
        found: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            name = entry.filename.rpartition("/")[2]
            if not name and entry.is_dir():
                continue
            is_expected = name in self._limits and entry.filename == (f"{folder}/{name}" if folder else name)
            if not is_expected or name in found:
                raise self._refusal(f"{printable(entry.filename)!r:.80} does not belong into a model")
            self._check(entry, name)
            found[name] = entry
        if missing := [name for name in self._limits if name not in found]:
            raise self._refusal(f"{missing[0]} is missing")
        return folder, found

    def _check(self, entry: zipfile.ZipInfo, name: str) -> None:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise self._refusal(f"{name} is a link or no file")
        if entry.flag_bits & 1:
            raise self._refusal(f"{name} is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._refusal(f"{name} is packed in an unusual way")
        if entry.file_size > self._limits[name]:
            raise self._refusal(f"{name} is larger than {self._limits[name] // 2**20} MB")
        if entry.file_size > _MOST_SHRUNK * entry.compress_size + _CHUNK:
            raise self._refusal(f"{name} is packed more tightly than any model can be")

    def _opened(self) -> _ModestReader:
        try:
            return _ModestReader(io.FileIO(self._path))
        except OSError as error:
            raise self._refusal(error.strerror or "it cannot be read") from error

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGES as error:
            raise self._refusal("it is not a whole zip file") from error

    def _refusal(self, reason: str) -> ModelPackageError:
        message = f"{printable(self._path)} was not installed: {reason}. Get it again from its maker."
        return ModelPackageError(message, path=self._path)


class _ModestReader(io.BufferedReader):
    """A file of which not much is read at once, so that a list of contents that claims a gigabyte costs nothing."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read ``size`` bytes, or the rest.

        Raises
        ------
        ValueError
            When that is more than a megabyte.
        """
        content = super().read(_MOST_AT_ONCE + 1 if size is None or size < 0 else min(size, _MOST_AT_ONCE + 1))
        if len(content) > _MOST_AT_ONCE:
            raise ValueError("more is read at once than any list of a model's files can have")
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place in the file.

        Raises
        ------
        ValueError
            When that is before its beginning, which the system would take for a fault of the disk.
        """
        if whence == os.SEEK_SET and offset < 0:
            raise ValueError("a place before the beginning of the file")
        return super().seek(offset, whence)


def _is_of_the_mac(name: str) -> bool:
    """Whether an entry is one of those that macOS adds to every zip file."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"


def copy_at_most(limit: int, content: IO[bytes], target: Path) -> None:
    """Write ``content`` to the new file ``target`` and see it safely on the disk.

    Raises
    ------
    ModelPackageError
        When there is more than ``limit`` bytes of it.
    OSError
        When the file cannot be written.
    """
    with target.open("xb") as file:
        while chunk := content.read(_CHUNK):
            if file.tell() + len(chunk) > limit:
                message = f"{target.name} is larger than {limit // 2**20} MB. Get the model again from its maker."
                raise ModelPackageError(message)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def write_archive(path: Path, folder: str, files: Mapping[str, Path]) -> None:
    """Write ``files``, by name and in their order, in one ``folder`` of a zip file.

    Weights hardly shrink and are stored as they are. No time, owner or version of this machine is kept.

    Raises
    ------
    OSError
        When a file cannot be read or the zip file cannot be written.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name, file in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", _EPOCH)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".safetensors") else zipfile.ZIP_DEFLATED
            entry.file_size = file.stat().st_size
            with file.open("rb") as content, archive.open(entry, "w") as target:
                shutil.copyfileobj(content, target, _CHUNK)
