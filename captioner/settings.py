"""The base of all settings: frozen dataclasses that check their values and go to and from plain JSON or TOML."""

from __future__ import annotations

import dataclasses
import functools
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, Self

from captioner.errors import ConfigurationError

MAX_FLOAT = sys.float_info.max


def require(condition: bool, message: str) -> None:
    """Refuse a setting.

    Raises
    ------
    ConfigurationError
        With ``message``, unless ``condition`` holds.
    """
    if not condition:
        raise ConfigurationError(message)


def _matches(value: object, annotation: Any) -> bool:
    """Whether ``value`` read from JSON or TOML has the annotated type (int passes for float, lists for tuples)."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return value in arguments
    if origin in (typing.Union, types.UnionType):
        return any(_matches(value, argument) for argument in arguments)
    if origin is tuple:
        if not isinstance(value, (list, tuple)):
            return False
        if arguments[-1] is Ellipsis:
            return all(_matches(item, arguments[0]) for item in value)
        return len(value) == len(arguments) and all(map(_matches, value, arguments))
    if annotation is float:
        # JSON as Python reads it knows NaN and Infinity, which no setting can be.
        return isinstance(value, (int, float)) and not isinstance(value, bool) and -MAX_FLOAT <= value <= MAX_FLOAT
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, annotation)


def _settings_in(annotation: Any) -> type[Settings] | None:
    """The kind of settings that an annotation, such as ``EncoderConfig | None``, allows; None for plain values."""
    kinds = (annotation, *typing.get_args(annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Settings)), None)


def _with_tuples(value: Any) -> Any:
    """``value`` with tuples in the place of lists, at every depth."""
    return tuple(map(_with_tuples, value)) if isinstance(value, (list, tuple)) else value


def _known(cls: type[Settings], unknown: str) -> str:
    """The names that there are in the place of an ``unknown`` one, and the tables that know it."""
    kinds = {name: _settings_in(annotation) for name, annotation in typing.get_type_hints(cls).items()}
    text = f"Known: {', '.join(name for name, kind in kinds.items() if kind is None)}"
    tables = [name for name, kind in kinds.items() if kind is not None]
    text += f"; and the tables {', '.join(f'[{name}]' for name in tables)}." if tables else "."
    owners = [f"[{name}]" for name, kind in kinds.items() if kind and unknown in typing.get_type_hints(kind)]
    return f"{text} It belongs below {' or '.join(owners)}." if owners else text


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    # Working them out takes longer than all other checks of a settings object together.
    return typing.get_type_hints(cls)


class Settings:
    """Conversion between a frozen dataclass and plain JSON or TOML values, with every name and type checked."""

    def __post_init__(self) -> None:
        for name, annotation in _hints(type(self)).items():  # type: ignore[arg-type]
            value = getattr(self, name)
            require(_matches(value, annotation), f"The setting {name} cannot be {value!r:.80}.")
        self._check_ranges()

    def _check_ranges(self) -> None:
        """Refuse what has the right type but not a possible value."""

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], *, where: str = "the configuration") -> Self:
        """Build from plain values.

        Parameters
        ----------
        values
            Names and values as read from JSON or TOML. Missing names take their defaults.
        where
            What is being read, for the error message.

        Raises
        ------
        ConfigurationError
            On an unknown name, a value of another type, or one outside its range.
        """
        require(isinstance(values, Mapping), f"In {where} a table of settings was expected.")
        hints = _hints(cls)  # type: ignore[arg-type]
        fields = {item.name: item for item in dataclasses.fields(cls)}  # type: ignore[arg-type]
        ready: dict[str, Any] = {}
        for name, value in values.items():
            require(name in fields, f"In {where} the setting {name!r} is not known. {_known(cls, name)}")
            annotation = hints[name]
            inner = _settings_in(annotation)
            if inner is not None and not (value is None and _matches(None, annotation)):
                ready[name] = inner.from_dict(value, where=f"{where}, {name}")
                continue
            require(_matches(value, annotation), f"In {where} the setting {name!r} cannot be {value!r:.80}.")
            ready[name] = _with_tuples(value)
        return cls(**ready)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that `from_dict` reads back to an equal object."""
        return dataclasses.asdict(self)  # type: ignore[call-overload,no-any-return]

    def replace(self, **changes: Any) -> Self:
        """A copy with some settings changed; None leaves a setting as it is."""
        kept = {name: value for name, value in changes.items() if value is not None}
        return dataclasses.replace(self, **kept)  # type: ignore[type-var]
