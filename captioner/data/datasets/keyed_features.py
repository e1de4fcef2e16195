"""Features with one file or one HDF5 dataset per image: folders of .npy and .npz, and .h5 by id or file name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from captioner.data.datasets.feature_rows import MAX_REGIONS, StoredRows
from captioner.data.feature_layout import FeatureFileInfo
from captioner.data.safe_hdf5 import list_names, open_array, open_hdf5, refuse, refusing_damage
from captioner.data.safe_npy import read_npy, read_npz

ARRAY_SUFFIXES = (".npy", ".npz")
NPZ_NAMES = ("feat", "z", "features")
# The number of regions differs from image to image; all files of COCO could not be looked into before training.
_LOOKED_INTO = 64
_KEY = re.compile(r"0*(\d{1,18})(_features)?", re.ASCII)
_IMAGE_NAME = re.compile(r".+\.(?:jpe?g|png|bmp|gif|tiff?|webp)", re.IGNORECASE)


def id_of_key(key: str) -> int | None:
    """The image id in the name of a dataset: ``42`` or ``42_features``; None for other names."""
    match = _KEY.fullmatch(key)
    return int(match[1]) if match else None


def is_image_name(key: str) -> bool:
    """Whether a dataset has the name of an image file, such as ``dog.jpg``."""
    return _IMAGE_NAME.fullmatch(key) is not None


class ArrayFolder(StoredRows):
    """A folder of ``ID.npy`` (vectors) or ``ID.npz`` (grids or regions), as neuraltalk2's successors keep them.

    Parameters
    ----------
    path
        The folder. Files are named by image id, or else by the image's name without its ending.

    Raises
    ------
    FeatureFileError
        If it holds no such files, two stand for the same image, or their arrays do not fit together.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        files = sorted(file for file in path.iterdir() if file.suffix in ARRAY_SUFFIXES and not file.is_dir())
        if not files:
            refuse(path, "holds no .npy or .npz files of features. Choose the folder that does.")
        ids = [id_of_key(file.stem) for file in files]
        if None not in ids:
            order = sorted(range(len(files)), key=lambda index: ids[index] or 0)
            files = [files[index] for index in order]
            self.image_ids = _unique_ids([ids[index] or 0 for index in order], path)
        else:
            self.image_names = tuple(file.stem for file in files)
            if len(set(self.image_names)) < len(files):
                twice = next(a for a, b in itertools.pairwise(self.image_names) if a == b)
                refuse(path, f"holds {twice} both as .npy and as .npz. Keep one of them.")
        self._files = files
        self.info = _describe(len(files), self._read_stored, path)

    def _read_row(self, row: int) -> NDArray[np.floating[Any]]:
        return _as_places(self._read_stored(row))

    def _read_stored(self, row: int) -> NDArray[np.floating[Any]]:
        path = self._files[row]
        return read_npz(path, NPZ_NAMES) if path.suffix == ".npz" else read_npy(path)

    def _where(self, row: int) -> str:
        return f"its file {self._files[row].name}"

    def close(self) -> None:
        """Nothing is open between two reads."""


class KeyedHdf5(StoredRows):
    """An HDF5 file with one dataset per image: ``42``, ``42_features`` as in ``coco_detections.hdf5``, or ``dog.jpg``.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    FeatureFileError
        If it is damaged or unsafe, holds no such datasets, or two stand for the same image.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: h5py.File = open_hdf5(path)
        try:
            names = list_names(self._file, path)
            numbered = sorted((number, name) for name in names if (number := id_of_key(name)) is not None)
            if numbered:
                self.image_ids = _unique_ids([number for number, _ in numbered], path)
                self._keys = [name for _, name in numbered]
            else:
                self._keys = sorted(filter(is_image_name, names))
                self.image_names = tuple(self._keys)
            if not self._keys:
                refuse(path, "holds no dataset that is named by the id or the file of an image. Choose another file.")
            self.info = _describe(len(self._keys), self._read_stored, path)
        except BaseException:
            self._file.close()
            raise

    def _read_row(self, row: int) -> NDArray[np.floating[Any]]:
        return _as_places(self._read_stored(row))

    def _read_stored(self, row: int) -> NDArray[np.floating[Any]]:
        key = self._keys[row]
        dataset = open_array(self._file, key, self.path)
        if dataset is None:
            refuse(self.path, f"has lost its dataset {key} since it was opened. Open it again.")
        with refusing_damage(self.path):
            if dataset.dtype not in (np.float16, np.float32) or dataset.ndim > 3:
                refuse(self.path, f"holds {key} as {dataset.dtype} {dataset.shape}, which features are not.")
            features: NDArray[np.floating[Any]] = dataset[()]
        return features

    def _where(self, row: int) -> str:
        return f"its dataset {self._keys[row]}"

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _unique_ids(ids: Sequence[int], path: Path) -> tuple[int, ...]:
    for one, other in itertools.pairwise(ids):
        if one == other:
            refuse(path, f"holds the features of image {one} twice. Keep one of them.")
    return tuple(ids)


def _as_places(stored: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Features (n, D) of an array (D,), (n, D) or (H, W, D)."""
    return stored.reshape(-1, stored.shape[-1])


def _describe(images: int, read: Callable[[int], NDArray[np.floating[Any]]], path: Path) -> FeatureFileInfo:
    """Sizes as some images tell, spread evenly over all."""
    looked_into = np.unique(np.linspace(0, images - 1, min(images, _LOOKED_INTO)).astype(int)).tolist()
    arrays = [read(row) for row in looked_into]
    first, shapes = arrays[0], {array.shape for array in arrays}
    is_grid = first.ndim == 3 and shapes == {first.shape}
    places = min(max(len(_as_places(array)) for array in arrays), MAX_REGIONS)
    info = FeatureFileInfo(
        images=images,
        dim=first.shape[-1],
        grid=(first.shape[0], first.shape[1]) if is_grid else (1, places),
        dtype="float16" if first.dtype.itemsize == 2 else "float32",
        project_version="",
    )
    if fault := info.find_fault():
        refuse(path, f"is refused: it holds {fault}. Extract the features again.")
    return info
