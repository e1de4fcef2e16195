"""The check of features before training: ranges, and rows that are not finite, all zero or repeated."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from captioner.data.dataset_report import FeatureReport, Findings
from captioner.data.datasets.dataset import CaptionDataset
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
    return f"{text} If an encoder did that `captioner info` lists, name it with `captioner train --encoder`."


def check_features(
    features: FeatureRows, dataset: CaptionDataset, findings: Findings, *, is_full: bool
) -> FeatureReport:
    """Read features, all or some spread evenly, and note what is wrong with them.

    Parameters
    ----------
    features
        Of ``dataset``.
    findings
        Is told of each fault, with file and row.
    is_full
        Read those of all images rather than up to `SAMPLED_BYTES`.
    """
    info = features.info
    used = [split.rows for split in dataset.splits if split.rows is not None]
    rows = np.unique(np.concatenate(used)) if used else np.arange(0)
    if not is_full:
        count = max(READ_AT_ONCE, SAMPLED_BYTES // (4 * info.places * info.dim))
        rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(count, len(rows))).astype(int))]
    values, has_boxes = _Values(), False
    for read, batch, boxes in _read_batches(features, rows, findings):
        values.add(read, batch)
        has_boxes = boxes is not None
    if values.zeros:
        findings.warn(f"{features.path}: {values.zeros:,} images have features of zero, row {values.zero_row} first.")
    if values.repeated:
        one, other = values.twins
        findings.warn(
            f"{features.path}: {values.repeated:,} images have the features of another; rows {one} and {other} are "
            "equal."
        )
    training = dataset.training_splits()
    return FeatureReport(
        images=sum(len(split) for split in dataset.splits),
        places=info.places,
        dim=info.dim,
        grid=dataset.grid,
        dtype=info.dtype,
        encoder=info.encoder,
        views=min((split.views for split in training), default=0),
        has_boxes=has_boxes,
        images_read=values.images,
        minimum=values.minimum if values.images else 0.0,
        mean=values.total / values.count if values.count else 0.0,
        maximum=values.maximum if values.images else 0.0,
        rows_of_zeros=values.zeros,
        rows_repeated=values.repeated,
    )


def _read_batches(
    features: FeatureRows, rows: NDArray[np.int64], findings: Findings
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32] | None]]:
    """Features, rows and boxes; what cannot be read is refused by name, and reading goes on behind it."""
    refused = 0
    for start in range(0, len(rows), READ_AT_ONCE):
        batch = rows[start : start + READ_AT_ONCE]
        try:
            read, boxes = features.read(batch), features.boxes(batch)
        except CaptionerError as error:
            refused += 1
            findings.refuse(error.message)
            if refused == MOST_NAMED:
                findings.refuse(f"{features.path} has more faults than were looked for. Extract the features again.")
                return
        else:
            yield read, batch, boxes


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
