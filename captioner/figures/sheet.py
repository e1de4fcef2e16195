"""A finished layout: every picture and line of text with its place, for pens that paint, or write SVG or PDF."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from captioner.figures.text import Font

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A line of text.

    Attributes
    ----------
    x, baseline
        Where the line begins, or ends if it `is_right_aligned`, in units of the sheet, y down.
    text
        One line.
    font, size
        The font that the layout was measured with, and its size in units of the sheet.
    colour
        Red, green and blue, 0 to 255.
    """

    x: float
    baseline: float
    text: str
    font: Font
    size: float
    colour: Colour
    is_right_aligned: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PlacedPicture:
    """A picture.

    Attributes
    ----------
    x, y
        Its upper left corner in units of the sheet, whole numbers.
    width, height
        The room it takes; `image` may have more pixels than that.
    image
        Mode RGB or L.
    description
        What it shows, for those who cannot see it.
    is_photograph
        Whether it may be compressed as photographs are.
    outline
        Colour of a hairline around it.
    """

    x: int
    y: int
    width: int
    height: int
    image: Image.Image
    description: str = ""
    is_photograph: bool = True
    outline: Colour | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A white page; one unit is a pixel of the painted figure.

    Attributes
    ----------
    width, height
        Its size.
    title
        What the figure is of.
    pictures, texts
        What lies on it.
    """

    width: int
    height: int
    title: str
    pictures: tuple[PlacedPicture, ...]
    texts: tuple[PlacedText, ...]
