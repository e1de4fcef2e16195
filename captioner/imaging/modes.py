"""Every pixel mode that Pillow decodes to, turned into upright 8-bit RGB over white."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image

_CHUNK = 1 << 22
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert a decoded image of any mode to mode RGB.

    Transparent parts show white. Greys of more than 8 bits keep their whole range:

    - ``I;16*``: value / 257.
    - ``I``: as they are within [0, 255], value / 257 within [0, 65535].
    - ``F``: 255 * value within [0, 1], as they are within [0, 255].
    - Any other ``I`` or ``F``: the range from the least to the greatest finite value is spread over [0, 255].
    """
    if image.mode == "F" or image.mode.startswith("I"):
        image = _reduce_depth(image)
    if image.has_transparency_data:
        return _over_white(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode == "La":
        image = image.convert("LA")
    if image.mode != "RGBA":
        image = image.convert("RGBA")
    opaque = Image.new("RGB", image.size, "white")
    opaque.paste(image, mask=image)
    return opaque


def _reduce_depth(image: Image.Image) -> Image.Image:
    values = np.asarray(image)
    low, high = _range(values)
    grey = np.empty(values.shape, dtype=np.uint8)
    for source, target in zip(_chunks(values), _chunks(grey), strict=True):
        known = np.nan_to_num(source.astype(np.float64), nan=low, posinf=high, neginf=low)
        target[:] = np.rint((np.clip(known, low, high) - low) * 255 / (high - low))
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey[values == transparent] = 255
    return Image.fromarray(grey)


def _range(values: npt.NDArray[Any]) -> tuple[float, float]:
    """Give the values that become 0 and 255."""
    kind = values.dtype.kind
    if kind == "u":
        return 0.0, 65535.0
    finite = [chunk[np.isfinite(chunk)] for chunk in _chunks(values)]
    low = min((float(chunk.min()) for chunk in finite if chunk.size), default=0.0)
    high = max((float(chunk.max()) for chunk in finite if chunk.size), default=0.0)
    for most in (1.0, 255.0) if kind == "f" else (255.0, 65535.0):
        if low >= 0 and high <= most:
            return 0.0, most
    return low, high if high > low else low + 1


def _chunks(values: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Views of a few million values each, so that working in float64 takes little memory."""
    flat = values.reshape(-1)
    return (flat[start : start + _CHUNK] for start in range(0, flat.size, _CHUNK))


def orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 to 8, of an image that was loaded; 1 where it is absent, senseless or cannot be read."""
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # a damaged EXIF block raises nearly anything and must not cost the photograph
        return 1
    return value if value in _UPRIGHT else 1


def upright(image: Image.Image, turned: int) -> Image.Image:
    """Undo EXIF orientation ``turned`` (1 to 8)."""
    return image if turned == 1 else image.transpose(_UPRIGHT[turned])
