"""Goes through the words of a caption by itself, or by hand with a slider."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QStyle, QStyleOptionSlider, QToolButton, QWidget

from gui.controls.calm_inputs import SLIDER_HEIGHT
from gui.icons import describe, icon
from gui.theme import FontSize, Space, font, theme

MILLISECONDS_PER_WORD = 700


class PlayerBar(QWidget):
    """Play and pause, and a slider over the words.

    Signals
    -------
    position_changed(int)
        Playing or the slider came to this word; never emitted for `set_position`.
    playing_changed(bool)
        Playing began or ended.
    """

    position_changed = Signal(int)
    playing_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._timer = QTimer(self, interval=MILLISECONDS_PER_WORD)
        self._build()
        self._connect_signals()
        self.set_count(0)

    @property
    def is_playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    def set_count(self, count: int) -> None:
        """Begin anew over so many words."""
        self.pause()
        self._count = count
        self.setEnabled(count > 0)
        self._slider.blockSignals(True)
        self._slider.setRange(0, max(count - 1, 0))
        self._slider.setValue(0)
        self._slider.blockSignals(False)
        self._show_position()

    def set_position(self, position: int) -> None:
        """Stand at this word."""
        self._slider.blockSignals(True)
        self._slider.setValue(position)
        self._slider.blockSignals(False)
        self._show_position()

    def play(self) -> None:
        """Go on from here; from the last word, begin again."""
        if self._count == 0 or self.is_playing:
            return
        if self._slider.value() >= self._count - 1:
            self.set_position(0)
        self._timer.start()
        self._show_playing()
        self.position_changed.emit(self._slider.value())

    def pause(self) -> None:
        """Stay here."""
        if self.is_playing:
            self._timer.stop()
            self._show_playing()

    def toggle(self) -> None:
        """Play, or pause."""
        if self.is_playing:
            self.pause()
        else:
            self.play()

    def _build(self) -> None:
        self._button = QToolButton(self)
        self._button.setProperty("role", "quiet")
        self._button.setIconSize(QSize(18, 18))
        self._slider = Scrubber(Qt.Orientation.Horizontal, self)
        self._slider.setPageStep(1)
        self._slider.setMinimumSize(72, SLIDER_HEIGHT)
        describe(self._slider, self.tr("Go through the words"))
        self._label = QLabel(self)
        self._label.setProperty("role", "secondary")
        self._label.setFont(font(FontSize.SECONDARY))
        self._label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        layout.addWidget(self._button)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._label)
        self._draw_icon()

    def _connect_signals(self) -> None:
        self._button.clicked.connect(self.toggle)
        self._slider.valueChanged.connect(self._on_slid)
        self._slider.sliderPressed.connect(self.pause)
        self._timer.timeout.connect(self._on_time)
        theme().changed.connect(self._draw_icon)

    def _on_time(self) -> None:
        if self._slider.value() >= self._count - 1:
            self.pause()
        else:
            self._slider.setValue(self._slider.value() + 1)

    def _on_slid(self, position: int) -> None:
        self._show_position()
        self.position_changed.emit(position)

    def _show_position(self) -> None:
        text = self.tr("{position} of {count}")
        longest = text.format(position=self._count, count=self._count)
        self._label.setMinimumWidth(self._label.fontMetrics().horizontalAdvance(longest))
        position = self._slider.value() + 1 if self._count else 0
        self._label.setText(text.format(position=position, count=self._count))

    def _show_playing(self) -> None:
        self._draw_icon()
        self.playing_changed.emit(self.is_playing)

    def _draw_icon(self) -> None:
        self._button.setIcon(icon("pause-fill" if self.is_playing else "play-fill"))
        describe(self._button, self.tr("Pause") if self.is_playing else self.tr("Go from word to word"))


class Scrubber(QSlider):
    """A slider whose handle comes to where the groove is pressed."""

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Bring the handle here, then drag it as usual."""
        if event.button() is Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            part = QStyle.SubControl.SC_SliderHandle
            handle = self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)
            if not handle.contains(event.position().toPoint()):
                self.setSliderDown(True)
                x, room = round(event.position().x()) - handle.width() // 2, self.width() - handle.width()
                self.setValue(
                    QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), x, room, option.upsideDown)
                )
        super().mousePressEvent(event)
