"""The one door for untrusted images: any file in, upright RGB pixels or an `ImageError` out."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

# Importing these plugins registers them, so that Pillow never goes looking for others, such as EPS, which runs
# Ghostscript.
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    features,
)

from captioner.config import Fit
from captioner.errors import ConfigurationError, ImageError
from captioner.file_names import file_name, printable
from captioner.geometry import Geometry, visible_part
from captioner.imaging.modes import orientation, to_rgb, upright
from captioner.imaging.ordinary_files import opened
from captioner.imaging.pillow_warnings import pillow_warnings_silenced
from captioner.imaging.signatures import HEAD_BYTES, ImageFormat, declared_bytes, describe, image_format, webp_size

_PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
_READ_WHOLE: frozenset[ImageFormat] = frozenset({"WEBP", "AVIF", "HEIF"})
_MOST_BYTES_PER_PIXEL = 16
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    """A decoded photograph.

    Attributes
    ----------
    pixels
        Upright RGB, (H, W, 3) uint8. Smaller than the original when it was reduced while decoding.
    width, height
        Size in pixels of the upright original.
    path
        The file that it came from, if any.
    """

    pixels: npt.NDArray[np.uint8]
    width: int
    height: int
    path: Path | None = None


def open_photograph(
    path: str | os.PathLike[str],
    *,
    max_megapixels: float = 64,
    at_least: int | None = None,
    longer_at_least: int | None = None,
) -> Photograph:
    """Decode the first picture of a JPEG, PNG, WebP, BMP, GIF, TIFF, AVIF or HEIC file, whatever its name.

    Parameters
    ----------
    path
        Any path at all: folders, pipes and devices are refused without being opened.
    max_megapixels
        Larger pictures are refused from their header, before anything is decoded. Pillow's own limit of 178 megapixels
        stands above this one.
    at_least
        Allow a reduced decoding, which is faster, whose sides both stay at least this long (or as long as the
        original's, where that is smaller).
    longer_at_least
        The same for the longer side alone; not to be given besides ``at_least``.

    Raises
    ------
    ImageError
        When there is no such file, or it is not, not wholly, or not safely a picture of these formats.
    ConfigurationError
        When a limit is not above 0.
    """
    if not max_megapixels > 0:
        raise ConfigurationError(f"max_megapixels must be above 0, not {max_megapixels}.")
    if at_least is not None and at_least < 1:
        raise ConfigurationError(f"at_least must be 1 or more, not {at_least}.")
    if longer_at_least is not None and (longer_at_least < 1 or at_least is not None):
        raise ConfigurationError(f"longer_at_least must be 1 or more and stand alone, not {longer_at_least}.")
    path = Path(path)
    with opened(path) as file:
        head, size = b"", os.fstat(file.fileno()).st_size
        try:
            head = file.read(HEAD_BYTES)
            kind = _require_image(path, head)
            _require_modest_header(path, head, kind, size, max_megapixels)
            with pillow_warnings_silenced():
                return _decode(path, file, kind, max_megapixels, at_least, longer_at_least)
        except ImageError:
            raise
        except Exception as error:  # whatever a decoder raises on a hostile file, the caller is told in one way
            _log.debug("%s: %r", printable(path), error)
            raise _as_image_error(path, error, size, declared_bytes(head), max_megapixels) from error


def photograph_from(image: Image.Image | npt.NDArray[Any]) -> Photograph:
    """Take a picture that is in memory already.

    Parameters
    ----------
    image
        A Pillow image of any mode, turned upright by its EXIF orientation; or an array, (H, W, 3) RGB or (H, W) grey,
        uint8. It is copied.

    Raises
    ------
    ImageError
        When the array has another shape or type, or the image cannot be decoded.
    """
    if isinstance(image, Image.Image):
        try:
            with pillow_warnings_silenced():
                image.load()
                pixels = np.array(upright(to_rgb(image), orientation(image)))
        except Exception as error:
            raise ImageError("The image given cannot be decoded. Its file may be damaged or closed.") from error
    else:
        pixels = _pixels_of_array(np.asarray(image))
    height, width = pixels.shape[:2]
    if not (width and height):
        raise ImageError(f"The image given is {width} x {height}; both sides must be at least 1 pixel.")
    return Photograph(pixels, width, height)


def _pixels_of_array(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    if array.dtype != np.uint8 or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)):
        raise ImageError(
            f"An array must be (H, W, 3) RGB or (H, W) grey of type uint8, not {array.shape} of type {array.dtype}."
        )
    return array.copy() if array.ndim == 3 else np.repeat(array[:, :, None], 3, axis=2)


def fit_to_square(photograph: Photograph, size: int, fit: Fit) -> tuple[npt.NDArray[np.uint8], Geometry]:
    """Scale a photograph to the square that a network sees, by an antialiased bicubic filter.

    Parameters
    ----------
    photograph
        The photograph; pixels that have the wanted size already are taken as they are.
    size
        Side of the square in pixels.
    fit
        ``squeeze`` shows the whole photograph, its sides scaled apart; ``crop`` the central square.

    Returns
    -------
    pixels
        (size, size, 3) uint8, the caller's own.
    geometry
        Which part of the original they show.
    """
    rows, columns = photograph.pixels.shape[:2]
    width, height = photograph.width, photograph.height
    visible = visible_part(width, height, fit)
    geometry = Geometry(width, height, visible)
    if rows == columns == size and width == height:
        return photograph.pixels.copy(), geometry
    across, down = columns / width, rows / height
    box = (visible.left * across, visible.top * down, visible.right * across, visible.bottom * down)
    image = Image.fromarray(photograph.pixels)
    return np.array(image.resize((size, size), Image.Resampling.BICUBIC, box=box)), geometry


def _require_image(path: Path, head: bytes) -> ImageFormat:
    if not head:
        raise ImageError(f"{file_name(path)} is empty: it holds 0 bytes. Copy it again from where it came.", path=path)
    kind = image_format(head)
    if kind is None:
        message = (
            f"{file_name(path)} is {describe(head)}, not a photograph. JPEG, PNG, WebP, BMP, GIF and TIFF can be read."
        )
        raise ImageError(message, path=path)
    if kind == "AVIF" and not features.check("avif"):
        message = 'is an AVIF image, which this Pillow cannot read. To read it, run: pip install "captioner[heif]"'
        raise ImageError(f"{file_name(path)} {message}", path=path)
    return kind


def _require_modest_header(path: Path, head: bytes, kind: ImageFormat, size: int, max_megapixels: float) -> None:
    """Refuse what would take much memory before Pillow can tell the size of the picture."""
    if kind in _READ_WHOLE and size > max_megapixels * 1e6 * _MOST_BYTES_PER_PIXEL:
        raise ImageError(f"{file_name(path)} is {size / 1e9:.1f} GB, too large for a photograph.", path=path)
    if kind == "WEBP" and (canvas := webp_size(head)):
        _require_size(path, canvas, max_megapixels)


def _require_size(path: Path, size: tuple[int, int], max_megapixels: float) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise ImageError(
            f"{file_name(path)} is {width} x {height} pixels, so there is nothing to see in it.", path=path
        )
    if width * height > max_megapixels * 1e6:
        message = f"is {width} x {height}, {width * height / 1e6:.4g} megapixels; at most {max_megapixels:g} are read."
        raise ImageError(f"{file_name(path)} {message} Reduce it first.", path=path)


def _decode(
    path: Path,
    file: IO[bytes],
    kind: ImageFormat,
    max_megapixels: float,
    at_least: int | None,
    longer_at_least: int | None,
) -> Photograph:
    with _opened_by_pillow(path, file, kind) as image:
        full = image.size
        _require_size(path, full, max_megapixels)
        if longer_at_least is not None:
            at_least = -(-longer_at_least * min(full) // max(full))
        # Bit 0 of NewSubfileType marks a thumbnail, which comes first in the raw files of many cameras.
        if isinstance(image, TiffImagePlugin.TiffImageFile) and image.tag_v2.get(254, 0) & 1:
            message = "begins with a thumbnail, as raw photographs do. Export it as JPEG first."
            raise ImageError(f"{file_name(path)} {message}", path=path)
        drafted = image.draft(None, (at_least, at_least)) if at_least is not None else None
        image.load()
        turned = orientation(image)
        rgb = to_rgb(image)
    if drafted is None:
        full = rgb.size
    if at_least is not None:
        rgb = _shrink(rgb, at_least, drafted[1] if drafted else (0.0, 0.0, *full))
    width, height = reversed(full) if turned >= 5 else full
    return Photograph(np.array(upright(rgb, turned)), width, height, path)


def _shrink(image: Image.Image, at_least: int, box: tuple[float, float, float, float]) -> Image.Image:
    """Reduce the part of an image in ``box`` to about twice ``at_least``; more would not show after the next scaling.

    A JPEG that was decoded at 1 / n has a last row and column that only a part of the picture lies in, where n does not
    divide its sides. ``box`` leaves the rest out, so that every pixel keeps its place.
    """
    factor = max(min(image.size) // (2 * at_least), 1)
    size = (-(-image.width // factor), -(-image.height // factor))
    if size[0] == box[2] and size[1] == box[3]:
        return image
    return image.resize(size, Image.Resampling.BICUBIC, box=box, reducing_gap=2.0)


def _opened_by_pillow(path: Path, file: IO[bytes], kind: ImageFormat) -> ImageFile.ImageFile:
    file.seek(0)
    if kind != "HEIF":
        return Image.open(file, formats=[kind])
    try:
        from pillow_heif import HeifImageFile  # noqa: PLC0415
    except ImportError as error:
        message = f'{file_name(path)} is a HEIC photograph. To read it, run: pip install "captioner[heif]"'
        raise ImageError(message, path=path) from error
    heif: ImageFile.ImageFile = HeifImageFile(file)
    return heif


def _as_image_error(path: Path, error: Exception, size: int, declared: int | None, max_megapixels: float) -> ImageError:
    if isinstance(error, Image.DecompressionBombError):
        message = f"is far larger than the {max_megapixels:g} megapixels that are read at most. Reduce it first."
    elif isinstance(error, MemoryError):
        message = "needs more memory than there is. Close other programs or reduce the photograph first."
    elif declared is not None and declared > size + 1:
        # A header that claims a hundred times what is there is more likely damaged than right.
        amount = f": {_size_of(size, declared)}" if declared <= 100 * size else ""
        message = f"is cut short{amount}. Copy it again from where it came."
    elif isinstance(error, EOFError) or "truncated" in str(error).lower():
        message = "is cut short. Copy it again from where it came."
    else:
        message = "is damaged and cannot be decoded. Copy it again from where it came."
    return ImageError(f"{file_name(path)} {message}", path=path)


def _size_of(size: int, declared: int) -> str:
    """Write how much is there of how much there should be, such as ``12 KB of about 80``."""
    unit, name = next(((unit, name) for unit, name in ((1e6, "MB"), (1e3, "KB")) if declared >= unit), (1, "bytes"))
    return f"{size / unit:.3g} {name} of about {declared / unit:.3g}"
