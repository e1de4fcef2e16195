"""Where a decoder looked while it captioned a few sample images, small enough to keep after every epoch.

Importing this never imports torch. The file of an epoch, ``samples/epoch-007.attention.json``, is an object::

    {"format_version": 1,
     "images": {"dog.jpg": {"words": ["a", "dog"], "peaks": [0.18, 0.44], "shares": "…", "grid": [7, 7],
                            "fit": "squeeze", "boxes": [], "reference": "A dog runs ."}}}

``shares`` is base64 of (T, L) uint8, each word's weights as shares of its peak, 255 being all of it.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from captioner.atomic_file import atomic_path
from captioner.config import Fit

if TYPE_CHECKING:
    from captioner.data.datasets.feature_rows import FeatureRows

SAMPLED_IMAGES = 12
FORMAT_VERSION = 1
_WHOLE = 255
_MAX_FILE_BYTES = 2**24
_MAX_PLACES = 2**16

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the L places of features lie on their photographs.

    Attributes
    ----------
    grid
        (rows, columns), with rows * columns = L; (1, L) for regions.
    fit
        Whether the grid covers the whole photograph or its central square.
    boxes
        (S, L, 4) left, top, right, bottom in [0, 1] of the regions of the sampled images; None where places are cells.
    """

    grid: tuple[int, int]
    fit: Fit = "squeeze"
    boxes: NDArray[np.float32] | None = None

    @property
    def count(self) -> int:
        """L."""
        return self.grid[0] * self.grid[1]

    @classmethod
    def of(cls, features: FeatureRows, rows: NDArray[np.int64]) -> Self:
        """Of the dev images in these rows."""
        # What the features say of their making begins with how the photograph was fitted to the network's square.
        fit: Fit = "crop" if features.info.preprocessing.startswith("crop") else "squeeze"
        return cls(features.info.grid, fit, features.boxes(rows[sampled_positions(len(rows))]))

    def of_sample(self, number: int) -> dict[str, Any]:
        """The fields of `SampleAttention` that say where the places of a sampled image lie."""
        # To a ten thousandth, which is less than a pixel.
        boxes = () if self.boxes is None else np.round(self.boxes[number].astype(np.float64), 4).tolist()
        return {"grid": self.grid, "fit": self.fit, "boxes": tuple(map(tuple, boxes))}


@dataclass(frozen=True, slots=True)
class SampleAttention:
    """Where a decoder looked for each of the T words of a caption.

    Attributes
    ----------
    words
        The words.
    peaks
        The greatest weight of each.
    shares
        T * L bytes, word by word: weights over the word's peak, 255 being all of it.
    grid, fit
        As in `Places`.
    boxes
        L regions, as in `Places`; empty where places are the cells of the grid.
    reference
        A caption that people wrote of the same image; empty where none is known.
    """

    words: tuple[str, ...]
    peaks: tuple[float, ...]
    shares: bytes
    grid: tuple[int, int]
    fit: Fit = "squeeze"
    boxes: tuple[Box, ...] = ()
    reference: str = ""

    @classmethod
    def of(cls, words: tuple[str, ...], alphas: NDArray[np.float32], **about: Any) -> Self:
        """Keep weights (T, L) of T words, to half a 255th of each word's greatest; ``about`` are the other fields."""
        peaks = alphas.max(axis=1, initial=0.0)
        shares = np.rint(alphas * (_WHOLE / np.maximum(peaks, 1e-30))[:, None]).astype(np.uint8)
        return cls(words, tuple(float(f"{peak:.4g}") for peak in peaks.tolist()), shares.tobytes(), **about)

    @property
    def alphas(self) -> NDArray[np.float32]:
        """Weights (T, L), a new array."""
        shares = np.frombuffer(self.shares, np.uint8).reshape(len(self.words), math.prod(self.grid)).astype(np.float32)
        return shares * (np.array(self.peaks, np.float32)[:, None] / np.float32(_WHOLE))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dataclasses.asdict(self) | {"shares": base64.b64encode(self.shares).decode("ascii")}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from what `to_dict` returned.

        Raises
        ------
        ValueError, KeyError, TypeError
            If a value is missing, of another kind, or does not fit the others.
        """
        rows, columns = map(int, values["grid"])
        words, peaks = tuple(map(str, values["words"])), tuple(map(float, values["peaks"]))
        boxes = tuple(_box(box) for box in values["boxes"])
        shares = base64.b64decode(values["shares"], validate=True)
        places = rows * columns
        is_placed = rows >= 1 and columns >= 1 and places <= _MAX_PLACES and len(boxes) in (0, places)
        if not is_placed or len(peaks) != len(words) or len(shares) != len(words) * places:
            raise ValueError(f"{len(shares)} weights of {len(words)} words do not fit {rows} x {columns} places")
        if not all(0 <= peak <= 1.01 for peak in peaks):
            raise ValueError("weights are not between 0 and 1")
        fit: Fit = "crop" if values["fit"] == "crop" else "squeeze"
        return cls(words, peaks, shares, (rows, columns), fit, boxes, str(values["reference"]))


def sampled_positions(images: int) -> list[int]:
    """Positions of up to 12 of so many images, evenly spaced, always the same."""
    count = min(images, SAMPLED_IMAGES)
    return [position * images // count for position in range(count)]


def write_attention(path: Path, attention: Mapping[str, SampleAttention]) -> None:
    """Write the attention of sample images by name.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    images = {name: sample.to_dict() for name, sample in attention.items()}
    with atomic_path(path) as temporary:
        text = json.dumps({"format_version": FORMAT_VERSION, "images": images}, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_attention(path: Path) -> dict[str, SampleAttention]:
    """Read what `write_attention` wrote; empty where there is no such file.

    Raises
    ------
    ValueError
        If it is damaged, too large or of a later version.
    OSError
        If it cannot be read.
    """
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise ValueError("it is too large")
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format_version"] != FORMAT_VERSION:
            raise ValueError("it is of another version")
        return {str(name): SampleAttention.from_dict(values) for name, values in content["images"].items()}
    except FileNotFoundError:
        return {}
    except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"it is damaged: {error!r:.100}") from error


def _box(values: Any) -> Box:
    left, top, right, bottom = map(float, values)
    if not all(math.isfinite(value) and 0 <= value <= 1 for value in (left, top, right, bottom)):
        raise ValueError("a box lies outside its image")
    return left, top, right, bottom
