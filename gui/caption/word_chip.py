"""One word of a caption as something that can be pointed at, focused and pinned."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from gui.controls.numbers import percent_text
from gui.theme import CHIP_RADIUS, DARK, LIGHT, FontSize, Space, font, theme, tokens
from gui.viewmodels.caption_view import ShownWord

UNSURE = 0.2
"""Below this probability a word is underlined with dots."""

_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
_DOTS = 2.0


class WordChip(QAbstractButton):
    """A word on a ground whose depth is its probability; bold under the pointer, in its own colour when pinned.

    A dotted underline marks a word that the model was not sure of, a broken outline one that a hand wrote, and faint
    letters one that looked everywhere alike. `clicked` is emitted by the pointer and by Enter; Space is left to the
    player.

    Signals
    -------
    pointed_at()
        The pointer came in.
    focused()
        The keyboard's focus came in.
    double_clicked()
        As it says.
    """

    pointed_at = Signal()
    focused = Signal()
    double_clicked = Signal()

    def __init__(self, word: ShownWord, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word, self._size = word, size_of(word.text)
        self._pin: QColor | None = None
        self._is_current = self._is_flat = self._has_ring = False
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self.update)
        self._describe()

    @property
    def word(self) -> ShownWord:
        """The word that it shows."""
        return self._word

    def set_word(self, word: ShownWord) -> None:
        """Show another word."""
        if word != self._word:
            self._word, self._size = word, size_of(word.text)
            self.updateGeometry()
            self._describe()

    def set_current(self, is_current: bool) -> None:
        """Whether the photograph shows where this word looked."""
        if is_current != self._is_current:
            self._is_current = is_current
            self.update()

    def set_pin(self, colour: QColor | None) -> None:
        """Wear the colour that the word has on the photograph; None for a word that is not pinned."""
        if colour != self._pin:
            self._pin = colour
            self.setChecked(colour is not None)
            self._describe()

    def set_flat(self, is_flat: bool) -> None:
        """Whether the word looked everywhere about alike."""
        if is_flat != self._is_flat:
            self._is_flat = is_flat
            self._describe()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for the word in bold, so that nothing moves when the pointer comes."""
        return self._size

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for a letter or two; longer words are cut with an ellipsis."""
        return QSize(2 * CHIP_RADIUS, self._size.height())

    def nextCheckState(self) -> None:  # noqa: N802
        """Nothing: whether a word is pinned is for the owner to say."""

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Tell that the pointer is here."""
        super().enterEvent(event)
        self.pointed_at.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Tell that the keyboard is here; a ring is for those who came by keys."""
        super().focusInEvent(event)
        if event.reason() in _BY_KEYBOARD:
            self._has_ring = True
            self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Take the ring off."""
        self._has_ring = self._has_ring and event.reason() is Qt.FocusReason.ActiveWindowFocusReason
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter clicks; all else is for the strip."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Nothing happens on release."""
        event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell of it, besides the two clicks that it is."""
        super().mouseDoubleClickEvent(event)
        self.double_clicked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Ground, outline, word, underline."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        is_bold = self._is_current or self.underMouse()
        type_face = font(FontSize.CAPTION, QFont.Weight.DemiBold if is_bold else QFont.Weight.Normal)
        painter.setFont(type_face)
        painter.setPen(self._text_colour())
        metrics = QFontMetricsF(type_face)
        inside = QRectF(self.rect()).adjusted(Space.S, 0, -Space.S, 0)
        text = self._word.text
        if metrics.horizontalAdvance(text) > inside.width() + 2:
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, text)
        if self._word.probability is not None and self._word.probability < UNSURE:
            self._paint_dots(painter, min(metrics.horizontalAdvance(text), inside.width()), metrics)

    def _paint_ground(self, painter: QPainter) -> None:
        colours, edge = tokens(), QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._pin is not None:
            painter.setBrush(self._pin)
        elif self._word.probability is not None:
            painter.setBrush(colours.probability_tint(self._word.probability))
        painter.drawRoundedRect(edge, CHIP_RADIUS, CHIP_RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._has_ring:
            painter.setPen(QPen(colours.colour("text" if self._pin else "accent"), 2))
        elif self._is_current:
            painter.setPen(QPen(colours.colour("text", 0.7), 1.5))
        elif self._word.index is None:
            painter.setPen(QPen(colours.colour("text", 0.5), 1, Qt.PenStyle.DashLine))
        elif self._pin is not None:
            painter.setPen(QPen(colours.hairline, 1))
        else:
            return
        painter.drawRoundedRect(edge, CHIP_RADIUS - 1, CHIP_RADIUS - 1)

    def _paint_dots(self, painter: QPainter, width: float, metrics: QFontMetricsF) -> None:
        pen = QPen(self._text_colour(), _DOTS, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.RoundCap)
        pen.setDashPattern([0.01, 2.0])
        painter.setPen(pen)
        y = (self.height() + metrics.height()) / 2 - metrics.descent() + 2 * _DOTS
        left = (self.width() - width) / 2 + _DOTS
        painter.drawLine(QPointF(left, y), QPointF(left + width - 2 * _DOTS, y))

    def _text_colour(self) -> QColor:
        if self._pin is not None:
            return on_pin(self._pin)
        return tokens().colour("text", 0.7 if self._is_flat else 1.0)

    def _describe(self) -> None:
        says = []
        if self._word.probability is not None:
            says.append(self.tr("{percent} likely").format(percent=percent_text(self._word.probability)))
        if self._word.index is None:
            says.append(self.tr("written by hand"))
        if self._is_flat:
            says.append(self.tr("looked everywhere about alike"))
        if self._pin is not None:
            says.append(self.tr("pinned"))
        self.setAccessibleName(", ".join([self._word.text, *says]))
        # Without the word itself: a tooltip would take what it holds for markup.
        self.setToolTip(", ".join(says))
        self.update()


def size_of(text: str) -> QSize:
    """Of the chip of a word in bold."""
    metrics = QFontMetricsF(font(FontSize.CAPTION, QFont.Weight.DemiBold))
    width = math.ceil(metrics.horizontalAdvance(text)) + 2 * (Space.S + 1)
    return QSize(max(width, 2 * CHIP_RADIUS), math.ceil(metrics.height()) + 2 * Space.XS)


def on_pin(colour: QColor) -> QColor:
    """The text colour, dark or light, that stands out more from the colour of a pin."""
    dark, light = QColor(LIGHT.text), QColor(DARK.text)
    return max((dark, light), key=lambda text: _contrast(text, colour))


def _contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio of WCAG 2, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (colour.redF(), colour.greenF(), colour.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
