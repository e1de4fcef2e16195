"""Typed access to the fields of a JSON captions file, with errors that name the entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from captioner.data.captioned_image import refuse

Value = TypeVar("Value", str, int, list[Any], dict[str, Any])
_NAMES: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a fraction",
    bool: "true or false",
    list: "a list",
    dict: "an object",
    type(None): "nothing",
}


def field(entry: dict[str, Any], name: str, kind: type[Value], path: Path, where: str) -> Value:
    """The field of an entry, of the given type.

    Raises
    ------
    AnnotationError
        If it is missing or of another type.
    """
    if name not in entry:
        raise refuse(path, where, f"the field {name!r} is missing; {_NAMES[kind]} was expected.")
    return typed(entry[name], kind, path, f"{where}, {name}" if where else name)


def typed(value: Any, kind: type[Value], path: Path, where: str) -> Value:
    """The value itself, if it has the given type.

    Raises
    ------
    AnnotationError
        If not; true and false are no whole numbers.
    """
    if not isinstance(value, kind) or isinstance(value, bool):
        raise refuse(path, where, f"{_NAMES[kind]} was expected, not {_NAMES[type(value)]}.")
    return value
