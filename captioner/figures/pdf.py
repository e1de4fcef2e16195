"""The pen that writes a sheet as a PDF of one page: text stays text, in the very font of the layout."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont
from PIL.ImageFont import FreeTypeFont

from captioner.atomic_file import atomic_path
from captioner.figures.embedding import jpeg, png
from captioner.figures.sheet import PlacedPicture, PlacedText, Sheet
from captioner.figures.text import Font

_QUALITY = 90
_CORE_FONT = "helvetica"
_POINTS = 0.5
"""Points of the page for each unit of the sheet: a tile of 240 units is 4.2 cm wide."""


def save_pdf(sheet: Sheet, path: str | os.PathLike[str]) -> None:
    """Write a sheet as a PDF file, whole or not at all.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    page = FPDF(unit="pt", format=(sheet.width * _POINTS, sheet.height * _POINTS))
    page.set_margin(0)
    page.set_auto_page_break(False)
    page.set_title(sheet.title)
    page.set_creator("Captioner")
    page.add_page()
    for picture in sheet.pictures:
        _draw_picture(page, picture)
    with tempfile.TemporaryDirectory(prefix="captioner-") as folder:
        families = _add_fonts(page, sheet, Path(folder))
        for text in sheet.texts:
            _write(page, text, families[text.font])
        try:
            with atomic_path(path) as temporary:
                page.output(str(temporary))
        finally:
            _close_fonts(page)


def _draw_picture(page: FPDF, picture: PlacedPicture) -> None:
    content = jpeg(picture.image, _QUALITY) if picture.is_photograph else png(picture.image)
    x, y, width, height = (_POINTS * side for side in (picture.x, picture.y, picture.width, picture.height))
    page.image(io.BytesIO(content), x, y, width, height, alt_text=picture.description or None)
    if picture.outline is not None:
        page.set_draw_color(*picture.outline)
        page.set_line_width(_POINTS)
        page.rect(x + _POINTS / 2, y + _POINTS / 2, width - _POINTS, height - _POINTS)


def _write(page: FPDF, text: PlacedText, family: str) -> None:
    page.set_font(family, size=text.size * _POINTS)
    page.set_text_color(*text.colour)
    # Halves of characters are in no font, and in no message about that either.
    encoding = "latin-1" if family == _CORE_FONT else "utf-8"
    shown = text.text.encode(encoding, "replace").decode(encoding)
    left = text.x * _POINTS - (page.get_string_width(shown) if text.is_right_aligned else 0)
    page.text(left, text.baseline * _POINTS, shown)


def _add_fonts(page: FPDF, sheet: Sheet, folder: Path) -> dict[Font, str]:
    """Embed the fonts of the sheet, each face once; Helvetica stands for one that is in no file.

    Pillow's own font is in no file, but its bytes are there: it is lent one in ``folder``.
    """
    families: dict[Font, str] = {}
    for font in dict.fromkeys(text.font for text in sheet.texts):
        name = "-".join(map(str, font.getname())) if isinstance(font, FreeTypeFont) else ""
        if name not in families.values() and (file := _font_file(font, folder / f"{len(families)}.ttf")) is not None:
            page.add_font(name, fname=file)
        elif name not in families.values():
            name = _CORE_FONT
        families[font] = name
    return families


def _close_fonts(page: FPDF) -> None:
    """Fpdf2 leaves them open, and Windows does not remove what is open."""
    for font in page.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.close()


def _font_file(font: Font, lent: Path) -> Path | None:
    path = getattr(font, "path", None)
    if isinstance(path, io.BytesIO):
        lent.write_bytes(path.getvalue())
        return lent
    return Path(path) if isinstance(path, str) and Path(path).is_file() else None
