"""What a window can do before its parts are there: greet, and take photographs that are dealt with later."""

from __future__ import annotations

from PySide6.QtCore import QObject

from gui.arrivals import Arrivals
from gui.caption.empty_state import EmptyState
from gui.drop_overlay import DropTarget
from gui.main_window import MainWindow
from gui.toasts import ToastKind

PAGE = "caption"


class Reception(QObject):
    """Shows the empty state from the first frame on, and keeps what is opened until somebody asks for it.

    Needs neither numpy nor the worker, whose import takes as long as all that is seen first.

    Parameters
    ----------
    is_greeting
        Show the empty state. Nobody wants to see it who has said what is to be opened.

    Attributes
    ----------
    arrivals
        All ways by which photographs get in.
    empty_state
        The greeting, for the Caption page to take over.
    drop_target
        The window as a place to drop things.
    """

    def __init__(self, window: MainWindow, *, is_greeting: bool = True) -> None:
        super().__init__(window)
        self._window = window
        self._kept: list[list[str]] = []
        self.arrivals = Arrivals(window.store, window)
        self.empty_state = EmptyState(self.arrivals.samples, window)
        self.empty_state.hide()
        self.drop_target = DropTarget(window)
        self._connect_window()
        self._connect_empty_state()
        self.arrivals.arrived.connect(self._keep)
        self.drop_target.dropped.connect(self.arrivals.take)
        if is_greeting:
            window.set_stand_in(PAGE, self.empty_state)

    def hand_over(self) -> list[list[str]]:
        """What was opened so far, in order; from now on, the caller listens itself."""
        self.arrivals.arrived.disconnect(self._keep)
        self.drop_target.dropped.disconnect(self.arrivals.take)
        return self._kept

    def _keep(self, paths: list[str]) -> None:
        self._kept.append(paths)

    def _connect_window(self) -> None:
        commands, arrivals, recent = self._window.commands, self.arrivals, self.arrivals.recent
        commands.handle("open_photographs", arrivals.ask_photographs)
        commands.handle("open_folder", arrivals.ask_folder)
        commands.handle("paste", arrivals.paste)
        commands.handle("open_samples", arrivals.open_samples)
        commands.handle("clear_recent", recent.clear)
        arrivals.refused.connect(lambda sentence: self._window.toast(sentence, ToastKind.WARNING))
        recent.changed.connect(lambda _: self._window.set_recent(arrivals.recent_choices()))
        self._window.recent_chosen.connect(lambda path: arrivals.open([path]))
        self._window.set_recent(arrivals.recent_choices())
        recent.drop_missing()

    def _connect_empty_state(self) -> None:
        arrivals, empty = self.arrivals, self.empty_state
        empty.open_wanted.connect(arrivals.ask_photographs)
        empty.open_folder_wanted.connect(arrivals.ask_folder)
        empty.paste_wanted.connect(arrivals.paste)
        empty.samples_wanted.connect(arrivals.open_samples)
        empty.sample_chosen.connect(lambda path: arrivals.arrived.emit([path]))
