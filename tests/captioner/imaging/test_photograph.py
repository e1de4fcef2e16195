"""The door for untrusted images: what is let in, what is refused in which words, the way back to the original."""

from __future__ import annotations

import io
import os
import random
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile, features

from captioner.errors import ConfigurationError, ImageError
from captioner.geometry import Geometry, Rectangle
from captioner.imaging.photograph import Photograph, fit_to_square, open_photograph, photograph_from

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


def picture(width: int = 61, height: int = 37) -> Image.Image:
    """A picture no two quarters of which look alike."""
    rows, columns = np.mgrid[:height, :width]
    red, green = columns * 255 // max(width - 1, 1), rows * 255 // max(height - 1, 1)
    return Image.fromarray(np.stack([red, green, (red + 2 * green) % 256], axis=2).astype(np.uint8))


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def png_with_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is of any size."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0")))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in (*chunks, (b"IEND", b""))
    )


def refused(path: Path, **options: float) -> str:
    with pytest.raises(ImageError) as caught:
        open_photograph(path, **options)  # type: ignore[arg-type]
    assert caught.value.path == path
    return caught.value.message


@pytest.fixture
def no_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        pytest.fail("decoding began")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    monkeypatch.setattr(ImageFile.ImageFile, "load_prepare", fail)


# What is let in


@pytest.mark.parametrize("kind", FORMATS)
def test_format_is_told_by_content_not_name(tmp_path: Path, kind: str) -> None:
    image = picture()
    photograph = open_photograph(write(tmp_path / "photo.txt", encode(image, kind)))
    with Image.open(tmp_path / "photo.txt") as reference:
        assert np.array_equal(photograph.pixels, np.array(reference.convert("RGB")))
    assert (photograph.width, photograph.height) == (61, 37)
    assert photograph.pixels.dtype == np.uint8
    assert photograph.path == tmp_path / "photo.txt"


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow was built without AVIF")
def test_avif(tmp_path: Path) -> None:
    photograph = open_photograph(write(tmp_path / "photo.jpg", encode(picture(), "AVIF", quality=95)))
    assert np.abs(photograph.pixels.astype(int) - np.array(picture()).astype(int)).mean() < 6


def test_heic(tmp_path: Path) -> None:
    pillow_heif = pytest.importorskip("pillow_heif", reason="the extra captioner[heif] is not installed")
    path, exif = tmp_path / "photo.heic", Image.Exif()
    exif[0x0112] = 6
    pillow_heif.from_pillow(picture(64, 32)).save(path, quality=95, exif=exif.tobytes())
    photograph = open_photograph(path)
    assert (photograph.width, photograph.height) == (32, 64)
    upright = np.array(picture(64, 32).transpose(Image.Transpose.ROTATE_270)).astype(int)
    assert np.abs(photograph.pixels.astype(int) - upright).mean() < 8
    assert "damaged" in refused(write(path, path.read_bytes()[:400])) or "cut short" in refused(path)


def test_heic_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    head = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic"
    assert 'pip install "captioner[heif]"' in refused(write(tmp_path / "IMG_1.jpg", head + bytes(100)))


def test_avif_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda feature: feature != "avif")
    head = struct.pack(">I", 24) + b"ftypavif\0\0\0\0mif1avif"
    assert 'pip install "captioner[heif]"' in refused(write(tmp_path / "x.avif", head + bytes(100)))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF", "PNG"])
def test_first_frame_of_several(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue")]
    content = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    pixels = open_photograph(write(tmp_path / "animated", content)).pixels
    assert np.abs(pixels.astype(int) - (255, 0, 0)).max() <= 2


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Store ``image`` so that EXIF ``orientation`` undoes it; the inverses, written down independently."""
    how = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE"}
    how |= {6: "ROTATE_90", 7: "TRANSVERSE", 8: "ROTATE_270"}
    return image if orientation == 1 else image.transpose(Image.Transpose[how[orientation]])


def oriented(kind: str, image: Image.Image, orientation: int, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encode(turned(image, orientation), kind, exif=exif, **options)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})])
def test_orientation_is_undone(tmp_path: Path, kind: str, options: dict[str, object], orientation: int) -> None:
    path = write(tmp_path / "turned", oriented(kind, picture(), orientation, **options))
    photograph = open_photograph(path)
    assert np.array_equal(photograph.pixels, np.array(picture()))
    assert (photograph.width, photograph.height) == (61, 37)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_jpeg(tmp_path: Path, orientation: int) -> None:
    content = oriented("JPEG", picture(64, 32), orientation, quality=98, subsampling=0)
    pixels = open_photograph(write(tmp_path / "turned.jpg", content)).pixels
    assert np.abs(pixels.astype(int) - np.array(picture(64, 32)).astype(int)).mean() < 3


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_senseless_orientation_changes_nothing(tmp_path: Path, value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    path = write(tmp_path / "photo.png", encode(picture(), "PNG", exif=exif))
    assert np.array_equal(open_photograph(path).pixels, np.array(picture()))


def test_damaged_exif_does_not_cost_the_photograph(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.png", encode(picture(), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff"))
    assert np.array_equal(open_photograph(path).pixels, np.array(picture()))


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1)])
@pytest.mark.parametrize("fit", ["squeeze", "crop"])
def test_extreme_shapes(tmp_path: Path, size: tuple[int, int], fit: str) -> None:
    path = write(tmp_path / "thin.png", encode(Image.new("RGB", size, (10, 20, 30)), "PNG"))
    photograph = open_photograph(path, at_least=224)
    pixels, geometry = fit_to_square(photograph, 224, fit)  # type: ignore[arg-type]
    assert (photograph.width, photograph.height) == (geometry.width, geometry.height) == size
    assert pixels.shape == (224, 224, 3)
    assert (pixels == (10, 20, 30)).all()


# Reduced decoding


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_reduced_decoding_reports_the_original_size(tmp_path: Path, kind: str, orientation: int) -> None:
    path = write(tmp_path / "large", oriented(kind, picture(801, 450), orientation))
    photograph = open_photograph(path, at_least=50)
    height, width = photograph.pixels.shape[:2]
    assert (photograph.width, photograph.height) == (801, 450)
    assert min(width, height) >= 50
    assert width < 401
    reference = np.array(picture(801, 450).resize((width, height), Image.Resampling.BOX)).astype(int)
    assert np.abs(photograph.pixels[..., :2].astype(int) - reference[..., :2]).mean() < 4


@settings(deadline=None, max_examples=25)
@given(width=st.integers(1, 300), height=st.integers(1, 300), at_least=st.integers(1, 300))
def test_reduced_decoding_keeps_both_sides_long_enough(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, at_least: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "reduced.jpg"
    photograph = open_photograph(write(path, encode(picture(width, height), "JPEG")), at_least=at_least)
    assert (photograph.width, photograph.height) == (width, height)
    assert photograph.pixels.shape[0] >= min(height, at_least)
    assert photograph.pixels.shape[1] >= min(width, at_least)


@settings(deadline=None, max_examples=25)
@given(width=st.integers(1, 300), height=st.integers(1, 300), side=st.integers(1, 300))
def test_reduced_decoding_keeps_the_longer_side_long_enough(
    tmp_path_factory: pytest.TempPathFactory, width: int, height: int, side: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "longer.jpg"
    photograph = open_photograph(write(path, encode(picture(width, height), "JPEG")), longer_at_least=side)
    assert (photograph.width, photograph.height) == (width, height)
    assert max(photograph.pixels.shape[:2]) >= min(max(width, height), side)


def test_longer_side_alone_lets_more_be_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "wide.jpg", encode(picture(1600, 400), "JPEG"))
    assert open_photograph(path, at_least=400).pixels.shape == (400, 1600, 3)
    assert open_photograph(path, longer_at_least=400).pixels.shape == (100, 400, 3)


@pytest.mark.parametrize(
    "options",
    [
        {"at_least": 0},
        {"longer_at_least": 0},
        {"at_least": 9, "longer_at_least": 9},
        {"max_megapixels": 0},
        {"max_megapixels": float("nan")},
    ],
)
def test_senseless_limits(tmp_path: Path, options: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        open_photograph(tmp_path / "any.jpg", **options)  # type: ignore[arg-type]


# What is refused


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize(("width", "height"), [(9000, 8000), (20_000, 20_000), (2**31 - 1, 2**31 - 1), (1, 2**31 - 1)])
def test_pixel_bomb_is_refused_from_its_header(tmp_path: Path, width: int, height: int) -> None:
    assert "megapixels" in refused(write(tmp_path / "bomb.png", png_with_header(width, height)))


@pytest.mark.usefixtures("no_decoding")
@pytest.mark.parametrize("kind", FORMATS)
def test_limit_is_the_callers(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / "photo", encode(picture(200, 100), kind))
    assert "200 x 100" in refused(path, max_megapixels=0.0199)


def test_limit_itself_is_allowed(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.png", encode(picture(200, 100), "PNG"))
    assert open_photograph(path, max_megapixels=0.02).width == 200


@pytest.mark.parametrize("lossless", [False, True])
def test_webp_bomb_is_refused_before_pillow_sees_it(
    tmp_path: Path, lossless: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("Pillow was called"))
    path = write(tmp_path / "bomb.webp", encode(picture(200, 100), "WEBP", lossless=lossless))
    assert "200 x 100" in refused(path, max_megapixels=0.01)


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_no_pixels(tmp_path: Path, size: tuple[int, int]) -> None:
    message = refused(write(tmp_path / "none.png", png_with_header(*size)))
    assert "nothing to see" in message or "damaged" in message


OTHER_FILES = {
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(/etc/passwd) (r) file\nshowpage\n",
    "PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n",
    "SVG": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "FITS": b"SIMPLE  =                    T / conforms".ljust(2880),
    "video": struct.pack(">I", 24) + b"ftypisom\0\0\2\0isomiso2",
    "ZIP": b"PK\x03\x04" + bytes(30),
    "web page": b"\xef\xbb\xbf<!DOCTYPE html>\n<html><title>404</title></html>",
    "text": "Où est la photo ?\n".encode(),
    "Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
    "zeros": bytes(5000),
    "no image": bytes(range(128, 256)) * 3,
}


@pytest.mark.parametrize("kind", OTHER_FILES)
def test_other_files_are_named_for_what_they_are(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((subprocess, "Popen"), (os, "posix_spawn"), (os, "fork"), (os, "system"), (os, "execv")):
        monkeypatch.setattr(module, name, lambda *_, **__: pytest.fail("a program was started"), raising=False)
    message = refused(write(tmp_path / "beach.jpg", OTHER_FILES[kind]))
    assert message.startswith("beach.jpg is ")
    assert kind in message


def test_no_plugin_beyond_the_formats_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    real = Image.open
    monkeypatch.setattr(Image, "open", lambda *a, **k: calls.append(k.get("formats")) or real(*a, **k))
    open_photograph(write(tmp_path / "photo.eps", encode(picture(), "PNG")))
    assert calls == [["PNG"]]


def test_missing_file_folder_empty_file_and_senseless_name(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "missing.jpg")
    assert "does not exist" in refused(write(tmp_path / "file", b"x") / "inside.jpg")
    assert "is a folder" in refused(tmp_path)
    assert "is empty" in refused(write(tmp_path / "empty.jpg", b""))
    assert "not a name" in refused(tmp_path / "nul\0.jpg")


@pytest.mark.skipif(os.name != "posix", reason="pipes, sockets, links and devices of POSIX")
def test_special_files_are_refused_without_blocking(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "gone.jpg").symlink_to("nowhere.jpg")
    assert "is a pipe" in refused(tmp_path / "pipe.jpg")
    assert "is a device" in refused(Path("/dev/zero"))
    assert "leads back to itself" in refused(tmp_path / "loop.jpg")
    assert "link to a file that does not exist" in refused(tmp_path / "gone.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(_short(tmp_path / "s.jpg"))
        assert "is a socket" in refused(tmp_path / "s.jpg")


def _short(path: Path) -> str:
    if len(os.fsencode(path)) > 100:
        pytest.skip("the temporary folder has too long a name for a socket")
    return str(path)


def test_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "private.jpg", encode(picture(), "JPEG"))

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert "may not be read" in refused(path)


def test_names_that_are_not_text_are_printable(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9\n\x1b[31m.jpg")
    message = refused(path)
    message.encode("utf-8")
    assert message.isprintable()
    assert r"caf\xe9\n\x1b[31m.jpg" in message
    try:
        write(path, encode(picture(), "PNG"))
    except (OSError, UnicodeError):
        pytest.skip("this file system refuses such names")
    assert open_photograph(path).width == 61


DECODER_ERRORS = [
    *(kind("x") for kind in (SyntaxError, struct.error, OSError, ValueError, zlib.error, SystemError, UserWarning)),
    *(kind() for kind in (IndexError, KeyError, TypeError, EOFError, MemoryError, RecursionError, OverflowError)),
]


@pytest.mark.parametrize("error", DECODER_ERRORS, ids=repr)
def test_whatever_a_decoder_raises_becomes_an_image_error(
    tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise error

    path = write(tmp_path / "photo.png", encode(picture(), "PNG"))
    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    assert refused(path).startswith("photo.png ")


def test_raw_photograph_is_not_taken_for_its_thumbnail(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.nef", encode(picture(), "TIFF", tiffinfo={254: 1}))
    assert "thumbnail" in refused(path)


# Damage


@pytest.fixture(scope="module")
def encoded() -> dict[str, bytes]:
    files = {kind: encode(picture(), kind) for kind in FORMATS}
    files["progressive JPEG"] = encode(picture(), "JPEG", progressive=True)
    files["deflated TIFF"] = encode(picture(), "TIFF", compression="tiff_adobe_deflate")
    files["lossless WebP"] = encode(picture(), "WEBP", lossless=True)
    files["interlaced GIF"] = encode(picture().quantize(9), "GIF", interlace=1)
    files["palette BMP"] = encode(picture().quantize(9), "BMP")
    first, second = picture().quantize(8), picture().rotate(90).quantize(8)
    files["animated GIF"] = encode(first, "GIF", save_all=True, append_images=[second])
    files["clearing GIF"] = encode(first, "GIF", save_all=True, append_images=[second], disposal=2, transparency=1)
    return files


def outcome(path: Path) -> Photograph | ImageError:
    try:
        return open_photograph(path, max_megapixels=2)
    except ImageError as error:
        return error


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=250)
@given(data=st.data())
def test_cut_file_is_refused_or_complete(tmp_path: Path, encoded: dict[str, bytes], data: st.DataObject) -> None:
    whole = encoded[data.draw(st.sampled_from(sorted(encoded)))]
    last = len(whole) - 1
    cut = data.draw(st.one_of(st.integers(1, last), st.integers(last - 12, last)))
    expected = open_photograph(write(tmp_path / "whole", whole)).pixels
    path = write(tmp_path / "cut.jpg", whole[:cut])
    result = outcome(path)
    if isinstance(result, Photograph):
        assert np.array_equal(result.pixels, expected)
    else:
        assert result.message.startswith("cut.jpg is ")
        assert result.path == path


@pytest.mark.parametrize("kind", ["animated GIF", "clearing GIF"])
def test_animation_is_read_wherever_it_is_cut_after_its_first_picture(
    tmp_path: Path, encoded: dict[str, bytes], kind: str
) -> None:
    whole = encoded[kind]
    expected = open_photograph(write(tmp_path / "whole.gif", whole)).pixels
    results = [outcome(write(tmp_path / "cut.gif", whole[:cut])) for cut in range(1, len(whole))]
    read = [isinstance(result, Photograph) for result in results]
    assert read == sorted(read), "a longer piece was refused where a shorter one was read"
    assert 100 < sum(read) < len(whole) - 100
    assert all(np.array_equal(result.pixels, expected) for result in results if isinstance(result, Photograph))


@pytest.mark.parametrize("kind", FORMATS)
def test_half_a_file_is_refused(tmp_path: Path, encoded: dict[str, bytes], kind: str) -> None:
    whole = encoded[kind]
    message = refused(write(tmp_path / "beach.jpg", whole[: len(whole) // 2]))
    assert "cut short" in message or "damaged" in message


@pytest.mark.parametrize("kind", ["WEBP", "BMP"])
def test_cut_file_says_how_much_is_missing_where_it_is_known(tmp_path: Path, kind: str) -> None:
    noise = Image.frombytes("RGB", (200, 150), random.Random(0).randbytes(90_000))
    whole = encode(noise, kind, **({"lossless": True} if kind == "WEBP" else {}))
    message = refused(write(tmp_path / "beach.bmp", whole[:12_000]))
    assert "beach.bmp is cut short: 12 KB of about 90" in message


def mutations(files: dict[str, bytes], count: int) -> Iterator[bytes]:
    chance = random.Random(7)
    for index in range(count):
        content = bytearray(files[sorted(files)[index % len(files)]])
        for _ in range(chance.choice((1, 2, 8))):
            # Half of the changes hit the header, where they do most.
            position = chance.randrange(len(content) if chance.random() < 0.5 else min(len(content), 120))
            content[position] = chance.choice((0, 255, chance.randrange(256)))
        yield bytes(content)


def test_mutated_files_are_refused_or_decoded(tmp_path: Path, encoded: dict[str, bytes]) -> None:
    refusals = 0
    for content in mutations(encoded, 330):
        result = outcome(write(tmp_path / "mutated.jpg", content))
        if isinstance(result, Photograph):
            assert result.pixels.shape == (result.height, result.width, 3)
        else:
            assert result.message.startswith("mutated.jpg ")
            refusals += 1
    assert 30 < refusals < 300


def test_open_files_are_closed(tmp_path: Path, encoded: dict[str, bytes]) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not list its open files")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for content in (*encoded.values(), *(whole[:-20] for whole in encoded.values())):
        outcome(write(tmp_path / "photo", content))
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


# Pictures in memory


def test_arrays_and_pillow_images_are_taken_and_copied() -> None:
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    photograph = photograph_from(grey)
    grey[0, 0] = 99
    assert (photograph.width, photograph.height, photograph.path) == (4, 3, None)
    assert photograph.pixels[0, 0].tolist() == [0, 0, 0]
    assert np.array_equal(photograph_from(np.array(picture())).pixels, np.array(picture()))
    assert np.array_equal(photograph_from(picture().convert("RGBA")).pixels, np.array(picture()))
    with Image.open(io.BytesIO(oriented("PNG", picture(), 6))) as image:
        assert np.array_equal(photograph_from(image).pixels, np.array(picture()))


@pytest.mark.parametrize(
    ("shape", "kind"), [((3, 3), np.float32), ((3, 3, 4), np.uint8), ((3,), np.uint8), ((0, 3), np.uint8)]
)
def test_other_arrays_are_refused(shape: tuple[int, ...], kind: type) -> None:
    with pytest.raises(ImageError):
        photograph_from(np.zeros(shape, kind))


def test_cut_pillow_image_is_refused() -> None:
    with Image.open(io.BytesIO(encode(picture(), "PNG")[:200])) as image, pytest.raises(ImageError):
        photograph_from(image)


# The square and the way back


def test_squeeze_shows_all_and_crop_the_central_square() -> None:
    image = Image.new("RGB", (300, 100), "blue")
    image.paste("red", (100, 0, 200, 100))
    pixels, geometry = fit_to_square(photograph_from(image), 50, "crop")
    assert geometry == Geometry(300, 100, Rectangle(100, 0, 200, 100))
    assert (pixels[:, 2:-2] == (255, 0, 0)).all()  # at its edges the filter looks a little beyond
    pixels, geometry = fit_to_square(photograph_from(image), 60, "squeeze")
    assert geometry.visible == Rectangle(0, 0, 300, 100)
    assert [pixels[30, column].tolist() for column in (5, 30, 55)] == [[0, 0, 255], [255, 0, 0], [0, 0, 255]]


@pytest.mark.parametrize("fit", ["squeeze", "crop"])
def test_pixels_of_the_wanted_size_are_taken_as_they_are(fit: str) -> None:
    photograph = photograph_from(picture(32, 32))
    pixels, _ = fit_to_square(photograph, 32, fit)  # type: ignore[arg-type]
    assert np.array_equal(pixels, photograph.pixels)
    assert pixels.flags.writeable
    assert not np.shares_memory(pixels, photograph.pixels)


def test_square_pixels_of_an_oblong_original_are_still_cropped() -> None:
    photograph = Photograph(np.array(picture(32, 32)), 64, 32)
    pixels, geometry = fit_to_square(photograph, 32, "crop")
    assert geometry.visible == Rectangle(16, 0, 48, 32)
    assert not np.array_equal(pixels, photograph.pixels)


@pytest.mark.parametrize("fit", ["squeeze", "crop"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_reduced_and_whole_decoding_give_the_same_square(tmp_path: Path, orientation: int, fit: str) -> None:
    smooth = Image.effect_noise((16, 12), 60).convert("RGB").resize((801, 602), Image.Resampling.BICUBIC)
    path = write(tmp_path / "photo.jpg", oriented("JPEG", smooth, orientation, quality=95))
    (whole, geometry), (reduced, same) = (
        fit_to_square(open_photograph(path, at_least=at_least), 96, fit)  # type: ignore[arg-type]
        for at_least in (None, 96)
    )
    assert geometry == same
    assert np.abs(whole.astype(int) - reduced.astype(int)).mean() < 2


def test_antialiasing() -> None:
    stripes = np.zeros((512, 512), np.uint8)
    stripes[:, ::2] = 255
    pixels, _ = fit_to_square(photograph_from(stripes), 64, "squeeze")
    assert np.abs(pixels[8:-8, 8:-8].astype(int) - 128).max() <= 3


SIZES, CELLS = st.integers(1, 5000), st.integers(1, 20)


@settings(deadline=None)
@given(width=SIZES, height=SIZES, rows=CELLS, columns=CELLS, fit=st.sampled_from(["squeeze", "crop"]))
def test_cells_tile_what_is_visible(width: int, height: int, rows: int, columns: int, fit: str) -> None:
    photograph = Photograph(np.zeros((1, 1, 3), np.uint8), width, height)
    _, geometry = fit_to_square(photograph, 1, fit)  # type: ignore[arg-type]
    seen, grid = geometry.visible, (rows, columns)
    assert 0 <= seen.left < seen.right <= width
    assert 0 <= seen.top < seen.bottom <= height
    assert geometry.cell(0, 0, grid).left == seen.left
    assert geometry.cell(0, 0, grid).top == seen.top
    assert geometry.cell(rows - 1, columns - 1, grid).right == seen.right
    assert geometry.cell(rows - 1, columns - 1, grid).bottom == seen.bottom
    for row in range(rows):
        for column in range(columns):
            cell = geometry.cell(row, column, grid)
            assert cell.left < cell.right
            assert cell.top < cell.bottom
            if column + 1 < columns:
                assert cell.right == geometry.cell(row, column + 1, grid).left
            if row + 1 < rows:
                assert cell.bottom == geometry.cell(row + 1, column, grid).top


@pytest.mark.parametrize("place", [(-1, 0), (0, -1), (2, 0), (0, 3)])
def test_cell_outside_the_grid(place: tuple[int, int]) -> None:
    with pytest.raises(IndexError, match="no cell"):
        Geometry(10, 10, Rectangle(0, 0, 10, 10)).cell(*place, (2, 3))
