"""The collection as Qt's views see it: filtered, sorted, and changed in batches so that nothing stalls."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
)

from captioner.file_names import printable
from gui.viewmodels.collection_filter import CollectionFilter
from gui.viewmodels.image_collection import CollectedImage, ImageCollection, ImageState
from gui.words_of_states import state_text

CHANGES_MILLISECONDS = 100
"""New captions and states are shown at most this often."""
_MANY_CHANGES = 64
_ROWS_AT_A_TIME = 500
_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)


class CollectionModel(QStringListModel):
    """The photographs of a collection that pass a filter, in its order.

    Sorting and filtering happen here, in one pass over plain Python objects, rather than in a `QSortFilterProxyModel`:
    its comparisons, each a call from C++ into Python, take a quarter of a second for 10,000 photographs. For the same
    reason rows are counted by a `QStringListModel`, whose texts stay empty: a view asks for their number twice for each
    row whenever it lays itself out.

    Signals
    -------
    about_to_refresh()
        Rows are about to be inserted, removed or moved; views note what is current.
    refreshed()
        Rows are as they should be again.
    """

    about_to_refresh = Signal()
    refreshed = Signal()

    def __init__(self, collection: ImageCollection, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.collection = collection
        self._filter = CollectionFilter()
        self._shown: list[CollectedImage] = []
        self._arriving: list[CollectedImage] = []
        self._is_stale = False
        self._rows: dict[str, int] | None = None
        self._changed: dict[str, CollectedImage] = {}
        self._rows_timer = self._build_timer(0, self.refresh)
        self._changes_timer = self._build_timer(CHANGES_MILLISECONDS, self._show_changes)
        self._connect_signals()
        self.refresh()

    def _build_timer(self, milliseconds: int, slot: Any) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _connect_signals(self) -> None:
        # Connected before any view is, so that views find the photographs where they are told of rows.
        self.rowsInserted.connect(self._on_inserted)
        self.rowsRemoved.connect(self._on_removed)
        self.collection.inserted.connect(self._on_rows_moved)
        self.collection.removed.connect(self._on_rows_moved)
        self.collection.was_cleared.connect(self._on_rows_moved)
        self.collection.changed.connect(self._on_changed)

    # What views ask

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, tooltip, and what a screen reader says; the delegate asks `image` for the rest."""
        if not index.isValid():
            return None
        image = self._shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return image.name
            case Qt.ItemDataRole.ToolTipRole:
                # Told apart from rich text by Qt's guess otherwise, which a file's name could mislead.
                return f"<p>{html.escape(printable(image.path))}</p><p>{html.escape(_said(image))}</p>"
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(filter(None, (image.name, state_text(image.state), _said(image))))
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Photographs can be selected and dragged out; nothing is edited in its row."""
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def mimeTypes(self) -> list[str]:  # noqa: N802 (Qt's name)
        """Photographs leave as files."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802 (Qt's name)
        """The files of these photographs, in the order of the rows."""
        rows = sorted({index.row() for index in indexes})
        data = QMimeData()
        data.setData("text/uri-list", b"".join(file_url(self._shown[row].path) + b"\r\n" for row in rows))
        return data

    def supportedDragActions(self) -> Qt.DropAction:  # noqa: N802 (Qt's name)
        """Files are copied, never moved away."""
        return Qt.DropAction.CopyAction

    # What the window asks

    def image(self, row: int) -> CollectedImage:
        """The photograph in this row."""
        return self._shown[row]

    @property
    def images(self) -> tuple[CollectedImage, ...]:
        """All photographs that are shown, in order."""
        return tuple(self._shown)

    def row_of(self, path: str) -> int | None:
        """Row of a photograph, None where it is not shown."""
        if self._rows is None:
            self._rows = {image.path: row for row, image in enumerate(self._shown)}
        return self._rows.get(path)

    @property
    def filter(self) -> CollectionFilter:
        """What is shown, and in what order."""
        return self._filter

    def set_filter(self, wanted: CollectionFilter) -> None:
        """Show something else, or the same in another order."""
        if wanted != self._filter:
            self._filter = wanted
            self.refresh()

    def refresh(self) -> None:
        """Take over at once what happened to the collection's rows; happens by itself soon."""
        self._is_stale = False
        self._rows_timer.stop()
        wanted = self._filter.arranged(self.collection)
        if wanted != self._shown:
            self.about_to_refresh.emit()
            self._take(wanted)
        self.refreshed.emit()

    # Rows: first those that go, then those that come, then their order

    def _take(self, wanted: list[CollectedImage]) -> None:
        if wanted[: len(self._shown)] != self._shown:
            self._remove(set(self._shown).difference(wanted))
        present = set(self._shown)
        new = [image for image in wanted if image not in present]
        if new:
            first = wanted.index(new[0])
            is_one_stretch = wanted[:first] == self._shown[:first] and wanted[first + len(new) :] == self._shown[first:]
            self._insert(first if is_one_stretch else len(self._shown), new)
        if wanted != self._shown:
            self._rearrange(wanted)

    def _remove(self, gone: set[CollectedImage]) -> None:
        if not gone:
            return
        first = next(row for row, image in enumerate(self._shown) if image in gone)
        if not all(image in gone for image in self._shown[first : first + len(gone)]):
            # Scattered rows are gathered at the end, to be removed as one.
            kept = [image for image in self._shown if image not in gone]
            first = len(kept)
            self._rearrange(kept + [image for image in self._shown if image in gone])
        self.removeRows(first, len(gone))

    def _insert(self, first: int, images: list[CollectedImage]) -> None:
        # QStringListModel shifts all rows that it inserts once for each of them: many would take time in their square.
        for start in range(0, len(images), _ROWS_AT_A_TIME):
            self._arriving = images[start : start + _ROWS_AT_A_TIME]
            self.insertRows(first + start, len(self._arriving))

    def _on_inserted(self, _: QModelIndex, first: int) -> None:
        self._shown[first:first] = self._arriving
        self._arriving = []
        self._rows = None

    def _on_removed(self, _: QModelIndex, first: int, last: int) -> None:
        del self._shown[first : last + 1]
        self._rows = None

    def _rearrange(self, images: list[CollectedImage]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        moved = [self._shown[index.row()].path for index in before]
        self._shown = list(images)
        self._rows = {image.path: row for row, image in enumerate(images)}
        self.changePersistentIndexList(before, [self.index(self._rows[path]) for path in moved])
        self.layoutChanged.emit()

    # What the collection tells

    def _on_rows_moved(self, *_: int) -> None:
        if not self._is_stale:  # one call removes thousands of rows one by one
            self._is_stale = True
            self._rows_timer.start()

    def _on_changed(self, row: int) -> None:
        image = self.collection[row]
        self._changed[image.path] = image
        if not self._changes_timer.isActive():
            self._changes_timer.start()

    def _show_changes(self) -> None:
        changed, self._changed = self._changed, {}
        if self._filter.depends_on_captions:
            self.refresh()
        rows = [row for path in changed if (row := self.row_of(path)) is not None]
        if len(rows) > _MANY_CHANGES:
            self.dataChanged.emit(self.index(min(rows)), self.index(max(rows)))
        else:
            for row in rows:
                self.dataChanged.emit(self.index(row), self.index(row))


def _said(image: CollectedImage) -> str:
    return image.message if image.state is ImageState.FAILED else image.text


def file_url(path: str) -> bytes:
    """The URL of a file at an absolute path, also of one whose name is not text."""
    if os.name == "nt":
        return Path(path).as_uri().encode("ascii")
    return b"file://" + quote_from_bytes(os.fsencode(path)).encode("ascii")
