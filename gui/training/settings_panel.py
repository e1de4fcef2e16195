"""How a model is to be trained: its name, what it starts from, a preset, and every single setting."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from captioner.file_names import printable
from gui.controls.calm_inputs import CalmChoice
from gui.controls.section import Section
from gui.controls.segmented import Segmented
from gui.icons import icon
from gui.library.fact_widgets import label
from gui.theme import Space
from gui.training.setting_row import SettingRow, form_text
from gui.viewmodels.training_form import TrainingForm

MOST_NAME = 60


class SettingsPanel(Section):
    """Name, model to start from, preset and form.

    Signals
    -------
    name_changed(str)
        The model is to be called so.
    """

    name_changed = Signal(str)

    def __init__(self, form: TrainingForm, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Settings"), parent=parent)
        self._form = form
        self._models: tuple[str, ...] = ()
        self.rows: dict[str, SettingRow] = {}
        self._build()
        self._connect_signals()
        self._show_form()

    @property
    def is_open(self) -> bool:
        """Whether every single setting is shown."""
        return not self._all.isHidden()

    def set_name(self, name: str) -> None:
        """Show another name."""
        if name != self.name_line.text():
            self.name_line.setText(name)

    def set_models(self, names: Sequence[str]) -> None:
        """Offer these models to be taught further."""
        self._models = tuple(names)
        self._show_start()

    def set_open(self, is_open: bool) -> None:
        """Show every single setting, or hide them; they are made when they are first shown."""
        if is_open and not self.rows:
            self._build_rows()
        self._all.setVisible(is_open)
        self.more_button.setChecked(is_open)
        self.more_button.setIcon(icon("caret-up" if is_open else "caret-down"))

    # Building

    def _build(self) -> None:
        self.name_line = QLineEdit()
        self.name_line.setMaxLength(MOST_NAME)
        self.name_line.setAccessibleName(self.tr("Name of the model"))
        self.name_line.setPlaceholderText(self.tr("Name of the model"))
        self.start = CalmChoice()
        self.start.setAccessibleName(self.tr("Continue from"))
        self.start.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.start.setMinimumContentsLength(8)
        self.start.setSizeAdjustPolicy(CalmChoice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.start_sentence = label(
            self.tr("It keeps its words and its kind of decoder; words that it lacks are added."),
            "secondary",
            wraps=True,
        )
        self.preset = Segmented(
            (
                ("quick", self.tr("Quick"), form_text(self._form.sentence_of("quick"))),
                ("good", self.tr("Good"), form_text(self._form.sentence_of("good"))),
                ("best", self.tr("Best"), form_text(self._form.sentence_of("best"))),
            )
        )
        self.preset.setAccessibleName(self.tr("Preset"))
        self.sentence = label("", "secondary", wraps=True)
        self.problem = label("", "error", wraps=True)
        self.more_button = QToolButton()
        self.more_button.setProperty("role", "quiet")
        self.more_button.setText(self.tr("All settings"))
        self.more_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more_button.setIconSize(QSize(12, 12))
        self.more_button.setCheckable(True)
        self.more_button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.reset_button = QPushButton()
        self.reset_button.setProperty("role", "quiet")
        self.reset_button.setToolTip(self.tr("Back to the values of the preset"))
        self._all = QWidget()
        self._groups = QVBoxLayout(self._all)
        self._groups.setContentsMargins(0, 0, 0, 0)
        self._groups.setSpacing(Space.M)
        self.body.addWidget(self.name_line)
        self.body.addLayout(self._start_row())
        for part in (self.start_sentence, self.preset, self.sentence):
            self.body.addWidget(part)
        # One below the other: side by side they are too wide for the narrowest window.
        for button in (self.more_button, self.reset_button):
            self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.problem)
        self.body.addWidget(self._all)
        self.set_open(False)

    def _start_row(self) -> QHBoxLayout:
        name = label(self.tr("Continue from"))
        name.setBuddy(self.start)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(name)
        row.addWidget(self.start, 1)
        return row

    def _connect_signals(self) -> None:
        self.start.activated.connect(lambda _: self._form.set_start_from(self.start.currentData()))
        self.name_line.textEdited.connect(lambda text: self.name_changed.emit(text.strip()))
        self.preset.chosen.connect(self._form.set_preset)
        self.more_button.toggled.connect(self.set_open)
        self.reset_button.clicked.connect(self._form.reset)
        self._form.changed.connect(self._show_form)

    def _build_rows(self) -> None:
        for group, fields in self._form.groups.items():
            heading = label(form_text(group), "section")
            heading.setContentsMargins(0, Space.S, 0, 0)
            self._groups.addWidget(heading)
            for field in fields:
                row = self.rows[field.name] = SettingRow(field)
                row.value_changed.connect(self._form.set_value)
                self._groups.addWidget(row)
        self._show_form()

    def _show_start(self) -> None:
        chosen = self._form.start_from
        # One that was removed meanwhile stays on show, so that it is seen why training refuses it.
        names = dict.fromkeys((*self._models, *([chosen] if chosen else [])))
        shown = [self.start.itemData(index) for index in range(self.start.count())]
        if shown != ["", *names]:
            self.start.clear()
            self.start.addItem(self.tr("No model"), "")
            for name in names:
                self.start.addItem(printable(name), name)
        self.start.setCurrentIndex(self.start.findData(chosen))
        self.start_sentence.setVisible(bool(chosen))

    def _show_form(self) -> None:
        form = self._form
        self._show_start()
        if form.preset != self.preset.value:
            self.preset.set_chosen(form.preset)
        self.sentence.setText(form_text(form.sentence_of(form.preset)))
        self.problem.setText(form.problem)
        self.problem.setVisible(bool(form.problem))
        changed = form.differences
        self.reset_button.setText(self.tr("Undo %Ln change(s)", "", len(changed)))
        self.reset_button.setVisible(bool(changed))
        for name, row in self.rows.items():
            row.show_value(form.value(name), is_changed=name in changed, matters=form.matters(name))
