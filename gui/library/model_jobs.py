"""What the Models page has the worker do: list, import, export and remove model packages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from captioner.file_names import file_name
from captioner.worker.protocol import (
    Event,
    ExportModel,
    Failed,
    FileWritten,
    ImportModel,
    ListModels,
    ModelImported,
    ModelRemoved,
    ModelsListed,
    RemoveModel,
)
from gui.engine_bridge import EngineBridge, Job


class ModelJobs(QObject):
    """Sends the requests and words how they went.

    Signals
    -------
    listed(ModelsListed)
        All models and the sentences about those that cannot be read.
    list_failed(str)
        A sentence that says why nothing could be listed.
    imported(str), removed(str)
        Name of a model that was installed, or that is installed no more.
    work_changed(str)
        What is being done, such as ``Importing model.zip…``; empty when it is done.
    message(str, str)
        A sentence for the user, and its kind: ``info``, ``done`` or ``error``.
    """

    listed = Signal(object)
    list_failed = Signal(str)
    imported = Signal(str)
    removed = Signal(str)
    work_changed = Signal(str)
    message = Signal(str, str)

    def __init__(self, bridge: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._listing: Job | None = None
        self._work: Job | None = None

    @property
    def is_working(self) -> bool:
        """Whether something is being imported, exported or removed."""
        return self._work is not None

    def list_models(self) -> None:
        """Ask which models there are; an earlier question is forgotten."""
        if self._listing is not None:
            self._listing.drop()
        job = self._listing = self._bridge.submit(ListModels)

        def end(event: Event) -> None:
            if self._listing is job:
                self._listing = None
                if isinstance(event, Failed):
                    self.list_failed.emit(event.message)

        job.event_received.connect(self._on_event)
        job.ended.connect(end)

    def import_model(self, source: str) -> None:
        """Verify and install a package, a folder or a ``.zip`` file."""
        work = self.tr("Importing {name}…").format(name=file_name(Path(source)))
        self._start(work, lambda: self._bridge.submit(ImportModel, source=source))

    def export_model(self, name: str, target: str) -> None:
        """Write a model to a ``.zip`` file; the dialog has asked about a file that is there."""
        work = self.tr("Exporting {name}…").format(name=name)
        self._start(work, lambda: self._bridge.submit(ExportModel, name=name, target=target, is_overwriting=True))

    def remove_model(self, name: str) -> None:
        """Remove an installed model from this computer."""
        work = self.tr("Removing {name}…").format(name=name)
        self._start(work, lambda: self._bridge.submit(RemoveModel, name=name))

    def cancel(self) -> None:
        """Stop what is being done."""
        if self._work is not None:
            self._work.drop()

    def _start(self, work: str, submit: Callable[[], Job]) -> None:
        if self._work is not None:
            self.message.emit(self.tr("One thing at a time: wait until the last one is done, or cancel it."), "info")
            return
        self._work = submit()
        self._work.event_received.connect(self._on_event)
        self._work.ended.connect(self._on_work_ended)
        self.work_changed.emit(work)

    def _on_event(self, event: Event) -> None:
        match event:
            case ModelsListed():
                self.listed.emit(event)
            case ModelImported(model=model):
                self.imported.emit(model.name)
                self.message.emit(self.tr("{name} was checked and installed.").format(name=model.name), "done")
            case ModelRemoved(name=name):
                self.removed.emit(name)
                self.message.emit(self.tr("{name} was removed.").format(name=name), "done")
            case FileWritten(path=path):
                self.message.emit(self.tr("{name} was written.").format(name=file_name(Path(path))), "done")

    def _on_work_ended(self, event: Event) -> None:
        self._work = None
        self.work_changed.emit("")
        if isinstance(event, Failed):
            self.message.emit(event.message, "error")
