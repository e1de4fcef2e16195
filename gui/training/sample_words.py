"""A caption on a few lines whose words can be pointed at, clicked and stepped through with the arrows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.controls.clamped_label import ClampedLabel
from gui.theme import Space, tokens

_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
_STAYING = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
_GROUND = 0.22


class SampleWords(ClampedLabel):
    """A caption; without words of its own it is a label like any other.

    The word under the pointer is shown, and when the pointer leaves, the one that was clicked or stepped to. Escape, a
    second click, or going elsewhere lets go of that.

    Signals
    -------
    word_changed(object)
        Another word is shown: its number, or None.
    """

    word_changed = Signal(object)

    def __init__(self, *, most_lines: int = 3, parent: QWidget | None = None) -> None:
        self._words: tuple[str, ...] = ()
        self._ranges: list[tuple[int, int]] = []
        self._held: int | None = None
        self._pointed: int | None = None
        self._told: int | None = None
        self._is_ringed = False
        super().__init__(most_lines=most_lines, parent=parent)
        self.setMouseTracking(True)

    @property
    def word(self) -> int | None:
        """Number of the word that is shown."""
        return self._held if self._pointed is None else self._pointed

    @property
    def words(self) -> tuple[str, ...]:
        """The words that can be pointed at."""
        return self._words

    def set_caption(self, text: str, words: Sequence[str] = ()) -> None:
        """Show a caption; ``words`` are those of it that can be pointed at, none where there is nothing to see.

        The same one once more leaves the word that is shown as it is.
        """
        before = self.text, self._words
        self.set_text(text)
        self._ranges = _ranges_in(self.text, words)
        self._words = tuple(words) if len(self._ranges) == len(words) else ()
        if before == (self.text, self._words):
            return
        self._held = self._pointed = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self._words else Qt.FocusPolicy.NoFocus)
        self._tell()

    def word_at(self, place: QPointF) -> int | None:
        """Number of the word at a place of this widget."""
        found = (
            number for number in range(len(self._words)) if any(area.contains(place) for area in self.areas(number))
        )
        return next(found, None)

    def areas(self, number: int) -> list[QRectF]:
        """Where a word stands: on one line, or on two where it had to be broken; nowhere where it is cut off."""
        metrics = QFontMetricsF(self.font())
        start, end = self._ranges[number]
        areas, place = [], 0
        for row, line in enumerate(self._lines):
            # Between two lines a space is left out, unless a word is broken there.
            place += int(self.text[place : place + 1] == " ")
            # The end of the last line may stand for more than it shows.
            shown = len(line) if self.text.startswith(line, place) else len(line.rstrip("…"))
            first, last = max(start, place), min(end, place + shown)
            if first < last:
                left = metrics.horizontalAdvance(line[: first - place])
                right = metrics.horizontalAdvance(line[: last - place])
                top = row * metrics.lineSpacing()
                areas.append(QRectF(left - 2, top, right - left + 4, metrics.height()))
            place += shown
        return areas

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show the word under the pointer."""
        self._pointed = self.word_at(event.position())
        self.setCursor(Qt.CursorShape.ArrowCursor if self._pointed is None else Qt.CursorShape.PointingHandCursor)
        self._tell()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Hold the word that is clicked, or let go of it."""
        word = self.word_at(event.position())
        if event.button() is not Qt.MouseButton.LeftButton or word is None:
            event.ignore()
            return
        self._pointed = None if word == self._held else word
        self._held = None if word == self._held else word
        self._tell()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Go back to the word that is held."""
        self._pointed = None
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Step with the arrows, Home and End; Escape lets go."""
        target = self._target(Qt.Key(event.key()))
        if not self._words or (target is None and (event.key() != Qt.Key.Key_Escape or self._held is None)):
            event.ignore()
            return
        self._held, self._pointed = target, None
        self._tell()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show a ring to those who came by keys."""
        super().focusInEvent(event)
        self._is_ringed = event.reason() in _BY_KEYBOARD
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Let go of the word, unless the whole window is left."""
        super().focusOutEvent(event)
        self._is_ringed = False
        if event.reason() not in _STAYING:
            self._held = None
        self._tell()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the lines over the ground of the word that is shown."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens().colour("accent", _GROUND))
        for area in [] if self.word is None else self.areas(self.word):
            painter.drawRoundedRect(area, Space.XS, Space.XS)
        if self._is_ringed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens().colour("accent"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), Space.XS, Space.XS)
        painter.end()
        super().paintEvent(event)

    def _target(self, key: Qt.Key) -> int | None:
        """The word that a key leads to; past the last one stands the first."""
        count, held = len(self._words), self._held
        if not count:
            return None
        is_mirrored = self.layoutDirection() is Qt.LayoutDirection.RightToLeft
        ahead, back = (0 if held is None else (held + 1) % count), (-1 if held is None else held - 1) % count
        targets = {
            Qt.Key.Key_Right: back if is_mirrored else ahead,
            Qt.Key.Key_Left: ahead if is_mirrored else back,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: count - 1,
        }
        return targets.get(key)

    def _tell(self) -> None:
        word = self.word
        if word == self._told:
            return
        self._told = word
        said = self.tr("Word {number} of {count}: {word}")
        described = "" if word is None else said.format(number=word + 1, count=len(self._words), word=self._words[word])
        self.setAccessibleDescription(described)
        self.update()
        self.word_changed.emit(word)


def _ranges_in(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where each word begins and ends in a caption; fewer than there are words where one cannot be found."""
    ranges: list[tuple[int, int]] = []
    place = 0
    for word in words:
        start = text.find(word, place)
        if start < 0:
            break
        place = start + len(word)
        ranges.append((start, place))
    return ranges
