"""Rows of features wherever they are stored: what every source offers, and several sources read as one."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from captioner.data.feature_layout import FeatureFileInfo
from captioner.data.safe_hdf5 import refuse

# Bottom-up attention keeps 10 to 100 regions of an image, the likeliest first.
MAX_REGIONS = 100


class FeatureRows(Protocol):
    """N images seen by an encoder. `captioner.data.feature_files.FeatureFile` is one.

    Attributes
    ----------
    path
        The file or folder.
    info
        Sizes and provenance; its grid is (1, L) for regions and (1, 1) for vectors.
    image_names, image_ids
        Of the rows; either may be empty.
    """

    @property
    def path(self) -> Path:
        """The file or folder."""
        ...

    @property
    def info(self) -> FeatureFileInfo:
        """Sizes and provenance."""
        ...

    @property
    def image_names(self) -> tuple[str, ...]:
        """Names of the rows; empty where they have none."""
        ...

    @property
    def image_ids(self) -> tuple[int, ...]:
        """Numbers of the images of the rows; empty where they have none."""
        ...

    def read(
        self, rows: NDArray[np.integer[Any]], views: NDArray[np.integer[Any]] | None = None
    ) -> NDArray[np.float32]:
        """Features (B, L, D) float32, all finite."""
        ...

    def boxes(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32] | None:
        """Boxes (B, L, 4) of the places: left, top, right, bottom from 0 to 1; None where places are no regions."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class StoredRows(ABC):
    """Features that are read row by row, each row as (n, D) with n up to L or beyond.

    An image with fewer than L regions repeats them in turn, so that neither attention nor the mean of all places sees
    padding; of one with more, the first L are taken.
    """

    path: Path
    info: FeatureFileInfo
    image_names: tuple[str, ...] = ()
    image_ids: tuple[int, ...] = ()

    @abstractmethod
    def _read_row(self, row: int) -> NDArray[np.floating[Any]]:
        """Features (n, D) of one image."""

    @abstractmethod
    def _where(self, row: int) -> str:
        """The dataset or file inside `path` that holds a row, for messages."""

    @abstractmethod
    def close(self) -> None:
        """Close the file; reading afterwards is refused."""

    def boxes(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32] | None:
        """None: these places are not known to be regions."""
        return None

    def read(
        self, rows: NDArray[np.integer[Any]], views: NDArray[np.integer[Any]] | None = None
    ) -> NDArray[np.float32]:
        """Read some rows, in the order asked for.

        Parameters
        ----------
        rows
            (B,) whole numbers from 0 to N - 1.
        views
            None or zeros: there is only the plain image.

        Returns
        -------
        (B, L, D) float32
            All finite.

        Raises
        ------
        FeatureFileError
            If a row does not exist, is damaged, of another shape, or not finite; where it is stored is named.
        """
        rows = np.asarray(rows)
        check_rows(rows, self.info.images, self.path)
        if views is not None and np.any(views):
            refuse(self.path, "holds no extra views of its images. Set use_views to false.")
        features = np.empty((len(rows), self.info.places, self.info.dim), np.float32)
        for place, row in enumerate(rows.tolist()):
            stored = self._read_row(row)
            if stored.ndim != 2 or stored.shape[1] != self.info.dim or not len(stored):
                refuse(
                    self.path,
                    f"holds features of shape {stored.shape} in {self._where(row)}, where others are {self.info.dim} "
                    "wide. Extract the features again.",
                )
            if not np.isfinite(stored).all():
                refuse(self.path, f"holds values that are not finite in {self._where(row)}. Extract again.")
            features[place] = fill_places(stored, self.info.places)
        return features

    def name_in_brackets(self, row: int) -> str:
        """The name or number of a row's image, for messages."""
        if self.image_ids:
            return f" (image {self.image_ids[row]})"
        return f" ({self.image_names[row]})" if self.image_names else ""


def check_rows(rows: NDArray[Any], images: int, path: Path) -> None:
    """Refuse rows that do not exist; the first is named."""
    if rows.ndim != 1 or rows.dtype.kind not in "iu":
        refuse(path, "is read by one whole number per row.")
    outside = rows[(rows < 0) | (rows >= images)]
    if len(outside):
        refuse(path, f"has no row {outside[0]}: there are {images}. Check what the captions refer to.")


def fill_places(regions: NDArray[Any], places: int) -> NDArray[Any]:
    """Exactly ``places`` of the (n, ...) regions: the first of them, or all in turn until there are enough."""
    return regions[np.arange(places) % len(regions)] if len(regions) < places else regions[:places]


class JoinedRows:
    """Several sources as one, the rows of the first before those of the second.

    Parameters
    ----------
    sources
        Two or more that are alike: as wide, on the same grid, from the same encoder.

    Raises
    ------
    FeatureFileError
        If they are not alike, or two hold the same image.
    """

    def __init__(self, sources: Sequence[FeatureRows]) -> None:
        self.sources = tuple(sources)
        self.path = sources[0].path
        for other in sources[1:]:
            _require_alike(sources[0], other)
        self._starts = np.cumsum([0, *(source.info.images for source in sources)])
        places = max(source.info.places for source in sources)
        first = sources[0].info
        self.info = dataclasses.replace(
            first,
            images=int(self._starts[-1]),
            grid=first.grid if 1 not in first.grid else (1, places),
            views=max(source.info.views for source in sources),
        )
        self.image_names: tuple[str, ...] = _joined([source.image_names for source in sources], sources)
        self.image_ids: tuple[int, ...] = _joined([source.image_ids for source in sources], sources)

    def read(
        self, rows: NDArray[np.integer[Any]], views: NDArray[np.integer[Any]] | None = None
    ) -> NDArray[np.float32]:
        """Features (B, L, D) float32 of ``rows``, which may lie in any of the sources."""
        rows = np.asarray(rows)
        check_rows(rows, self.info.images, self.path)
        features = np.empty((len(rows), self.info.places, self.info.dim), np.float32)
        for source, wanted, local in self._by_source(rows):
            read = source.read(local, None if views is None else np.asarray(views)[wanted])
            features[wanted] = self._filled(read)
        return features

    def boxes(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32] | None:
        """Boxes (B, L, 4) of ``rows``; None unless every source has boxes."""
        rows = np.asarray(rows)
        boxes = np.empty((len(rows), self.info.places, 4), np.float32)
        for source, wanted, local in self._by_source(rows):
            read = source.boxes(local)
            if read is None:
                return None
            boxes[wanted] = self._filled(read)
        return boxes

    def sources_of(self, rows: NDArray[np.integer[Any]]) -> list[int]:
        """Indices of the `sources` that these rows lie in."""
        owners: list[int] = np.unique(np.searchsorted(self._starts, rows, side="right") - 1).tolist()
        return owners

    def close(self) -> None:
        """Close all sources."""
        for source in self.sources:
            source.close()

    def _by_source(
        self, rows: NDArray[np.integer[Any]]
    ) -> list[tuple[FeatureRows, NDArray[np.intp], NDArray[np.int64]]]:
        owners = np.searchsorted(self._starts, rows, side="right") - 1
        found = []
        for index in np.unique(owners).tolist():
            wanted = np.flatnonzero(owners == index)
            found.append((self.sources[index], wanted, (rows[wanted] - self._starts[index]).astype(np.int64)))
        return found

    def _filled(self, read: NDArray[np.float32]) -> NDArray[np.float32]:
        return read[:, np.arange(self.info.places) % read.shape[1]]


def _joined(parts: Sequence[tuple[Any, ...]], sources: Sequence[FeatureRows]) -> tuple[Any, ...]:
    """All keys in one list, if every source has keys of this kind."""
    if not all(parts):
        return ()
    owner: dict[Any, FeatureRows] = {}
    for keys, source in zip(parts, sources, strict=True):
        for key in keys:
            if key in owner:
                refuse(
                    source.path,
                    f"shares images with {owner[key].path}, {key} among them. Extract each image once only.",
                )
        owner.update(dict.fromkeys(keys, source))
    return tuple(key for keys in parts for key in keys)


def _require_alike(one: FeatureRows, other: FeatureRows) -> None:
    for what in ("dim", "grid", "encoder", "encoder_weights_sha256", "input_size", "preprocessing"):
        first, second = getattr(one.info, what), getattr(other.info, what)
        # Regions have no grid to agree on: images differ in their number anyway.
        is_free = what == "grid" and {1} <= set(first) & set(second) and one.info.places > 1 < other.info.places
        if first != second and not is_free:
            refuse(
                other.path,
                f"was extracted otherwise than {one.path}: its {what} is {second}, not {first}. Extract both alike.",
            )
