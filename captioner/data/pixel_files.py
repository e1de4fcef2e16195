"""HDF5 files of images as other projects keep them: (N, 3, H, W) uint8, one row per image."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from captioner.data.safe_hdf5 import open_hdf5, read_scalar, refuse, refusing_damage, require_array

DATASET = "images"
MAX_SIDE = 4096


class PixelFile:
    """Images in an HDF5 file, such as sgrvinod's ``TRAIN_IMAGES_*.hdf5``, read one at a time.

    Use it as a context manager, or call `close`.

    Parameters
    ----------
    path
        The file.

    Attributes
    ----------
    images
        Number of images N.
    captions_per_image
        As the file says; None where it does not.
    image_names
        Name of each row, made of the file's own name and the number of the row.

    Raises
    ------
    FeatureFileError
        If it is missing, damaged, unsafe or holds no such images.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        with contextlib.ExitStack() as on_failure:
            self._file: h5py.File = on_failure.enter_context(contextlib.closing(open_hdf5(self.path)))
            self._images = require_array(self._file, DATASET, self.path, kind="u8", rank=4)
            self.images, channels, height, width = map(int, self._images.shape)
            if channels != 3 or max(height, width) > MAX_SIDE:
                refuse(self.path, f"holds images of shape {self._images.shape[1:]}, where (3, H, W) was expected.")
            per_image = read_scalar(self._file, "captions_per_image", self.path)
            if per_image is not None and (isinstance(per_image, str) or per_image < 1):
                refuse(self.path, f"says captions_per_image is {per_image!r:.40}. Make the file again.")
            self.captions_per_image: int | None = per_image
            on_failure.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def image_names(self) -> tuple[str, ...]:
        """Name of each row: ``TRAIN_IMAGES_base/0000017``."""
        return tuple(f"{self.path.stem}/{row:07d}" for row in range(self.images))

    def read(self, row: int) -> NDArray[np.uint8]:
        """Pixels (H, W, 3) uint8 RGB of one image.

        Raises
        ------
        FeatureFileError
            If there is no such row or it cannot be read.
        """
        if not 0 <= row < self.images:
            refuse(self.path, f"has no row {row}: there are {self.images}.")
        with refusing_damage(self.path):
            pixels: NDArray[Any] = self._images[row]
        return np.ascontiguousarray(pixels.transpose(1, 2, 0))


def row_of_name(name: str) -> int | None:
    """The row that a name of `PixelFile.image_names` stands for; None for other names."""
    _, slash, number = name.rpartition("/")
    return int(number) if slash and number.isdecimal() and number.isascii() else None
