"""One caption as a figure: a picture, a vector drawing for print, or an animation, by the ending of its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from captioner.caption import Caption, CaptionEntry
from captioner.errors import OutputError
from captioner.exports.sources import photograph_of
from captioner.exports.targets import require_free
from captioner.exports.words import ShownWord, shown_words
from captioner.figures.animation import SpokenWord, caption_frames, save_animation
from captioner.figures.attention_figure import attention_sheet, save_figure
from captioner.figures.raster import painted
from captioner.figures.svg import save_svg
from captioner.file_names import file_name, printable

FIGURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".svg", ".pdf", ".gif")
TILE_SIZE = 240
_SHARPNESS = 2
_ANIMATED_SIDE = 480


def export_figure(entry: CaptionEntry, target: Path, smooth: bool, shared_scale: bool, overwrite: bool) -> None:
    """Draw a caption and where its words looked.

    Parameters
    ----------
    entry
        The caption as it stands. Words by hand looked nowhere: a figure has no picture of them, an animation shows the
        photograph as it is while they are spoken.
    target
        ``.png``, ``.jpg`` and ``.webp`` are pictures; ``.svg`` and ``.pdf`` have type that can be selected and pictures
        fine enough for print; ``.gif`` goes from word to word.
    smooth
        Interpolate between the cells of the grid, for the eye only; figures say so.
    shared_scale
        Full light means the greatest weight of all words; otherwise that of each word by itself.
    overwrite
        Replace a file that is there.

    Raises
    ------
    ImageError
        When the photograph cannot be read any more, or has been changed since.
    OutputError
        When there is no word that looked anywhere, the name has another ending, the file is there already and
        ``overwrite`` is off, is the photograph itself, or cannot be written.
    ConfigurationError
        When the parts of the entry do not fit together.
    """
    kind = target.suffix.lower()
    if kind not in FIGURE_ENDINGS:
        endings = f"{', '.join(FIGURE_ENDINGS[:-1])} or {FIGURE_ENDINGS[-1]}"
        raise OutputError(f"{printable(target)} must end in {endings} to be a figure. Rename it.", path=target)
    words, caption = shown_words(entry), entry.caption
    if caption is None or all(word.index is None for word in words):
        message = (
            f"{file_name(Path(entry.path))} has no words of a model, so there is nothing to draw. Caption it first."
        )
        raise OutputError(message, path=entry.path)
    require_free([target], [entry.path], overwrite=overwrite)
    if kind == ".gif":
        _animate(entry, words, caption, target, smooth, shared_scale)
    else:
        _draw(entry, words, caption, target, smooth, shared_scale)


def _draw(
    entry: CaptionEntry,
    words: tuple[ShownWord, ...],
    caption: Caption,
    target: Path,
    smooth: bool,
    shared_scale: bool,
) -> None:
    kind = target.suffix.lower()
    is_vector = kind in (".svg", ".pdf")
    sharpness = _SHARPNESS if is_vector else 1
    linked = [word for word in words if word.index is not None]
    is_whole = all(word.probability is not None for word in linked)
    sheet = attention_sheet(
        photograph_of(entry, 2 * sharpness * TILE_SIZE).pixels,
        [word.text for word in linked],
        _weights(words, caption),
        caption.grid,
        caption.geometry,
        probabilities=[word.probability or 0.0 for word in linked] if is_whole else None,
        heading=entry.text,
        shared_scale=shared_scale,
        smooth=smooth,
        tile_size=TILE_SIZE,
        sharpness=sharpness,
        keeps_characters=kind == ".svg",
    )
    if kind == ".svg":
        save_svg(sheet, target)
    elif kind == ".pdf":
        from captioner.figures.pdf import save_pdf  # noqa: PLC0415 (fpdf2 takes as long to import as all else here)

        save_pdf(sheet, target)
    else:
        save_figure(painted(sheet), target)


def _animate(
    entry: CaptionEntry,
    words: tuple[ShownWord, ...],
    caption: Caption,
    target: Path,
    smooth: bool,
    shared_scale: bool,
) -> None:
    rows = iter(range(len(words)))
    spoken = [SpokenWord(word.text, None if word.index is None else next(rows), word.is_joined) for word in words]
    frames = caption_frames(
        photograph_of(entry, _ANIMATED_SIDE).pixels,
        spoken,
        _weights(words, caption),
        caption.grid,
        caption.geometry,
        shared_scale=shared_scale,
        smooth=smooth,
    )
    save_animation(frames, target)


def _weights(words: tuple[ShownWord, ...], caption: Caption) -> NDArray[np.float32]:
    """(T, L) weights of the words that came from the model, in the order in which they are shown."""
    return caption.attention[[word.index for word in words if word.index is not None]]
