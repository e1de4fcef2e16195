"""What a screen reader, and the panel of a word, say of a place on the photograph: "centre left, 62 %"."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.viewmodels.caption_view import Horizontal, Place, Vertical


def _tr(text: str) -> str:
    return QCoreApplication.translate("Places", text)


def place_text(place: Place) -> str:
    """A ninth of the photograph in words, and the share of the word's attention that lies there."""
    names = {
        (Vertical.TOP, Horizontal.LEFT): _tr("top left"),
        (Vertical.TOP, Horizontal.CENTRE): _tr("top centre"),
        (Vertical.TOP, Horizontal.RIGHT): _tr("top right"),
        (Vertical.CENTRE, Horizontal.LEFT): _tr("centre left"),
        (Vertical.CENTRE, Horizontal.CENTRE): _tr("centre"),
        (Vertical.CENTRE, Horizontal.RIGHT): _tr("centre right"),
        (Vertical.BOTTOM, Horizontal.LEFT): _tr("bottom left"),
        (Vertical.BOTTOM, Horizontal.CENTRE): _tr("bottom centre"),
        (Vertical.BOTTOM, Horizontal.RIGHT): _tr("bottom right"),
    }
    return _tr("{place}, {share} %").format(
        place=names[place.vertical, place.horizontal], share=round(100 * place.share)
    )
