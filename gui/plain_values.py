"""Between dataclasses and the plain values of JSON, every type checked, so that a damaged file becomes an error."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal


def to_plain(value: Any) -> Any:
    """``value`` as JSON can hold it; `from_plain` reads it back."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): to_plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(inner) for inner in value]
    return str(value) if isinstance(value, StrEnum) else value


def from_plain(annotation: Any, value: Any) -> Any:
    """``value``, read from JSON, as the annotated type.

    Raises
    ------
    ValueError, TypeError, CaptionerError
        If it is of another type or outside its range.
    """
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Literal:
        return _require(value in arguments, value, annotation)
    if origin in (typing.Union, types.UnionType):
        return _first_that_fits(arguments, value)
    if origin is tuple:
        _require(isinstance(value, list) and arguments[-1] is Ellipsis, value, annotation)
        return tuple(from_plain(arguments[0], item) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        _require(isinstance(value, dict), value, annotation)
        return {name: from_plain(arguments[1], item) for name, item in value.items()}
    if dataclasses.is_dataclass(annotation):
        return _dataclass(annotation, value)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return annotation(value)
    if annotation is float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        return float(_require(is_number, value, annotation))
    # A bool is an int to isinstance.
    return _require(type(value) is annotation or (value is None and annotation is types.NoneType), value, annotation)


def _require(condition: bool, value: Any, annotation: Any) -> Any:
    if not condition:
        raise ValueError(f"{value!r:.80} is not {annotation}")
    return value


def _first_that_fits(annotations: tuple[Any, ...], value: Any) -> Any:
    for annotation in annotations[:-1]:
        try:
            return from_plain(annotation, value)
        except (ValueError, TypeError):
            continue
    return from_plain(annotations[-1], value)


def _dataclass(annotation: Any, value: Any) -> Any:
    _require(isinstance(value, dict), value, annotation)
    if hasattr(annotation, "from_dict"):  # settings of the engine check themselves
        return annotation.from_dict(value)
    hints = typing.get_type_hints(annotation)
    names = [item.name for item in dataclasses.fields(annotation)]
    return annotation(**{name: from_plain(hints[name], value[name]) for name in names if name in value})
