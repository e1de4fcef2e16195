"""The program's own icon."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon

from gui.resources import resources_folder

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def program_icon() -> QIcon:
    """The icon in all its sizes; a file is read when its size is first needed."""
    icon = QIcon()
    for size in SIZES:
        icon.addFile(str(resources_folder() / "icons" / f"captioner-{size}.png"), QSize(size, size))
    return icon
