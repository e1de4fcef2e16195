"""Curves as files: a picture, or a table with a row for each point."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from captioner.atomic_file import atomic_path
from captioner.errors import OutputError
from captioner.file_names import printable
from gui.training.quantities import RunCurves

_COLUMNS = ("run", "quantity", "part", "epoch", "value")


def write_values(runs: Sequence[RunCurves], path: Path) -> None:
    """Write every point of every curve, unsmoothed, as CSV.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with atomic_path(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        writer.writerows(_rows(runs))


def write_picture(image: QImage, path: Path) -> None:
    """Write a picture as PNG.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not QImageWriter(buffer, QByteArray(b"png")).write(image):
        raise OutputError(f"{printable(path.name)} cannot be made: the picture is empty.", path=path)
    with atomic_path(path) as partial:
        partial.write_bytes(buffer.data().data())


def _rows(runs: Sequence[RunCurves]) -> Iterable[tuple[str, str, str, str, str]]:
    for run in runs:
        # A spreadsheet would take a name that begins so for a formula.
        name = f"'{run.name}" if run.name[:1] in ("=", "+", "-", "@") else run.name
        for curve in run.curves:
            for epoch, value in zip(curve.epochs.tolist(), curve.values.tolist(), strict=True):
                yield name, curve.quantity, curve.part, f"{epoch:.6g}", f"{value:.6g}"
