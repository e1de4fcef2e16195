"""The commands of a window as Qt knows them: pages lend them handlers, and what has none is disabled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from gui.action_list import ACTIONS, MENUS, ActionSpec
from gui.icons import icon

Handler = Callable[..., Any]
EVERYWHERE = ""


class Actions(QObject):
    """Every command of one window, by id.

    A handler holds everywhere or on one page only; that of the page that is shown goes first. A command is enabled
    when it has a handler and nobody said that it is not available, so none is ever silently dead.
    """

    def __init__(self, window: QWidget, specs: Sequence[ActionSpec] = ACTIONS) -> None:
        super().__init__(window)
        self.specs = {spec.id: spec for spec in specs}
        self._groups: dict[str, QActionGroup] = {}
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._unavailable: set[tuple[str, str]] = set()
        self._page = EVERYWHERE
        self._actions = {spec.id: self._build(spec) for spec in specs}
        window.addActions(list(self._actions.values()))

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def get(self, name: str) -> QAction | None:
        """The command with this id, if there is one."""
        return self._actions.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def handle(self, name: str, handler: Handler, *, page: str = EVERYWHERE) -> None:
        """Let a command call ``handler``; it is given the check mark of commands that are on or off.

        Parameters
        ----------
        name
            Id of the command.
        page
            Key of the only page on which the handler holds.

        Raises
        ------
        KeyError
            If there is no such command.
        """
        self._require(name)
        self._handlers[name, page] = handler
        self._update(name)

    def is_handled(self, name: str) -> bool:
        """Whether any page, or the window, can do what the command says."""
        return any(handled == name for handled, _ in self._handlers)

    def set_available(self, name: str, is_available: bool, *, page: str = EVERYWHERE) -> None:
        """Say whether the handler of ``page`` has anything to do now.

        Raises
        ------
        KeyError
            If there is no such command.
        """
        self._require(name)
        if is_available:
            self._unavailable.discard((name, page))
        else:
            self._unavailable.add((name, page))
        self._update(name)

    def set_page(self, page: str) -> None:
        """Let the handlers of this page hold."""
        self._page = page
        for name in self._actions:
            self._update(name)

    def set_checked(self, name: str, is_checked: bool = True) -> None:
        """Set a check mark; no handler is called."""
        self._actions[name].setChecked(is_checked)

    def set_text(self, name: str, text: str) -> None:
        """Give a command other words, such as "Undo: remove beach.jpg"; none for its own."""
        action = self._actions[name]
        action.setText((text or translated(self.specs[name].text)).replace("&", "&&"))
        action.setToolTip(self._tip(self.specs[name], action))

    def show_icons(self) -> None:
        """Load the icons, which may wait until the window is seen."""
        for name, action in self._actions.items():
            if self.specs[name].icon:
                action.setIcon(icon(self.specs[name].icon))

    def place(self, name: str) -> str:
        """Where a command is in the menus, such as "File › Export"."""
        titles = [translated(title) for title in self.english_place(name)]
        # Chinese menus name their key behind the word: 文件(&F).
        return " › ".join(re.sub(r"\(&.\)|&", "", title) for title in titles)

    def english_place(self, name: str) -> tuple[str, ...]:
        """Titles of the menus around a command as `gui.action_list` has them."""
        parts = self.specs[name].menu.split("/")
        return tuple(MENUS["/".join(parts[: count + 1])].title for count in range(len(parts)))

    def _require(self, name: str) -> None:
        if name not in self._actions:
            raise KeyError(name)

    def _build(self, spec: ActionSpec) -> QAction:
        action = QAction(translated(spec.text).replace("&", "&&"), self)
        action.setObjectName(spec.id)
        action.setShortcuts(key_sequences(spec))
        action.setToolTip(self._tip(spec, action))
        action.setMenuRole(spec.role)
        action.setIconVisibleInMenu(False)  # menus stay calm; icons are for buttons and the command palette
        action.setEnabled(False)
        if spec.group:
            group = self._groups.setdefault(spec.group, QActionGroup(self))
            group.addAction(action)
        action.setCheckable(spec.is_checkable or bool(spec.group))
        action.triggered.connect(lambda: self._on_triggered(spec))
        return action

    @staticmethod
    def _tip(spec: ActionSpec, action: QAction) -> str:
        words = translated(spec.tip) if spec.tip else action.text().replace("&&", "&").removesuffix("…")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        return f"{words} ({keys})" if keys else words

    def _on_triggered(self, spec: ActionSpec) -> None:
        handler = self._handlers.get((spec.id, self._scope(spec.id)))
        if handler is not None:
            handler(*([self._actions[spec.id].isChecked()] if spec.is_checkable else []))

    def _scope(self, name: str) -> str:
        """The page whose handler holds, or `EVERYWHERE`."""
        return self._page if (name, self._page) in self._handlers else EVERYWHERE

    def _update(self, name: str) -> None:
        key = (name, self._scope(name))
        self._actions[name].setEnabled(key in self._handlers and key not in self._unavailable)


def translated(text: str) -> str:
    """Words of `gui.action_list` in the language of the window."""
    return QCoreApplication.translate("Actions", text)


def key_sequences(spec: ActionSpec) -> list[QKeySequence]:
    """The keys of a command on this platform, the one to be shown first."""
    if isinstance(spec.keys, str):
        return _sequences(spec.keys)
    standard = QKeySequence.keyBindings(spec.keys)
    # Emacs' keys, which Qt adds on some systems, stand in the way of others here.
    return standard[:1] or _sequences(spec.other_keys)


def _sequences(keys: str) -> list[QKeySequence]:
    return [sequence for sequence in QKeySequence.listFromString(keys) if not sequence.isEmpty()]
