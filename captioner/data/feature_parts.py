"""Feature files that each hold a share of the images, joined into the file that one process would have written."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np

from captioner.data.feature_files import FeatureFile, FeatureWriter
from captioner.data.parts import Part, in_order
from captioner.errors import ConfigurationError
from captioner.file_names import printable

BYTES_AT_ONCE = 2**26


def read_feature_part(path: Path) -> Part:
    """Which share a feature file holds.

    Raises
    ------
    FeatureFileError
        If it cannot be read.
    ConfigurationError
        If it holds no share.
    """
    with FeatureFile(path) as file:
        return _part_of(file)


def merge_features(paths: Sequence[Path], output: str | os.PathLike[str]) -> Generator[tuple[int, int]]:
    """Join all parts of one list of images, row by row as they are stored, into ``output``.

    The file appears when it is whole. Its datasets and attributes equal those of an extraction by one process.

    Parameters
    ----------
    paths
        The parts, in any order.
    output
        The feature file.

    Yields
    ------
    (done, images)
        Images written so far, and in all.

    Raises
    ------
    ConfigurationError
        If a part is missing or there twice, or they were not made alike.
    FeatureFileError
        If a part cannot be read.
    OutputError
        If the file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        files = {path: stack.enter_context(FeatureFile(path)) for path in paths}
        ordered = [files[path] for path in in_order({path: _part_of(file) for path, file in files.items()})]
        names = [name for file in ordered for name in file.image_names]
        info = dataclasses.replace(ordered[0].info, images=len(names), part="")
        writer = stack.enter_context(FeatureWriter(output, info, names))
        done = 0
        for file in ordered:
            for count in _copy_rows(file, writer, done):
                done += count
                yield done, len(names)


def _part_of(file: FeatureFile) -> Part:
    if not file.info.part:
        raise ConfigurationError(
            f"{printable(file.path)} is whole, and no part that was extracted with --shard. Leave it out.",
            path=file.path,
        )
    return Part.from_json(file.info.part, file.path)


def _copy_rows(file: FeatureFile, writer: FeatureWriter, start: int) -> Generator[int]:
    """Write the rows of ``file`` from row ``start`` on; yields how many at a time."""
    info = file.info
    at_once = max(1, BYTES_AT_ONCE // (4 * info.places * info.dim * (1 + info.views)))
    for first in range(0, info.images, at_once):
        rows = np.arange(first, min(info.images, first + at_once))
        # Stored, read as float32 and stored again, numbers stay what they are.
        views = [file.read(rows, np.full(len(rows), view)) for view in range(1, 1 + info.views)]
        writer.write(start + first, file.read(rows), np.stack(views, axis=1) if views else None)
        yield len(rows)
