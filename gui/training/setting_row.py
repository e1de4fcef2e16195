"""One setting of training: its name, its control, and a sentence that says what it does."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.controls.calm_inputs import CalmChoice, CalmNumber
from gui.controls.switch import Switch
from gui.library.fact_widgets import label
from gui.theme import FontSize, Space, font
from gui.viewmodels.training_field_texts import CHOICES
from gui.viewmodels.training_fields import Field, Kind

_CONTROL_WIDTH = 104
_DIGITS = 6
_MOST_EXACT = 2.0**53
"""Beyond it, the field's numbers are not whole any more."""


class SettingRow(QWidget):
    """Name and control side by side, the sentence below; a changed setting has its name in bold.

    Signals
    -------
    value_changed(str, object)
        Name of the setting, and what the user wants it to be; never emitted for `show_value`.
    """

    value_changed = Signal(str, object)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.name = label(form_text(field.label), wraps=True)
        self.control = self._build_control()
        self.control.setAccessibleName(self.name.text())
        self.control.setAccessibleDescription(form_text(field.sentence))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(Space.S)
        grid.setVerticalSpacing(Space.XS)
        grid.setColumnStretch(0, 1)
        if isinstance(self.control, Switch):
            grid.addWidget(self.control, 0, 0, 1, 2)
        else:
            self.name.setBuddy(self.control)
            grid.addWidget(self.name, 0, 0)
            grid.addWidget(self.control, 0, 1)
        grid.addWidget(label(form_text(field.sentence), "secondary", wraps=True), 1, 0, 1, 2)

    def show_value(self, value: object, *, is_changed: bool, matters: bool) -> None:
        """Show a value, whether it differs from the preset's, and whether it has a say at all."""
        self.setEnabled(matters)
        control = self.control
        control.blockSignals(True)
        match control:
            case Switch():
                control.setChecked(bool(value))
            case CalmChoice():
                control.setCurrentIndex(max(control.findData(value), 0))
            case CalmNumber() if isinstance(value, (int, float)):
                control.setValue(float(value))
        control.blockSignals(False)
        weight = QFont.Weight.DemiBold if is_changed else QFont.Weight.Normal
        for part in (self.name, control) if isinstance(control, Switch) else (self.name,):
            part.setFont(font(FontSize.BODY, weight))

    def _build_control(self) -> Switch | CalmChoice | CalmNumber:
        field = self.field
        if field.kind is Kind.BOOL:
            switch = Switch(self.name.text())
            switch.toggled.connect(lambda is_on: self.value_changed.emit(field.name, is_on))
            return switch
        if field.kind is Kind.CHOICE:
            choice = CalmChoice()
            for value in field.choices:
                choice.addItem(form_text(CHOICES.get(value, value)), value)
            choice.setFixedWidth(_CONTROL_WIDTH)
            choice.activated.connect(lambda _: self.value_changed.emit(field.name, choice.currentData()))
            return choice
        return self._build_number()

    def _build_number(self) -> CalmNumber:
        field = self.field
        number = _Number(is_whole=field.kind is Kind.INT)
        number.setRange(field.least, min(field.most, _MOST_EXACT))
        number.setFont(font())
        number.setFixedWidth(_CONTROL_WIDTH)
        take = int if field.kind is Kind.INT else float
        number.valueChanged.connect(lambda value: self.value_changed.emit(field.name, take(value)))
        return number


class _Number(CalmNumber):
    """A number without needless zeros, stepped by a tenth of its size."""

    def __init__(self, *, is_whole: bool) -> None:
        super().__init__()
        self.setDecimals(0 if is_whole else _DIGITS)
        if not is_whole:
            self.setStepType(CalmNumber.StepType.AdaptiveDecimalStepType)

    def textFromValue(self, value: float) -> str:  # noqa: N802
        """As short as it can be written."""
        text = self.locale().toString(value, "f", self.decimals())
        point = self.locale().decimalPoint()
        return text.rstrip("0").rstrip(point) if point in text else text


def form_text(text: str) -> str:
    """A text of the form in the language of the window."""
    return QCoreApplication.translate("TrainingForm", text)
