"""The check of features before training: ranges, and rows that are not finite, all zero or repeated."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from captioner.data.dataset_report import FeatureReport, Findings
from captioner.data.datasets.dataset import CaptionDataset, Split
from captioner.data.datasets.feature_rows import FeatureRows
from captioner.errors import CaptionerError

SAMPLED_BYTES = 2**28
READ_AT_ONCE = 64
MOST_NAMED = 5


def unknown_origin(features: FeatureRows) -> str:
    """What it means that ``features`` do not say what made them, in sentences."""
    text = (
        f"{features.path} does not say what made its features, so a model that learns from them captions such features "
        "(`captioner caption --features`), not photographs."
    )
    if not features.info.may_be_of_an_encoder:
        return text
    return (
        f"{text} If an encoder did that `captioner info` lists, name it: under Data on the Train page of the window, "
        "or with `captioner train --encoder`."
    )


def check_features(
    features: FeatureRows, dataset: CaptionDataset, findings: Findings, *, is_full: bool
) -> FeatureReport:
    """Read features, all or some spread evenly, and note what is wrong with them.

    Parameters
    ----------
    features
        Of ``dataset``.
    findings
        Is told of each fault, with file, dataset and row.
    is_full
        Read those of all images and all extra views that training may use, rather than up to `SAMPLED_BYTES`.
    """
    info = features.info
    training = dataset.training_splits()
    view_count = min((split.views for split in training), default=0)
    rows, views = _to_read(_rows_of(dataset.splits), _rows_of(training), view_count)
    if not is_full:
        count = SAMPLED_BYTES // (4 * info.places * info.dim)
        sampled = _sample(views, max(READ_AT_ONCE, count))
        rows, views = rows[sampled], views[sampled]
    values, views_read, has_boxes = _Values(), 0, False
    for read, batch, is_plain, boxes in _read_batches(features, rows, views, findings):
        views_read += len(batch) - int(is_plain.sum())
        values.add(read[is_plain], batch[is_plain])
        has_boxes = boxes is not None
    if values.zeros:
        findings.warn(f"{features.path}: {values.zeros:,} images have features of zero, row {values.zero_row} first.")
    if values.repeated:
        one, other = values.twins
        findings.warn(
            f"{features.path}: {values.repeated:,} images have the features of another; rows {one} and {other} are "
            "equal."
        )
    return FeatureReport(
        images=sum(len(split) for split in dataset.splits),
        places=info.places,
        dim=info.dim,
        grid=dataset.grid,
        dtype=info.dtype,
        encoder=info.encoder,
        may_be_of_an_encoder=info.may_be_of_an_encoder,
        views=view_count,
        has_boxes=has_boxes,
        images_read=values.images,
        views_read=views_read,
        minimum=values.minimum if values.images else 0.0,
        mean=values.total / values.count if values.count else 0.0,
        maximum=values.maximum if values.images else 0.0,
        rows_of_zeros=values.zeros,
        rows_repeated=values.repeated,
    )


def _rows_of(splits: Iterable[Split]) -> NDArray[np.int64]:
    """Rows of all images of these splits, each once."""
    used = [split.rows for split in splits if split.rows is not None]
    return np.unique(np.concatenate(used)) if used else np.arange(0)


def _to_read(
    rows: NDArray[np.int64], with_views: NDArray[np.int64], views: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and view of each plain image, and then of each extra view 1 to ``views`` of the rows ``with_views``."""
    numbers = np.arange(1, views + 1)
    all_rows = np.concatenate([rows, np.repeat(with_views, views)])
    return all_rows, np.concatenate([np.zeros_like(rows), np.tile(numbers, len(with_views))])


def _sample(views: NDArray[np.int64], count: int) -> NDArray[np.intp]:
    """Positions of up to ``count`` of these views, spread evenly: half are plain images where there are others."""
    kinds = [found for found in (np.flatnonzero(views == 0), np.flatnonzero(views)) if len(found)]
    most = max(1, count // max(1, len(kinds)))
    chosen = [found[np.unique(np.linspace(0, len(found) - 1, min(most, len(found))).astype(int))] for found in kinds]
    return np.concatenate(chosen) if chosen else np.arange(0)


def _read_batches(
    features: FeatureRows, rows: NDArray[np.int64], views: NDArray[np.int64], findings: Findings
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.bool_], NDArray[np.float32] | None]]:
    """Features, rows, which are of plain images, and boxes.

    What cannot be read is refused by name, and reading goes on behind it.
    """
    refused = 0
    for start in range(0, len(rows), READ_AT_ONCE):
        batch, views_of_batch = rows[start : start + READ_AT_ONCE], views[start : start + READ_AT_ONCE]
        try:
            read, boxes = features.read(batch, views_of_batch), features.boxes(batch)
        except CaptionerError as error:
            refused += 1
            findings.refuse(error.message)
            if refused == MOST_NAMED:
                findings.refuse(f"{features.path} has more faults than were looked for. Extract the features again.")
                return
        else:
            yield read, batch, views_of_batch == 0, boxes


class _Values:
    """Ranges of the features read so far."""

    def __init__(self) -> None:
        self.images = self.count = self.zeros = self.repeated = 0
        self.minimum, self.maximum, self.total = np.inf, -np.inf, 0.0
        self.zero_row = -1
        self.twins = (-1, -1)
        self._seen: dict[tuple[int, float], int] = {}

    def add(self, features: NDArray[np.float32], rows: NDArray[np.int64]) -> None:
        """Take in features (B, L, D) of ``rows``."""
        if not len(features):
            return
        self.images += len(features)
        self.count += features.size
        self.minimum = min(self.minimum, float(features.min()))
        self.maximum = max(self.maximum, float(features.max()))
        sums = features.sum(axis=(1, 2), dtype=np.float64)
        self.total += float(sums.sum())
        is_zero = ~features.any(axis=(1, 2))
        if is_zero.any() and not self.zeros:
            self.zero_row = int(rows[np.argmax(is_zero)])
        self.zeros += int(is_zero.sum())
        for index in np.flatnonzero(~is_zero).tolist():
            key = (zlib.crc32(features[index].data), float(sums[index]))
            other = self._seen.setdefault(key, int(rows[index]))
            if other != rows[index]:
                self.twins = self.twins if self.repeated else (other, int(rows[index]))
                self.repeated += 1
