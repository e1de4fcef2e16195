"""Cards in as many columns as there is room for, all of a row equally high."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.theme import Space

LEAST_WIDTH = 380


class CardGrid(QWidget):
    """Widgets in reading order; they share the width and move to other rows when it changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[QWidget] = []
        self._columns = 1
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(Space.L)

    @property
    def columns(self) -> int:
        """How many stand side by side."""
        return self._columns

    def set_cards(self, cards: Sequence[QWidget]) -> None:
        """Show these instead of those before, which are deleted."""
        for card in self._cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = list(cards)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Use another number of columns where the width asks for it."""
        super().resizeEvent(event)
        if self._columns_for(event.size().width()) != self._columns:
            self._arrange()

    def _columns_for(self, width: int) -> int:
        # Words are longer in other languages, and no button may be cut.
        least = max((card.minimumSizeHint().width() for card in self._cards), default=LEAST_WIDTH)
        return max((width + Space.L) // (max(least, LEAST_WIDTH) + Space.L), 1)

    def _arrange(self) -> None:
        for column in range(self._columns + 1):
            self._grid.setColumnStretch(column, 0)
        self._columns = self._columns_for(self.width())
        for number, card in enumerate(self._cards):
            self._grid.addWidget(card, *divmod(number, self._columns))
        for column in range(self._columns):
            self._grid.setColumnStretch(column, 1)
