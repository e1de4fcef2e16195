"""JPEGs to measure with: photographs of a folder scaled to a size, or drawn ones that take as long to decode."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

SIZES = ((224, 224), (500, 375))
DIFFERENT = 64


def make_folders(images: Path | None, work: Path, count: int) -> dict[str, Path]:
    """A folder of ``count`` JPEGs for each size: given photographs scaled to it, or drawn ones."""
    folders = {}
    for width, height in SIZES:
        name = f"{width} x {height}"
        folder = folders[name] = work / f"{width}x{height}"
        folder.mkdir()
        pictures = list(itertools.islice(_pictures(images, (width, height)), min(count, DIFFERENT)))
        for index in range(count):
            pictures[index % len(pictures)].save(folder / f"{index:05}.jpg", quality=90)
    return folders


def _pictures(images: Path | None, size: tuple[int, int]) -> Iterator[Image.Image]:
    if images is None:
        yield from (draw(index, size) for index in itertools.count())
        return
    paths = sorted(path for path in images.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    if not paths:
        sys.exit(f"{images} holds no JPEGs.")
    for path in paths:
        with Image.open(path) as image:
            yield image.convert("RGB").resize(size, Image.Resampling.BICUBIC)


def draw(index: int, size: tuple[int, int]) -> Image.Image:
    """A picture with the spectrum of a photograph: noise whose amplitude falls as one over frequency."""
    random = np.random.default_rng(index)
    width, height = size
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = 1
    noise = np.fft.rfft2(random.standard_normal((3, height, width))) / frequency
    values = np.fft.irfft2(noise, s=(height, width))
    values = 128 + 55 * (values - values.mean()) / values.std()
    return Image.fromarray(values.clip(0, 255).astype(np.uint8).transpose(1, 2, 0))
