"""All runs, newest first: which is looked at, which are laid over it, and what can be done with each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.controls.section import Section
from gui.icons import describe, icon
from gui.library.fact_widgets import label
from gui.theme import Space, theme
from gui.training.run_delegate import ROW_ROLE, RunDelegate
from gui.viewmodels.training_runs import RunOrder


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as it is listed.

    Attributes
    ----------
    path, name
        Its folder, and what it is called.
    detail
        Its state and best score, in a few words.
    colour
        Number of its colour in the chart; None where it is not drawn.
    is_live
        Whether a process works on it, so that it cannot be deleted.
    has_model
        Whether there is a model to use.
    """

    path: str
    name: str
    detail: str
    colour: int | None = None
    is_live: bool = False
    has_model: bool = False


class RunsPanel(QWidget):
    """A list of runs.

    Signals
    -------
    selected(str)
        The run in this folder is to be looked at.
    comparison_toggled(str)
        Its curves are to be laid over those of the run looked at, or not any more.
    renamed(str, str)
        It is to be called by another name.
    delete_wanted(list[str]), reveal_wanted(str), use_wanted(str)
        What the user asked to be done with it.
    new_wanted()
        Another run is to be prepared.
    add_wanted()
        A run folder that lies elsewhere is to be listed.
    order_chosen(RunOrder)
        Runs are to be listed by this.
    """

    selected = Signal(object)
    comparison_toggled = Signal(object)
    renamed = Signal(object, str)
    delete_wanted = Signal(object)
    reveal_wanted = Signal(object)
    use_wanted = Signal(object)
    new_wanted = Signal()
    add_wanted = Signal()
    order_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._rows: tuple[RunRow, ...] = ()
        self._is_filling = False
        self._order = RunOrder.NEWEST
        self._build()
        self._connect_signals()
        self.set_runs((), None)

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """What is listed."""
        return self._rows

    def set_runs(self, rows: Sequence[RunRow], current: str | None, order: RunOrder = RunOrder.NEWEST) -> None:
        """List these, which are in that order; `current` is looked at."""
        self._order = order
        self._is_filling = True
        if [row.path for row in rows] != [row.path for row in self._rows]:
            self.list.clear()
            for _ in rows:
                item = QListWidgetItem(self.list)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self._rows = tuple(rows)
        for number, row in enumerate(rows):
            self._fill(self.list.item(number), row)
            if row.path == current:
                self.list.setCurrentRow(number)
        if current is None:
            self.list.setCurrentRow(-1)
        self._is_filling = False
        self._empty.setVisible(not rows)
        self.list.setVisible(bool(rows))
        self._on_current_changed()

    def rename(self) -> None:
        """Let the name of the selected run be typed."""
        if self.list.currentItem() is not None:
            self.list.editItem(self.list.currentItem())

    # Building

    def _build(self) -> None:
        self.new_button, self.more_button = QToolButton(), QToolButton()
        for button, name, text in (
            (self.new_button, "plus", self.tr("Prepare another run")),
            (self.more_button, "dots-three", self.tr("More")),
        ):
            button.setProperty("role", "quiet")
            button.setIcon(icon(name))
            button.setIconSize(QSize(16, 16))
            describe(button, text)
        self.menu = QMenu(self)
        self.more_button.setMenu(self.menu)
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.new_button)
        row.addWidget(self.more_button)
        header = Section(self.tr("Runs"), tools)
        header.setContentsMargins(0, 0, -Space.S, -Space.L)
        self.list = _List()
        self.list.setAccessibleName(self.tr("Runs"))
        self.delegate = RunDelegate(self.list)
        self.list.setItemDelegate(self.delegate)
        self._empty = label(self.tr("Each training is kept here, to be compared, resumed or extended."), "secondary")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._empty.setContentsMargins(Space.L, 0, Space.L, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        column.addWidget(self._empty, 1)
        column.addWidget(self.list, 1)

    def _connect_signals(self) -> None:
        self.new_button.clicked.connect(self.new_wanted)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu_requested)
        self.list.currentItemChanged.connect(lambda *_: self._on_chosen())
        self.list.toggled.connect(lambda: self._tell(self.comparison_toggled))
        self.list.deleted.connect(self._on_delete)
        self.delegate.renamed.connect(self.renamed)
        self.delegate.mark_clicked.connect(self.comparison_toggled)
        theme().changed.connect(self.list.viewport().update)

    def _fill(self, item: QListWidgetItem, row: RunRow) -> None:
        if item.data(ROW_ROLE) != row:
            item.setData(ROW_ROLE, row)
            item.setData(Qt.ItemDataRole.EditRole, row.name)
            compared = self.tr("compared") if row.colour else ""
            texts = (row.name, row.detail, compared)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(text for text in texts if text))

    def current(self) -> RunRow | None:
        """The run that is looked at."""
        item = self.list.currentItem()
        row = item.data(ROW_ROLE) if item is not None else None
        return row if isinstance(row, RunRow) else None

    def _fill_menu(self) -> None:
        self.menu.clear()
        row = self.current()
        if row is not None:
            if row.has_model:
                self.menu.addAction(icon("check-circle"), self.tr("Use its model")).triggered.connect(
                    lambda: self._tell(self.use_wanted)
                )
            self.menu.addAction(icon("pencil-simple"), self.tr("Rename")).triggered.connect(self.rename)
            self.menu.addAction(icon("folder-open"), self.tr("Show in folder")).triggered.connect(
                lambda: self._tell(self.reveal_wanted)
            )
            delete = self.menu.addAction(icon("trash"), self.tr("Delete…"))
            delete.setEnabled(not row.is_live)
            delete.triggered.connect(self._on_delete)
            self.menu.addSeparator()
        order = self.menu.addMenu(self.tr("List by"))
        for key, text in (
            (RunOrder.NEWEST, self.tr("Newest first")),
            (RunOrder.NAME, self.tr("Name")),
            (RunOrder.BEST, self.tr("Best score")),
        ):
            action = order.addAction(text)
            action.setCheckable(True)
            action.setChecked(key is self._order)
            action.triggered.connect(lambda _=False, key=key: self.order_chosen.emit(key))
        self.menu.addAction(self.tr("Add a run from a folder…")).triggered.connect(self.add_wanted)

    def _tell(self, signal: object) -> None:
        row = self.current()
        if row is not None:
            signal.emit(row.path)  # type: ignore[attr-defined]

    def _on_menu_requested(self, place: QPoint) -> None:
        if (item := self.list.itemAt(place)) is not None:
            self.list.setCurrentItem(item)
        self._fill_menu()
        self.menu.popup(self.list.viewport().mapToGlobal(place))

    def _on_delete(self) -> None:
        row = self.current()
        if row is not None and not row.is_live:
            self.delete_wanted.emit(row.path)

    def _on_chosen(self) -> None:
        if not self._is_filling:
            self._tell(self.selected)
            self._on_current_changed()

    def _on_current_changed(self) -> None:
        self.list.viewport().update()


class _List(QListWidget):
    """Rows that can be walked with the arrows; Space lays one over, Delete asks for its end, F2 renames."""

    toggled = Signal()
    deleted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Take the keys that stand for commands."""
        match event.key():
            case Qt.Key.Key_Space:
                self.toggled.emit()
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.deleted.emit()
            case _:
                super().keyPressEvent(event)
