"""Messages as bytes and back: JSON, then raw arrays, every field checked, so that no message can run code.

A message is::

    4 bytes     length of the header, big-endian
    header      JSON in UTF-8: {"type": ..., "fields": {...}, "arrays": [[dtype, shape], ...]}
    arrays      their bytes, in C order and little-endian, one after the other

The worker reads hostile files. Should one of them take it over, what it can send to the window is one of the events of
the protocol, with fields of the right types, and nothing else; pickle would hand it the window.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import struct
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from captioner.errors import CaptionerError
from captioner.worker import private_messages, protocol
from captioner.worker.protocol import Event, Request

Message = Request | Event
Array = NDArray[Any]
_Arrays = list[Array | None]
_Reader = Callable[[Any, _Arrays], Any]

MOST_HEADER_BYTES = 2**30
MOST_ARRAY_BYTES = 2**31
MOST_DIMENSIONS = 4
_LENGTH = struct.Struct(">I")
_DTYPES = {name: np.dtype(name).newbyteorder("<") for name in ("uint8", "float32", "float64")}


class ProtocolError(Exception):
    """Bytes that are no message of the protocol."""


def _messages(kind: type[Message]) -> Mapping[str, type[Message]]:
    return {
        name: value
        for module in (protocol, private_messages)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, kind) and value is not kind
    }


REQUESTS = _messages(Request)
EVENTS = _messages(Event)


def encode(message: Message) -> list[bytes | memoryview]:
    """Parts of a message, to be written one after the other; arrays are not copied."""
    arrays: list[Array] = []
    content = {"type": type(message).__name__, "fields": _plain(message, arrays)}
    content["arrays"] = [[array.dtype.name, array.shape] for array in arrays]
    # surrogatepass carries file names that are not text: Python keeps their bytes as lone surrogates (PEP 383).
    header = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if len(header) > MOST_HEADER_BYTES:
        raise ProtocolError(f"A message of {len(header):,} bytes is too long.")
    blobs = [array.data.cast("B") for array in arrays if array.size]
    return [_LENGTH.pack(len(header)) + header, *blobs]


def read_message(stream: IO[bytes], known: Mapping[str, type[Message]]) -> Message | None:
    """Read one message, its arrays read-only; None when the stream has ended, be it in the middle of a message.

    Parameters
    ----------
    stream
        Buffered: a read gives as many bytes as were asked for, unless the stream ends.
    known
        The messages that may come: `REQUESTS` or `EVENTS`.

    Raises
    ------
    ProtocolError
        When what was read is anything else than one of these messages, complete and with fields of the right types.
    """
    start = stream.read(_LENGTH.size)
    if len(start) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(start)
    if length > MOST_HEADER_BYTES:
        raise ProtocolError(f"A header of {length:,} bytes is too long.")
    header = stream.read(length)
    if len(header) < length:
        return None
    kind, fields, shapes = _parse_header(header, known)
    arrays: _Arrays = []
    for dtype, shape in shapes:
        size = math.prod(shape) * dtype.itemsize
        content = stream.read(size)
        if len(content) < size:
            return None
        arrays.append(np.frombuffer(content, dtype).reshape(shape))
    message: Message = _reader(kind)(fields, arrays)
    if any(array is not None for array in arrays):
        raise ProtocolError(f"{kind.__name__} came with an array that it has no use for.")
    return message


def _parse_header(
    header: bytes, known: Mapping[str, type[Message]]
) -> tuple[Any, Any, list[tuple[np.dtype[Any], tuple[int, ...]]]]:
    try:
        content = json.loads(header.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError("A header is not JSON.") from error
    if not isinstance(content, dict) or content.keys() != {"type", "fields", "arrays"}:
        raise ProtocolError("A header must hold type, fields and arrays.")
    name, specs = content["type"], content["arrays"]
    if not isinstance(name, str) or name not in known:
        raise ProtocolError(f"There is no message {name!r:.60} in this direction.")
    if not isinstance(specs, list):
        raise ProtocolError("Arrays must be a list.")
    shapes = [_parse_array(spec) for spec in specs]
    if sum(math.prod(shape) * dtype.itemsize for dtype, shape in shapes) > MOST_ARRAY_BYTES:
        raise ProtocolError(f"The arrays of {name} are too large.")
    return known[name], content["fields"], shapes


def _parse_array(spec: Any) -> tuple[np.dtype[Any], tuple[int, ...]]:
    match spec:
        case [str(name), list(shape)] if name in _DTYPES and len(shape) <= MOST_DIMENSIONS:
            if all(_is_int(side) and 0 <= side <= MOST_ARRAY_BYTES for side in shape):
                return _DTYPES[name], tuple(shape)
    raise ProtocolError(f"{spec!r:.80} is not an array that can be sent.")


# From objects to plain values


def _plain(value: Any, arrays: list[Array]) -> Any:
    """``value`` as JSON has it; each array becomes its place in ``arrays``."""
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, tuple):
        return [_plain(item, arrays) for item in value]
    if isinstance(value, np.ndarray):
        if value.dtype.name not in _DTYPES:
            raise ProtocolError(f"An array of type {value.dtype} cannot be sent.")
        arrays.append(np.ascontiguousarray(value, _DTYPES[value.dtype.name]).reshape(value.shape))
        return len(arrays) - 1
    if isinstance(value, Path):
        return str(value)
    if dataclasses.is_dataclass(value):
        kind: Any = type(value)
        return {name: _plain(getattr(value, name), arrays) for name in _field_names(kind)}
    raise ProtocolError(f"A {type(value).__name__} cannot be sent.")


@functools.cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


# From plain values to objects, as the type hints of the messages have it


@functools.cache
def _reader(annotation: Any) -> _Reader:
    """A function that turns a plain value into what ``annotation`` says, or raises `ProtocolError`."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return _dataclass_reader(annotation)
    if origin is tuple:
        return _row_reader(arguments[0]) if arguments[-1] is Ellipsis else _tuple_reader(arguments)
    if origin is np.ndarray:
        return _array_reader(np.dtype(typing.get_args(arguments[1])[0]))
    if origin is typing.Literal:
        return _checked(annotation, lambda value: isinstance(value, str) and value in arguments)
    if origin in (typing.Union, types.UnionType) and len(arguments) == 2 and arguments[1] is types.NoneType:
        inner = _reader(arguments[0])
        return lambda value, arrays: None if value is None else inner(value, arrays)
    if annotation is float:
        number = _checked(float, lambda value: isinstance(value, float) or (_is_int(value) and abs(value) < 2**64))
        return lambda value, arrays: float(number(value, arrays))
    if annotation is Path:
        text = _checked(Path, lambda value: isinstance(value, str))
        return lambda value, arrays: Path(text(value, arrays))
    if annotation in (str, bool):
        return _checked(annotation, lambda value: isinstance(value, annotation))
    if annotation is int:
        return _checked(int, _is_int)
    raise TypeError(f"Messages cannot hold {annotation}.")


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _checked(annotation: Any, is_right: Callable[[Any], bool]) -> _Reader:
    def read(value: Any, _arrays: _Arrays) -> Any:
        if not is_right(value):
            raise ProtocolError(f"{value!r:.80} is not {getattr(annotation, '__name__', annotation)}.")
        return value

    return read


def _row_reader(annotation: Any) -> _Reader:
    item_reader = _reader(annotation)

    def read(value: Any, arrays: _Arrays) -> Any:
        if not isinstance(value, list):
            raise ProtocolError(f"{value!r:.80} is not a list.")
        return tuple([item_reader(item, arrays) for item in value])

    return read


def _tuple_reader(annotations: tuple[Any, ...]) -> _Reader:
    readers = tuple(_reader(annotation) for annotation in annotations)

    def read(value: Any, arrays: _Arrays) -> Any:
        if not isinstance(value, list) or len(value) != len(readers):
            raise ProtocolError(f"{value!r:.80} is not a list of {len(readers)}.")
        return tuple([reader(item, arrays) for reader, item in zip(readers, value, strict=True)])

    return read


def _array_reader(dtype: np.dtype[Any]) -> _Reader:
    is_picture = dtype == np.uint8

    def read(value: Any, arrays: _Arrays) -> Any:
        if not _is_int(value) or not 0 <= value < len(arrays):
            raise ProtocolError(f"{value!r:.80} is not the place of an array.")
        array, arrays[value] = arrays[value], None
        if array is None or array.dtype != dtype:
            raise ProtocolError(f"Array {value} is not {dtype} or was used before.")
        # A window hands these to C with the sides they claim.
        if is_picture and not (array.ndim == 3 and array.shape[2] == 3 and array.size):
            raise ProtocolError(f"{array.shape} is not the shape of a picture.")
        return array

    return read


def _dataclass_reader(kind: Any) -> _Reader:
    hints = typing.get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in _field_names(kind)}

    def read(value: Any, arrays: _Arrays) -> Any:
        if not isinstance(value, dict) or value.keys() != readers.keys():
            raise ProtocolError(f"{value!r:.80} does not hold the fields of {kind.__name__}.")
        try:
            return kind(**{name: reader(value[name], arrays) for name, reader in readers.items()})
        except CaptionerError as error:
            raise ProtocolError(error.message) from error

    return read
