"""Attention weights laid over the pixels of the photograph that they belong to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from captioner.atomic_file import atomic_path
from captioner.errors import ConfigurationError
from captioner.geometry import Geometry


def attention_on_original(
    alphas: npt.NDArray[np.float32],
    grid: tuple[int, int],
    geometry: Geometry,
    size: tuple[int, int] | None = None,
    *,
    smooth: bool = True,
) -> npt.NDArray[np.float32]:
    """Lay each step's weights over the part of the upright original that the network saw.

    Parameters
    ----------
    alphas
        (T, L) weights, one row per step, the L cells row by row.
    grid
        (rows, columns) with rows * columns = L.
    geometry
        Where the grid lies on the original.
    size
        (width, height) of the maps in pixels; the original's by default, which takes 4 * T * width * height bytes.
    smooth
        Interpolate between the centres of the cells by cubic convolution (Keys 1981, a = -1/2), clipped at 0; this is
        for the eye only. Otherwise each pixel has the weight of the cell that its centre lies in.

    Returns
    -------
    maps
        (T, height, width) float32, in units of attention weight per cell: at the centre of a cell, smoothed or not,
        stands the weight itself. 0 where the network saw nothing.

    Raises
    ------
    ConfigurationError
        When the weights do not fit the grid or are not finite, or the size is not positive.
    """
    weights = checked_weights(alphas, grid)
    width, height = size or (geometry.width, geometry.height)
    if width < 1 or height < 1:
        raise ConfigurationError(f"The size of attention maps must be positive, not {width} x {height}.")
    seen = geometry.visible
    along = _interpolation(height, geometry.height, (seen.top, seen.bottom), grid[0], smooth)
    across = _interpolation(width, geometry.width, (seen.left, seen.right), grid[1], smooth)
    maps = along @ (weights.reshape(-1, *grid) @ across.T)
    return np.maximum(maps, 0, out=maps)


def checked_weights(alphas: npt.ArrayLike, grid: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Attention weights as (T, L) float32.

    Raises
    ------
    ConfigurationError
        When they have another shape, do not fit the grid or are not finite.
    """
    weights = np.asarray(alphas, dtype=np.float32)
    rows, columns = grid
    if weights.ndim != 2 or rows < 1 or columns < 1 or weights.shape[1] != rows * columns:
        raise ConfigurationError(f"Attention weights {weights.shape} do not fit a grid of {rows} x {columns} cells.")
    if not np.isfinite(weights).all():
        raise ConfigurationError("Attention weights must be finite numbers.")
    return weights


def _interpolation(
    pixels: int, length: float, span: tuple[float, float], cells: int, smooth: bool
) -> npt.NDArray[np.float32]:
    """Matrix (pixels, cells) that takes values of cells that divide ``span`` to pixels that divide [0, length]."""
    low, high = span
    centres = (np.arange(pixels) + 0.5) * (length / pixels)
    # In units of cells; the centre of cell k lies at k + 1/2.
    places = (centres - low) * (cells / (high - low))
    matrix = np.zeros((pixels, cells))
    rows = np.arange(pixels)
    if smooth:
        first = np.floor(places - 0.5).astype(np.int64)
        for neighbour in (first - 1, first, first + 1, first + 2):
            # Beyond the border the outermost cells go on.
            np.add.at(matrix, (rows, np.clip(neighbour, 0, cells - 1)), _cubic(places - 0.5 - neighbour))
    else:
        matrix[rows, np.clip(np.floor(places).astype(np.int64), 0, cells - 1)] = 1
    matrix[(centres < low) | (centres >= high)] = 0
    return matrix.astype(np.float32)


def _cubic(distance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Keys's kernel, a = -1/2: 1 at 0, 0 at all other whole numbers."""
    d = np.abs(distance)
    return np.where(d <= 1, (1.5 * d - 2.5) * d * d + 1, np.where(d < 2, ((-0.5 * d + 2.5) * d - 4) * d + 2, 0.0))


def save_weights(
    path: str | os.PathLike[str],
    alphas: npt.ArrayLike,
    words: Sequence[str],
    grid: tuple[int, int],
    geometry: Geometry,
    *,
    probabilities: Sequence[float] | None = None,
) -> None:
    """Write attention weights and what is needed to lay them over the photograph to an ``.npz`` file.

    The file holds no Python objects; ``numpy.load(path)`` reads it as it stands. Its arrays:

    - ``alphas`` (T, L) float32, the cells row by row; ``grid`` (2,) int64: rows, columns.
    - ``words`` (T,) unicode; ``probabilities`` (T,) float32 when given.
    - ``image_size`` (2,) int64: width, height of the upright original; ``visible`` (4,) float64: left, top, right,
      bottom of the part of it that the grid covers.

    Raises
    ------
    ConfigurationError
        When the parts do not fit together.
    OutputError
        When the file cannot be written.
    """
    weights = checked_weights(alphas, grid)
    seen = geometry.visible
    arrays: dict[str, Any] = {
        "alphas": weights,
        "grid": np.array(grid, dtype=np.int64),
        "words": np.array(list(words), dtype=np.str_),
        "image_size": np.array((geometry.width, geometry.height), dtype=np.int64),
        "visible": np.array((seen.left, seen.top, seen.right, seen.bottom), dtype=np.float64),
    }
    if probabilities is not None:
        arrays["probabilities"] = np.array(list(probabilities), dtype=np.float32)
    for name in ("words", "probabilities"):
        if name in arrays and len(arrays[name]) != len(weights):
            raise ConfigurationError(f"{len(arrays[name])} {name} do not fit {len(weights)} rows of attention weights.")
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)
