"""A list of all commands that can be used now, narrowed by a few typed letters."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QAction, QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui.actions import Actions
from gui.theme import RADIUS, FontSize, Space, font, tokens
from gui.viewmodels.fuzzy_match import fuzzy_match

ELSEWHERE = 0.75  # what a letter outside the text of a command counts
WIDTH, ROW_HEIGHT, MAX_ROWS = 560, 36, 10
MatchRole, PlaceRole = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_STEPS: dict[int, int] = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: MAX_ROWS,
    Qt.Key.Key_PageUp: -MAX_ROWS,
}
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Found:
    """A command that fits, where it is in the menus, and which letters of its text were meant."""

    action: QAction
    place: str
    positions: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The words of the command."""
        return words_of(self.action)


def words_of(action: QAction) -> str:
    """Text of a command as it is read."""
    return action.text().replace("&&", "&")


def find_commands(actions: Actions, query: str) -> list[Found]:
    """Enabled commands that fit ``query``, best first; letters may also lie in the menu's name or the English text."""
    found: list[tuple[float, Found]] = []
    for name in actions:
        action = actions[name]
        if not action.isEnabled() or name == "command_palette":
            continue
        place = actions.place(name)
        direct = fuzzy_match(query, words_of(action))
        english = " ".join((*actions.english_place(name), actions.specs[name].text))
        others = [fuzzy_match(query, text) for text in (f"{place} {words_of(action)}", english)]
        scores = [ELSEWHERE * match.score for match in others if match is not None]
        if direct is not None:
            scores.append(direct.score)
        if scores:
            found.append((max(scores), Found(action, place, direct.positions if direct else ())))
    # sort is stable: without a query the order is that of the menus.
    return [command for _, command in sorted(found, key=lambda pair: -pair[0])]


class CommandModel(QAbstractListModel):
    """The commands that were found."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._found: list[Found] = []

    def set_found(self, found: list[Found]) -> None:
        """Show others."""
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Number of commands."""
        return 0 if parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text and icon as Qt asks for them, the whole under `MatchRole`."""
        found = self._found[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return found.text
            case Qt.ItemDataRole.DecorationRole:
                return found.action.icon()
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{found.text}, {found.place}, {keys_of(found.action)}".rstrip(", ")
            case _:
                return found if role == MatchRole else None


def keys_of(action: QAction) -> str:
    """The keys of a command as this platform writes them."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


class CommandDelegate(QStyledItemDelegate):
    """Draws icon, text with the typed letters in bold, place, and keys at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        """Every row is as high as the others."""
        return QSize(0, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        found: Found = index.data(MatchRole)
        colours = tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("accent", 0.18))
            painter.drawRoundedRect(option.rect, RADIUS, RADIUS)
        row = option.rect.adjusted(Space.M, 0, -Space.M, 0)
        found.action.icon().paint(painter, QRect(row.left(), row.center().y() - 8, 17, 17))
        row.setLeft(row.left() + 17 + Space.M)
        painter.setPen(colours.secondary)
        painter.setFont(font(FontSize.SECONDARY))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, keys_of(found.action))
        row.setRight(row.right() - painter.fontMetrics().horizontalAdvance(keys_of(found.action)) - Space.M)
        row.setLeft(_draw_letters(painter, row, found) + Space.M)
        painter.setPen(colours.secondary)
        painter.setFont(font(FontSize.SECONDARY))
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, found.place)
        painter.restore()


def _draw_letters(painter: QPainter, row: QRect, found: Found) -> int:
    """Draw the text of a command; return where it ends."""
    painter.setPen(tokens().colour("text"))
    fonts = {is_meant: font(weight=weight) for is_meant, weight in _WEIGHTS.items()}
    baseline = row.center().y() + QFontMetrics(fonts[False]).ascent() // 2
    left = float(row.left())
    for is_meant, run in _runs(found):
        painter.setFont(fonts[is_meant])
        painter.drawText(round(left), baseline, run)
        left += QFontMetrics(fonts[is_meant]).horizontalAdvance(run)
    return round(left)


_WEIGHTS = {False: QFont.Weight.Normal, True: QFont.Weight.Bold}


def _runs(found: Found) -> list[tuple[bool, str]]:
    """The text in pieces, each with whether its letters were typed."""
    runs: list[tuple[bool, str]] = []
    for place, character in enumerate(found.text):
        is_meant = place in found.positions
        if runs and runs[-1][0] == is_meant:
            runs[-1] = (is_meant, runs[-1][1] + character)
        else:
            runs.append((is_meant, character))
    return runs


class CommandPalette(QFrame):
    """Lies over the window near its top while it is used; Enter runs the command, Escape gives up."""

    def __init__(self, actions: Actions, host: QWidget) -> None:
        super().__init__(host)
        self._actions, self._host = actions, host
        self._focus_before: QWidget | None = None
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Command palette"))
        self._model = CommandModel(self)
        self._build_layout()
        self._connect_signals()
        self.hide()

    def open(self) -> None:
        """Show all commands and wait for letters."""
        if self.isVisible():
            return
        self._focus_before = QApplication.focusWidget()
        self._line.clear()
        self._on_text_changed("")
        self._place()
        self.show()
        self.raise_()
        self._line.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_again(self) -> None:
        """Give the focus back to where it was."""
        if not self.isVisible():
            return
        self.hide()
        if self._focus_before is not None:
            self._focus_before.setFocus(Qt.FocusReason.PopupFocusReason)
        self._focus_before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Arrow keys typed into the line move in the list; the focus elsewhere ends the choice."""
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self._place()
        elif watched is self._line and event.type() == QEvent.Type.FocusOut:
            self.hide()
        elif watched is self._line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event)
        return super().eventFilter(watched, event)

    def _build_layout(self) -> None:
        self._line = QLineEdit(self, placeholderText=self.tr("What do you want to do"))
        self._line.setAccessibleName(self.tr("Find a command"))
        self._list = QListView(self, uniformItemSizes=True)
        self._list.setModel(self._model)
        self._list.setItemDelegate(CommandDelegate(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Commands"))
        self._nothing = QLabel(self.tr("No command fits."), self, alignment=Qt.AlignmentFlag.AlignCenter)
        self._nothing.setProperty("role", "secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.S, Space.S, Space.S, Space.S)
        column.setSpacing(Space.S)
        for widget in (self._line, self._list, self._nothing):
            column.addWidget(widget)

    def _connect_signals(self) -> None:
        self._line.textChanged.connect(self._on_text_changed)
        self._line.installEventFilter(self)
        self._host.installEventFilter(self)
        self._list.clicked.connect(self._on_chosen)

    def _place(self) -> None:
        width = min(WIDTH, self._host.width() - 2 * Space.L)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((self._host.width() - width) // 2, min(72, self._host.height() // 8))

    def _on_text_changed(self, text: str) -> None:
        found = find_commands(self._actions, text)
        self._model.set_found(found)
        self._list.setVisible(bool(found))
        self._nothing.setVisible(not found)
        self._list.setFixedHeight(ROW_HEIGHT * min(len(found), MAX_ROWS))
        self._list.setCurrentIndex(self._model.index(0))
        self._place()

    def _on_key(self, event: QKeyEvent) -> bool:
        rows = self._model.rowCount()
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_again()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._on_chosen(self._list.currentIndex())
            case Qt.Key.Key_Tab | Qt.Key.Key_Backtab:
                pass  # there is nowhere else to go
            case key if key in _STEPS and rows:
                step = _STEPS[key]
                row = self._list.currentIndex().row() + step
                row = row % rows if abs(step) == 1 else min(max(row, 0), rows - 1)
                self._list.setCurrentIndex(self._model.index(row))
            case _:
                return False
        return True

    def _on_chosen(self, index: Index) -> None:
        if not index.isValid():
            return
        found: Found = index.data(MatchRole)
        self.close_again()
        found.action.trigger()
