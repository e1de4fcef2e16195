"""Attention as light: the photograph darkened, and brighter the more a word looked at a place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from captioner.geometry import Geometry

DARKNESS = 0.2
"""Brightness that a place without attention keeps."""
GLOW = 0.12
"""How far the brightest places are lifted towards white, so that light shows on dark photographs too."""
GAMMA = 1.4
"""Curve from weight to brightness. A display's 2.2 would make half the weight half the light, but leave little contrast
between places; 1 would hide weak attention. The bar of the legend follows the same curve."""
FADING = 0.85
"""How far places that the network did not see are lifted towards white."""


def lit(
    photograph: Image.Image, maps: npt.NDArray[np.float32], full: npt.NDArray[np.float32], geometry: Geometry
) -> Iterator[Image.Image]:
    """The darkened photograph, brighter the nearer the attention comes to its ``full`` value; the unseen part faded.

    Parameters
    ----------
    photograph
        Mode RGB, of width W and height H.
    maps
        (T, H, W) attention weights.
    full
        (T,) weights that stand for full light.
    geometry
        Which part of the original the network saw.

    Yields
    ------
    PIL.Image.Image
        T pictures, mode RGB.
    """
    bright = np.asarray(photograph, dtype=np.float32) / 255
    grey = bright.mean(axis=2, keepdims=True)
    dark = DARKNESS * (bright + grey) / 2
    bright = bright + GLOW * (1 - bright)
    unseen = ~_seen(photograph.size, geometry)
    faded = grey + FADING * (1 - grey) + np.zeros_like(bright)
    for weights, most in zip(maps, full, strict=True):
        picture = dark + _shine(weights / max(float(most), 1e-30))[:, :, None] * (bright - dark)
        picture[unseen] = faded[unseen]
        yield Image.fromarray(np.rint(picture * 255).astype(np.uint8))


def ramp(light: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Greys of the legend: what becomes of white, from shares of full light, 0 to 1."""
    return np.rint(255 * (DARKNESS + (1 - DARKNESS) * _shine(light))).astype(np.uint8)


def _shine(light: npt.NDArray[Any]) -> npt.NDArray[Any]:
    brightness: npt.NDArray[Any] = np.clip(light, 0, 1) ** (1 / GAMMA)
    return brightness


def _seen(size: tuple[int, int], geometry: Geometry) -> npt.NDArray[np.bool_]:
    """(height, width) booleans: which pixels have their centre in the visible part."""
    seen = geometry.visible
    x = (np.arange(size[0]) + 0.5) * geometry.width / size[0]
    y = (np.arange(size[1]) + 0.5) * geometry.height / size[1]
    inside: npt.NDArray[np.bool_] = ((y >= seen.top) & (y < seen.bottom))[:, None] & (
        (x >= seen.left) & (x < seen.right)
    )
    return inside
