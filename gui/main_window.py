"""The frame of the window: header, pages, status area, notes; it knows nothing of captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QStatusBar, QToolButton, QWidget

from gui.actions import Actions
from gui.error_dialog import ErrorDialog
from gui.header import Header
from gui.icons import describe
from gui.menus import ChoiceMenu, build_menus
from gui.program_icon import program_icon
from gui.settings import SettingsStore
from gui.theme import FontSize, Space, font
from gui.toasts import ToastKind, Toasts

MINIMUM_SIZE, FIRST_SIZE = QSize(900, 600), QSize(1280, 820)
PAINTED_AFTER_MILLISECONDS = 1000


@dataclass(frozen=True, slots=True)
class PageSpec:
    """A page of the window.

    Attributes
    ----------
    key
        How code names it; the command ``page_<key>``, where there is one, leads to it.
    title
        On its button, in the user's language.
    icon_name
        In Phosphor 1.3.
    factory
        Makes the page when it is first shown; None where `MainWindow.set_factory` gives it later.
    """

    key: str
    title: str
    icon_name: str
    factory: Callable[[], QWidget] | None = None


class MainWindow(QMainWindow):
    """Header, pages and status area; `commands` are its `gui.actions.Actions`, `menus` its menus by their keys.

    Signals
    -------
    first_painted()
        The window can be seen. Whatever takes long starts now.
    page_changed(str)
        Another page is shown; its key.
    recent_chosen(str)
        A path of the menu Open recent.
    model_chosen(str)
        A name of the menu Choose.
    worker_details_wanted()
        The mark of the worker was pressed.
    closing()
        The window closes: save what must be saved. Comes once, before the settings are written.
    """

    first_painted = Signal()
    page_changed = Signal(str)
    recent_chosen = Signal(str)
    model_chosen = Signal(str)
    worker_details_wanted = Signal()
    closing = Signal()

    def __init__(self, store: SettingsStore, pages: Sequence[PageSpec] = ()) -> None:
        super().__init__()
        self.setWindowTitle("Captioner")
        self.setWindowIcon(program_icon())
        self.setMinimumSize(MINIMUM_SIZE)
        self.store = store
        self.commands = Actions(self)
        self.page, self._page_before = "", store.settings.page
        self._specs: dict[str, PageSpec] = {}
        self._factories: dict[str, Callable[[], QWidget]] = {}
        self._widgets: dict[str, QWidget] = {}
        self._stand_ins: dict[str, QWidget] = {}
        self._is_painted = self._is_closing = False
        self._build_header()
        self._build_body()
        self._connect_signals()
        for spec in pages:
            self.add_page(spec)
        self._restore()

    # Pages

    def add_page(self, spec: PageSpec) -> None:
        """Add a page at the right of those that are there; that of the last time is shown, or the first one."""
        command = f"page_{spec.key}"
        action = self.commands.get(command)
        if action is not None:
            self.commands.handle(command, lambda: self.show_page(spec.key))
        self._specs[spec.key] = spec
        self._header.switcher.add_page(spec.key, spec.title, spec.icon_name, action)
        if spec.factory is not None:
            self.set_factory(spec.key, spec.factory)
        if not self.page or spec.key == self._page_before:
            self.show_page(spec.key)

    def set_factory(self, key: str, factory: Callable[[], QWidget]) -> None:
        """Say how a page is made; it is made now if it is the one that is shown.

        Raises
        ------
        KeyError
            If no such page was added.
        """
        self._factories[self._specs[key].key] = factory
        if key == self.page and self._is_painted:
            self._show_widget(key)

    def set_stand_in(self, key: str, widget: QWidget) -> None:
        """Show a widget in the place of a page that is not there yet; the page may make it a part of itself."""
        self._stand_ins[key] = widget
        self._stack.addWidget(widget)
        if key == self.page and key not in self._widgets:
            self._stack.setCurrentWidget(widget)

    def show_page(self, key: str) -> None:
        """Go to a page.

        Raises
        ------
        KeyError
            If no such page was added.
        """
        spec = self._specs[key]
        self._header.switcher.set_page(key)
        if f"page_{key}" in self.commands:
            self.commands.set_checked(f"page_{key}")
        if self._is_painted:
            self._show_widget(key)
        if key == self.page:
            return
        self.page = key
        self.commands.set_page(key)
        self.store.change(page=spec.key)
        self.page_changed.emit(key)

    def page_widget(self, key: str) -> QWidget | None:
        """The page, if it has been made."""
        return self._widgets.get(key)

    # What is told to the user

    def toast(
        self, text: str, kind: ToastKind = ToastKind.INFO, action: tuple[str, Callable[[], object]] | None = None
    ) -> None:
        """Show a short note at the bottom; see `gui.toasts.Toasts.show`."""
        self._toasts.show(text, kind, action)

    def show_error(self, message: str, *, path: str = "", advice: str = "", details: str = "") -> None:
        """Show a dialog on what went wrong, unless it is shown already; see `gui.error_dialog.ErrorDialog`."""
        if any(dialog.message == message and dialog.isVisible() for dialog in self.findChildren(ErrorDialog)):
            return
        ErrorDialog(message, path=path, advice=advice, details=details, parent=self).open()

    def set_worker_state(self, state: str, message: str = "") -> None:
        """Show what the worker is up to: a value of `gui.engine_bridge.WorkerState`, and a sentence."""
        self._header.indicator.set_state(state, message)

    def set_model(self, name: str) -> None:
        """Show which model captions."""
        self._header.indicator.set_model(name)
        self._model_button.setText(name)
        describe(self._model_button, self.tr("Model: {name}").format(name=name))
        self._model_button.setVisible(bool(name))

    def set_models(self, choices: Sequence[tuple[str, str]], active: str = "") -> None:
        """Fill the menu Choose: name and label of each model, and the name of the active one."""
        self._model_menu.set_choices(choices, checked=active)

    def set_recent(self, choices: Sequence[tuple[str, str]]) -> None:
        """Fill the menu Open recent: path and label of each place."""
        self._recent_menu.set_choices(choices)

    def add_status(self, widget: QWidget, stretch: int = 1) -> None:
        """Put a widget into the status area, right of those that are there."""
        self._status.addWidget(widget, stretch)

    # Events

    @property
    def is_closing(self) -> bool:
        """Whether the window was closed."""
        return self._is_closing

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Remember the window, let everybody save, then write the settings."""
        event.accept()
        if self._is_closing:
            return
        self._is_closing = True
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.hide()
        self.store.change(geometry=geometry)
        self.closing.emit()
        self.store.save_now()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Notice that the window can be seen."""
        super().paintEvent(event)
        if not self._is_painted:
            QTimer.singleShot(0, self._on_painted)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave the full screen with Escape."""
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.commands["full_screen"].trigger()
        else:
            super().keyPressEvent(event)

    # Parts

    def _build_header(self) -> None:
        self._header = Header(self.windowIcon(), self)
        self.setMenuWidget(self._header)
        self.menus = build_menus(self._header.menu_bar, self.commands)
        self._recent_menu = ChoiceMenu(self.menus["file/recent"], self.tr("Nothing opened yet"))
        self._model_menu = ChoiceMenu(self.menus["model/choose"], self.tr("Looking for models…"))

    def _build_body(self) -> None:
        self._stack = QStackedWidget(self)
        self._nothing = QWidget(self._stack)  # until there is a page
        self._stack.addWidget(self._nothing)
        self.setCentralWidget(self._stack)
        self._status = QStatusBar(self, sizeGripEnabled=False)
        self._status.setContentsMargins(Space.M, 0, Space.S, 0)
        self.setStatusBar(self._status)
        self._model_button = QToolButton(self)
        self._model_button.setProperty("role", "quiet")
        self._model_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._model_button.setFont(font(FontSize.SECONDARY))
        self._model_button.setMenu(self.menus["model/choose"])
        self._model_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._status.addPermanentWidget(self._model_button)
        self._model_button.hide()
        self._toasts = Toasts(self._stack)

    def _connect_signals(self) -> None:
        self._header.switcher.page_chosen.connect(self.show_page)
        self._header.indicator.clicked.connect(self.worker_details_wanted)
        self._recent_menu.chosen.connect(self.recent_chosen)
        self._model_menu.chosen.connect(self.model_chosen)

    def _restore(self) -> None:
        """The place on the screen and the page of the last time."""
        settings = self.store.settings
        if not self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode("ascii", "replace"))):
            room = self.screen().availableGeometry()
            self.resize(FIRST_SIZE.boundedTo(room.size()))
            frame = self.frameGeometry()
            frame.moveCenter(room.center())
            self.move(frame.topLeft())
        QTimer.singleShot(PAINTED_AFTER_MILLISECONDS, self, self._on_painted)  # a window that starts minimised

    def _show_widget(self, key: str) -> None:
        if key not in self._widgets and key in self._factories:
            self._widgets[key] = self._factories[key]()
            self._stand_ins.pop(key, None)
            self._stack.addWidget(self._widgets[key])
        shown = self._widgets.get(key) or self._stand_ins.get(key, self._nothing)
        self._stack.setCurrentWidget(shown)
        shown.setFocus()  # else the first button of the header would have it

    def _on_painted(self) -> None:
        if self._is_painted or self._is_closing:
            return
        self._is_painted = True
        if self.page:
            self._show_widget(self.page)
        self.first_painted.emit()
