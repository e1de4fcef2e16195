"""How words are chosen, as controls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from captioner.config import MAX_WORDS, DecodingOptions
from gui.controls.calm_inputs import CalmChoice
from gui.controls.number_row import NumberRange, NumberRow
from gui.controls.section import Section
from gui.controls.seed_row import SeedRow
from gui.controls.segmented import Segmented
from gui.icons import describe, icon
from gui.viewmodels.decoding_presets import CUSTOM, RECOMMENDED, preset_of, presets_for

REST_MILLISECONDS = 250
"""A value must rest for so long before it is told."""

_RANGES = {
    "beam_size": NumberRange(1, 50, 1, 20),
    "length_penalty": NumberRange(-5, 5, 0, 2, 0.05),
    "temperature": NumberRange(0.01, 100, 0.1, 2, 0.05),
    "top_k": NumberRange(0, 100_000, 0, 100),
    "top_p": NumberRange(0.01, 1, 0.05, 1, 0.05),
    "min_length": NumberRange(0, MAX_WORDS, 0, 30),
    "max_length": NumberRange(1, MAX_WORDS, 1, 50),
}
_ONLY_OF = {"length_penalty": "beam", "temperature": "sample", "top_k": "sample", "top_p": "sample"}


class DecodingPanel(QWidget):
    """The controls of `DecodingOptions`: presets, and the numbers behind them.

    Signals
    -------
    options_changed(DecodingOptions)
        The user chose other options; while a number is being dragged, only once it rests. Never emitted for
        `set_options`.
    """

    options_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = self._recommended = DecodingOptions()
        self._rest = QTimer(self, interval=REST_MILLISECONDS, singleShot=True)
        self._build()
        self._connect_signals()
        self.set_options(self._options, self._recommended)

    @property
    def options(self) -> DecodingOptions:
        """The options as they are shown."""
        return self._options

    def set_options(self, options: DecodingOptions, recommended: DecodingOptions) -> None:
        """Show these options of a model that recommends those."""
        self._rest.stop()
        self._options, self._recommended = options, recommended
        self._show()

    def row(self, name: str) -> NumberRow:
        """The row of an option by its name in `DecodingOptions`."""
        return self._rows[name]

    # Building

    def _build(self) -> None:
        self._reset = QToolButton()
        self._reset.setProperty("role", "quiet")
        self._reset.setIcon(icon("arrow-counter-clockwise"))
        describe(self._reset, self.tr("Back to what the model recommends"))
        section = Section(self.tr("Decoding"), self._reset)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(section)
        self._presets = CalmChoice()
        describe(self._presets, self.tr("Ways of choosing words that have a name"))
        self._method = Segmented(
            (
                ("beam", self.tr("Search"), self.tr("Look for the most likely caption")),
                ("sample", self.tr("Draw"), self.tr("Draw each word at random, likely words more often")),
            )
        )
        self._method.setAccessibleName(self.tr("Method"))
        self._rows = {name: NumberRow(name, "", limits) for name, limits in _RANGES.items()}
        for name, row in self._rows.items():
            row.set_name(*self._wording(name))
        self._seed = SeedRow()
        section.body.addWidget(self._presets)
        section.body.addWidget(self._method)
        for name in ("beam_size", "length_penalty", "temperature", "top_k", "top_p"):
            section.body.addWidget(self._rows[name])
        section.body.addWidget(self._seed)
        for name in ("min_length", "max_length"):
            section.body.addWidget(self._rows[name])

    def _wording(self, name: str) -> tuple[str, str]:
        """Name and explanation of an option."""
        return {
            "beam_size": (
                self.tr("Beam size"),
                self.tr("How many unfinished captions are kept while searching; 1 takes the likeliest word each time"),
            ),
            "drawn": (self.tr("Captions drawn"), self.tr("How many captions are drawn; the likeliest is shown")),
            "length_penalty": (
                self.tr("Length penalty"),
                self.tr("Greater values favour longer captions; 0 ranks them by probability alone"),
            ),
            "temperature": (
                self.tr("Temperature"),
                self.tr("Below 1 likely words are drawn even more often, above 1 unlikely ones"),
            ),
            "top_k": (self.tr("Top k"), self.tr("Draw among so many of the likeliest words; 0 among all")),
            "top_p": (
                self.tr("Top p"),
                self.tr("Draw among the likeliest words that together have this probability; 1 among all"),
            ),
            "min_length": (self.tr("Least words"), self.tr("No caption has fewer words")),
            "max_length": (self.tr("Most words"), self.tr("Captions are cut after so many words")),
        }[name]

    def _preset_names(self) -> dict[str, str]:
        return {
            RECOMMENDED: self.tr("Recommended"),
            "plain": self.tr("Plain"),
            "greedy": self.tr("Word by word"),
            "careful": self.tr("Careful"),
            "short": self.tr("Short"),
            "detailed": self.tr("Detailed"),
            "varied": self.tr("Varied"),
            CUSTOM: self.tr("Custom"),
        }

    def _connect_signals(self) -> None:
        self._presets.activated.connect(self._on_preset_chosen)
        self._method.chosen.connect(lambda method: self._choose(self._options.replace(method=method)))
        self._seed.seed_changed.connect(lambda seed: self._choose(self._options.replace(seed=seed)))
        self._reset.clicked.connect(lambda: self._choose(self._recommended))
        self._rest.timeout.connect(lambda: self.options_changed.emit(self._options))
        for name, row in self._rows.items():
            row.value_changed.connect(self._change_of(name))

    def _change_of(self, name: str) -> Callable[[float], None]:
        """What happens when the row of an option is given another value."""
        is_whole = _RANGES[name].digits == 0

        def change(value: float) -> None:
            changes: dict[str, Any] = {name: int(value) if is_whole else round(value, 2)}
            self._options = self._options.replace(**changes)
            self._show()
            self._rest.start()

        return change

    # Showing

    def _show(self) -> None:
        options = self._options
        self._show_preset()
        self._method.set_chosen(options.method)
        self._rows["beam_size"].set_name(*self._wording("drawn" if options.method == "sample" else "beam_size"))
        self._rows["min_length"].set_most(options.max_length)
        self._rows["max_length"].set_least(max(options.min_length, 1))
        for name, row in self._rows.items():
            row.set_value(getattr(options, name))
            row.setVisible(_ONLY_OF.get(name, options.method) == options.method)
        self._seed.set_seed(options.seed)
        self._seed.setVisible(options.method == "sample")
        self._reset.setEnabled(options != self._recommended)

    def _show_preset(self) -> None:
        names = self._preset_names()
        current = preset_of(self._options, self._recommended)
        self._presets.clear()
        for preset in presets_for(self._recommended):
            self._presets.addItem(names.get(preset.key, preset.key.capitalize()), preset.options)
            if preset.key == current:
                self._presets.setCurrentIndex(self._presets.count() - 1)
        if current == CUSTOM:
            self._presets.addItem(names[CUSTOM], self._options)
            self._presets.setCurrentIndex(self._presets.count() - 1)

    def _on_preset_chosen(self, index: int) -> None:
        self._choose(self._presets.itemData(index))

    def _choose(self, options: DecodingOptions) -> None:
        """Take options that the user chose with one press, and tell of them at once."""
        is_pending = self._rest.isActive()
        is_new = options != self._options
        self.set_options(options, self._recommended)
        if is_new or is_pending:
            self.options_changed.emit(options)
