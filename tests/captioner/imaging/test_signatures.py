"""Files told by their first bytes."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from captioner.imaging.signatures import HEAD_BYTES, declared_bytes, describe, image_format, webp_size


def encoded(kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (300, 20), "teal").save(stream, kind, **options)
    return stream.getvalue()


def brands(*names: bytes) -> bytes:
    return struct.pack(">I", 12 + 4 * len(names)) + b"ftyp" + names[0] + bytes(4) + b"".join(names[1:])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_formats_that_pillow_writes(kind: str) -> None:
    assert image_format(encoded(kind)[:HEAD_BYTES]) == kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (brands(b"heic", b"mif1", b"heic"), "HEIF"),
        (brands(b"mif1", b"heic"), "HEIF"),
        (brands(b"avif", b"mif1", b"avif"), "AVIF"),
        (brands(b"mif1", b"avif"), "AVIF"),
        (brands(b"isom", b"mp42"), None),
        (brands(b"crx ", b"isom"), None),
        (b"MM\0*" + bytes(8), "TIFF"),
        (b"II+\0" + bytes(8), "TIFF"),
        (b"II*\0\x10\0\0\0CR\x02\0", None),
        (b"BMW drives by the sea" + bytes(20), None),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_formats_by_signature(head: bytes, kind: str | None) -> None:
    assert image_format(head) == kind


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"%PDF-1.4", "a PDF document"),
        (b"junk\n%PDF-1.4", "a PDF document"),
        (b"%!PS-Adobe", "a PostScript drawing"),
        (b"\xc5\xd0\xd3\xc6", "a PostScript drawing"),
        (b"  <svg xmlns='x'/>", "an SVG drawing"),
        (b"<!-- drawn by hand --><svg/>", "an SVG drawing"),
        ("<svg/>".encode("utf-16"), "an SVG drawing"),
        (b"<?xml version='1.0'?><x/>", "a text file"),
        (b"\n<HTML><body>", "a web page"),
        (b"SIMPLE  =   T", "a FITS file"),
        (brands(b"qt  "), "a video"),
        (brands(b"crx "), "a raw photograph"),
        (b"II*\0\x10\0\0\0CR\x02\0", "a raw photograph"),
        (b"\0" * 128 + b"DICM", "a DICOM image"),
        (b"\0" * 64, "filled with zeros"),
        (b"\x89HDF\r\n", "an HDF5 file"),
        (b"PK\x03\x04", "a ZIP archive"),
        ("Größe\t3\n".encode(), "a text file"),
        ("é".encode() * 10 + b"\xc3", "a text file"),
        (b"\x80\x81\x82\x83", "no image of a known kind"),
        (b"ab\0\x01\x02", "no image of a known kind"),
    ],
)
def test_other_files(head: bytes, words: str) -> None:
    assert describe(head) == words


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"}])
def test_webp_size_in_its_three_layouts(options: dict[str, object]) -> None:
    assert webp_size(encoded("WEBP", **options)[:HEAD_BYTES]) == (300, 20)


@pytest.mark.parametrize("kind", ["WEBP", "BMP"])
def test_declared_bytes_are_those_of_the_file(kind: str) -> None:
    content = encoded(kind)
    assert declared_bytes(content[:HEAD_BYTES]) == len(content)


def test_declared_bytes_of_other_formats_are_unknown() -> None:
    assert declared_bytes(encoded("JPEG")) is None


@given(
    st.binary(max_size=64)
    | st.tuples(st.sampled_from([b"RIFF", b"BM", b"II*\0"]), st.binary(max_size=40)).map(b"".join)
)
def test_any_bytes_are_looked_at_without_failing(head: bytes) -> None:
    assert image_format(head) in (None, "JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "HEIF", "AVIF")
    assert describe(head)
    size = webp_size(head)
    assert size is None or min(size) >= 0
    assert (declared_bytes(head) or 0) >= 0
