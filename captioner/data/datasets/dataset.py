"""A captioned data set as training and checks see it, whatever its files look like."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from captioner.data.datasets.captions import Captions
from captioner.data.datasets.feature_rows import FeatureRows
from captioner.data.pixel_files import PixelFile
from captioner.errors import AnnotationError, FeatureFileError

WHOLE = "all"
TRAINING_SPLITS = ("train", "restval", WHOLE)
DEV_SPLITS = ("val", "dev", "valid", "validation")
TEST_SPLITS = ("test",)
HDF5_LEFT_OUT = re.compile(r"[^:]*\.(?:h5|hdf5|hdf) was left out: ")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Split:
    """The images of one split, N of them, and their captions.

    Attributes
    ----------
    name
        As the files say: ``train``, ``restval``, ``val``, ``test``; ``all`` where they name none.
    image_names
        One per image; made of split and row where the files name none.
    captions
        Of these images.
    image_ids, image_urls
        One per image, or empty where the files have none.
    rows
        (N,) int64, where each image is in the features or, without those, in `pixels`; None without either.
    pixels
        The images themselves, where the layout has them.
    views
        Extra views that each image has.
    without_features
        Captioned images that were left out because no features of them were given.
    """

    name: str
    image_names: tuple[str, ...]
    captions: Captions
    image_ids: tuple[int, ...] = ()
    image_urls: tuple[str, ...] = ()
    rows: NDArray[np.int64] | None = None
    pixels: PixelFile | None = None
    views: int = 0
    without_features: int = 0

    def __len__(self) -> int:
        return len(self.image_names)

    @property
    def caption_count(self) -> int:
        """Number of captions M."""
        return len(self.captions.images)

    def captions_per_image(self) -> NDArray[np.int64]:
        """How many captions (N,) int64 each image has."""
        return np.bincount(self.captions.images, minlength=len(self))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaptionDataset:
    """Captioned images with features, read from disk as they are asked for.

    Use it as a context manager, or call `close`.

    Attributes
    ----------
    layout
        What the files were recognised as, such as "CS231n coco_captioning".
    files
        Those that are used.
    splits
        One or more, each with its own images.
    features
        Rows of features of all splits together; None where the files hold none.
    tokens
        The words of the file's own vocabulary, special tokens left out; empty where captions are texts.
    notes
        Sentences about what was left out or assumed.
    captions_files
        Those of `files` whose captions are of images by name, so that features can be made of photographs.
    """

    layout: str
    files: tuple[Path, ...]
    splits: tuple[Split, ...]
    features: FeatureRows | None = None
    tokens: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    captions_files: tuple[Path, ...] = ()
    resources: contextlib.ExitStack = field(default_factory=contextlib.ExitStack, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files; nothing can be read afterwards."""
        self.resources.close()

    @property
    def path(self) -> Path:
        """The first of the files, for messages."""
        return self.files[0]

    @property
    def grid(self) -> tuple[int, int] | None:
        """Rows and columns of the places; None for vectors, for regions and where no file says."""
        if self.features is None or 1 in self.features.info.grid:
            return None
        return self.features.info.grid

    def split(self, name: str) -> Split:
        """The split of that name.

        Raises
        ------
        AnnotationError
            If there is none.
        """
        for split in self.splits:
            if split.name == name:
                return split
        names = ", ".join(split.name for split in self.splits)
        raise AnnotationError(f"{self.path} has no split {name!r}; it has {names}.", path=self.path)

    def training_splits(self) -> tuple[Split, ...]:
        """What is trained on: ``train`` and ``restval``, or everything where the files name no splits."""
        return tuple(split for split in self.splits if split.name in TRAINING_SPLITS)

    def undivided(self) -> Split | None:
        """All images, where nothing says which of them are for what; None where something does."""
        return self.splits[0] if [split.name for split in self.splits] == [WHOLE] else None

    def dev_split(self) -> Split | None:
        """What the best epoch is chosen by; None where there is no such split."""
        return next((split for split in self.splits if split.name in DEV_SPLITS), None)

    def require_features(self) -> FeatureRows:
        """The features.

        Raises
        ------
        FeatureFileError
            If there are none; the message says how to get them.
        """
        if self.features is not None:
            return self.features
        files = self.pixel_files()
        if not files:
            # What may have been meant for them, as far as that was not understood.
            unread = [note for note in self.notes if HDF5_LEFT_OUT.match(note)]
            raise FeatureFileError(
                f"{self.path} comes without features. Give a feature file as well; `captioner extract --images FOLDER "
                f"--captions FILE -o features.h5` makes one of photographs.{''.join(f' {note}' for note in unread)}",
                path=self.path,
            )
        first, *others = files
        also = f", and do the same with {', '.join(path.name for path in others)}" if others else ""
        raise FeatureFileError(
            f"{first} holds images, not features. Run `captioner extract --images {first} -o {features_beside(first)}` "
            f"first{also}.",
            path=first,
        )

    def pixel_files(self) -> tuple[Path, ...]:
        """The HDF5 files of images that features can be extracted from, each once."""
        return tuple(dict.fromkeys(split.pixels.path for split in self.splits if split.pixels is not None))


def features_beside(pixels: Path) -> Path:
    """Where features of a file of images are looked for: in the same folder, by another name."""
    return pixels.with_name(f"{pixels.stem}_features.h5")
