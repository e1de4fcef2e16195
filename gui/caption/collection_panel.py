"""The photographs of the window in a list that can be filtered, sorted and acted upon."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup, QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.caption.collection_delegate import HEIGHT, CollectionDelegate
from gui.icons import describe, icon
from gui.item_models.collection_model import CollectionModel
from gui.theme import Space, theme
from gui.thumbnails import Thumbnails
from gui.viewmodels.collection_filter import CollectionFilter, Order
from gui.viewmodels.image_collection import CollectedImage, ImageCollection, ImageState
from gui.words_of_states import state_mark, state_text


class CollectionPanel(QWidget):
    """Filter line, two menus and the list.

    Signals
    -------
    image_selected(str)
        The photograph with this path is the current one.
    remove_wanted(list[str]), retry_wanted(list[str]), export_wanted(list[str])
        What the user wants done with these.
    prioritise_wanted(str), reveal_wanted(str)
        Caption this one next; show it in its folder.
    """

    # Not str and list: on their way through Qt's strings, paths that are not text would lose the bytes that are not.
    image_selected = Signal(object)
    remove_wanted = Signal(object)
    retry_wanted = Signal(object)
    export_wanted = Signal(object)
    prioritise_wanted = Signal(object)
    reveal_wanted = Signal(object)

    def __init__(self, collection: ImageCollection, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = CollectionModel(collection, self)
        self.line = QLineEdit()
        self.list = CollectionList()
        self._collection, self._thumbnails = collection, thumbnails
        self._delegate = CollectionDelegate(thumbnails, self)
        self._states_button, self._order_button = QToolButton(), QToolButton()
        self._count = QLabel()
        self._pages = QStackedWidget()
        self._current: str | None = None
        self._before: tuple[CollectedImage, ...] | None = None
        self._build_line()
        self._build_states_menu()
        self._build_order_menu()
        self._build_list()
        self._build_layout()
        self._connect_signals()
        self._on_refreshed()

    # Parts

    def _build_line(self) -> None:
        self.line.setPlaceholderText(self.tr("Filter"))
        self.line.setAccessibleName(self.tr("Filter by name or caption"))
        self.line.setClearButtonEnabled(True)
        self.line.addAction(icon("magnifying-glass"), QLineEdit.ActionPosition.LeadingPosition)
        self._count.setProperty("role", "secondary")
        self._count.setTextFormat(Qt.TextFormat.PlainText)

    def _build_states_menu(self) -> None:
        menu = QMenu(self._states_button)
        self._state_actions: dict[ImageState, QAction] = {}
        for state in ImageState:
            action = menu.addAction(icon(*state_mark(state)), state_text(state))
            action.setCheckable(True)
            action.setChecked(True)
            action.toggled.connect(self._on_filter_chosen)
            self._state_actions[state] = action
        menu.addSeparator()
        menu.addAction(self.tr("Show all"), self.show_all)
        menu.aboutToShow.connect(self._count_states)
        self._set_up_button(self._states_button, menu, "funnel", self.tr("Filter by state"))

    def _build_order_menu(self) -> None:
        menu = QMenu(self._order_button)
        group = QActionGroup(menu)
        names = {
            Order.ADDED: self.tr("As added"),
            Order.NAME: self.tr("By name"),
            Order.CONFIDENCE: self.tr("By confidence, least sure first"),
            Order.STATE: self.tr("By state"),
        }
        self._order_actions: dict[Order, QAction] = {}
        for order, name in names.items():
            action = group.addAction(menu.addAction(name))
            action.setCheckable(True)
            self._order_actions[order] = action
        self._order_actions[Order.ADDED].setChecked(True)
        group.triggered.connect(self._on_filter_chosen)
        menu.addSeparator()
        self._reverse = menu.addAction(self.tr("Reverse"))
        self._reverse.setCheckable(True)
        self._reverse.toggled.connect(self._on_filter_chosen)
        self._set_up_button(self._order_button, menu, "sort-ascending", self.tr("Sort"))

    def _set_up_button(self, button: QToolButton, menu: QMenu, icon_name: str, text: str) -> None:
        button.setIcon(icon(icon_name))
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setProperty("role", "quiet")
        describe(button, text)

    def _build_list(self) -> None:
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)
        self.list.setAccessibleName(self.tr("Photographs"))

    def _build_empty_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(Space.L, Space.XL, Space.L, Space.L)
        layout.setSpacing(Space.M)
        nothing = QLabel(self.tr("No photograph matches the filter."))
        nothing.setProperty("role", "secondary")
        nothing.setWordWrap(True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(nothing)
        button = QPushButton(self.tr("Show all"))
        button.clicked.connect(self.show_all)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        return page

    def _build_layout(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(Space.S, Space.S, Space.S, 0)
        row.setSpacing(Space.XS)
        row.addWidget(self.line, 1)
        row.addWidget(self._states_button)
        row.addWidget(self._order_button)
        self._count.setContentsMargins(Space.M, 0, Space.M, 0)
        self._pages.addWidget(self.list)
        self._pages.addWidget(self._build_empty_page())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        layout.addLayout(row)
        layout.addWidget(self._count)
        layout.addWidget(self._pages, 1)
        self.setFocusProxy(self.list)

    def _connect_signals(self) -> None:
        self.line.textChanged.connect(self._on_filter_chosen)
        self.model.about_to_refresh.connect(self._on_about_to_refresh)
        self.model.refreshed.connect(self._on_refreshed)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.list.remove_pressed.connect(lambda: self._emit_paths(self.remove_wanted, self.selected_paths()))
        self.list.menu_asked.connect(lambda place: self.build_menu().popup(place))
        self._delegate.retry_clicked.connect(lambda path: self.retry_wanted.emit([path]))
        self._thumbnails.thumbnail_arrived.connect(self._on_thumbnail_arrived)
        theme().changed.connect(self.list.viewport().update)

    # What is current

    @property
    def current_path(self) -> str | None:
        """The photograph that was selected last, also while the filter hides it."""
        return self._current

    def selected_paths(self) -> list[str]:
        """Selected photographs, from top to bottom."""
        rows = sorted(index.row() for index in self.list.selectionModel().selectedRows())
        return [self.model.image(row).path for row in rows]

    def select(self, path: str) -> None:
        """Make a photograph the current one; one that the filter hides is told all the same, and shown without it."""
        if path not in self._collection:
            return
        self.model.refresh()
        row = self.model.row_of(path)
        if row is not None:
            self._make_current(row)
        elif path != self._current:
            self._current = path
            self.list.selectionModel().clear()
            self.image_selected.emit(path)

    def select_neighbour(self, by: int) -> None:
        """Go so many photographs down, or up, in the list as it is sorted."""
        self.model.refresh()
        count = self.model.rowCount()
        if count:
            row = None if self._current is None else self.model.row_of(self._current)
            self._make_current(0 if row is None else min(max(row + by, 0), count - 1))

    def _make_current(self, row: int) -> None:
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.list.selectionModel().setCurrentIndex(self.model.index(row), flag)

    def _on_current_changed(self, current: QModelIndex) -> None:
        if self._before is None and current.isValid():
            self._current = self.model.image(current.row()).path
            self.image_selected.emit(self._current)

    def _on_about_to_refresh(self) -> None:
        self._before = self.model.images

    def _on_refreshed(self) -> None:
        before, next_one = self._before, None
        if before is not None and self._current is not None:
            next_one = self._keep_current(self._current, before)
        self._before = None
        self._show_count()
        if next_one is not None:
            self._make_current(next_one)

    def _keep_current(self, path: str, before: tuple[CollectedImage, ...]) -> int | None:
        """Stay with the current photograph, however rows moved; if it was removed, return the row to go to."""
        row = self.model.row_of(path)
        if row is not None:
            if self.list.currentIndex().row() != row:
                self._make_current(row)
            return None
        self.list.selectionModel().clearCurrentIndex()
        if path in self._collection:
            return None
        self._current = None
        place = next((place for place, image in enumerate(before) if image.path == path), 0)
        rows = (self.model.row_of(image.path) for image in (*before[place:], *reversed(before[:place])))
        return next((row for row in rows if row is not None), None)

    # What is shown

    def show_all(self) -> None:
        """Empty the filter."""
        self.line.clear()
        for action in self._state_actions.values():
            action.setChecked(True)

    def _on_filter_chosen(self) -> None:
        states = frozenset(state for state, action in self._state_actions.items() if action.isChecked())
        order = next(order for order, action in self._order_actions.items() if action.isChecked())
        self._mark(self._states_button, len(states) < len(ImageState))
        self._mark(self._order_button, order is not Order.ADDED or self._reverse.isChecked())
        self.model.set_filter(CollectionFilter(self.line.text(), states, order, self._reverse.isChecked()))

    def _mark(self, button: QToolButton, is_in_use: bool) -> None:
        button.setCheckable(is_in_use)
        button.setChecked(is_in_use)

    def _count_states(self) -> None:
        for state, action in self._state_actions.items():
            count = self.locale().toString(self._collection.count(state))
            action.setText(self.tr("{state} ({count})").format(state=state_text(state), count=count))

    def _show_count(self) -> None:
        shown, all_of_them = self.model.rowCount(), len(self._collection)
        if shown == all_of_them:
            self._count.setText(self.tr("%Ln photograph(s)", "", shown))
        else:
            number = self.locale().toString(shown)
            self._count.setText(self.tr("{shown} of %Ln photograph(s)", "", all_of_them).format(shown=number))
        self._pages.setCurrentIndex(1 if all_of_them and not shown else 0)

    def _on_thumbnail_arrived(self, path: str) -> None:
        row = self.model.row_of(path)
        if row is not None:
            self.list.update(self.model.index(row))

    # What can be done

    def build_menu(self) -> QMenu:
        """What can be done with the selected photographs."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        images = [self._collection.get(path) for path in self.selected_paths()]
        paths = [image.path for image in images if image is not None]
        failed = [image.path for image in images if image is not None and image.state is ImageState.FAILED]
        waiting = [image.path for image in images if image is not None and image.state is ImageState.WAITING]
        captioned = [image.path for image in images if image is not None and image.text]
        if failed:
            self._add(menu, "arrow-clockwise", self.tr("Try again"), self.retry_wanted, failed)
        if len(waiting) == 1:
            self._add(menu, "arrow-up", self.tr("Caption next"), self.prioritise_wanted, waiting[0])
        if captioned:
            self._add(menu, "export", self.tr("Export…"), self.export_wanted, captioned)
        if len(paths) == 1:
            self._add(menu, "folder-open", self.tr("Show in folder"), self.reveal_wanted, paths[0])
        if paths:
            menu.addSeparator()
            remove = self._add(menu, "x", self.tr("Remove from the list"), self.remove_wanted, paths)
            remove.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        return menu

    def _add(self, menu: QMenu, icon_name: str, text: str, signal: SignalInstance, what: str | list[str]) -> QAction:
        return menu.addAction(icon(icon_name), text, lambda: signal.emit(what))

    def _emit_paths(self, signal: SignalInstance, paths: Iterable[str]) -> None:
        chosen = list(paths)
        if chosen:
            signal.emit(chosen)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Follow the system's font."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._delegate.set_fonts()
        super().changeEvent(event)


class CollectionList(QListView):
    """The list itself.

    Signals
    -------
    remove_pressed()
        Delete was pressed.
    menu_asked(QPoint)
        What can be done is asked for, at this place of the screen.
    """

    remove_pressed = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__()
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setSingleStep(HEIGHT // 3)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Delete takes photographs off the list."""
        if event.matches(QKeySequence.StandardKey.Delete) or event.key() == Qt.Key.Key_Backspace:
            self.remove_pressed.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        """Offer what can be done, at the pointer or, from the keyboard, at the current row."""
        place = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center())
        self.menu_asked.emit(place)
