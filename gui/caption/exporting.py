"""Captions and figures out of the window: asks where to, lets the worker write, and says how it went."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QStandardPaths, Qt, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from captioner.worker.protocol import (
    CaptionEntry,
    Event,
    ExportCaptions,
    ExportFigure,
    Failed,
    FileWritten,
    Finished,
    TextFormat,
)
from gui.controls.switch import Switch
from gui.engine_bridge import EngineBridge, Job

TEXT_FORMATS: tuple[TextFormat, ...] = ("txt", "csv", "json", "coco", "html")
ENDINGS: dict[TextFormat, str] = {"csv": ".csv", "json": ".json", "coco": ".json", "html": ".html"}
FIGURE_ENDINGS = (".png", ".svg", ".pdf", ".jpg", ".webp")


class Exporting(QObject):
    """Runs exports one by one; dialogs never block the window.

    Signals
    -------
    exported(list[str])
        Files that were written.
    failed(str, str)
        A sentence, and details for a report.
    """

    exported = Signal(object)
    failed = Signal(str, str)

    def __init__(self, bridge: EngineBridge, window: QWidget) -> None:
        super().__init__(window)
        self._bridge, self._window = bridge, window
        self.folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)

    def ask_format(self, entries: Sequence[CaptionEntry]) -> QMenu:
        """Let the user choose, where the pointer is, in which format these captions are written; returns the menu."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind in TEXT_FORMATS:
            menu.addAction(self._name_of(kind) + "…", partial(self.export_captions, kind, entries))
        menu.popup(QCursor.pos())
        return menu

    def _name_of(self, kind: TextFormat) -> str:
        names: dict[TextFormat, str] = {
            "txt": self.tr("Text files"),
            "csv": self.tr("Table"),
            "json": "JSON",
            "coco": self.tr("COCO results"),
            "html": self.tr("Web page"),
        }
        return names[kind]

    def export_captions(self, kind: TextFormat, entries: Sequence[CaptionEntry]) -> None:
        """Ask where to, and write these captions; does nothing without any."""
        if not entries:
            return
        if kind == "txt":
            self._ask_about_text_files(tuple(entries))
            return
        stem = self._stem(entries[0]) if len(entries) == 1 else self.tr("captions")

        def write(target: str) -> None:
            self.write_captions(kind, tuple(entries), target)

        self._ask_target(self._name_of(kind), stem + ENDINGS[kind], (ENDINGS[kind],), write)

    def export_figure(self, entry: CaptionEntry, *, is_animation: bool, is_smooth: bool, is_scale_shared: bool) -> None:
        """Ask where to, and draw this caption; the ending of the name says as what."""
        endings = (".gif",) if is_animation else FIGURE_ENDINGS
        title = self.tr("Animation") if is_animation else self.tr("Figure")

        def write(target: str) -> None:
            self._submit(
                self._bridge.submit(
                    ExportFigure,
                    entry=entry,
                    target=target,
                    is_smooth=is_smooth,
                    is_scale_shared=is_scale_shared,
                    is_overwriting=True,  # the dialog has asked
                )
            )

        self._ask_target(title, self._stem(entry) + endings[0], endings, write)

    def write_captions(
        self, kind: TextFormat, entries: tuple[CaptionEntry, ...], target: str, *, is_overwriting: bool = True
    ) -> None:
        """Write without asking."""
        self._submit(
            self._bridge.submit(
                ExportCaptions, format=kind, entries=entries, target=target, is_overwriting=is_overwriting
            )
        )

    def _stem(self, entry: CaptionEntry) -> str:
        return os.path.splitext(os.path.basename(entry.path))[0]  # noqa: PTH119, PTH122 (names need not be valid paths)

    def _ask_target(self, title: str, name: str, endings: Sequence[str], write: object) -> None:
        dialog = QFileDialog(self._window, self.tr("Export: {kind}").format(kind=title), self.folder)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([f"{title} (*{ending})" for ending in endings])
        dialog.setDefaultSuffix(endings[0].removeprefix("."))
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(chosen.rsplit("*.", 1)[-1].rstrip(")")))
        dialog.selectFile(name)
        dialog.fileSelected.connect(write)
        dialog.fileSelected.connect(self._remember_folder)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _remember_folder(self, target: str) -> None:
        self.folder = os.path.dirname(target)  # noqa: PTH120

    def _ask_about_text_files(self, entries: tuple[CaptionEntry, ...]) -> None:
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(self.tr("Write a text file beside each of %n photograph(s)?", "", len(entries)))
        box.setInformativeText(self.tr("beach.jpg gets beach.txt in the same folder."))
        replace = Switch(self.tr("Replace text files that are there already"))
        box.setCheckBox(replace)
        write = box.addButton(self.tr("Write text files"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)

        def finish() -> None:
            if box.clickedButton() is write:
                self.write_captions("txt", entries, "", is_overwriting=replace.isChecked())
            box.deleteLater()

        box.finished.connect(finish)
        box.open()

    def _submit(self, job: Job) -> None:
        written: list[str] = []

        def receive(event: Event) -> None:
            if isinstance(event, FileWritten):
                written.append(event.path)

        def end(event: Event) -> None:
            if isinstance(event, Finished):
                self.exported.emit(written)
            elif isinstance(event, Failed):
                self.failed.emit(event.message, event.details)

        job.event_received.connect(receive)
        job.ended.connect(end)
