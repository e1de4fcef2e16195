"""Type for figures: no character that the font lacks, no line that does not fit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ImageFont

from captioner.figures import text
from captioner.figures.text import choose_font, drawable, wrap


@pytest.fixture
def only_own_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_SYSTEM_FONTS", ())


@pytest.mark.usefixtures("only_own_font")
@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("dog", "dog"),
        ("Café Žižek", "Cafe Zizek"),
        ("e\u0301", "e"),
        ("猫", "?"),
        ("a\x00\u202eb", "ab"),
        ("ℌ", "H"),
    ],
)
def test_characters_that_the_font_lacks_are_replaced(text: str, drawn: str) -> None:
    assert drawable(text, choose_font(text, 17)) == drawn


def test_own_font_is_taken_where_it_suffices() -> None:
    assert choose_font("a dog runs", 17).getname() == ImageFont.load_default(17).getname()  # type: ignore[union-attr]


@settings(deadline=None)
@given(text=st.text(max_size=60), width=st.integers(30, 300), most=st.integers(1, 4))
def test_lines_fit(text: str, width: int, most: int) -> None:
    font = choose_font("", 17)
    lines = wrap(drawable(text, font), font, width, most)
    assert 1 <= len(lines) <= most
    assert all(font.getlength(line) <= width for line in lines)


def test_wrapping_keeps_every_word_and_breaks_only_long_ones() -> None:
    font = choose_font("", 17)
    lines = wrap("the quick brown fox jumps over the lazy dog", font, 120, 9)
    assert len(lines) > 2
    assert " ".join(lines) == "the quick brown fox jumps over the lazy dog"
    long = "Donaudampfschifffahrtsgesellschaft"
    assert "".join(wrap(long, font, 120, 9)) == long
    assert wrap(long, font, 120, 1)[0].endswith("…")
