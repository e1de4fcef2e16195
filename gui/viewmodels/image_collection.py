"""The photographs in the window, in order, and what is said of each."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import PurePath
from typing import Self

from psygnal import Signal

from captioner.caption import Caption, CaptionEntry
from captioner.file_names import printable
from captioner.worker.protocol import FoundImage
from gui.viewmodels.word_alignment import align


class ImageState(StrEnum):
    """How far a photograph is."""

    WAITING = "waiting"
    CAPTIONING = "captioning"
    DONE = "done"
    EDITED = "edited"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, eq=False)
class ImageContent:
    """What is said of a photograph at one moment, to come back to; attributes as in `CollectedImage`."""

    state: ImageState = ImageState.WAITING
    caption: Caption | None = None
    text: str = ""
    word_indices: tuple[int | None, ...] = ()
    message: str = ""

    @classmethod
    def of(cls, caption: Caption) -> Self:
        """What a model says, word by word."""
        return cls(ImageState.DONE, caption, caption.text)


@dataclass(slots=True, eq=False)
class CollectedImage:
    """A photograph and what is said of it; only its `ImageCollection` changes it.

    Attributes
    ----------
    path
        As `os.fsdecode` makes it.
    size, modified_ns
        Bytes of the file, and its time of change in nanoseconds since 1970.
    state
        How far it is.
    caption
        What the model said last; None before that, and where a model never said anything.
    text
        What stands there, by the model or by hand.
    word_indices
        For each white-space separated word of `text`, the index of the model's word it came from, or None. Empty when
        it is the model's own sentence.
    message
        Why it failed, in a sentence.
    """

    path: str
    size: int = 0
    modified_ns: int = 0
    state: ImageState = ImageState.WAITING
    caption: Caption | None = None
    text: str = ""
    word_indices: tuple[int | None, ...] = ()
    message: str = ""

    @property
    def name(self) -> str:
        """Last part of the path, printable."""
        return printable(PurePath(self.path).name or self.path)

    @property
    def confidence(self) -> float | None:
        """Geometric mean, in [0, 1], of the probabilities of the model's words and of the caption's end."""
        if self.caption is None:
            return None
        mean = self.caption.log_probability / (len(self.caption.words) + 1)
        return min(math.exp(mean), 1.0) if mean < 0 else 1.0

    @property
    def is_edited(self) -> bool:
        """Whether the text is another than the model's."""
        return self.text != ("" if self.caption is None else self.caption.text)

    @property
    def resting_state(self) -> ImageState:
        """Its state when nobody works on it."""
        if self.message:
            return ImageState.FAILED
        if self.is_edited:
            return ImageState.EDITED
        return ImageState.WAITING if self.caption is None else ImageState.DONE

    @property
    def content(self) -> ImageContent:
        """What is said of it now."""
        return ImageContent(self.state, self.caption, self.text, self.word_indices, self.message)

    def to_entry(self) -> CaptionEntry:
        """What stands there, ready to be exported."""
        return CaptionEntry(self.path, self.text, self.caption, self.is_edited, self.word_indices)


class ImageCollection:
    """The photographs in the window, in order; each path occurs once.

    Signals
    -------
    inserted(int, int)
        From this row on, this many images are new.
    removed(int, int)
        From this row on, this many images were taken out.
    changed(int)
        Something is said differently of the image in this row.
    was_cleared()
        All images are gone.
    paths_removed(tuple)
        The paths that one call of `remove` or `clear` took out, told once, after the signals above.

    Each is emitted when it has happened, and rows are counted as they stand at that moment.
    """

    inserted = Signal(int, int)
    removed = Signal(int, int)
    changed = Signal(int)
    was_cleared = Signal()
    paths_removed = Signal(tuple)

    def __init__(self) -> None:
        self._images: list[CollectedImage] = []
        self._by_path: dict[str, CollectedImage] = {}
        self._counts: Counter[ImageState] = Counter()
        # Rows by path; rebuilt when asked for after rows have moved, since one removal may move them many times.
        self._rows: dict[str, int] = {}
        self._are_rows_stale = False

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, row: int) -> CollectedImage:
        return self._images[row]

    def __iter__(self) -> Iterator[CollectedImage]:
        return iter(self._images)

    def __contains__(self, path: object) -> bool:
        return path in self._by_path

    def get(self, path: str) -> CollectedImage | None:
        """The image with this path, if it is there."""
        return self._by_path.get(path)

    def row_of(self, path: str) -> int | None:
        """Row of the image with this path, if it is there."""
        if path not in self._by_path:
            return None
        if self._are_rows_stale:
            self._rows = {image.path: row for row, image in enumerate(self._images)}
            self._are_rows_stale = False
        return self._rows[path]

    def count(self, state: ImageState) -> int:
        """Number of images in this state."""
        return self._counts[state]

    def add(self, images: Iterable[FoundImage | CollectedImage], at: int | None = None) -> list[CollectedImage]:
        """Add images that are not there yet.

        Parameters
        ----------
        images
            In the order they shall have.
        at
            Row of the first one; at the end when None.

        Returns
        -------
        list
            Those that are new.
        """
        new: dict[str, CollectedImage] = {}
        for image in images:
            if image.path not in self._by_path and image.path not in new:
                new[image.path] = _collected(image)
        added = list(new.values())
        if added:
            self._insert(len(self) if at is None else min(max(at, 0), len(self)), added)
        return added

    def remove(self, paths: Iterable[str]) -> list[tuple[int, CollectedImage]]:
        """Take images out.

        Returns
        -------
        list
            The images with the rows they had, in the order of the rows, ready for `restore`.
        """
        rows = sorted({row for path in paths if (row := self.row_of(path)) is not None})
        taken = [(row, self._images[row]) for row in rows]
        for first, count in reversed(_runs(rows)):
            for image in self._images[first : first + count]:
                del self._by_path[image.path]
                self._counts[image.state] -= 1
            del self._images[first : first + count]
            self._are_rows_stale = True
            self.removed.emit(first, count)
        if taken:
            self.paths_removed.emit(tuple(image.path for _, image in taken))
        return taken

    def restore(self, taken: Sequence[tuple[int, CollectedImage]]) -> None:
        """Put back what `remove` took out, in the rows it had; what has come back meanwhile is left as it is."""
        images = {row: image for row, image in taken if image.path not in self._by_path}
        for image in images.values():
            if image.state is ImageState.CAPTIONING:
                image.state = image.resting_state
        for first, count in _runs(sorted(images)):
            self._insert(min(first, len(self)), [images[row] for row in range(first, first + count)])

    def clear(self) -> None:
        """Take all images out."""
        if not self._images:
            return
        paths = tuple(self._by_path)
        self._images.clear()
        self._by_path.clear()
        self._rows.clear()
        self._counts.clear()
        self._are_rows_stale = False
        self.was_cleared.emit()
        self.paths_removed.emit(paths)

    def set_state(self, path: str, state: ImageState) -> None:
        """Say how far an image is."""
        image = self._by_path.get(path)
        if image is not None and image.state is not state:
            if state is not ImageState.FAILED:
                image.message = ""
            self._enter(image, state)
            self._tell(image)

    def set_caption(self, path: str, caption: Caption) -> None:
        """Take over what a model says. A text that a hand wrote meanwhile stays, linked to the model's new words."""
        image = self._by_path.get(path)
        if image is None:
            return
        if image.state is ImageState.EDITED:
            self.set_content(path, _content_of_text(caption, image.text))
        else:
            self.set_content(path, ImageContent.of(caption))

    def set_text(self, path: str, text: str) -> None:
        """Take over what a hand wrote; the model's own sentence makes it the model's caption again."""
        image = self._by_path.get(path)
        if image is not None:
            self.set_content(path, _content_of_text(image.caption, text))

    def set_failed(self, path: str, message: str) -> None:
        """Say that an image could not be captioned, and why. What was said of it before stays."""
        image = self._by_path.get(path)
        if image is not None:
            image.message = message
            self._enter(image, ImageState.FAILED)
            self._tell(image)

    def set_content(self, path: str, content: ImageContent) -> None:
        """Say exactly this of an image, as before or after an edit."""
        image = self._by_path.get(path)
        if image is None:
            return
        image.caption, image.text, image.word_indices = content.caption, content.text, content.word_indices
        image.message = content.message
        is_left_alone = content.state is not ImageState.CAPTIONING
        self._enter(image, content.state if is_left_alone else image.resting_state)
        self._tell(image)

    def _insert(self, first: int, images: list[CollectedImage]) -> None:
        is_at_end = first == len(self._images)
        self._images[first:first] = images
        for row, image in enumerate(images, first):
            self._by_path[image.path] = image
            self._counts[image.state] += 1
            if is_at_end:
                self._rows[image.path] = row
        self._are_rows_stale |= not is_at_end
        self.inserted.emit(first, len(images))

    def _enter(self, image: CollectedImage, state: ImageState) -> None:
        self._counts[image.state] -= 1
        self._counts[state] += 1
        image.state = state

    def _tell(self, image: CollectedImage) -> None:
        row = self.row_of(image.path)
        if row is not None:
            self.changed.emit(row)


def _collected(image: FoundImage | CollectedImage) -> CollectedImage:
    if isinstance(image, FoundImage):
        return CollectedImage(image.path, image.size, image.modified_ns)
    return image


def _content_of_text(caption: Caption | None, text: str) -> ImageContent:
    if caption is None:
        return ImageContent(ImageState.EDITED if text else ImageState.WAITING, None, text)
    if text == caption.text:
        return ImageContent.of(caption)
    links = align([word.text for word in caption.words], text)
    return ImageContent(ImageState.EDITED, caption, text, links)


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """First row and length of each stretch of neighbours in ascending ``rows``."""
    stretches = groupby(enumerate(rows), key=lambda pair: pair[1] - pair[0])
    return [(members[0][1], len(members)) for members in (list(stretch) for _, stretch in stretches)]
