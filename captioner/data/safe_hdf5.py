"""Opening HDF5 files that others made: no links, no foreign filters, nothing larger than the file itself."""

from __future__ import annotations

import contextlib
import itertools
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np
from h5py import h5d, h5l, h5o, h5t, h5z
from numpy.typing import NDArray

from captioner.errors import FeatureFileError

MAX_CHUNK_BYTES = 2**26
MAX_RANK = 4
MAX_NAMES = 2_000_000
MAX_UNPACKED_BYTES = 2**28
_COMPRESSORS = {h5z.FILTER_DEFLATE, h5z.FILTER_LZF}
_FILTERS = _COMPRESSORS | {h5z.FILTER_SHUFFLE, h5z.FILTER_FLETCHER32}
# Deflate, the stronger of the two, cannot pack more than 1032 bytes into one.
_MAX_COMPRESSION = 1032


def refuse(path: Path, message: str) -> NoReturn:
    """Raise `FeatureFileError` with ``message`` after the name of the file."""
    raise FeatureFileError(f"{path} {message}", path=path)


@contextlib.contextmanager
def refusing_damage(path: Path) -> Iterator[None]:
    """Turn what h5py raises on a damaged file into one `FeatureFileError`."""
    try:
        yield
    # HDF5 reports damage through whichever call stumbles over it, and h5py maps that to almost any built-in error.
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, ArithmeticError, MemoryError) as error:
        raise FeatureFileError(
            f"{path} is damaged, cut short or not an HDF5 file. Copy it again or extract the features again.", path=path
        ) from error


def open_hdf5(path: Path) -> h5py.File:
    """Open ``path`` for reading.

    Raises
    ------
    FeatureFileError
        If it is missing, is not an ordinary file, may not be read or is not HDF5.
    """
    if not path.is_file():
        refuse(path, "does not exist or is not a file. Check the name.")
    try:
        path.open("rb").close()
    except OSError as error:
        refuse(path, f"cannot be read: {error.strerror}. Check its permissions.")
    with refusing_damage(path):
        # A lock cannot be had on some network folders, and nothing is written here.
        return h5py.File(path, "r", locking="best-effort")


def open_array(file: h5py.File, name: str, path: Path, *, may_be_compressed: bool = True) -> h5py.Dataset | None:
    """Open one dataset of the root group after checking that it lies wholly inside the file.

    A dataset that is going to be read as a whole must not be compressed, so that it needs no more memory than the
    file is long.

    Returns
    -------
    h5py.Dataset or None
        None when there is nothing of that name.

    Raises
    ------
    FeatureFileError
        If it is a link, not a dataset, virtual, stored in other files, needs a filter other than gzip, LZF, shuffle
        or Fletcher-32, or declares more data than the file can hold. None of what it refers to is opened.
    """
    with refusing_damage(path):
        encoded = name.encode()
        if encoded not in file.id:
            return None
        if file.id.links.get_info(encoded).type != h5l.TYPE_HARD:
            refuse(
                path, f"keeps {name} behind a link, and links are never followed. Store the data in the file itself."
            )
        dataset = h5o.open(file.id, encoded)
        if not isinstance(dataset, h5d.DatasetID):
            refuse(path, f"holds {name} as a group, not as a dataset. Extract the features again.")
        _check_storage(dataset, name, path)
        _check_size(dataset, name, path)
        if not may_be_compressed and _COMPRESSORS.intersection(_filters_of(dataset)):
            refuse(path, f"holds {name} compressed, which is refused. Store it uncompressed.")
        return h5py.Dataset(dataset)


def list_names(file: h5py.File, path: Path) -> list[str]:
    """Names of everything in the root group, none of which is opened.

    Raises
    ------
    FeatureFileError
        If there are more than `MAX_NAMES`.
    """
    with refusing_damage(path):
        names: list[Any] = list(itertools.islice(file, MAX_NAMES + 1))
    if not all(isinstance(name, str) for name in names):
        refuse(path, "is damaged: it names a dataset with bytes that are no text. Copy it again.")
    if len(names) > MAX_NAMES:
        refuse(path, f"holds more than {MAX_NAMES:,} datasets, which no file of features needs. Choose another file.")
    return names


def require_array(file: h5py.File, name: str, path: Path, *, kind: str, rank: int) -> h5py.Dataset:
    """Open a dataset that must be there, with numbers of a ``kind`` and a shape of ``rank`` axes.

    Parameters
    ----------
    kind
        ``i`` whole numbers, ``u8`` unsigned bytes, ``f`` float16 or float32.

    Raises
    ------
    FeatureFileError
        If it is not, or `open_array` refuses it.
    """
    dataset = open_array(file, name, path)
    if dataset is None:
        refuse(path, f"holds no dataset named {name}. Choose the file that has it.")
    with refusing_damage(path):
        dtype = dataset.dtype
    if not {"i": dtype.kind in "iu", "u8": dtype == np.uint8, "f": dtype in (np.float16, np.float32)}[kind]:
        wanted = {"i": "whole numbers", "u8": "uint8", "f": "float16 or float32"}[kind]
        refuse(path, f"holds {name} as {dtype}, where {wanted} were expected. Write it again in that type.")
    if dataset.ndim != rank:
        refuse(path, f"holds {name} of shape {dataset.shape}, where {rank} axes were expected. Check the file.")
    return dataset


def read_integers(file: h5py.File, name: str, path: Path, *, rank: int) -> NDArray[np.int64]:
    """Read a whole dataset of whole numbers.

    Raises
    ------
    FeatureFileError
        If it is missing, of another kind, unsafe, or would need more than `MAX_UNPACKED_BYTES` once unpacked.
    """
    dataset = require_array(file, name, path, kind="i", rank=rank)
    # What is stored plainly cannot be longer than the file; what is packed can.
    if _COMPRESSORS.intersection(_filters_of(dataset.id)) and dataset.size * 8 > MAX_UNPACKED_BYTES:
        refuse(path, f"packs {dataset.size:,} numbers into {name}, which is refused. Store it uncompressed.")
    with refusing_damage(path):
        numbers: NDArray[np.int64] = dataset[()].astype(np.int64)
    return numbers


def _check_storage(dataset: Any, name: str, path: Path) -> None:
    plan = dataset.get_create_plist()
    if plan.get_layout() not in (h5d.COMPACT, h5d.CONTIGUOUS, h5d.CHUNKED):
        refuse(path, f"assembles {name} from other files (a virtual dataset), which is refused. Store the data itself.")
    if plan.get_external_count():
        refuse(path, f"keeps {name} in other files (external storage), which is refused. Store the data itself.")
    filters = _filters_of(dataset)
    unknown = [code for code in filters if code not in _FILTERS]
    if unknown or len(_COMPRESSORS.intersection(filters)) > 1 or len(set(filters)) < len(filters):
        which = f"filter {unknown[0]}" if unknown else "an unusual chain of filters"
        refuse(path, f"packs {name} with {which}, which is refused. Store it uncompressed, with LZF or with gzip.")


def _filters_of(dataset: Any) -> list[int]:
    plan = dataset.get_create_plist()
    return [plan.get_filter(place)[0] for place in range(plan.get_nfilters())]


def _check_size(dataset: Any, name: str, path: Path) -> None:
    shape, plan = dataset.shape, dataset.get_create_plist()
    if shape is None or len(shape) > MAX_RANK or 0 in shape:
        refuse(path, f"holds {name} of shape {shape}, which is not one that features have. Extract the features again.")
    declared = math.prod(shape) * dataset.get_type().get_size()
    compressed = _COMPRESSORS.intersection(_filters_of(dataset))
    is_complete = declared <= path.stat().st_size * (_MAX_COMPRESSION if compressed else 1)
    if is_complete and plan.get_layout() == h5d.CHUNKED:
        chunk = plan.get_chunk()
        if math.prod(chunk) * dataset.get_type().get_size() > MAX_CHUNK_BYTES:
            refuse(path, f"stores {name} in chunks above {MAX_CHUNK_BYTES // 2**20} MB. Store one image per chunk.")
        chunks = math.prod(-(-side // step) for side, step in zip(shape, chunk, strict=True))
        is_complete = dataset.get_num_chunks() == chunks
    elif is_complete:
        is_complete = dataset.get_storage_size() >= declared
    if not is_complete:
        refuse(path, f"declares {name} of shape {shape} but does not hold that much data. Extract the features again.")


def read_scalar(file: h5py.File, name: str, path: Path) -> str | int | None:
    """Read one root attribute that is a single fixed-length text or whole number; None when there is none.

    Variable-length texts are refused: HDF5 keeps them in a heap which, when damaged, it may read for ever.

    Raises
    ------
    FeatureFileError
        If it is anything else.
    """
    with refusing_damage(path):
        if name not in file.attrs:
            return None
        attribute = file.attrs.get_id(name)
        kind = attribute.get_type()
        is_text = isinstance(kind, h5t.TypeStringID) and not kind.is_variable_str()
        if attribute.shape == () and (is_text or isinstance(kind, h5t.TypeIntegerID)):
            value = file.attrs[name]
            return value.decode() if is_text else int(value)
    refuse(path, f"holds an attribute {name} that is not a fixed-length text or number. Extract the features again.")


def read_texts(dataset: h5py.Dataset, path: Path) -> tuple[list[str], int]:
    """Read a vector of fixed-length UTF-8 texts.

    Returns
    -------
    texts : list of str
    checksum : int
        CRC-32 of the stored bytes.

    Raises
    ------
    FeatureFileError
        If it is of another kind, or a text is not UTF-8.
    """
    what = dataset.name.lstrip("/")
    kind = dataset.id.get_type()
    if not isinstance(kind, h5t.TypeStringID) or kind.is_variable_str() or dataset.ndim != 1:
        refuse(path, f"must hold {what} as a list of fixed-length texts. Extract the features again.")
    with refusing_damage(path):
        stored = dataset[()]
    texts = []
    for row, text in enumerate(stored.tolist()):
        try:
            texts.append(text.decode())
        except UnicodeDecodeError:
            refuse(path, f"holds {what} that are not UTF-8, in row {row}. Rename the image and extract again.")
    return texts, zlib.crc32(stored)


def row_offsets(dataset: h5py.Dataset, row_rank: int, path: Path) -> NDArray[np.int64] | None:
    """Where in the file each row begins, a row being the last ``row_rank`` axes.

    Returns
    -------
    (R,) int64 or None
        Byte offsets, R the product of the leading axes; None when rows are not stored whole and unfiltered.

    Raises
    ------
    FeatureFileError
        If a row would lie outside the file.
    """
    lead, row_shape = dataset.shape[:-row_rank], dataset.shape[-row_rank:]
    row_bytes = math.prod(row_shape) * dataset.dtype.itemsize
    with refusing_damage(path):
        # Versions of HDF5 disagree on whether offsets count the block that may precede its data.
        if dataset.file.userblock_size or dataset.id.get_create_plist().get_nfilters():
            return None
        if dataset.chunks is None:
            start = dataset.id.get_offset()
            if start is None:
                return None
            offsets: NDArray[np.int64] = start + np.arange(math.prod(lead), dtype=np.int64) * row_bytes
        elif dataset.chunks == (1,) * len(lead) + row_shape:
            offsets = _chunk_offsets(dataset, lead)
        else:
            return None
    if offsets.min() <= 0 or int(offsets.max()) + row_bytes > path.stat().st_size:
        refuse(path, f"is damaged or cut short: some of {dataset.name.lstrip('/')} lies outside it. Copy it again.")
    return offsets


def _chunk_offsets(dataset: h5py.Dataset, lead: tuple[int, ...]) -> NDArray[np.int64]:
    offsets = np.full(lead, -1, np.int64)
    rank = len(lead)

    def note(chunk: Any) -> None:
        offsets[chunk.chunk_offset[:rank]] = chunk.byte_offset

    dataset.id.chunk_iter(note)
    return offsets.reshape(-1)
