"""Captions corrected by hand into a folder that a model can learn from: asks where to, and says how it went."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from captioner.errors import CaptionerError
from captioner.file_names import file_name
from gui.viewmodels.corrections import collect


class Collecting(QObject):
    """Collects corrected captions; its dialog does not block the window.

    Signals
    -------
    collected(object, str)
        What collecting came to, a `Collected`, and a sentence about it.
    said(str, str)
        A sentence for a toast and its kind.
    """

    collected = Signal(object, str)
    said = Signal(str, str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)

    def ask(self, captions: Mapping[str, str]) -> None:
        """Ask for a folder, and put these captions into it, by the path of their photograph; nothing without any."""
        if not captions:
            return
        dialog = QFileDialog(self._window, self.tr("Choose a new folder, or one with corrected captions"), self.folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, self.tr("Collect"))
        dialog.fileSelected.connect(lambda folder: self.collect(folder, captions))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def collect(self, folder: str, captions: Mapping[str, str]) -> None:
        """Put these captions into a folder without asking."""
        try:
            result = collect(Path(folder), captions)
        except CaptionerError as error:
            self.said.emit(error.message, "error")
            return
        self.folder = folder
        if result.left_out:
            sentence = self.tr(
                "%Ln photograph(s) cannot be named in a captions file and are left out.", "", len(result.left_out)
            )
            self.said.emit(sentence, "warning")
        sentence = self.tr("%Ln corrected caption(s) are in {name} now.", "", result.photographs)
        self.collected.emit(result, sentence.format(name=file_name(Path(folder))))
