"""Type for figures: fonts that are there on every machine, glyphs that they have, lines that fit."""

from __future__ import annotations

import bisect
import functools
import unicodedata
from collections.abc import Iterator

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

# Pillow carries a Latin font without accents. Where a text needs more, that one of these is taken which has most of it.
_SYSTEM_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "segoeui.ttf", "Arial.ttf")
_NEVER_A_CHARACTER = "\U0010ffff"


def choose_font(text: str, size: float) -> Font:
    """Pillow's own font, or one of the system's where that has more of the characters of ``text``."""
    own = _own_font(size)
    if not _missing(own, text):
        return own
    others = [font for name in _SYSTEM_FONTS if (font := _system_font(name, size)) is not None]
    return min((own, *others), key=lambda font: len(_missing(font, text)))


def drawable(text: str, font: Font) -> str:
    """``text`` with every character that the font lacks replaced: by its base letter (``é``, ``e``), else by ``?``."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(_replacement(character, font) for character in composed)


def wrap(text: str, font: Font, width: float, most_lines: int) -> list[str]:
    """Break a text into lines no wider than ``width``; words that are wider are broken, too many lines end in dots."""
    lines: list[str] = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if font.getlength(joined) <= width:
            lines[-1] = joined
            continue
        lines += _pieces(word, font, width)
        if not lines[0]:
            lines.pop(0)
    if len(lines) <= most_lines:
        return lines
    last = lines[most_lines - 1]
    while last and font.getlength(f"{last}…") > width:
        last = last[:-1]
    return [*lines[: most_lines - 1], f"{last.rstrip()}…"]


def _pieces(word: str, font: Font, width: float) -> Iterator[str]:
    while word:
        fitting = bisect.bisect_right(range(1, len(word) + 1), width, key=lambda count: font.getlength(word[:count]))
        yield word[: max(fitting, 1)]
        word = word[max(fitting, 1) :]


@functools.lru_cache(maxsize=32)
def _own_font(size: float) -> Font:
    return ImageFont.load_default(size)


@functools.lru_cache(maxsize=32)
def _system_font(name: str, size: float) -> Font | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


@functools.lru_cache(maxsize=4096)
def _has(font: Font, character: str) -> bool:
    if character.isspace():
        return True
    return _shape(font, character) != _shape(font, _NEVER_A_CHARACTER)


def _shape(font: Font, character: str) -> tuple[tuple[int, int], bytes]:
    mask = font.getmask(character)
    return mask.size, bytes(mask)


def _missing(font: Font, text: str) -> set[str]:
    return {character for character in unicodedata.normalize("NFC", text) if not _has(font, character)}


def _replacement(character: str, font: Font) -> str:
    if _has(font, character):
        return character
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cc", "Cf"):
        return ""
    base = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    return base if base and all(_has(font, part) for part in base) else "?"
