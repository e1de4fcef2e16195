"""The Models page: which models there are, what each is good for, and which one writes the captions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from captioner.worker.protocol import ModelDetails, ModelsListed
from gui.engine_bridge import EngineBridge, WorkerState
from gui.library import dialogs
from gui.library.compare_view import CompareView
from gui.library.facts import size_of
from gui.library.gallery import Gallery
from gui.library.model_jobs import ModelJobs
from gui.library.model_view import ModelView
from gui.viewmodels.model_shelf import COMPARED, ModelShelf
from gui.viewmodels.overlay_style import OverlayStyle

MANIFEST = "manifest.json"
"""By this file a folder is known as a package."""


class LibraryPage(QWidget):
    """Ties the shelf of models to the widgets that show it and to the jobs that change it.

    Signals
    -------
    model_activated(str)
        The model of this name is to write the captions from now on; whoever loads it tells the shelf.
    message(str, str)
        A sentence for a toast and its kind: ``info``, ``done``, ``warning`` or ``error``.
    """

    model_activated = Signal(str)
    message = Signal(str, str)

    def __init__(self, bridge: EngineBridge, shelf: ModelShelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "ground")
        self._shelf = shelf
        self._loading: str | None = None
        self._new: str | None = None
        self._asks_before_removal = True
        self.jobs = ModelJobs(bridge, self)
        self.gallery, self.model_view, self.compare_view = Gallery(), ModelView(), CompareView(bridge)
        self._stack = QStackedWidget()
        for widget in (self.gallery, self.model_view, self.compare_view):
            self._stack.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self._connect_signals(bridge)
        self._on_shelf_changed()
        self.refresh()

    def refresh(self) -> None:
        """List the models once more."""
        self.jobs.list_models()

    def set_loading(self, name: str | None) -> None:
        """Say which model is being loaded; None when none is, also when it failed."""
        self._loading = name
        self._show_state()

    def set_photographs(self, paths: Sequence[str]) -> None:
        """Offer these to compare models on."""
        self.compare_view.set_photographs(paths)

    def set_style(self, style: OverlayStyle) -> None:
        """Draw attention so in the comparison."""
        self.compare_view.set_style(style)

    def set_asking_before_removal(self, is_asking: bool) -> None:
        """Whether the user is asked before a model is removed."""
        self._asks_before_removal = is_asking

    def import_file(self) -> None:
        """Ask for a package file, and install it."""
        dialogs.ask_package_file(self, self.jobs.import_model)

    def import_folder(self) -> None:
        """Ask for a package folder, and install it."""
        dialogs.ask_package_folder(self, self.jobs.import_model)

    def activate(self, name: str) -> None:
        """Ask that this model writes the captions."""
        if name not in (self._shelf.active, self._loading):
            self.set_loading(name)
            self.model_activated.emit(name)

    def open(self, name: str) -> None:
        """Show the whole card of a model."""
        model = self._shelf.get(name)
        if model is not None:
            self.model_view.show_model(model)
            self._show_state()
            self._stack.setCurrentWidget(self.model_view)
            self.model_view.focus()

    def compare(self) -> None:
        """Show two models side by side: those that are ticked, or the only two that there are."""
        shelf = self._shelf
        if shelf.compared:
            self.compare_view.set_models(*shelf.compared)
            self._stack.setCurrentWidget(self.compare_view)
            self.compare_view.focus()
        elif len(shelf.models) < COMPARED:
            self.message.emit(self.tr("There is only one model. Import another to compare the two."), "info")
        else:
            self._stack.setCurrentWidget(self.gallery)
            self.message.emit(self.tr("Tick two models to compare them."), "info")

    def take(self, paths: Sequence[str]) -> bool:
        """Import what was dropped if it is a package, or compare on it where models are compared.

        Returns
        -------
        bool
            Whether it was of use here.
        """
        path = paths[0] if len(paths) == 1 else ""
        if path and _may_be_package(path):
            self.jobs.import_model(path)
        elif path and self._stack.currentWidget() is self.compare_view:
            self.compare_view.set_photograph(path)
        else:
            return False
        return True

    def show_all(self) -> None:
        """Go back to all models."""
        was_shown = self.model_view.model
        self.compare_view.stop()
        self._stack.setCurrentWidget(self.gallery)
        if was_shown is not None:
            self.gallery.focus_card(was_shown.name)

    def export(self, name: str) -> None:
        """Ask where to, and write the model as a package."""
        model = self._shelf.get(name)
        if model is not None:
            dialogs.ask_export_target(self, model, lambda target: self.jobs.export_model(name, target))

    def remove(self, name: str) -> None:
        """Remove an installed model, unless the user thinks better of it when asked."""
        model = self._shelf.get(name)
        if model is None or model.origin != "installed":
            return
        if self._asks_before_removal:
            dialogs.ask_removal(self, model, size_of(model), lambda: self.jobs.remove_model(name))
        else:
            self.jobs.remove_model(name)

    def reveal(self, name: str) -> None:
        """Show the folder of a model in the system's file browser."""
        model = self._shelf.get(name)
        if model is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(model.path)):
            self.message.emit(self.tr("The folder cannot be shown here: {path}").format(path=model.path), "warning")

    # Wiring

    def _connect_signals(self, bridge: EngineBridge) -> None:
        gallery, view = self.gallery, self.model_view
        gallery.use_wanted.connect(self.activate)
        gallery.open_wanted.connect(self.open)
        gallery.export_wanted.connect(self.export)
        gallery.reveal_wanted.connect(self.reveal)
        gallery.remove_wanted.connect(self.remove)
        gallery.selection_toggled.connect(self._shelf.toggle_selected)
        gallery.compare_wanted.connect(self.compare)
        gallery.import_file_wanted.connect(self.import_file)
        gallery.import_folder_wanted.connect(self.import_folder)
        gallery.cancel_wanted.connect(self.jobs.cancel)
        gallery.retry_wanted.connect(self._on_retry_wanted)
        view.use_wanted.connect(lambda: self.activate(self._opened()))
        view.export_wanted.connect(lambda: self.export(self._opened()))
        view.reveal_wanted.connect(lambda: self.reveal(self._opened()))
        view.remove_wanted.connect(lambda: self.remove(self._opened()))
        view.left.connect(self.show_all)
        self.compare_view.left.connect(self.show_all)
        self.compare_view.open_wanted.connect(lambda: dialogs.ask_photograph(self, self.compare_view.set_photograph))
        self._back = QShortcut(QKeySequence.StandardKey.Cancel, self, self.show_all)
        self._back.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._connect_engine(bridge)

    def _connect_engine(self, bridge: EngineBridge) -> None:
        self.jobs.listed.connect(self._on_listed)
        self.jobs.list_failed.connect(lambda sentence: self.gallery.show_message(sentence, is_error=True))
        self.jobs.imported.connect(self._on_imported)
        self.jobs.removed.connect(self._on_removed)
        self.jobs.work_changed.connect(self.gallery.set_work)
        self.jobs.message.connect(self.message)
        self._shelf.changed.connect(self._on_shelf_changed)
        bridge.model_changed.connect(self._on_model_changed)
        bridge.state_changed.connect(self._on_worker_state_changed)
        self._on_worker_state_changed(bridge.state, bridge.message)

    def _opened(self) -> str:
        return "" if self.model_view.model is None else self.model_view.model.name

    def _show_state(self) -> None:
        shelf = self._shelf
        self.gallery.set_state(shelf.active, self._loading, shelf.selected, can_compare=bool(shelf.compared))
        name = self._opened()
        self.model_view.set_active(name == shelf.active, name == self._loading)

    def _on_shelf_changed(self) -> None:
        if self._shelf.models:
            self.gallery.set_models(self._shelf.models)
        self._show_state()

    def _on_listed(self, event: ModelsListed) -> None:
        self._shelf.set_models(event.models)
        self.gallery.set_problems(event.problems)
        if not event.models:
            self.gallery.set_models(())
            self.gallery.show_message(self.tr("There are no models. Import one to begin."))
        if self._new is not None:
            self.gallery.focus_card(self._new)
            self._new = None

    def _on_retry_wanted(self) -> None:
        self.gallery.show_message(self.tr("Looking for models…"))
        self.refresh()

    def _on_imported(self, name: str) -> None:
        self._new = name
        self.refresh()

    def _on_removed(self, name: str) -> None:
        if self._stack.currentWidget() is self.model_view and self._opened() == name:
            self.show_all()
        self.refresh()

    def _on_model_changed(self, model: ModelDetails) -> None:
        self._shelf.set_active(model.name)
        self.set_loading(None)

    def _on_worker_state_changed(self, state: WorkerState, message: str) -> None:
        # A worker that cannot be used leaves its requests without an answer.
        if state is WorkerState.UNUSABLE:
            self.set_loading(None)
            self.gallery.show_message(message, is_error=True)


def _may_be_package(path: str) -> bool:
    # A look at names and kinds only: what is inside is for the worker to judge.
    return path.lower().endswith(".zip") or (Path(path) / MANIFEST).is_file()
