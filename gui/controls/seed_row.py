"""The seed of sampling, typed or drawn."""

from __future__ import annotations

import random

from PySide6.QtCore import QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from captioner.config import MAX_SEED
from gui.icons import describe, icon
from gui.theme import Space, font

_DRAWN_BELOW = 10_000


class SeedRow(QWidget):
    """A whole number from 0 to 2^63 - 1, and a die that draws a short one.

    Signals
    -------
    seed_changed(object)
        The user chose this seed, an int that may be too great for C; never emitted for `set_seed`.
    """

    seed_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seed = 0
        label = QLabel(self.tr("Seed"))
        # A line rather than a spin box, whose numbers end at 2^31.
        self._line = QLineEdit("0")
        self._line.setFont(font())
        self._line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._line.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{1,19}"), self._line))
        self._line.setAccessibleName(label.text())
        self._line.setToolTip(self.tr("The same seed draws the same words again"))
        label.setBuddy(self._line)
        self._die = QToolButton()
        self._die.setProperty("role", "quiet")
        self._die.setIcon(icon("dice-five"))
        self._die.setIconSize(QSize(18, 18))
        describe(self._die, self.tr("Draw another seed"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(label)
        row.addStretch(1)
        row.addWidget(self._line, 2)
        row.addWidget(self._die)
        self._line.editingFinished.connect(self._on_typed)
        self._die.clicked.connect(self._on_drawn)

    @property
    def seed(self) -> int:
        """The seed in use."""
        return self._seed

    def set_seed(self, seed: int) -> None:
        """Show a seed."""
        self._seed = seed
        self._line.setText(str(seed))

    def _on_typed(self) -> None:
        self._choose(min(int(self._line.text() or 0), MAX_SEED))

    def _on_drawn(self) -> None:
        drawn = random.randrange(_DRAWN_BELOW)
        self._choose(drawn if drawn != self._seed else drawn + 1)

    def _choose(self, seed: int) -> None:
        is_new = seed != self._seed
        self.set_seed(seed)
        if is_new:
            self.seed_changed.emit(seed)
