"""The settings of a run to come: a preset, and what the user wants otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psygnal import Signal

from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError
from gui.viewmodels.training_fields import Field, Group, Kind, Value, flat_values, matters, training_fields
from gui.viewmodels.training_presets import Preset, training_presets

__all__ = ["DEFAULT_PRESET", "Field", "Group", "Kind", "TrainingForm"]

DEFAULT_PRESET = "quick"
MANY = 100
STEPS_FOR_FEW, MOST_EPOCHS = 80, 30
"""So many steps teach the bundled model four new captions with a new word each, and it forgets little else."""


class TrainingForm:
    """Every setting of training, by its dotted name.

    Parameters
    ----------
    presets
        By name; those of `training_presets` when absent. The first is chosen where there is no ``quick``.

    Attributes
    ----------
    start_from
        Name of the model that is taught further, whose kind of decoder is then given; empty for a new one.

    Signals
    -------
    changed()
        A value, the preset or the model to start from changed.
    """

    changed = Signal()

    def __init__(self, presets: Mapping[str, Preset] | None = None) -> None:
        self.presets = training_presets() if presets is None else presets
        self.fields = training_fields()
        self._by_name = {field.name: field for field in self.fields}
        self._preset = DEFAULT_PRESET if DEFAULT_PRESET in self.presets else next(iter(self.presets))
        self._values = self._preset_values()
        self.start_from = ""

    @property
    def groups(self) -> dict[Group, tuple[Field, ...]]:
        """The settings of each group, in order."""
        return {group: tuple(field for field in self.fields if field.group is group) for group in Group}

    @property
    def preset(self) -> str:
        """Name of the preset that differences count from."""
        return self._preset

    def sentence_of(self, preset: str) -> str:
        """What a preset costs and gives; empty for one that is not known."""
        return self.presets[preset].sentence if preset in self.presets else ""

    def field(self, name: str) -> Field:
        """The setting with this name."""
        return self._by_name[name]

    def value(self, name: str) -> Value:
        """What a setting is now."""
        return self._values[name]

    def matters(self, name: str) -> bool:
        """Whether a setting has a say, the others being what they are."""
        return not self._is_given(name) and matters(name, self._values)

    @property
    def differences(self) -> dict[str, tuple[Value, Value]]:
        """The preset's value and the present one, for each setting where they differ."""
        preset = self._preset_values()
        chosen = {name: value for name, value in self._values.items() if not self._is_given(name)}
        return {name: (preset[name], value) for name, value in chosen.items() if value != preset[name]}

    @property
    def problem(self) -> str:
        """Why no run can be started with these settings, in a sentence; empty where one can."""
        try:
            self.config()
        except ConfigurationError as error:
            return error.message
        return ""

    def config(self) -> TrainingConfig:
        """The settings as the engine takes them.

        Raises
        ------
        ConfigurationError
            If they contradict each other.
        """
        return TrainingConfig.from_dict(_nested(self._values), where="the settings")

    def to_settings(self) -> dict[str, object]:
        """What differs from the preset, by dotted name, as `TrainingRequest` takes it; pairs of numbers are whole."""
        preset = _whole(self._preset_values())
        values = {name: value for name, value in _whole(self._values).items() if not self._is_given(name)}
        return {name: value for name, value in values.items() if value != preset[name]}

    def set_start_from(self, model: str) -> None:
        """Teach this model further; a new one where it is empty."""
        if model != self.start_from:
            self.start_from = model
            self.changed.emit()

    def suit_to(self, photographs: int) -> None:
        """Take the preset's values, or for a few photographs with a caption each those that suit so few.

        Their words occur but once or twice, an epoch of usual batches is a step or two, and a reward that compares
        captions with those of so few images means little; none of them can be spared to choose the best epoch by.
        """
        few = _settings_for(max(photographs, 1)) if photographs < MANY else {}
        self._take({**self._preset_values(), **few})

    def _is_given(self, name: str) -> bool:
        """Whether the model that is taught further leaves no choice about a setting."""
        is_of_model = name == "level" or (name.startswith("decoder.") and name != "decoder.dropout")
        return bool(self.start_from) and is_of_model

    def set_preset(self, preset: str) -> None:
        """Take all values from a preset; changes are dropped, as they were meant for another one.

        Raises
        ------
        ConfigurationError
            If there is no such preset.
        """
        if preset not in self.presets:
            raise ConfigurationError(f"There is no preset {preset!r:.60}. Choose one of {', '.join(self.presets)}.")
        self._preset = preset
        self._take(self._preset_values())

    def set_value(self, name: str, value: Value) -> None:
        """Change a setting.

        Raises
        ------
        ConfigurationError
            If there is none of this name, or it cannot be this value whatever the others are.
        """
        field = self._by_name.get(name)
        if field is None:
            raise ConfigurationError(f"There is no setting {name!r:.60}.")
        self._take({**self._values, name: _fitting(field, value)})

    def reset_value(self, name: str) -> None:
        """Give a setting the preset's value again."""
        self._take({**self._values, name: self._preset_values()[name]})

    def reset(self) -> None:
        """Give all settings the preset's values again."""
        self._take(self._preset_values())

    def take_settings(self, settings: Mapping[str, Any]) -> None:
        """Take the values of an earlier run, as its ``config.json`` has them; those that cannot be are passed over."""
        values = dict(self._values)
        for name, value in _flattened(settings):
            field = self._by_name.get(name)
            if field is None:
                continue
            try:
                values[name] = _fitting(field, value)
            except ConfigurationError:
                continue
        self._take(values)

    def _preset_values(self) -> dict[str, Value]:
        return flat_values(self.presets[self._preset].config)

    def _take(self, values: dict[str, Value]) -> None:
        self._values = values
        self.changed.emit()


def _settings_for(photographs: int) -> dict[str, Value]:
    """What suits so few photographs: about `STEPS_FOR_FEW` steps, eight to an epoch where there are enough."""
    batch_size = -(-photographs // 8)
    steps_per_epoch = -(-photographs // batch_size)
    return {
        "min_word_count": 1,
        "batch_size": batch_size,
        "epochs": min(MOST_EPOCHS, -(-STEPS_FOR_FEW // steps_per_epoch)),
        "average_decay": 0.9,
        "dev_share": 0.0,
        "self_critical.epochs": 0,
    }


def _fitting(field: Field, value: object) -> Value:
    """The value in the type of the setting.

    Raises
    ------
    ConfigurationError
        If it cannot be.
    """
    match field.kind, value:
        case ((Kind.INT | Kind.FLOAT), bool()):
            pass  # which Python takes for a number
        case Kind.BOOL, bool():
            return value
        case Kind.CHOICE, str() if value in field.choices:
            return value
        case Kind.FLOAT, (int() | float()) if field.least <= value <= field.most:
            return float(value)
        case Kind.INT, (int() | float()) if field.least <= value <= field.most and value == int(value):
            return int(value)
    raise ConfigurationError(f"The setting {field.name} cannot be {value!r:.60}.")


def _whole(values: Mapping[str, Value]) -> dict[str, Any]:
    """The same with pairs of numbers put together."""
    whole: dict[str, Any] = {}
    for name, value in values.items():
        pair, _, place = name.rpartition(".")
        if place.isdecimal():
            whole[pair] = (*whole.get(pair, ()), value)
        else:
            whole[name] = value
    return whole


def _nested(values: Mapping[str, Value]) -> dict[str, Any]:
    """The tables that dotted names stand for."""
    tables: dict[str, Any] = {}
    for name, value in _whole(values).items():
        *parents, last = name.split(".")
        table = tables
        for parent in parents:
            table = table.setdefault(parent, {})
        table[last] = value
    return tables


def _flattened(settings: Mapping[str, Any], prefix: str = "") -> Sequence[tuple[str, Any]]:
    """Dotted names of what lies in tables and lists."""
    pairs: list[tuple[str, Any]] = []
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            pairs += _flattened(value, f"{name}.")
        elif isinstance(value, (list, tuple)):
            pairs += [(f"{name}.{place}", part) for place, part in enumerate(value)]
        else:
            pairs.append((name, value))
    return pairs
