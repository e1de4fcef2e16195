"""What a file is, told from its first bytes and never from its name."""

from __future__ import annotations

import codecs
import re
import struct
from typing import Literal

ImageFormat = Literal["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "HEIF", "AVIF"]

HEAD_BYTES = 1024
"""How many of the first bytes the functions of this module want to see."""

_BMP_HEADER_SIZES = {12, 16, 40, 52, 56, 64, 108, 124}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"heif", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}

_OTHERS: tuple[tuple[str, str], ...] = (
    (r"%!PS|\xc5\xd0\xd3\xc6", "a PostScript drawing"),
    (r"SIMPLE  =", "a FITS file"),
    (r"8BPS", "a Photoshop document"),
    (r"gimp xcf", "a GIMP document"),
    (r"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (r"\x00\x00\x00\x0cJXL |\xff\x0a", "a JPEG XL image"),
    (r"\x00\x00[\x01\x02]\x00", "a Windows icon"),
    (r"\x76\x2f\x31\x01", "an OpenEXR image"),
    (r"#\?R(ADIANCE|GBE)", "a Radiance HDR image"),
    (r"P[1-7]\s", "a PNM image"),
    (r".{128}DICM", "a DICOM image"),
    (r"FUJIFILMCCD-RAW|IIRO|II\x55\x00|.{4}HEAPCCDR", "a raw photograph"),
    (r".{4}ftypcrx ", "a raw photograph"),
    (r".{4}(ftyp|moov|mdat)|\x1a\x45\xdf\xa3|RIFF.{4}AVI ", "a video"),
    (r"RIFF.{4}WAVE|ID3|OggS|fLaC", "a sound file"),
    (r"\x89HDF", "an HDF5 file"),
    (r"\x93NUMPY", "a NumPy array"),
    (r"PK\x03\x04|PK\x05\x06", "a ZIP archive"),
    (r"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|Rar!|7z\xbc\xaf\x27\x1c", "a compressed archive"),
    (r"\x7fELF|MZ|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe", "a program"),
    (r"version https://git-lfs", "a Git LFS pointer whose content was not fetched"),
    (r"\x00{16}", "filled with zeros"),
)
_COMPILED = tuple((re.compile(pattern.encode("latin-1"), re.DOTALL), name) for pattern, name in _OTHERS)


def image_format(head: bytes) -> ImageFormat | None:
    """Name the image format that ``head``, the first `HEAD_BYTES` bytes of a file, belongs to; None when none of ours.

    The names are Pillow's. MPO (two photographs in one JPEG) counts as JPEG, BigTIFF as TIFF.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return None if head[8:10] == b"CR" else "TIFF"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    return _container_format(head)


def _container_format(head: bytes) -> ImageFormat | None:
    """HEIF or AVIF by the brands of an ISO base media file (ISO/IEC 14496-12, box ``ftyp``)."""
    if head[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12]} | {head[start : start + 4] for start in range(16, size - 3, 4)}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    return "HEIF" if brands & _HEIF_BRANDS else None


def describe(head: bytes) -> str:
    """Say in a few words what a file that is no image of ours is, such as ``a PDF document``.

    Parameters
    ----------
    head
        The first `HEAD_BYTES` bytes of the file.
    """
    if head[8:10] == b"CR" and head[:2] in (b"II", b"MM"):
        return "a raw photograph"
    if b"%PDF-" in head:
        return "a PDF document"
    for pattern, name in _COMPILED:
        if pattern.match(head):
            return name
    return _describe_text(head) or "no image of a known kind"


def _describe_text(head: bytes) -> str | None:
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        # An incremental decoder does not mind that the head may end inside a character.
        text = codecs.getincrementaldecoder(encoding)().decode(head).lstrip()
    except UnicodeDecodeError:
        return None
    start = text.lower()
    if start.startswith("<svg") or (start.startswith(("<?xml", "<!--", "<!doctype svg")) and "<svg" in start):
        return "an SVG drawing"
    if start.startswith(("<!doctype html", "<html", "<head", "<body")):
        return "a web page"
    if all(character.isprintable() or character.isspace() for character in text):
        return "a text file"
    return None


def webp_size(head: bytes) -> tuple[int, int] | None:
    """Read (width, height) from a WebP header; None when it cannot be told.

    Pillow sets aside memory for the whole canvas before it tells the size, so it has to be known earlier. The layouts
    of the three kinds of first chunk are those of RFC 9649.
    """
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L" and len(head) >= 25:
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(head) >= 30:
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def declared_bytes(head: bytes) -> int | None:
    """Size in bytes that the header of a WebP or BMP file gives the whole file; None where a format does not tell."""
    if head[:4] == b"RIFF" and len(head) >= 12:
        return 8 + int.from_bytes(head[4:8], "little")
    if head[:2] == b"BM" and len(head) >= 6:
        return int.from_bytes(head[2:6], "little")
    return None
