"""The pen that writes a sheet as SVG: text stays text, pictures are inside."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import escape

from captioner.atomic_file import atomic_path
from captioner.figures.embedding import data_uri, jpeg, png
from captioner.figures.sheet import Colour, PlacedPicture, PlacedText, Sheet

_QUALITY = 90
_FONTS = "Aileron, 'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg_lines(sheet: Sheet) -> Iterator[str]:
    """The SVG file of a sheet, line by line, without scripts, styles or anything from elsewhere."""
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{sheet.width}" height="{sheet.height}" viewBox="0 0 {sheet.width} {sheet.height}" role="img" '
        f'font-family="{_FONTS}">\n'
    )
    yield f"<title>{_text(sheet.title)}</title>\n"
    yield '<rect width="100%" height="100%" fill="#ffffff"/>\n'
    yield from map(_picture, sheet.pictures)
    yield from map(_line, sheet.texts)
    yield "</svg>\n"


def save_svg(sheet: Sheet, path: str | os.PathLike[str]) -> None:
    """Write a sheet as an SVG file, whole or not at all.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(svg_lines(sheet))


def _picture(picture: PlacedPicture) -> str:
    image = picture.image
    # Older readers of SVG know only the address with the prefix.
    address = data_uri(jpeg(image, _QUALITY), "jpeg") if picture.is_photograph else data_uri(png(image), "png")
    place = f'x="{picture.x}" y="{picture.y}" width="{picture.width}" height="{picture.height}"'
    shown = (
        f'<image {place} preserveAspectRatio="none" xlink:href="{address}">'
        f"<title>{_text(picture.description)}</title></image>\n"
    )
    if picture.outline is None:
        return shown
    inner = f'x="{picture.x + 0.5}" y="{picture.y + 0.5}" width="{picture.width - 1}" height="{picture.height - 1}"'
    return f'{shown}<rect {inner} fill="none" stroke="{_hex(picture.outline)}"/>\n'


def _line(text: PlacedText) -> str:
    anchor = ' text-anchor="end"' if text.is_right_aligned else ""
    place = f'x="{text.x:.2f}" y="{text.baseline:.2f}"'
    return f'<text {place} font-size="{text.size:g}" fill="{_hex(text.colour)}"{anchor}>{_text(text.text)}</text>\n'


def _text(text: str) -> str:
    return escape(_NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
