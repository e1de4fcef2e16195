"""All commands and their keys, menu by menu."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.actions import Actions
from gui.theme import Space, font
from gui.viewmodels.fuzzy_match import fuzzy_match


class ShortcutsDialog(QDialog):
    """A list of commands with keys, narrowed by typing; shown with `open`, it deletes itself when it is closed."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.resize(460, 560)
        self._line = QLineEdit(self, placeholderText=self.tr("Find a command or a key"), clearButtonEnabled=True)
        self._line.setAccessibleName(self.tr("Find a command or a key"))
        self._line.textChanged.connect(self._on_text_changed)
        self._tree = QTreeWidget(self, columnCount=2)
        self._tree.setAccessibleName(self.tr("Keyboard shortcuts"))
        self._tree.setHeaderHidden(True)
        self._tree.setRootIsDecorated(False)
        self._tree.setUniformRowHeights(True)
        self._tree.setSelectionMode(QTreeWidget.SelectionMode.NoSelection)
        self._tree.setIndentation(Space.L)
        self._commands: dict[str, tuple[QTreeWidgetItem, list[QTreeWidgetItem]]] = {}
        self._fill(actions)
        header = self._tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        column.setSpacing(Space.M)
        for widget in (self._line, self._tree, buttons):
            column.addWidget(widget)

    def _fill(self, actions: Actions) -> None:
        for name in actions:
            keys = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in actions[name].shortcuts()]
            if not keys:
                continue
            menu = actions.place(name).split(" › ")[0]
            if menu not in self._commands:
                heading = QTreeWidgetItem(self._tree, [menu])
                heading.setFont(0, font(weight=QFont.Weight.DemiBold))
                self._commands[menu] = (heading, [])
            heading, commands = self._commands[menu]
            words = actions[name].text().replace("&&", "&").removesuffix("…")
            commands.append(QTreeWidgetItem(heading, [words, "   ".join(keys)]))
        self._tree.expandAll()

    def _on_text_changed(self, text: str) -> None:
        for heading, commands in self._commands.values():
            for command in commands:
                is_key = text.strip().casefold() in command.text(1).casefold()
                command.setHidden(not is_key and fuzzy_match(text, command.text(0)) is None)
            heading.setHidden(all(command.isHidden() for command in commands))
