"""A number with a name, typed or dragged."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.controls.calm_inputs import CalmNumber, CalmSlider
from gui.theme import Space, font

_NUMBER_WIDTH = 72


@dataclass(frozen=True, slots=True)
class NumberRange:
    """What a number may be.

    Attributes
    ----------
    least, most
        That can be typed.
    slider_least, slider_most
        That the slider reaches: the range that is of use, so that dragging is fine enough.
    step
        Of the slider and of the arrow keys; a whole number where only whole numbers can be chosen.
    """

    least: float
    most: float
    slider_least: float
    slider_most: float
    step: float = 1.0

    @property
    def digits(self) -> int:
        """After the point."""
        return 0 if self.step == int(self.step) else 2


class NumberRow(QWidget):
    """Name and number, and a slider below.

    A value that the slider does not reach can still be typed and shown; the slider then stands at its end.

    Signals
    -------
    value_changed(float)
        The user chose another value; never emitted for `set_value`.
    """

    value_changed = Signal(float)

    def __init__(self, name: str, tooltip: str, limits: NumberRange, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits = limits
        self._build()
        self.set_name(name, tooltip)
        self._number.valueChanged.connect(self._on_typed)
        self._slider.valueChanged.connect(self._on_dragged)

    @property
    def value(self) -> float:
        """The number as it is shown."""
        return self._number.value()

    def set_name(self, name: str, tooltip: str) -> None:
        """Call the number by another name, where its meaning depends on other settings."""
        self._label.setText(name)
        for control in (self._label, self._number, self._slider):
            control.setToolTip(tooltip)
        for control in (self._number, self._slider):
            control.setAccessibleName(name)
            control.setAccessibleDescription(tooltip)

    def set_value(self, value: float) -> None:
        """Show a value."""
        self._number.blockSignals(True)
        self._number.setValue(value)
        self._number.blockSignals(False)
        self._move_slider(value)

    def set_least(self, least: float) -> None:
        """Let no smaller value be chosen."""
        self._number.blockSignals(True)
        self._number.setMinimum(least)
        self._number.blockSignals(False)

    def set_most(self, most: float) -> None:
        """Let no greater value be chosen."""
        self._number.blockSignals(True)
        self._number.setMaximum(most)
        self._number.blockSignals(False)

    def _build(self) -> None:
        limits = self._limits
        self._label = QLabel()
        self._number = CalmNumber()
        self._number.setDecimals(limits.digits)
        self._number.setRange(limits.least, limits.most)
        self._number.setSingleStep(limits.step)
        self._number.setFixedWidth(_NUMBER_WIDTH)
        self._number.setFont(font())
        self._slider = CalmSlider()
        self._slider.setRange(0, round((limits.slider_most - limits.slider_least) / limits.step))
        self._slider.setPageStep(max(self._slider.maximum() // 10, 1))
        self._label.setBuddy(self._number)
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self._label, 1)
        head.addWidget(self._number)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(Space.XS)
        column.addLayout(head)
        column.addWidget(self._slider)

    def _move_slider(self, value: float) -> None:
        self._slider.blockSignals(True)
        self._slider.setValue(round((value - self._limits.slider_least) / self._limits.step))
        self._slider.blockSignals(False)

    def _on_typed(self, value: float) -> None:
        self._move_slider(value)
        self.value_changed.emit(value)

    def _on_dragged(self, place: int) -> None:
        wanted = self._limits.slider_least + place * self._limits.step
        before = self._number.value()
        self.set_value(wanted)
        if self._number.value() != before:
            self.value_changed.emit(self._number.value())
