"""Which model captions: loads it, remembers it, and keeps the menus and the shelf in step."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from captioner.worker.protocol import Event, Failed, ListModels, LoadModel, ModelDetails, ModelLoaded, ModelsListed
from gui.engine_bridge import Job
from gui.main_window import MainWindow
from gui.workspace import Workspace


class ModelSwitch(QObject):
    """Loads the model that the settings name at the start, and others on demand; one that fails leaves the old in use.

    Signals
    -------
    loading(object)
        Name of the model that is being loaded; None when none is any more.
    failed(str, str)
        A sentence, and details for a report.
    switched(str)
        This model was chosen by the user and captions from now on.
    """

    loading = Signal(object)
    failed = Signal(str, str)
    switched = Signal(str)

    def __init__(self, workspace: Workspace, window: MainWindow) -> None:
        super().__init__(window)
        self._workspace, self._window = workspace, window
        self._job: Job | None = None
        workspace.shelf.changed.connect(self._show_choices)
        workspace.bridge.model_changed.connect(self._on_model_changed)
        window.model_chosen.connect(self.use)

    def start(self) -> None:
        """Load the model of the last time, then look which there are."""
        self._load(self._workspace.settings.settings.active_model, is_choice=False)
        listing = self._workspace.bridge.submit(ListModels)
        listing.event_received.connect(self._on_listed)

    def use(self, name: str) -> None:
        """Let this model caption from now on."""
        if name != self._workspace.shelf.active:
            self._load(name, is_choice=True)

    def _load(self, name: str | None, *, is_choice: bool) -> None:
        if self._job is not None:
            self._job.drop()
        self.loading.emit(name)
        job = self._job = self._workspace.bridge.submit(LoadModel, model=name)

        def receive(event: Event) -> None:
            if isinstance(event, ModelLoaded) and is_choice:
                self.switched.emit(event.model.name)

        def end(event: Event) -> None:
            if self._job is job:
                self._job = None
                self.loading.emit(None)
            if isinstance(event, Failed):
                self._on_failed(name, event)

        job.event_received.connect(receive)
        job.ended.connect(end)

    def _on_failed(self, name: str | None, event: Failed) -> None:
        self.failed.emit(event.message, event.details)
        if name is not None and self._workspace.shelf.active is None:
            # The model of the last time is gone or damaged; the one that came with the program is not.
            self._load(None, is_choice=False)

    def _on_listed(self, event: Event) -> None:
        if isinstance(event, ModelsListed):
            self._workspace.shelf.set_models(event.models)

    def _on_model_changed(self, model: ModelDetails) -> None:
        self._workspace.shelf.set_active(model.name)
        self._workspace.settings.change(active_model=model.name)

    def _show_choices(self) -> None:
        shelf = self._workspace.shelf
        models = [(model.name, model.name) for model in shelf.models if not model.is_features_only]
        self._window.set_models(models, shelf.active or "")
