"""What the window works on, kept for the next start: JSON lines, one for each photograph."""

from __future__ import annotations

import gc
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captioner.atomic_file import atomic_path
from captioner.errors import CaptionerError
from gui.viewmodels.caption_record import caption_from_record, caption_to_record
from gui.viewmodels.image_collection import CollectedImage, ImageCollection, ImageState

FORMAT_VERSION = 1
MAX_FILE_BYTES = 2**30
MAX_LINE = 2**24
MOST_BACKUPS = 100
_IMAGES_IN_A_ROW = 8
_PAUSE = 0.0002
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """What the window works on.

    Attributes
    ----------
    images
        In order, with what is said of each.
    current
        Path of the one that was looked at.
    problems
        Number of photographs that could not be restored; a copy of the file is kept then.
    """

    images: tuple[CollectedImage, ...] = ()
    current: str | None = None
    problems: int = 0


def take_session(collection: ImageCollection, current: str | None = None) -> Session:
    """Copy what the window works on, so that another thread can save it; takes a few milliseconds."""
    return Session(tuple(_copy(image) for image in collection), current)


def save_session(session: Session, path: str | os.PathLike[str]) -> None:
    """Write a session; to be called in a thread of its own, which leaves the window its turn.

    Raises
    ------
    OutputError
        When the file cannot be written; the one before stays.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="ascii", newline="\n") as file:
        header = {"format_version": FORMAT_VERSION, "current": session.current, "images": len(session.images)}
        file.write(json.dumps(header) + "\n")
        for number, image in enumerate(session.images):
            file.write(json.dumps(_image_to_record(image), separators=(",", ":")) + "\n")
            _let_others_run(number)


def load_session(path: str | os.PathLike[str]) -> Session:
    """Read a session; never raises.

    A missing file is an empty session. A file that is damaged, or that a newer version wrote, is kept under another
    name, ``{name}.corrupt-N``; what of it can be read is restored. To be called in a thread of its own; the garbage
    collector rests meanwhile.
    """
    path = Path(path)
    try:
        with _collector_at_rest():
            session = _read(path)
    except FileNotFoundError:
        return Session()
    except (OSError, ValueError) as error:
        _log.warning("The session in %s cannot be restored: %s", path, error)
        session = Session(problems=1)
    if session.problems:
        _keep_aside(path)
    return session


def _read(path: Path) -> Session:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError("it is too large")
    with path.open(encoding="utf-8", errors="replace") as file:
        header = _object(file.readline(MAX_LINE))
        if header.get("format_version") != FORMAT_VERSION:
            raise ValueError("it is of another version")
        images = list(_read_images(iter(lambda: file.readline(MAX_LINE), "")))
    current, expected = header.get("current"), header.get("images")
    missing = expected - len(images) if isinstance(expected, int) else 1
    return Session(tuple(images), current if isinstance(current, str) else None, max(missing, 0))


def _read_images(lines: Iterable[str]) -> Iterator[CollectedImage]:
    for number, line in enumerate(lines, 2):
        try:
            yield _image_from_record(_object(line))
        except (ValueError, TypeError, KeyError, OverflowError, CaptionerError) as error:
            _log.warning("Line %d of the session cannot be restored: %s", number, error)
        _let_others_run(number)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Keep the collector from looking through what is loaded, which would stop all threads, again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # What is alive now, captions above all, forms no cycles and is not looked through any more.
        gc.freeze()
        if was_enabled:
            gc.enable()


def _let_others_run(number: int) -> None:
    # The window's own thread gets the interpreter after a millisecond or so, and not only after a switch interval.
    if number % _IMAGES_IN_A_ROW == 0:
        time.sleep(_PAUSE)


def _object(line: str) -> dict[str, Any]:
    try:
        values = json.loads(line)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(values, dict):
        raise ValueError("it is not a table")
    return values


def _keep_aside(path: Path) -> None:
    for number in range(1, MOST_BACKUPS + 1):
        backup = path.with_name(f"{path.name}.corrupt-{number}")
        if not backup.exists():
            with suppress(OSError):
                path.replace(backup)
            return


def _copy(image: CollectedImage) -> CollectedImage:
    copy = CollectedImage(image.path, image.size, image.modified_ns, image.state, image.caption, image.text)
    copy.word_indices, copy.message = image.word_indices, image.message
    if copy.state is ImageState.CAPTIONING:
        copy.state = copy.resting_state
    return copy


def _image_to_record(image: CollectedImage) -> dict[str, Any]:
    record: dict[str, Any] = {"path": image.path, "size": image.size, "modified_ns": image.modified_ns}
    record |= {"state": image.state, "text": image.text, "message": image.message}
    if image.word_indices:
        record["word_indices"] = image.word_indices
    if image.caption is not None:
        record["caption"] = caption_to_record(image.caption)
    return record


def _image_from_record(record: dict[str, Any]) -> CollectedImage:
    caption = record.get("caption")
    image = CollectedImage(
        path=_typed(record["path"], str),
        size=_typed(record["size"], int),
        modified_ns=_typed(record["modified_ns"], int),
        state=ImageState(record["state"]),
        caption=None if caption is None else caption_from_record(caption),
        text=_typed(record["text"], str),
        word_indices=_links(record.get("word_indices", [])),
        message=_typed(record["message"], str),
    )
    if image.state is ImageState.CAPTIONING:
        image.state = image.resting_state
    return image


def _links(values: object) -> tuple[int | None, ...]:
    return tuple(None if value is None else _typed(value, int) for value in _typed(values, list))


def _typed(value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{value!r:.40} should be of type {kind.__name__}")
    return value
