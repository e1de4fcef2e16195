"""SVG and PDF: one layout for all, type that stays type, and nothing that a reader would obey."""

import base64
import gc
import io
import re
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from captioner.errors import OutputError
from captioner.figures.attention_figure import attention_figure, attention_sheet
from captioner.figures.pdf import save_pdf
from captioner.figures.raster import painted
from captioner.figures.svg import save_svg, svg_lines
from captioner.geometry import Geometry, Rectangle

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
SAVERS = {".svg": save_svg, ".pdf": save_pdf}


def sheet_of(words, **options):
    alphas = np.eye(4, dtype=np.float32)[np.arange(len(words)) % 4]
    pixels = np.full((40, 60, 3), 200, np.uint8)
    geometry = Geometry(60, 40, Rectangle(0, 0, 60, 40))
    return attention_sheet(pixels, words, alphas, (2, 2), geometry, tile_size=64, **options)


def drawing_of(sheet):
    return ElementTree.fromstring("".join(svg_lines(sheet)))


def streams_of(content: bytes) -> bytes:
    """What the compressed parts of a PDF say, its pictures and fonts aside."""
    found = b""
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL):
        try:
            found += zlib.decompress(stream)
        except zlib.error:
            continue
    return found


def test_picture_of_the_figure_is_the_painted_sheet():
    pixels = np.full((40, 60, 3), 200, np.uint8)
    geometry = Geometry(60, 40, Rectangle(0, 0, 60, 40))
    arguments = (pixels, ["a"], np.ones((1, 1)), (1, 1), geometry)
    assert attention_figure(*arguments).tobytes() == painted(attention_sheet(*arguments)).tobytes()


def test_svg_has_the_places_of_the_sheet():
    sheet = sheet_of(["a", "dog"], probabilities=[0.5, 0.25])
    drawing = drawing_of(sheet)
    assert (drawing.get("width"), drawing.get("height")) == (str(sheet.width), str(sheet.height))
    assert [text.text for text in drawing.iter(f"{SVG}text")] == [text.text for text in sheet.texts]
    places = [(float(text.get("x")), float(text.get("y"))) for text in drawing.iter(f"{SVG}text")]
    assert places == [pytest.approx((text.x, text.baseline), abs=0.01) for text in sheet.texts]
    pictures = [(int(one.get("x")), int(one.get("y"))) for one in drawing.iter(f"{SVG}image")]
    assert pictures == [(picture.x, picture.y) for picture in sheet.pictures]
    assert drawing.find(f"{SVG}title").text == "a dog"


def test_pictures_are_sharper_than_their_place():
    sheet = sheet_of(["dog"], sharpness=3)
    photograph = sheet.pictures[0]
    assert photograph.image.size == (3 * photograph.width, 3 * photograph.height)
    shown = next(drawing_of(sheet).iter(f"{SVG}image"))
    with Image.open(io.BytesIO(base64.b64decode(shown.get(HREF).partition(",")[2]))) as image:
        assert image.size == photograph.image.size
    assert painted(sheet).size == (sheet.width, sheet.height)


@settings(deadline=None, max_examples=40)
@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_any_word_gives_valid_svg(word):
    drawing = drawing_of(sheet_of([word, "dog"], keeps_characters=True))
    elements = {element.tag.removeprefix(SVG) for element in drawing.iter()}
    assert elements == {"svg", "title", "rect", "image", "text"}


def test_svg_keeps_characters_that_the_layout_has_no_glyph_for():
    texts = [text.text for text in drawing_of(sheet_of(["猫", "café"], keeps_characters=True)).iter(f"{SVG}text")]
    assert {"猫", "café"} <= set(texts)


def test_pdf_has_words_pictures_and_one_page(tmp_path):
    save_pdf(sheet_of(["a", "dog"], probabilities=[0.5, 0.25]), tmp_path / "figure.pdf")
    content = (tmp_path / "figure.pdf").read_bytes()
    assert content.count(b"/DCTDecode") == 3
    assert re.findall(rb"/Count (\d+)", content) == [b"1"]
    # With /ToUnicode and the face itself inside, type can be selected and looks alike everywhere.
    assert content.count(b"/ToUnicode") == content.count(b"/FontFile2") == 1
    assert b"BT " in streams_of(content)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "word", ["café", "猫が走る", "مرحبا", "🐕", "a\nb", "\x00\x1b", "\ud800", "", "<unk>", "(\\)", "x" * 200]
)
@pytest.mark.parametrize("ending", SAVERS)
def test_any_word_is_written(tmp_path, ending, word):
    SAVERS[ending](sheet_of([word, "dog"], keeps_characters=ending == ".svg"), tmp_path / f"figure{ending}")
    assert (tmp_path / f"figure{ending}").stat().st_size > 1000


def test_no_font_stays_open(tmp_path):
    def open_files():
        return [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.exists()]

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not tell which files are open")
    gc.disable()  # which would close them by and by, with a warning
    try:
        save_pdf(sheet_of(["dog"]), tmp_path / "figure.pdf")
        assert not [name for name in open_files() if name.endswith((".ttf", ".otf"))]
    finally:
        gc.enable()


def test_font_that_is_in_no_file_is_replaced(tmp_path, monkeypatch):
    monkeypatch.setattr("captioner.figures.pdf._font_file", lambda *_: None)
    save_pdf(sheet_of(["café 猫"]), tmp_path / "figure.pdf")
    assert b"/Helvetica" in (tmp_path / "figure.pdf").read_bytes()


@pytest.mark.parametrize("ending", SAVERS)
def test_file_that_cannot_be_written(tmp_path, ending):
    with pytest.raises(OutputError, match="folder does not exist"):
        SAVERS[ending](sheet_of(["dog"]), tmp_path / "absent" / f"figure{ending}")
    assert list(tmp_path.iterdir()) == []
