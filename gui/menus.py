"""The menu bar, built from the list of commands, and menus whose upper part changes while the program runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics
from PySide6.QtWidgets import QMenu, QMenuBar

from gui.action_list import MENUS
from gui.actions import Actions, translated

MAX_ITEM_WIDTH = 420


def build_menus(bar: QMenuBar, actions: Actions) -> dict[str, QMenu]:
    """Fill a menu bar with all commands, in the order of their declaration; menus by the keys of `MENUS`."""
    menus: dict[str, QMenu] = {}
    for spec in actions.specs.values():
        menu = _menu(spec.menu, bar, menus)
        if spec.starts_section and not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(actions[spec.id])
    return menus


def _menu(path: str, bar: QMenuBar, menus: dict[str, QMenu]) -> QMenu:
    """The menu with this path, made with the menus around it when it is first asked for."""
    if path in menus:
        return menus[path]
    outer = path.rpartition("/")[0]
    spec = MENUS[path]
    parent = _menu(outer, bar, menus) if outer else bar
    if outer and spec.starts_section:
        parent.addSeparator()
    menus[path] = parent.addMenu(translated(spec.title))
    menus[path].setToolTipsVisible(False)
    return menus[path]


class ChoiceMenu(QObject):
    """Choices, such as recent files or models, above the fixed commands of a menu.

    Signals
    -------
    chosen(str)
        The key of a choice.
    """

    chosen = Signal(str)

    def __init__(self, menu: QMenu, nothing: str) -> None:
        """``nothing`` is what the menu says when there is no choice."""
        super().__init__(menu)
        self._menu = menu
        self._fixed = menu.actions()[0]
        self._nothing = nothing
        self._shown: list[QAction] = []
        menu.insertSeparator(self._fixed)
        self._line = menu.actions()[0]
        self.set_choices(())

    def set_choices(self, choices: Sequence[tuple[str, str]], checked: str | None = None) -> None:
        """Show other choices.

        Parameters
        ----------
        choices
            Key and label of each.
        checked
            The key with a check mark; without one no choice has room for a mark.
        """
        for action in self._shown:
            self._menu.removeAction(action)
            action.deleteLater()
        metrics = QFontMetrics(self._menu.font())
        self._shown = [self._choice(key, _elided(label, metrics)) for key, label in choices]
        if not choices:
            self._shown = [QAction(self._nothing, self, enabled=False)]
        for action, (key, _) in zip(self._shown, choices, strict=False):
            action.setCheckable(checked is not None)
            action.setChecked(key == checked)
        self._menu.insertActions(self._line, self._shown)

    def _choice(self, key: str, label: str) -> QAction:
        action = QAction(label, self)
        action.setData(key)
        action.triggered.connect(lambda: self.chosen.emit(key))
        return action


def _elided(label: str, metrics: QFontMetrics) -> str:
    return metrics.elidedText(label, Qt.TextElideMode.ElideMiddle, MAX_ITEM_WIDTH).replace("&", "&&")
