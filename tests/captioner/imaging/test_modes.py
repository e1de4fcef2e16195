"""Every pixel mode against a reference worked out by hand."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from captioner.imaging import modes
from captioner.imaging.modes import to_rgb


def grey_of(image: Image.Image) -> list[int]:
    pixels = np.array(to_rgb(image))
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert (pixels == pixels[..., :1]).all()
    return pixels[..., 0].ravel().tolist()  # type: ignore[no-any-return]


def saved_and_opened(image: Image.Image, kind: str, **options: object) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    with Image.open(stream) as opened:
        opened.load()
    return opened


def row(values: list[float], dtype: npt.DTypeLike) -> npt.NDArray[np.generic]:
    return np.array([values], dtype=dtype)


@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_16_bit_is_divided_by_257(dtype: str) -> None:
    image = Image.fromarray(row([0, 128, 129, 257, 32768, 65406, 65535], dtype))
    assert image.mode in ("I;16", "I;16B")
    assert grey_of(image) == [0, 0, 1, 1, 128, 254, 255]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_file(kind: str) -> None:
    assert grey_of(saved_and_opened(Image.fromarray(row([0, 257 * 7, 65535], np.uint16)), kind)) == [0, 7, 255]


def test_16_bit_transparent_grey_shows_white() -> None:
    image = saved_and_opened(Image.fromarray(row([0, 257, 65535], np.uint16)), "PNG", transparency=257)
    assert grey_of(image) == [0, 255, 255]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 7, 255], [0, 7, 255]),
        ([0, 257 * 7, 65535], [0, 7, 255]),
        ([-100, 0, 100], [0, 128, 255]),
        ([0, 0, 2**31 - 1], [0, 0, 255]),
        ([-5, -5, -5], [0, 0, 0]),
    ],
)
def test_32_bit(values: list[float], expected: list[int]) -> None:
    assert grey_of(Image.fromarray(row(values, np.int32))) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0.5, 1], [0, 128, 255]),
        ([0, 51, 255], [0, 51, 255]),
        ([-1, 0, 1], [0, 128, 255]),
        ([0, 500, 1000], [0, 128, 255]),
        ([np.nan, 1, np.inf], [0, 255, 255]),
        ([-np.inf, np.nan, np.nan], [0, 0, 0]),
        ([-3.4e38, 0, 3.4e38], [0, 128, 255]),
    ],
)
def test_float(values: list[float], expected: list[int]) -> None:
    assert grey_of(Image.fromarray(row(values, np.float32))) == expected


def test_deep_pictures_are_worked_on_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.arange(-50, 50, dtype=np.int32).reshape(10, 10)
    whole = grey_of(Image.fromarray(values))
    monkeypatch.setattr(modes, "_CHUNK", 7)
    assert grey_of(Image.fromarray(values)) == whole
    assert whole[0] == 0
    assert whole[-1] == 255


def test_one_bit() -> None:
    assert grey_of(Image.fromarray(row([0, 255, 0], np.uint8)).convert("1")) == [0, 255, 0]


@pytest.mark.parametrize("alpha", [0, 51, 255])
@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "La", "RGBa"])
def test_alpha_is_laid_over_white(mode: str, alpha: int) -> None:
    image = Image.new("RGBA", (2, 1), (100, 100, 100, alpha))
    if mode in ("La", "RGBa"):
        image = image.convert({"La": "LA"}.get(mode, "RGBA")).convert(mode)
    elif mode == "PA":
        image = Image.new("PA", (2, 1), (100, alpha))
        image.putpalette([value for level in range(256) for value in (level, level, level)])
    else:
        image = image.convert(mode)
    expected = round(100 * alpha / 255 + 255 - alpha)
    assert grey_of(image) == pytest.approx([expected, expected], abs=3)


def test_palette_with_and_without_transparency() -> None:
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    for column in range(3):
        image.putpixel((column, 0), column)
    colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert np.array(to_rgb(image))[0].tolist() == colours
    for kind, transparency in (("GIF", 1), ("PNG", 1), ("PNG", bytes([255, 0, 255]))):
        opened = saved_and_opened(image, kind, transparency=transparency)
        assert np.array(to_rgb(opened))[0].tolist() == [colours[0], [255, 255, 255], colours[2]]


def test_colour_key_of_rgb_shows_white() -> None:
    image = Image.fromarray(np.array([[[1, 2, 3], [4, 5, 6]]], np.uint8))
    assert np.array(to_rgb(saved_and_opened(image, "PNG", transparency=(1, 2, 3))))[0].tolist() == [
        [255] * 3,
        [4, 5, 6],
    ]


def test_cmyk_and_adobe_inverted_jpeg() -> None:
    image = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    assert np.array(to_rgb(image))[8, 8].tolist() == [255, 0, 0]
    opened = saved_and_opened(image, "JPEG", quality=95)  # Pillow writes CMYK inverted, as Adobe does
    assert opened.mode == "CMYK"
    assert np.array(to_rgb(opened))[8, 8] == pytest.approx(np.array([255, 0, 0]), abs=4)


@pytest.mark.parametrize("mode", ["YCbCr", "HSV", "LAB", "RGBX"])
def test_other_colour_spaces(mode: str) -> None:
    image = Image.new("RGB", (2, 2), (200, 100, 50))
    if mode == "LAB":
        cms = pytest.importorskip("PIL.ImageCms", reason="this Pillow was built without LittleCMS")
        transform = cms.buildTransform(cms.createProfile("sRGB"), cms.createProfile("LAB"), "RGB", "LAB")
        converted = cms.applyTransform(image, transform)
    else:
        converted = image.convert(mode)
    assert np.array(to_rgb(converted))[0, 0] == pytest.approx(np.array([200, 100, 50]), abs=4)
