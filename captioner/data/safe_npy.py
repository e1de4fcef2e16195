"""NumPy arrays in .npy and .npz files of others: never unpickled, never larger than the file that holds them."""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from captioner.errors import FeatureFileError

MAX_BYTES = 2**27
MAX_MEMBERS = 1000
MAX_HEADER_BYTES = 10_000
# What zipfile and its kin raise on a damaged file is almost any built-in error.
_DAMAGE = (
    *(OSError, EOFError, ValueError, TypeError, LookupError, RuntimeError, MemoryError, ArithmeticError),
    *(struct.error, zipfile.BadZipFile, zlib.error),
)
_MAGIC = b"\x93NUMPY"
_LENGTH_FORMATS = {b"\x01\x00": "<H", b"\x02\x00": "<I"}
_DTYPES = ("<f2", "<f4", ">f2", ">f4")
_FIELDS = {
    "descr": re.compile(r"'descr': '([^']*)'"),
    "fortran_order": re.compile(r"'fortran_order': (True|False)"),
    # Python 2 wrote its long numbers with an L.
    "shape": re.compile(r"'shape': \(((?:\d{1,18}L?(?:, ?\d{1,18}L?)*,?)?)\)"),
}


def read_npy(path: Path) -> NDArray[np.floating[Any]]:
    """Read a float16 or float32 array of 1 to 3 axes.

    Raises
    ------
    FeatureFileError
        If the file is missing, damaged, holds another type, or is longer or shorter than its header says.
    """
    return _read(path, lambda: _read_plain(path))


def read_npz(path: Path, names: Sequence[str]) -> NDArray[np.floating[Any]]:
    """Read the first of ``names`` that the archive has, as `read_npy` does.

    Raises
    ------
    FeatureFileError
        If the archive has none of them, or one is refused.
    """
    return _read(path, lambda: _read_member(path, names))


def _read(path: Path, read: Callable[[], NDArray[np.floating[Any]]]) -> NDArray[np.floating[Any]]:
    try:
        return read()
    except FileNotFoundError as error:
        raise FeatureFileError(f"There is no file {path}. Extract the features again.", path=path) from error
    except _DAMAGE as error:
        _refuse(path, "is damaged, cut short or of another kind. Copy it again or extract the features again.", error)


def _read_plain(path: Path) -> NDArray[np.floating[Any]]:
    if not path.is_file():
        _refuse(path, "does not exist or is not a file.")
    with path.open("rb") as stream:
        return _parse(stream, path.stat().st_size, path)


def _read_member(path: Path, names: Sequence[str]) -> NDArray[np.floating[Any]]:
    if not path.is_file():
        _refuse(path, "does not exist or is not a file.")
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist()[:MAX_MEMBERS]}
        member = next((members[f"{name}.npy"] for name in names if f"{name}.npy" in members), None)
        if member is None:
            _refuse(path, f"holds none of {', '.join(names)}. Extract the features again.")
        if member.file_size > MAX_BYTES:
            _refuse(path, f"unpacks to more than {MAX_BYTES // 2**20} MB, which no image needs.")
        with archive.open(member) as stream:
            data = stream.read(member.file_size + 1)
        return _parse(io.BytesIO(data), len(data), path)


def _parse(stream: IO[bytes], size: int, path: Path) -> NDArray[np.floating[Any]]:
    shape, is_fortran, dtype = _read_header(stream, path)
    if not 1 <= len(shape) <= 3 or 0 in shape:
        _refuse(path, f"holds an array of shape {shape}, where features were expected.")
    declared = math.prod(shape) * dtype.itemsize
    if declared != size - stream.tell() or declared > MAX_BYTES:
        _refuse(path, f"declares an array of shape {shape} but does not hold exactly that. Copy it again.")
    array = np.frombuffer(stream.read(declared), dtype)
    return array.reshape(shape, order="F" if is_fortran else "C")


def _read_header(stream: IO[bytes], path: Path) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, whether columns come first, and type.

    NumPy itself evaluates the header as Python, which on a damaged file raises or warns of almost anything.
    """
    magic, version = stream.read(len(_MAGIC)), stream.read(2)
    if magic != _MAGIC or version not in _LENGTH_FORMATS:
        _refuse(path, "is damaged or not a NumPy file. Copy it again or extract the features again.")
    form = _LENGTH_FORMATS[version]
    (length,) = struct.unpack(form, stream.read(struct.calcsize(form)))
    header = stream.read(min(length, MAX_HEADER_BYTES)).decode("latin-1")
    found = {name: pattern.search(header) for name, pattern in _FIELDS.items()}
    descr, order, shape = found["descr"], found["fortran_order"], found["shape"]
    if len(header) != length or descr is None or order is None or shape is None:
        _refuse(path, "is damaged: its header is not that of an array of numbers. Copy it again.")
    if descr[1] not in _DTYPES:
        _refuse(path, f"holds values of type {descr[1]!r:.20}, where float16 or float32 were expected.")
    sides = tuple(int(side) for side in re.findall(r"\d{1,18}", shape[1]))
    return sides, order[1] == "True", np.dtype(descr[1])


def _refuse(path: Path, message: str, cause: BaseException | None = None) -> NoReturn:
    raise FeatureFileError(f"{path} {message}", path=path) from cause
