"""Makes files of pasted pictures, so that they can be captioned and exported like any photograph."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject, Signal
from PySide6.QtGui import QImage

from captioner.atomic_file import atomic_path
from captioner.errors import OutputError
from gui.incoming import Picture


class PictureSaver(QObject):
    """Writes pictures into a folder, apart from the window's thread.

    Signals
    -------
    saved(str)
        Path of a new file.
    failed(str)
        A sentence.
    """

    saved = Signal(object)
    failed = Signal(str)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._lock = threading.Lock()

    def save(self, picture: Picture) -> threading.Thread:
        """Write a picture; `saved` or `failed` tells how it went."""
        thread = threading.Thread(target=self._write, args=(picture, datetime.now().astimezone()), daemon=True)
        thread.start()
        return thread

    def _write(self, picture: Picture, now: datetime) -> None:
        try:
            with self._lock:
                path = save_picture(picture, self._folder, now)
        except OutputError as error:
            self.failed.emit(error.message)
        else:
            self.saved.emit(str(path))


def save_picture(picture: Picture, folder: Path, now: datetime) -> Path:
    """Write a picture as ``Pasted 2026-11-21 10.12.33.png`` and return its path; an earlier one is never replaced.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    content = picture.content if isinstance(picture.content, bytes) else _encoded(picture.content)
    stem = f"Pasted {now:%Y-%m-%d %H.%M.%S}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"The pasted picture could not be kept: {error.strerror or error}. Save it as a file and open that.",
            path=folder,
        ) from error
    path, number = folder / f"{stem}{picture.suffix}", 2
    while path.exists():
        path, number = folder / f"{stem} ({number}){picture.suffix}", number + 1
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)
    return path


def _encoded(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG", 90):  # type: ignore[call-overload]
        raise OutputError("The pasted picture cannot be written as PNG. Save it as a file and open that.")
    return bytes(buffer.data().data())
