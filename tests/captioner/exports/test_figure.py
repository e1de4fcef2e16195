"""One caption as a figure, by the ending of its name."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from captioner.caption import CaptionEntry
from captioner.errors import ImageError, OutputError
from captioner.exports import export_figure
from captioner.exports.figure import FIGURE_ENDINGS


def export(entry, target, *, smooth=True, shared_scale=True, overwrite=False):
    export_figure(entry, target, smooth, shared_scale, overwrite)
    return target


@pytest.fixture
def made(entries, photographs):
    return entries.entry(photographs / "photo-1.jpg")


@pytest.mark.parametrize(("ending", "kind"), [(".png", "PNG"), (".jpg", "JPEG"), (".webp", "WEBP"), (".GIF", "GIF")])
def test_pictures(made, tmp_path, ending, kind):
    with Image.open(export(made, tmp_path / f"figure{ending}")) as figure:
        assert figure.format == kind
        assert figure.width > 300


def test_vectors_keep_their_words(made, tmp_path):
    drawing = export(made, tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert re.findall(r"<text[^>]*>([^<]*)</text>", drawing)[:3] == ["a red circle", "photograph", "a"]
    assert export(made, tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("ending", "options"), [(".png", {"smooth": False}), (".png", {"shared_scale": False}), (".gif", {"smooth": False})]
)
def test_options_change_the_figure(entries, photographs, tmp_path, ending, options):
    attention = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.4, 0.3, 0.2]], np.float32)
    made = entries.entry(photographs / "photo-1.jpg", "a dog", attention=attention)
    usual = export(made, tmp_path / f"usual{ending}").read_bytes()
    assert export(made, tmp_path / f"other{ending}", **options).read_bytes() != usual


def test_words_by_hand_have_no_picture_but_a_frame(entries, made, tmp_path):
    edited = CaptionEntry(made.path, "two red discs here", made.caption, True, (None, 1, 2, None))
    drawing = export(edited, tmp_path / "figure.svg").read_text(encoding="utf-8")
    assert drawing.count("image/jpeg") == 3
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawing)
    assert texts[:4] == ["two red discs here", "photograph", "red", "discs"]
    # "discs" is not the model's word, so the figure tells no probabilities.
    assert not any(re.fullmatch(r"0\.\d\d", text) for text in texts[:-2])
    with Image.open(export(edited, tmp_path / "figure.gif")) as animation:
        assert animation.n_frames == 5


@pytest.mark.parametrize("ending", FIGURE_ENDINGS)
def test_file_is_replaced_only_when_asked(made, tmp_path, ending):
    target = tmp_path / f"figure{ending}"
    target.write_bytes(b"precious")
    with pytest.raises(OutputError, match="exists already"):
        export(made, target)
    assert target.read_bytes() == b"precious"
    assert export(made, target, overwrite=True).stat().st_size > 1000


def test_photograph_is_never_replaced(made, photographs):
    before = (photographs / "photo-1.jpg").read_bytes()
    with pytest.raises(OutputError, match="one of the photographs"):
        export(made, photographs / "photo-1.jpg", overwrite=True)
    assert (photographs / "photo-1.jpg").read_bytes() == before


def test_what_cannot_be_drawn_is_said(entries, made, photographs, tmp_path):
    with pytest.raises(OutputError, match=r"must end in \.png.* or \.gif to be a figure"):
        export(made, tmp_path / "figure.txt")
    for by_hand in (
        CaptionEntry(made.path, "by hand"),
        CaptionEntry(made.path, "by hand", made.caption, True),
        entries.entry(photographs / "photo-1.jpg", ""),
    ):
        with pytest.raises(OutputError, match=r"photo-1\.jpg has no words of a model"):
            export(by_hand, tmp_path / "figure.png")
    with pytest.raises(ImageError, match="has been changed since it was captioned"):
        export(entries.entry(photographs / "photo-1.jpg", size=(64, 96)), tmp_path / "figure.png")
    with pytest.raises(ImageError, match="does not exist"):
        export(entries.entry(photographs / "gone.jpg"), tmp_path / "figure.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]


def test_photograph_that_was_allowed_to_be_large_is_opened(entries, made, tmp_path, monkeypatch):
    monkeypatch.setattr("captioner.exports.sources._MEGAPIXELS", 0.001)
    assert export(made, tmp_path / "figure.png").exists()
    with pytest.raises(ImageError, match="megapixels"):
        export_figure(entries.entry(made.path, size=(8, 8)), tmp_path / "other.png", True, True, False)


def test_figure_of_an_upright_photograph(entries, tmp_path):
    """What a camera turned is drawn as it is seen."""
    content = io.BytesIO()
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (64, 32), "red").save(content, "JPEG", exif=exif)
    (tmp_path / "turned.jpg").write_bytes(content.getvalue())
    assert export(entries.entry(tmp_path / "turned.jpg", size=(32, 64)), tmp_path / "figure.png").exists()
