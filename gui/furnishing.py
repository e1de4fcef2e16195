"""The one place that knows all parts of the window and joins them."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.caption.controller import CaptionController
from gui.caption.page import CaptionPage
from gui.caption.page_commands import PAGE, PageCommands
from gui.caption.progress_strip import ProgressStrip
from gui.engine_bridge import EngineBridge
from gui.incoming import Incoming
from gui.main_window import MainWindow
from gui.model_switch import ModelSwitch
from gui.reception import Reception
from gui.session_keeper import SessionKeeper
from gui.settings import Settings
from gui.toasts import ToastKind
from gui.undo_actions import UndoActions
from gui.viewmodels.corrections import Collected
from gui.workspace import Workspace

if TYPE_CHECKING:
    from gui.library.page import LibraryPage
    from gui.teaching import Teaching

FROZEN_EVERY = 500


class Furnishing(QObject):
    """Gives a window its pages and commands.

    Attributes
    ----------
    workspace
        What the pages share.
    page, controller
        The Caption page, and what makes it act.
    """

    def __init__(
        self,
        window: MainWindow,
        bridge: EngineBridge,
        paths: Sequence[str] = (),
        reception: Reception | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._first_paths = list(paths)
        self._captioned = 0
        self.teaching: Teaching | None = None
        self.workspace = Workspace.create(bridge, window.store)
        self.models = ModelSwitch(self.workspace, window)
        self.models.start()  # before all else, since loading takes longest
        reception = reception or Reception(window)
        self.arrivals = reception.arrivals
        self.page = CaptionPage(self.workspace, reception.empty_state)
        self.controller = CaptionController(self.workspace, self.page)
        self.commands = PageCommands(self.workspace, self.page, self.controller, window.commands)
        self.session = SessionKeeper(self.workspace.collection, self._current, self.controller.restore, parent=self)
        self.strip = ProgressStrip()
        self._add_pages()
        self._connect_messages()
        self._connect_progress()
        self._begin()
        self._take_over(reception)

    def _current(self) -> str | None:
        return self.page.collection.current_path

    def _add_pages(self) -> None:
        self._window.set_factory(PAGE, lambda: self.page)
        self._window.set_factory("train", self._build_training)
        self._window.set_factory("models", self._build_library)
        commands = self._window.commands
        commands.handle("manage_models", lambda: self._window.show_page("models"))
        commands.handle("import_model", self._import_model)
        commands.handle("compare_models", self._compare_models)
        UndoActions(commands, self.workspace.undo_stack)

    def _build_library(self) -> QWidget:
        # Imported when it is first shown, so that the window is usable sooner.
        from gui.library.page import LibraryPage  # noqa: PLC0415

        page = LibraryPage(self.workspace.bridge, self.workspace.shelf)
        page.model_activated.connect(self.models.use)
        page.message.connect(self._toast)
        self.models.loading.connect(page.set_loading)

        def follow(settings: Settings) -> None:
            page.set_style(settings.overlay)
            page.set_asking_before_removal(settings.confirms_removal)

        follow(self._window.store.settings)
        self._window.store.changed.connect(follow)
        self._offer_photographs(page)
        self._window.page_changed.connect(lambda key: self._offer_photographs(page) if key == "models" else None)
        return page

    def _build_training(self) -> QWidget:
        from gui.teaching import Teaching  # noqa: PLC0415

        teaching = self.teaching = Teaching(self.workspace, self.models, parent=self)
        teaching.page.message.connect(self._toast)
        teaching.failed.connect(lambda sentence, details: self._window.show_error(sentence, details=details))
        teaching.model_in_use.connect(self._on_new_model)
        self._window.closing.connect(teaching.close)
        return teaching.page

    def _on_new_model(self, before: str, now: str) -> None:
        """Show on the photograph that is looked at what the new model says, and offer to see both side by side."""
        self._window.show_page(PAGE)
        current = self._current()
        if current is not None:
            self.controller.caption_again([current])
        if before:
            text = self.tr("{name} writes the captions from now on.").format(name=now)
            self._window.toast(text, ToastKind.DONE, (self.tr("Compare"), lambda: self._compare(before, now)))

    def _compare(self, before: str, now: str) -> None:
        shelf = self.workspace.shelf
        for name in {*shelf.selected} ^ {before, now}:
            shelf.toggle_selected(name)
        self._library().compare()

    def _library(self) -> LibraryPage:
        self._window.show_page("models")
        return cast("LibraryPage", self._window.page_widget("models"))

    def _offer_photographs(self, page: LibraryPage) -> None:
        """What is looked at first, then the others; the samples where nothing was opened."""
        paths = [image.path for image in self.workspace.collection] or self.arrivals.samples
        current = self.page.collection.current_path
        ordered = sorted(paths, key=lambda path: path != current)
        page.set_photographs(ordered)

    def _import_model(self) -> None:
        self._library().import_file()

    def _compare_models(self) -> None:
        self._library().compare()

    def _take_over(self, reception: Reception) -> None:
        """Deal with what is opened from now on, and with what was opened while there was nobody to deal with it."""
        kept = reception.hand_over()
        reception.drop_target.dropped.connect(self._on_dropped)
        self.arrivals.arrived.connect(self._on_arrived)
        for paths in kept:
            self._on_arrived(paths)

    def _on_dropped(self, incoming: Incoming) -> None:
        """The page that is shown takes what it has a use for; all else is photographs."""
        is_taken = False
        if self._window.page == "models":
            is_taken = self._library().take(incoming.paths)
        elif self._window.page == "train" and self.teaching is not None:
            is_taken = self.teaching.take(incoming.paths)
        if not is_taken:
            self.arrivals.take(incoming)

    def _on_arrived(self, paths: list[str]) -> None:
        self._window.show_page(PAGE)
        self.controller.add(paths)

    def _connect_messages(self) -> None:
        for source in (self.controller, self.commands):
            source.said.connect(self._toast)
        self.controller.collecting.collected.connect(self._offer_training)
        self.controller.failed.connect(lambda sentence, details: self._window.show_error(sentence, details=details))
        self.models.failed.connect(lambda sentence, details: self._window.show_error(sentence, details=details))
        self.models.switched.connect(
            lambda name: self._toast(self.tr("{name} writes the captions from now on.").format(name=name), "done")
        )
        self.session.problem.connect(lambda sentence: self._toast(sentence, "warning"))

    def _offer_training(self, collected: Collected, sentence: str) -> None:
        offer = (self.tr("Train on them"), lambda: self._train_on(collected))
        self._window.toast(sentence, ToastKind.DONE, offer)

    def _train_on(self, collected: Collected) -> None:
        self._window.show_page("train")
        if self.teaching is not None:
            self.teaching.learn_from(collected)

    def _toast(self, text: str, kind: str) -> None:
        self._window.toast(text, ToastKind(kind))

    def _connect_progress(self) -> None:
        self._window.add_status(self.strip)
        self.workspace.queue.changed.connect(self.strip.set_progress)
        self.strip.pause_wanted.connect(self.controller.runner.pause)
        self.strip.resume_wanted.connect(self.controller.runner.resume)
        self.strip.cancel_wanted.connect(self.controller.runner.cancel)
        self.controller.runner.stopped.connect(self._window.show_error)
        self.controller.runner.image_captioned.connect(self._on_captioned)

    def _on_captioned(self, _: str) -> None:
        # The garbage collector would look through all captions each time, and hold the window up for 0.1 s and more.
        self._captioned += 1
        if self._captioned % FROZEN_EVERY == 0:
            gc.freeze()

    def _begin(self) -> None:
        """Come back to the photographs of the last time, then open those of the command line."""
        self._window.closing.connect(self._on_closing)
        self.session.restored.connect(self._on_restored)
        if self._window.store.settings.reopens_photographs:
            self.session.restore()
        else:
            self._on_restored(None)

    def _on_restored(self, current: str | None) -> None:
        if current is not None:
            self.page.collection.select(current)
        self.session.start()
        if self._first_paths:
            self.arrivals.open(self._first_paths)

    def _on_closing(self) -> None:
        self.session.save_now()
        # A stack that is not empty says so once more while it is taken apart, when nobody can listen any longer.
        self.workspace.undo_stack.clear()
