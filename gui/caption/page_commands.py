"""Gives the commands of the Caption page their handlers, and says when they have something to do."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from gui.actions import Actions
from gui.caption.controller import CaptionController
from gui.caption.exporting import TEXT_FORMATS
from gui.caption.page import CaptionPage
from gui.viewmodels.image_collection import ImageState
from gui.viewmodels.overlay_style import MODES, OverlayStyle
from gui.workspace import Workspace

PAGE = "caption"


class PageCommands(QObject):
    """Joins menus and shortcuts to the Caption page.

    Signals
    -------
    said(str, str)
        A sentence for a toast and its kind.
    """

    said = Signal(str, str)

    def __init__(
        self, workspace: Workspace, page: CaptionPage, controller: CaptionController, commands: Actions
    ) -> None:
        super().__init__(page)
        self._workspace, self._page, self._controller, self._commands = workspace, page, controller, commands
        self._handle_words()
        self._handle_photographs()
        self._handle_exports()
        self._follow()

    def _handle(self, name: str, handler: object) -> None:
        self._commands.handle(name, handler, page=PAGE)  # type: ignore[arg-type]

    def _handle_words(self) -> None:
        page, looking, view = self._page, self._page.looking, self._workspace.view
        self._handle("edit_caption", page.begin_editing)
        self._handle("copy_caption", self._controller.copy_caption)
        self._handle("copy_figure", self._controller.copy_figure)
        self._handle("next_word", lambda: looking.step(1))
        self._handle("previous_word", lambda: looking.step(-1))
        self._handle("play", page.player.toggle)
        self._handle("pin_word", looking.toggle_pin)
        self._handle("clear_pins", view.clear_pins)
        for mode in MODES:
            self._handle(f"overlay_{mode}", lambda chosen=mode: self._controller.set_mode(chosen))

    def _handle_photographs(self) -> None:
        page, controller, canvas = self._page, self._controller, self._page.canvas
        self._handle("remove", lambda: controller.remove(page.collection.selected_paths()))
        self._handle("select_all", page.collection.list.selectAll)
        self._handle("find", page.collection.line.setFocus)
        self._handle("zoom_in", canvas.zoom_in)
        self._handle("zoom_out", canvas.zoom_out)
        self._handle("fit", canvas.fit)
        self._handle("actual_size", canvas.actual_size)
        self._handle("caption_all", self._workspace.queue.start_all_waiting)
        self._handle("pause", controller.toggle_pause)
        self._handle("cancel", controller.runner.cancel)
        self._handle("caption_first", lambda: controller.prioritise(page.collection.current_path or ""))
        self._handle("caption_again", lambda: controller.caption_again(page.collection.selected_paths()))
        self._handle("next_photograph", lambda: controller.show_neighbour(1))
        self._handle("previous_photograph", lambda: controller.show_neighbour(-1))
        page.collection.reveal_wanted.connect(self._reveal)

    def _handle_exports(self) -> None:
        exporting = self._controller.exporting
        for kind in TEXT_FORMATS:
            self._handle(
                f"export_{kind}", lambda chosen=kind: exporting.export_captions(chosen, self._controller.entries())
            )
        self._handle("export_figure", lambda: self._controller.export_figure(is_animation=False))
        self._handle("export_animation", lambda: self._controller.export_figure(is_animation=True))
        self._handle("collect_corrections", lambda: self._controller.collecting.ask(self._controller.corrections()))
        self._page.collection.export_wanted.connect(self._controller.ask_export)

    def _reveal(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            self.said.emit(self.tr("The folder cannot be shown here: {path}").format(path=folder), "warning")

    # What can be done now

    def _follow(self) -> None:
        workspace = self._workspace
        view, collection = workspace.view, workspace.collection
        # Thousands of photographs may change in one turn of the event loop; one look at its end is enough.
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.refresh)
        for signal in (view.changed, view.focus_changed, view.pins_changed, workspace.queue.changed):
            signal.connect(self._on_changed)
        for signal in (collection.inserted, collection.changed, collection.removed, collection.was_cleared):
            signal.connect(self._on_changed)
        workspace.settings.changed.connect(lambda settings: self._show_style(settings.overlay))
        self._show_style(workspace.settings.settings.overlay)
        self.refresh()

    def _on_changed(self, *_: object) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def refresh(self) -> None:
        """Enable the commands that have something to do now; done by itself when anything changes."""
        view, collection = self._workspace.view, self._workspace.collection
        image, progress = view.image, self._workspace.queue.progress
        self._available(image is not None, "remove", "caption_again", "copy_figure")
        self._available(image is not None, "zoom_in", "zoom_out", "fit", "actual_size")
        self._available(image is not None and bool(image.text), "edit_caption")
        self._available(bool(view.words), "next_word", "previous_word", "play", "copy_caption")
        self._available(view.focus is not None, "pin_word")
        self._available(bool(view.pins), "clear_pins")
        self._available(view.caption is not None, "export_figure", "export_animation")
        self._available(len(collection) > 0, "select_all", "find", "next_photograph", "previous_photograph")
        self._available(progress.is_running or progress.is_paused, "pause", "cancel")
        self._commands.set_text("pause", self.tr("Resume") if progress.is_paused else "")
        self._available(collection.count(ImageState.WAITING) > 0, "caption_all", "caption_first")
        self._available(collection.count(ImageState.EDITED) > 0, "collect_corrections")
        has_captions = collection.count(ImageState.DONE) + collection.count(ImageState.EDITED) > 0
        self._available(has_captions, *(f"export_{kind}" for kind in TEXT_FORMATS))

    def _available(self, is_available: bool, *names: str) -> None:
        for name in names:
            self._commands.set_available(name, is_available, page=PAGE)

    def _show_style(self, style: OverlayStyle) -> None:
        self._commands.set_checked(f"overlay_{style.mode}")
