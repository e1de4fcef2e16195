"""Captions as one web page that needs nothing but itself: photographs, words, and the light of where each looked."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from importlib import resources
from pathlib import Path

import numpy as np
from PIL import Image

from captioner import __version__
from captioner.attention_map import checked_weights
from captioner.caption import Caption, CaptionEntry
from captioner.errors import ImageError
from captioner.exports.sources import photograph_of
from captioner.exports.words import ShownWord, describe, shown_words
from captioner.figures.embedding import data_uri, jpeg
from captioner.file_names import file_name
from captioner.plain_text import plain

_SIDE = 720
_QUALITY = 80
_TINTS = 5


class HtmlWriter:
    """A web page of captions, piece by piece, so that any number of photographs takes the memory of one.

    Hovering over a word, or reaching it by keyboard, lights the photograph where it looked; a click keeps the light.
    The page works offline, loads nothing, and forbids itself to: its policy allows its own script and style by their
    hashes, and pictures that lie inside it. A photograph that cannot be read any more is a sentence in its place.

    Parameters
    ----------
    count
        How many captions will come.
    """

    def __init__(self, count: int) -> None:
        self._count = count

    def begin(self) -> str:
        """Everything above the first photograph."""
        style, _ = _style_and_script()
        title = f"Captions of {self._count:,} photograph{'' if self._count == 1 else 's'}"
        return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Captioner {escape(__version__)}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<p>Point at a word, or reach it with the Tab and arrow keys, to see where the network looked while it wrote it. A click
keeps the light on. The stronger the tint, the more probable the word; a dotted line marks what it doubted.</p>
<fieldset hidden>
<legend>Light</legend>
<label><input type="radio" name="light" value="smooth" checked>smooth</label>
<label><input type="radio" name="light" value="raw">cells as they are</label>
</fieldset>
</header>
<main>
"""

    def add(self, entry: CaptionEntry) -> str:
        """One photograph with its caption.

        Raises
        ------
        ConfigurationError
            When the parts of the entry do not fit together.
        """
        words, caption = shown_words(entry), entry.caption
        notes = [file_name(Path(entry.path)), *(["edited by hand"] if entry.is_edited else [])]
        notes += [] if caption is None else [f"model {caption.model}"]
        return "\n".join(
            (
                "<article>",
                _picture(entry),
                f'<p class="caption" dir="auto">{"".join(_words(words, caption))}</p>',
                f'<div class="below"><p class="name">{_safe(" · ".join(notes))}</p>'
                '<p class="reading" aria-hidden="true"></p></div>',
                "</article>\n",
            )
        )

    def end(self) -> str:
        """Everything below the last photograph."""
        _, script = _style_and_script()
        return f"""</main>
<footer>Written by Captioner {escape(__version__)}. Full light is the greatest weight that any word of a caption gave to
one cell of the network's grid; smoothing is for the eye only. Light shows where the network looked, not why it chose a
word. Percentages are the model's own probabilities.</footer>
<script>{script}</script>
</body>
</html>
"""


def _style_and_script() -> tuple[str, str]:
    here = resources.files("captioner.exports")
    style, script = (here.joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return style, script


def _policy() -> str:
    style, script = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in _style_and_script())
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _picture(entry: CaptionEntry) -> str:
    try:
        photograph = photograph_of(entry, _SIDE)
    except ImageError as error:
        return f'<p class="missing">{_safe(error.message)}</p>'
    scale = min(_SIDE / max(photograph.width, photograph.height), 1)
    size = (max(round(photograph.width * scale), 1), max(round(photograph.height * scale), 1))
    image = Image.fromarray(photograph.pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)
    shown = (
        f'<img src="{data_uri(jpeg(image, _QUALITY), "jpeg")}" width="{size[0]}" height="{size[1]}" '
        f'alt="{_safe(entry.text)}" decoding="async">'
    )
    if entry.caption is None:
        return f'<div class="picture">{shown}</div>'
    return f'<div class="picture" {_grid(entry.caption)}>{shown}<canvas aria-hidden="true"></canvas></div>'


def _grid(caption: Caption) -> str:
    """Rows and columns of the grid, and the part of the photograph that it lies on, as shares of its sides."""
    seen, (width, height) = caption.geometry.visible, (caption.geometry.width, caption.geometry.height)
    shares = (seen.left / width, seen.top / height, seen.right / width, seen.bottom / height)
    rows, columns = caption.grid
    return f'data-grid="{rows} {columns}" data-seen="{" ".join(f"{share:.6g}" for share in shares)}"'


def _words(words: tuple[ShownWord, ...], caption: Caption | None) -> Iterator[str]:
    looks = () if caption is None else _looks(caption)
    for number, word in enumerate(words):
        yield "" if word.is_joined or not number else " "
        if word.index is None or caption is None:
            yield f'<span class="word">{_safe(word.text)}</span>'
            continue
        tint = "" if word.probability is None else f" t{min(int(word.probability * _TINTS), _TINTS - 1)}"
        label = _safe(describe(word, caption))
        yield (
            f'<button type="button" class="word{tint}" aria-pressed="false" aria-label="{label}" '
            f'data-look="{looks[word.index]}">{_safe(word.text)}</button>'
        )


def _looks(caption: Caption) -> tuple[str, ...]:
    """Each word's weights as bytes, 255 being the greatest of the caption, in Base64."""
    weights = checked_weights(caption.attention, caption.grid)
    most = max(float(weights.max(initial=0)), 1e-30)
    levels = np.rint(255 * np.clip(weights / most, 0, 1)).astype(np.uint8)
    return tuple(base64.b64encode(row.tobytes()).decode("ascii") for row in levels)


def _safe(text: str) -> str:
    """``text`` on one line and with nothing in it that a browser would obey."""
    return escape(plain(text))
