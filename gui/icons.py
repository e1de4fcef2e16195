"""Icons from the Phosphor font that QtAwesome carries, always in the colours of the theme."""

from __future__ import annotations

import functools
import importlib.util
import json
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from gui.theme import tokens

_FONT, _NAMES = "phosphor-1.3.0.ttf", "phosphor-charmap-1.3.0.json"


@functools.cache
def _characters() -> dict[str, str]:
    """The character of each icon by its name."""
    names = json.loads((_font_folder() / _NAMES).read_text(encoding="utf-8"))
    return {name: chr(int(code, 16)) for name, code in names.items()}


@functools.cache
def _family() -> str:
    """Name of the font, which is loaded when it is first asked for."""
    number = QFontDatabase.addApplicationFont(str(_font_folder() / _FONT))
    return QFontDatabase.applicationFontFamilies(number)[0]


def _font_folder() -> Path:
    # QtAwesome is found but not imported: that would take 0.1 s and 26 MB before the window is seen.
    found = importlib.util.find_spec("qtawesome")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("QtAwesome is not installed; the icons of the window are in it.", name="qtawesome")
    return Path(found.submodule_search_locations[0]) / "fonts"


def icon(name: str, role: str = "text") -> QIcon:
    """An icon by its name in Phosphor 1.3, such as ``"image"`` or ``"magnifying-glass"``.

    Parameters
    ----------
    role
        The token whose colour it has; the colour follows the theme.

    Raises
    ------
    KeyError
        If there is no such icon.
    """
    return QIcon(_Glyph(_characters()[name], role))


class _Glyph(QIconEngine):
    """One character of the font, drawn when it is needed, so that it always has the theme's present colour."""

    def __init__(self, character: str, role: str) -> None:
        super().__init__()
        self._character, self._role = character, role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the character, faint where the icon is disabled."""
        painter.save()
        font = QFont(_family())
        font.setPixelSize(max(round(rect.height() * 0.92), 1))
        painter.setFont(font)
        painter.setPen(tokens().colour(self._role, 0.4 if mode is QIcon.Mode.Disabled else 1.0))
        painter.drawText(QRectF(rect), Qt.AlignmentFlag.AlignCenter, self._character)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Draw the character on nothing."""
        result = QPixmap(size)
        result.fill(Qt.GlobalColor.transparent)
        painter = QPainter(result)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return result

    def clone(self) -> QIconEngine:
        """A copy."""
        return _Glyph(self._character, self._role)


def describe(target: QObject, text: str) -> None:
    """Give a control its name for the pointer and for screen readers: tooltip and accessible name."""
    target.setToolTip(text)  # type: ignore[attr-defined]
    target.setAccessibleName(text)  # type: ignore[attr-defined]
