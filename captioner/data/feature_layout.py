"""The layout of feature files: sizes, provenance and names, and what of them is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Literal

from captioner import __version__
from captioner.config import ENCODER_WIDTHS
from captioner.data.safe_hdf5 import refuse

LAYOUT = "captioner-features"
LAYOUT_VERSION = 1
MAX_VIEWS = 1000
MAX_PLACES = 2**16
MAX_DIM = 2**16
MAX_ROW_VALUES = 2**24
MAX_NAME_BYTES = 1024
MAX_TEXT_BYTES = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureFileInfo:
    """What a feature file holds and how it came about.

    Attributes
    ----------
    images
        Number of images N.
    dim
        Width D of one feature.
    grid
        (rows, columns) of the places; (1, L) when a file of another project does not say, (1, 1) for vectors.
    views
        Extra views V of each image; 0 when there are none.
    encoder, encoder_weights_sha256, preprocessing
        Where the features come from; empty when a file of another project does not say.
    input_size
        Side in pixels of the square that the encoder saw; 0 when unknown.
    project_version
        Version of this project that wrote the file.
    part
        Which share of the images it holds, see `captioner.data.parts.Part.to_json`; empty when it holds all.
    dtype
        How values are stored. They are always read as float32.
    """

    images: int
    dim: int
    grid: tuple[int, int]
    views: int = 0
    encoder: str = ""
    encoder_weights_sha256: str = ""
    input_size: int = 0
    preprocessing: str = ""
    project_version: str = __version__
    part: str = ""
    dtype: Literal["float16", "float32"] = "float16"

    @property
    def places(self) -> int:
        """Number of places L in one image."""
        return self.grid[0] * self.grid[1]

    @property
    def may_be_of_an_encoder(self) -> bool:
        """Whether some encoder that is known here gives features of this width on such a grid."""
        return self.dim in ENCODER_WIDTHS and self.grid[0] == self.grid[1] > 1

    def find_fault(self) -> str:
        """What is wrong with these sizes, to be read after "it holds"; empty when nothing is."""
        if self.images < 1 or not 0 <= self.views <= MAX_VIEWS:
            return f"{self.images} images with {self.views} extra views (allowed: 0 to {MAX_VIEWS})"
        if min(self.grid) < 1 or self.places > MAX_PLACES:
            return f"a grid of {self.grid[0]} x {self.grid[1]} places (allowed: 1 to {MAX_PLACES} in all)"
        if not 1 <= self.dim <= MAX_DIM:
            return f"features {self.dim} wide (allowed: 1 to {MAX_DIM})"
        if self.places * self.dim > MAX_ROW_VALUES:
            return f"{self.places * self.dim} values per image (allowed: {MAX_ROW_VALUES})"
        texts = (self.encoder, self.encoder_weights_sha256, self.preprocessing, self.project_version, self.part)
        if max(len(text.encode()) for text in texts) > MAX_TEXT_BYTES:
            return f"a description of more than {MAX_TEXT_BYTES} bytes"
        return ""


def check_names(names: Sequence[str], images: int, path: Path) -> None:
    """Refuse names that are too many or too few, repeated, or not plain relative paths.

    Raises
    ------
    FeatureFileError
        The message says which row is at fault.
    """
    if len(names) != images:
        refuse(path, f"must have one name per image, not {len(names)} names for {images}. Extract the features again.")
    seen: dict[str, int] = {}
    for row, name in enumerate(names):
        if not _is_safe_name(name):
            refuse(
                path,
                f"names the image of row {row} {name[:80]!r}, which is not a plain relative path. "
                "Rename the image and extract again.",
            )
        if seen.setdefault(name, row) != row:
            refuse(path, f"names {name} twice, in rows {seen[name]} and {row}. Give every image a name of its own.")


def _is_safe_name(name: str) -> bool:
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return False
    windows = PureWindowsPath(name)
    return (
        0 < size <= MAX_NAME_BYTES
        and "\0" not in name
        and not (PurePosixPath(name).is_absolute() or windows.drive or windows.root)
        and ".." not in windows.parts
    )
