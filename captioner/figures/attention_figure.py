"""Figures after Xu et al. 2015 (arXiv:1502.03044), figures 2 and 3: the photograph, then where each word looked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from captioner.atomic_file import atomic_path
from captioner.attention_map import attention_on_original, checked_weights
from captioner.errors import ConfigurationError, OutputError
from captioner.figures.light import lit, ramp
from captioner.figures.page import Page, Scale, Tile
from captioner.figures.raster import painted
from captioner.figures.sheet import Sheet
from captioner.file_names import printable
from captioner.geometry import Geometry

_WIDEST = 2.4
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def attention_figure(
    pixels: npt.NDArray[np.uint8],
    words: Sequence[str],
    alphas: npt.ArrayLike,
    grid: tuple[int, int],
    geometry: Geometry,
    *,
    probabilities: Sequence[float] | None = None,
    heading: str | None = None,
    shared_scale: bool = True,
    smooth: bool = True,
    columns: int | None = None,
    tile_size: int = 240,
) -> Image.Image:
    """Draw the photograph and then, for each word, the light of attention on the darkened photograph.

    Parameters
    ----------
    pixels
        The upright photograph, (H, W, 3) uint8; it may be smaller than the original.
    words
        T words, each under its picture.
    alphas, grid, geometry
        (T, L) weights, the (rows, columns) of their cells, and where those lie on the original.
    probabilities
        T probabilities in [0, 1], written small beside the words.
    heading
        Written above; by default all words in a row. An empty text leaves it out.
    shared_scale
        Full light means the greatest weight of all words; otherwise that of each word by itself. The legend says which.
    smooth
        Interpolate between cells, for the eye only; the legend says so.
    columns
        Pictures in a row; by default the number that fits a page best.
    tile_size
        Side in pixels, 64 to 1024, of the square whose area a picture has. All type grows with it.

    Returns
    -------
    PIL.Image.Image
        The figure on white, mode RGB.

    Raises
    ------
    ConfigurationError
        When the parts do not fit together or an option is out of its range.
    """
    sheet = attention_sheet(
        *(pixels, words, alphas, grid, geometry),
        probabilities=probabilities,
        heading=heading,
        shared_scale=shared_scale,
        smooth=smooth,
        columns=columns,
        tile_size=tile_size,
    )
    return painted(sheet)


def attention_sheet(
    pixels: npt.NDArray[np.uint8],
    words: Sequence[str],
    alphas: npt.ArrayLike,
    grid: tuple[int, int],
    geometry: Geometry,
    *,
    probabilities: Sequence[float] | None = None,
    heading: str | None = None,
    shared_scale: bool = True,
    smooth: bool = True,
    columns: int | None = None,
    tile_size: int = 240,
    sharpness: int = 1,
    keeps_characters: bool = False,
) -> Sheet:
    """Lay out the figure that `attention_figure` paints.

    Parameters
    ----------
    pixels, words, alphas, grid, geometry, probabilities, heading, shared_scale, smooth, columns, tile_size
        As for `attention_figure`.
    sharpness
        Pixels of a picture for each unit of the sheet, in both directions: more than 1 for print.
    keeps_characters
        Leave characters that the font of the layout lacks as they are, for readers that have others.

    Raises
    ------
    ConfigurationError
        When the parts do not fit together or an option is out of its range.
    """
    weights = checked_weights(alphas, grid)
    _check(pixels, words, weights, probabilities)
    _check_layout(columns, tile_size)
    size = picture_size(geometry, tile_size)
    sharp = (size[0] * sharpness, size[1] * sharpness)
    photograph = Image.fromarray(pixels).resize(sharp, Image.Resampling.BICUBIC, reducing_gap=3.0)
    maps = attention_on_original(weights, grid, geometry, sharp, smooth=smooth)
    peaks = weights.max(axis=1, initial=0)
    full = np.full_like(peaks, peaks.max(initial=0)) if shared_scale else peaks
    pictures = lit(photograph, maps, full, geometry)
    tiles = [
        Tile(photograph, "photograph"),
        *_word_tiles(pictures, words, probabilities, None if shared_scale else full),
    ]
    most = f"{peaks.max(initial=0):.2g}" if shared_scale else "full light"
    scale = Scale(most, _legend(grid, shared_scale, smooth, geometry), ramp)
    text = " ".join(words) if heading is None else heading
    return Page(tiles, text, scale, columns, tile_size, size, keeps_characters).layout()


def _word_tiles(
    pictures: Iterator[Image.Image],
    words: Sequence[str],
    probabilities: Sequence[float] | None,
    full: npt.NDArray[np.float32] | None,
) -> Iterator[Tile]:
    """A tile per word; its own ``full`` light is told only where words do not share one."""
    notes = [""] * len(words) if probabilities is None else [f"{probability:.2f}" for probability in probabilities]
    details = [""] * len(words) if full is None else [f"full light {light:.2g}" for light in full]
    return map(Tile, pictures, words, notes, details)


def _check(
    pixels: npt.NDArray[np.uint8],
    words: Sequence[str],
    weights: npt.NDArray[np.float32],
    probabilities: Sequence[float] | None,
) -> None:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ConfigurationError(f"Pixels must be (H, W, 3) uint8, not {pixels.shape} of type {pixels.dtype}.")
    if not len(words) == len(weights) == len(weights if probabilities is None else probabilities):
        raise ConfigurationError(
            f"{len(words)} words, {len(weights)} rows of attention weights and "
            f"{'no' if probabilities is None else len(probabilities)} probabilities do not fit together."
        )


def _check_layout(columns: int | None, tile_size: int) -> None:
    if not 64 <= tile_size <= 1024 or (columns is not None and columns < 1):
        raise ConfigurationError(f"tile_size must be 64 to 1024 and columns above 0, not {tile_size} and {columns}.")


def picture_size(geometry: Geometry, tile_size: int) -> tuple[int, int]:
    """Size of the photograph in the figure: its own proportions, about the area of a tile, never wider than a few."""
    ratio = geometry.width / geometry.height
    width = min(tile_size * ratio**0.5, _WIDEST * tile_size)
    height = min(width / ratio, _WIDEST * tile_size)
    return max(round(height * ratio), 1), max(round(height), 1)


def _legend(grid: tuple[int, int], shared_scale: bool, smooth: bool, geometry: Geometry) -> str:
    seen = geometry.visible
    parts = [
        f"Attention weight per cell, {grid[0]} by {grid[1]} cells",
        "one scale for all words" if shared_scale else "each word on its own scale",
        "smoothed between cells" if smooth else "cells as they are",
    ]
    if (seen.right - seen.left, seen.bottom - seen.top) != (geometry.width, geometry.height):
        parts.append("faded: not seen by the network")
    return " · ".join(parts)


def save_figure(image: Image.Image, path: str | os.PathLike[str]) -> None:
    """Write a figure as PNG, JPEG or WebP, by the ending of the name; whole or not at all.

    Raises
    ------
    OutputError
        When the name has another ending or the file cannot be written.
    """
    path = Path(path)
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise OutputError(f"{printable(path)} must end in .png, .jpg or .webp to be a figure. Rename it.", path=path)
    with atomic_path(path) as temporary:
        image.save(temporary, kind, **({} if kind == "PNG" else {"quality": 92}))
