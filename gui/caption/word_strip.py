"""The caption as a row of words that can be touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from gui.caption.word_chip import WordChip
from gui.controls.fitted_scroll_area import FittedScrollArea
from gui.controls.flow import Flow
from gui.theme import Space
from gui.viewmodels.caption_view import ShownWord

MOST_HEIGHT = 124
"""In pixels, about three lines; longer captions scroll."""


class WordStrip(FittedScrollArea):
    """The words of a caption, one chip each; one stop of the Tab key, in which the arrows step from word to word.

    Signals
    -------
    word_hovered(int), word_left()
        The pointer came to the word at this position; it left the strip.
    word_clicked(int)
        By the pointer or by Enter.
    word_focused(int)
        The keyboard came to the word at this position.
    play_toggled()
        Space was pressed on a word.
    edit_wanted()
        By a double click or F2.
    """

    word_hovered = Signal(int)
    word_left = Signal()
    word_clicked = Signal(int)
    word_focused = Signal(int)
    play_toggled = Signal()
    edit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self._flow = Flow(spacing=Space.XS)
        super().__init__(self._flow, MOST_HEIGHT, parent)
        self._chips: list[WordChip] = []
        self._stop = 0
        self._is_pointed_at = False
        self.setAccessibleName(self.tr("Words of the caption"))

    def set_words(self, words: Sequence[ShownWord]) -> None:
        """Show these words; none of them is pinned, flat or shown on the photograph yet."""
        had_focus = self._focused_position()
        for word in words[len(self._chips) :]:
            self._add_chip(word)
        for chip in self._chips[len(words) :]:
            chip.hide()
            chip.deleteLater()
        del self._chips[len(words) :]
        for chip, word in zip(self._chips, words, strict=True):
            chip.set_word(word)
        self._flow.set_widgets(self._chips)
        self.fit()
        self.set_focus(None)
        self.set_pins({})
        self.set_flat(())
        self._set_stop(min(self._stop, max(len(words) - 1, 0)))
        if had_focus is not None and had_focus >= len(words) > 0:
            self._chips[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    def set_focus(self, position: int | None) -> None:
        """Mark the word that the photograph shows."""
        for index, chip in enumerate(self._chips):
            chip.set_current(index == position)
        if position is not None and 0 <= position < len(self._chips):
            if self._focused_position() is None:
                self._set_stop(position)
            self.ensureWidgetVisible(self._chips[position], 0, Space.XS)

    def set_pins(self, pins: Mapping[int, QColor]) -> None:
        """Give the pinned words, by their positions, their colours."""
        for index, chip in enumerate(self._chips):
            chip.set_pin(pins.get(index))

    def set_flat(self, positions: Collection[int]) -> None:
        """Mark the words that looked everywhere about alike."""
        for index, chip in enumerate(self._chips):
            chip.set_flat(index in positions)

    def chip(self, position: int) -> WordChip:
        """The chip of a word."""
        return self._chips[position]

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Step with the arrows, Home and End; Space plays, F2 edits."""
        position = self._focused_position()
        match event.key():
            case Qt.Key.Key_Space:
                self.play_toggled.emit()
            case Qt.Key.Key_F2:
                self.edit_wanted.emit()
            case key if position is not None and (target := self._target(Qt.Key(key), position)) is not None:
                self._chips[target].setFocus(Qt.FocusReason.TabFocusReason)
            case _:
                event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Beside the words, too, a double click begins to edit."""
        self.edit_wanted.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Tell when the pointer leaves the words; the gaps between them still belong to the last one."""
        if watched is self._flow and event.type() is QEvent.Type.Leave and self._is_pointed_at:
            self._is_pointed_at = False
            self.word_left.emit()
        return super().eventFilter(watched, event)

    def _add_chip(self, word: ShownWord) -> None:
        position = len(self._chips)
        chip = WordChip(word, self._flow)
        chip.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        chip.pointed_at.connect(lambda: self._on_pointed_at(position))
        chip.focused.connect(lambda: self._on_focused(position))
        chip.clicked.connect(lambda: self._on_clicked(position))
        chip.double_clicked.connect(self.edit_wanted)
        self._chips.append(chip)
        chip.show()

    def _target(self, key: Qt.Key, position: int) -> int | None:
        """The word that a key leads to from a word; past the last one stands the first."""
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        step = -1 if is_mirrored else 1
        count = len(self._chips)
        targets = {
            Qt.Key.Key_Right: (position + step) % count,
            Qt.Key.Key_Left: (position - step) % count,
            Qt.Key.Key_Down: (position + 1) % count,
            Qt.Key.Key_Up: (position - 1) % count,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
        }
        return targets.get(key)

    def _focused_position(self) -> int | None:
        return next((index for index, chip in enumerate(self._chips) if chip.hasFocus()), None)

    def _set_stop(self, position: int) -> None:
        """Make the word at ``position`` the one that the Tab key comes to."""
        self._stop = position
        if position < len(self._chips):
            self.setFocusProxy(self._chips[position])
        for index, chip in enumerate(self._chips):
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus if index == position else Qt.FocusPolicy.ClickFocus)

    def _on_pointed_at(self, position: int) -> None:
        self._is_pointed_at = True
        self.word_hovered.emit(position)

    def _on_focused(self, position: int) -> None:
        self._set_stop(position)
        self.ensureWidgetVisible(self._chips[position], 0, Space.XS)
        self.word_focused.emit(position)

    def _on_clicked(self, position: int) -> None:
        self._set_stop(position)
        self.word_clicked.emit(position)
