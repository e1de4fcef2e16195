"""The one large button whose word is always the next thing to do, and the few others that may be wanted beside it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from gui.icons import icon
from gui.theme import Space, font
from gui.viewmodels.next_action import Action

EXTENSIONS = (1, 2, 5, 10)
_HEIGHT = 32
_ICONS = {
    Action.CHOOSE_DATA: "folder-open",
    Action.CHECK: "magnifying-glass",
    Action.START: "play",
    Action.PAUSE: "pause",
    Action.RESUME: "play",
    Action.USE_MODEL: "check-circle",
}


class ActionBar(QWidget):
    """A large button, and Stop and Extend below it where they mean something.

    Signals
    -------
    action_wanted(Action)
        The large button was pressed; the action that its word named.
    stop_wanted()
        The run is to be saved and ended.
    extend_wanted(int)
        The run is to go on for so many epochs more.
    """

    action_wanted = Signal(object)
    stop_wanted = Signal()
    extend_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = Action.CHOOSE_DATA
        self.button = QPushButton()
        self.button.setProperty("role", "primary")
        self.button.setMinimumHeight(_HEIGHT + 2 * Space.XS)
        self.button.setFont(font(weight=QFont.Weight.DemiBold))
        self.button.setIconSize(QSize(18, 18))
        self.stop_button = QPushButton(self.tr("Stop and save"))
        self.extend_button = QPushButton(self.tr("Extend"))
        self.extend_button.setMenu(self._build_menu())
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        for button, name in ((self.stop_button, "stop"), (self.extend_button, "plus")):
            button.setIcon(icon(name))
            row.addWidget(button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.setSpacing(Space.S)
        column.addWidget(self.button)
        column.addLayout(row)
        self.button.clicked.connect(lambda: self.action_wanted.emit(self._action))
        self.stop_button.clicked.connect(self.stop_wanted)
        self.set_action(Action.CHOOSE_DATA)
        self.set_others(can_stop=False, can_extend=False)

    @property
    def action(self) -> Action:
        """What a press does."""
        return self._action

    def set_action(self, action: Action, *, is_ready: bool = True, text: str = "") -> None:
        """Let the button do this.

        Parameters
        ----------
        is_ready
            Whether it can be pressed.
        text
            What stands on it instead of its own word, as while something is awaited.
        """
        self._action = action
        self.button.setText(text or self._text_of(action))
        self.button.setIcon(icon(_ICONS[action], "on_accent" if is_ready else "text"))
        self.button.setEnabled(is_ready)

    def set_others(self, *, can_stop: bool, can_extend: bool) -> None:
        """Show what else can be done with the run."""
        self.stop_button.setVisible(can_stop)
        self.extend_button.setVisible(can_extend)

    def _text_of(self, action: Action) -> str:
        texts = {
            Action.CHOOSE_DATA: self.tr("Choose data…"),
            Action.CHECK: self.tr("Check"),
            Action.START: self.tr("Start"),
            Action.PAUSE: self.tr("Pause"),
            Action.RESUME: self.tr("Resume"),
            Action.USE_MODEL: self.tr("Use this model now"),
        }
        return texts[action]

    def _build_menu(self) -> QMenu:
        menu = QMenu(self)
        for epochs in EXTENSIONS:
            action = menu.addAction(self.tr("By %Ln epoch(s)", "", epochs))
            action.triggered.connect(lambda _=False, epochs=epochs: self.extend_wanted.emit(epochs))
        return menu
