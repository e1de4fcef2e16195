"""Captions of a share of the images, kept so that they can be joined into what one process would have written.

A part is a file of JSON lines: a header, which says what share it holds and what goes before, between and after the
captions of the whole, then one line per image: the text of its caption as it will stand there, or ``null`` where there
is none.
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from captioner.atomic_file import atomic_path
from captioner.data.parts import Part, in_order
from captioner.data.unfinished_file import unfinished_path
from captioner.errors import AnnotationError, OutputError
from captioner.file_names import printable

LAYOUT = "captioner-captions-part"
MAX_LINE_BYTES = 2**26


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before the first caption, between two, and after the last."""

    begin: str = ""
    separator: str = ""
    end: str = ""


class CaptionPartWriter:
    """Writes the captions of a share into a file that appears when all are there.

    Use it as a context manager. When the block raises, or the process is killed, what it wrote stays, hidden beside the
    file, and the next writer with the same arguments goes on from the last whole batch.

    Parameters
    ----------
    path
        The file to write.
    part, frame
        What it will say of itself.

    Attributes
    ----------
    done, failed
        How many images of the share are dealt with, and how many of those have no caption.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """

    def __init__(self, path: Path, part: Part, frame: Frame) -> None:
        self.path, self.part, self.frame = path, part, frame
        self.done = self.failed = 0
        self._header = _header(part, frame)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as on_failure:
            on_failure.push(self._stack)
            temporary = self._stack.enter_context(unfinished_path(self.path, [self._header]))
            with self._explaining_failures():
                self._stream: BinaryIO = self._stack.enter_context(temporary.open("a+b"))
                self._take_over()
            on_failure.pop_all()
        return self

    def _take_over(self) -> None:
        """Keep what an earlier writer left, up to its last whole batch, and go on behind it."""
        stream = self._stream
        stream.seek(0)
        if stream.readline(MAX_LINE_BYTES) != _line(self._header):
            stream.truncate(0)
            stream.write(_line(self._header))
            return
        kept, failed, images = stream.tell(), 0, len(self.part.rows)
        for seen, piece in enumerate(itertools.islice(_pieces(stream), images), start=1):
            failed += piece is None
            if seen % self.part.images_per_batch == 0 or seen == images:
                kept, self.done, self.failed = stream.tell(), seen, failed
        stream.truncate(kept)

    def add(self, piece: str | None) -> None:
        """Write the caption of the next image; None where there is none.

        Raises
        ------
        OutputError
            If the disk is full.
        """
        text = None if piece is None else piece.removeprefix(self.frame.separator)
        with self._explaining_failures():
            self._stream.write(_line(text))
            self._stream.flush()
        self.done += 1
        self.failed += piece is None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    @contextlib.contextmanager
    def _explaining_failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"{printable(self.path)} could not be written: {error.strerror}. Free some space; the same command "
                "goes on from there.",
                path=self.path,
            ) from error


def is_caption_part(path: Path, part: Part, frame: Frame) -> bool:
    """Whether a file is this very part."""
    try:
        with path.open("rb") as stream:
            return stream.readline(MAX_LINE_BYTES) == _line(_header(part, frame))
    except OSError:
        return False


def merge_captions(paths: Sequence[Path], output: Path) -> tuple[int, int]:
    """Join all parts of one list of images into ``output``, which appears when it is whole.

    Returns
    -------
    captions, images : int
        How many captions there are, of how many images.

    Raises
    ------
    ConfigurationError
        If a part is missing or there twice, or they were not made alike.
    AnnotationError
        If a part cannot be read.
    OutputError
        If the file cannot be written.
    """
    headers = {path: _read_header(path) for path in paths}
    ordered = in_order({path: part for path, (part, _) in headers.items()})
    frame = headers[ordered[0]][1]
    captions = images = 0
    # No writer lets half a character through; a file from elsewhere may.
    how: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}
    with atomic_path(output) as temporary, temporary.open("w", **how) as file:
        file.write(frame.begin)
        for path in ordered:
            for piece in _read_pieces(path, len(headers[path][0].rows)):
                images += 1
                if piece is not None:
                    file.write((frame.separator if captions else "") + piece)
                    captions += 1
        file.write(frame.end)
    return captions, images


def _header(part: Part, frame: Frame) -> dict[str, Any]:
    return {"layout": LAYOUT, "part": part.to_json(), "frame": [frame.begin, frame.separator, frame.end]}


def _line(value: Any) -> bytes:
    return json.dumps(value).encode() + b"\n"


def _read_header(path: Path) -> tuple[Part, Frame]:
    with _opened(path) as stream:
        try:
            values = json.loads(stream.readline(MAX_LINE_BYTES))
            part, (begin, separator, end) = values["part"], values["frame"]
            is_text = all(isinstance(text, str) for text in (part, begin, separator, end))
            is_part = values["layout"] == LAYOUT and is_text
        except (ValueError, TypeError, LookupError, RecursionError):
            is_part = False
    if not is_part:
        message = f"{printable(path)} is no part of captions. Name files that --shard or torchrun wrote."
        raise AnnotationError(message, path=path)
    return Part.from_json(part, path), Frame(begin, separator, end)


def _read_pieces(path: Path, images: int) -> Iterator[str | None]:
    count = 0
    with _opened(path) as stream:
        stream.readline(MAX_LINE_BYTES)
        for piece in _pieces(stream):
            count += 1
            yield piece
        is_whole = count == images and not stream.read(1)
    if not is_whole:
        message = f"{printable(path)} is damaged: it holds {count} of {images} images. Copy it again, or make it again."
        raise AnnotationError(message, path=path)


def _pieces(stream: BinaryIO) -> Iterator[str | None]:
    """The lines that follow, up to the first that is cut short or damaged."""
    while (line := stream.readline(MAX_LINE_BYTES)).endswith(b"\n"):
        try:
            piece = json.loads(line)
        except (ValueError, RecursionError):
            return
        if piece is not None and not isinstance(piece, str):
            return
        yield piece


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        reason = f"{printable(path)} cannot be read: {error.strerror}. Name a part that is there."
        raise AnnotationError(reason, path=path) from error
