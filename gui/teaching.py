"""From a finished run to the model in use: the Train page, its process, and the way back to the Caption page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from captioner.worker.protocol import Event, Failed, ImportModel, ListModels, ModelImported, ModelsListed
from captioner.worker.training_client import TrainingClient
from gui.log_file import log_folder
from gui.model_switch import ModelSwitch
from gui.training.page import TrainPage
from gui.training_bridge import TrainingBridge
from gui.viewmodels.corrections import Collected
from gui.workspace import Workspace


class Teaching(QObject):
    """Owns the trainer and the Train page; installs what a run has made and has it write the captions.

    Signals
    -------
    model_in_use(str, str)
        The model before and the new one, which is in use from now on.
    failed(str, str)
        A sentence, and details for a report.
    """

    model_in_use = Signal(str, str)
    failed = Signal(str, str)

    def __init__(
        self,
        workspace: Workspace,
        models: ModelSwitch,
        make_client: Callable[[TrainingBridge], object] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._models = workspace, models
        self._wanted: tuple[str, str] | None = None
        self.bridge = TrainingBridge(parent=self)
        self.bridge.attach((make_client or _client)(self.bridge))  # type: ignore[arg-type]
        self.page = TrainPage(self.bridge, workspace.bridge, workspace.settings)
        self.page.model_ready.connect(self.use)
        models.switched.connect(self._on_switched)
        workspace.shelf.changed.connect(self._show_models)
        self._show_models()

    def take(self, paths: Sequence[str]) -> bool:
        """Learn from what was dropped; whether it was of use."""
        return self.page.take(paths)

    def learn_from(self, collected: Collected) -> None:
        """Prepare to teach the model in use further on captions that were corrected by hand."""
        self.page.learn_from(collected.choice, collected.photographs, self._workspace.shelf.active or "")

    def use(self, package: str) -> None:
        """Install a finished model and have it write the captions."""
        job = self._workspace.bridge.submit(ImportModel, source=package)
        job.event_received.connect(self._on_imported)
        job.ended.connect(lambda event: self._on_import_ended(event, Path(package).name))

    def close(self) -> None:
        """Have a run that goes on save, and end its process."""
        self.bridge.close()

    def _show_models(self) -> None:
        self.page.settings.set_models([model.name for model in self._workspace.shelf.models])
        active = self._workspace.shelf.get(self._workspace.shelf.active)
        self.page.set_model_in_use("" if active is None else active.path)

    def _on_imported(self, event: Event) -> None:
        if not isinstance(event, ModelImported):
            return
        before = self._workspace.shelf.active or ""
        if before == event.model.name:
            return
        self._wanted = (before, event.model.name)
        listing = self._workspace.bridge.submit(ListModels)
        listing.event_received.connect(self._on_listed)

    def _on_listed(self, event: Event) -> None:
        if isinstance(event, ModelsListed):
            self._workspace.shelf.set_models(event.models)
            if self._wanted is not None:
                self._models.use(self._wanted[1])

    def _on_import_ended(self, event: Event, name: str) -> None:
        if isinstance(event, Failed):
            self.failed.emit(event.message, event.details)
        elif self._workspace.shelf.active == name:
            self.failed.emit(self.tr("{name} writes the captions already.").format(name=name), "")

    def _on_switched(self, name: str) -> None:
        if self._wanted is not None and self._wanted[1] == name:
            before, self._wanted = self._wanted[0], None
            self.model_in_use.emit(before, name)


def _client(bridge: TrainingBridge) -> TrainingClient:
    folder = log_folder()
    return TrainingClient(bridge.take_event, log_file=folder / "training.log" if folder.is_dir() else None)
