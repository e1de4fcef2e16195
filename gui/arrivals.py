"""All ways by which photographs get into the window: dialogs, drops, the clipboard, recent places, samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from captioner.file_names import file_name
from gui.incoming import Incoming, read_mime_data
from gui.pasting import PictureSaver
from gui.recent import RecentPlaces
from gui.resources import resources_folder
from gui.settings import SettingsStore

# What dialogs offer first; the worker reads every photograph it can, whatever its name.
PATTERNS = "*.jpg *.jpeg *.jpe *.jfif *.png *.webp *.bmp *.gif *.tif *.tiff *.avif *.heic *.heif"


class Arrivals(QObject):
    """Turns what the user does into paths.

    Signals
    -------
    arrived(list[str])
        These files and folders shall be opened.
    refused(str)
        A sentence about something that cannot be.
    """

    arrived = Signal(object)
    refused = Signal(str)

    def __init__(self, settings: SettingsStore, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.recent = RecentPlaces(settings, self)
        folder = Path(platformdirs.user_data_dir("captioner", appauthor=False)) / "pasted"
        self._saver = PictureSaver(folder, self)
        self._saver.saved.connect(lambda path: self.arrived.emit([path]))
        self._saver.failed.connect(self.refused)

    @property
    def samples(self) -> list[str]:
        """The photographs that came with the program."""
        return sorted(str(path) for path in (resources_folder() / "samples").glob("*.jpg"))

    def open(self, paths: Sequence[str]) -> None:
        """Open these, and put them on the list of recent places."""
        if paths:
            self.recent.add(paths)
            self.arrived.emit(list(paths))

    def open_samples(self) -> None:
        """Open the photographs that came with the program."""
        self.arrived.emit(self.samples)

    def take(self, incoming: Incoming) -> None:
        """Open what was dropped or pasted, and say what cannot be opened."""
        if incoming.refused:
            self.refused.emit(incoming.refused[0].sentence)
        if incoming.picture is not None:
            self._saver.save(incoming.picture)
        self.open(incoming.paths)

    def paste(self) -> None:
        """Open what the clipboard holds."""
        self.take(read_mime_data(QGuiApplication.clipboard().mimeData()))

    def ask_photographs(self) -> None:
        """Let the user choose files."""
        dialog = QFileDialog(self._window, self.tr("Open photographs"), self._folder())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters([self.tr("Photographs ({patterns})").format(patterns=PATTERNS), self.tr("All files (*)")])
        self._open(dialog)

    def ask_folder(self) -> None:
        """Let the user choose a folder."""
        dialog = QFileDialog(self._window, self.tr("Open folder"), self._folder())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open(dialog)

    def recent_choices(self) -> list[tuple[str, str]]:
        """Path and label of each recent place."""
        return [(path, f"{file_name(Path(path))}  —  {file_name(Path(path).parent)}") for path in self.recent.places]

    def _open(self, dialog: QFileDialog) -> None:
        dialog.filesSelected.connect(self.open)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _folder(self) -> str:
        if self.recent.places:
            return str(Path(self.recent.places[0]).parent)
        return QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
