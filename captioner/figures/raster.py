"""The pen that paints a sheet in pixels."""

from __future__ import annotations

from PIL import Image, ImageDraw

from captioner.figures.sheet import Sheet


def painted(sheet: Sheet) -> Image.Image:
    """The sheet as a picture, one pixel per unit, mode RGB."""
    page = Image.new("RGB", (sheet.width, sheet.height), "white")
    pen = ImageDraw.Draw(page)
    for picture in sheet.pictures:
        size = (picture.width, picture.height)
        image = picture.image if picture.image.size == size else picture.image.resize(size, Image.Resampling.BICUBIC)
        page.paste(image, (picture.x, picture.y))
        if picture.outline:
            corner = (picture.x + picture.width - 1, picture.y + picture.height - 1)
            pen.rectangle((picture.x, picture.y, *corner), outline=picture.outline)
    for text in sheet.texts:
        left = text.x - (text.font.getlength(text.text) if text.is_right_aligned else 0)
        pen.text((round(left), round(text.baseline)), text.text, text.colour, text.font, anchor="ls")
    return page
