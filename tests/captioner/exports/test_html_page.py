"""The page: whole, self-contained, and harmless whatever the captions and names are."""

import base64
import hashlib
import io
import re
import tracemalloc
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from captioner.caption import CaptionEntry
from captioner.caption_formats import pieces
from captioner.exports.html_page import HtmlWriter

VOID = {"meta", "img", "input"}


class Page(HTMLParser):
    """Every element with its attributes and text; fails where the nesting does."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open:
            self.texts.setdefault(self._open[-1], []).append(data)

    def all(self, tag, **wanted):
        found = [attributes for name, attributes in self.elements if name == tag]
        return [one for one in found if all(one.get(key) == value for key, value in wanted.items())]


def page_of(*made: CaptionEntry) -> Page:
    text = "".join(pieces(HtmlWriter(len(made)), made))
    text.encode("utf-8")
    return Page(text)


@pytest.fixture
def photograph(photographs):
    return photographs / "photo-1.jpg"


def test_photograph_lies_inside(entries, photograph):
    (image,) = page_of(entries.entry(photograph)).all("img")
    assert image["src"].startswith("data:image/jpeg;base64,")
    with Image.open(io.BytesIO(base64.b64decode(image["src"].partition(",")[2]))) as shown:
        assert shown.size == (int(image["width"]), int(image["height"])) == (96, 64)
    assert image["alt"] == "a red circle"


def test_large_photograph_is_made_small(entries, tmp_path):
    Image.new("RGB", (1500, 1000), "red").save(tmp_path / "large.jpg")
    (image,) = page_of(entries.entry(tmp_path / "large.jpg", size=(1500, 1000))).all("img")
    assert (image["width"], image["height"]) == ("720", "480")


def test_words_carry_where_they_looked(entries, photograph):
    page = page_of(entries.entry(photograph))
    words = page.all("button")
    assert page.texts["button"] == ["a", "red", "circle"]
    assert [word["aria-label"] for word in words] == [
        "a: upper left, 78 %",
        "red: upper right, 61 %",
        "circle: lower left, 47 %",
    ]
    looks = [list(base64.b64decode(word["data-look"])) for word in words]
    assert looks == [[255, 36, 36, 36], [36, 255, 36, 36], [36, 36, 255, 36]]
    (picture,) = page.all("div", **{"class": "picture"})
    assert (picture["data-grid"], picture["data-seen"]) == ("2 2", "0 0 1 1")
    assert len(page.all("canvas")) == 1


def test_words_by_hand_look_nowhere(entries, photograph):
    edited = CaptionEntry(str(photograph), "two red rings", entries.caption("a red circle"), True, (None, 1, 2))
    page = page_of(edited)
    assert page.texts["button"] == ["red", "rings"]
    assert "two" in page.texts["span"]
    assert any("edited by hand" in text for text in page.texts["p"])
    # A tint stands for a probability, which is known of "red" alone.
    assert [" t" in word["class"] for word in page.all("button")] == [True, False]


def test_clitics_lean_on_the_word_before(entries, photograph):
    text = "a man's dog"
    made = CaptionEntry(str(photograph), text, entries.caption(text, words=["a", "man", "'s", "dog"]))
    page = "".join(pieces(HtmlWriter(1), [made]))
    assert re.search(r">man</button><button[^>]*>&#x27;s</button> <button", page)


def test_photograph_that_is_gone_or_changed_is_a_sentence(entries, photograph, tmp_path):
    page = page_of(
        entries.entry(photograph, size=(500, 400)),
        entries.entry(tmp_path / "gone.jpg"),
        CaptionEntry(str(tmp_path / "gone too.jpg"), "by hand"),
    )
    assert page.all("img") == []
    said = " ".join(page.texts["p"])
    assert "photo-1.jpg has been changed since it was captioned. Caption it again." in said
    assert "gone.jpg does not exist" in said
    assert page.texts["button"] == ["a", "red", "circle"] * 2


HOSTILE = ("<script>alert(1)</script>", '" onload="alert(1)', "</style><img src=x>", "'\"><svg/onload=x>", "&lt;b&gt;")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_text(entries, photographs, text):
    calm = page_of(entries.entry(photographs / "photo-1.jpg"))
    hostile = photographs / text.replace("/", "_")
    (photographs / "photo-1.jpg").rename(hostile)
    caption = entries.caption(text, words=text.split(), model=text)
    page = page_of(CaptionEntry(str(hostile), text, caption), CaptionEntry(str(hostile), text, None, True))
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in calm.elements} | {"span"}
    assert {key for _, one in page.elements for key in one} <= {key for _, one in calm.elements for key in one}
    assert len(page.all("script")) == 1
    assert [image["alt"] for image in page.all("img")] == [text, text]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=()), max_size=30))
def test_any_text_is_shown(entries, tmp_path, text):
    page = page_of(CaptionEntry(str(tmp_path / "gone.jpg"), text, entries.caption("a dog"), True))
    assert len(page.all("span", **{"class": "word"})) == len(text.split())


def test_page_loads_nothing_and_forbids_it(entries, photograph):
    text = "".join(pieces(HtmlWriter(1), [entries.entry(photograph)]))
    page = Page(text)
    (policy,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    rules = dict(rule.strip().split(" ", 1) for rule in policy["content"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    outside = re.sub(r"data:image/jpeg;base64,[A-Za-z0-9+/=]+", "", text)
    assert not re.search(r"https?:|//\w|url\(|@import|\bsrc=\"(?!\")", outside)
    assert not any(key in one for _, one in page.elements for key in ("style", "href", "onclick"))


def test_captions_without_words_or_light(entries, photograph):
    dark = entries.caption("a", attention=np.zeros((1, 4), np.float32))
    page = page_of(entries.entry(photograph, ""), CaptionEntry(str(photograph), "a", dark))
    assert base64.b64decode(page.all("button")[0]["data-look"]) == bytes(4)


def test_memory_does_not_grow_with_the_page(entries, photographs):
    made = entries.entry(photographs / "photo-1.jpg")
    writer = HtmlWriter(200)
    writer.add(made)
    tracemalloc.start()
    try:
        assert sum(len(piece) for piece in map(writer.add, [made] * 200)) > 400_000
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()
