"""What a user does that can be undone, as commands for a `QUndoStack`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from enum import IntEnum

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from captioner.caption import Caption
from captioner.config import DecodingOptions
from captioner.worker.protocol import FoundImage
from gui.viewmodels.image_collection import CollectedImage, ImageCollection, ImageContent
from gui.viewmodels.overlay_style import OverlayStyle

_Settings = OverlayStyle | DecodingOptions | None


class _Merging(IntEnum):
    """Commands with the same number may become one."""

    EDIT = 1
    OVERLAY = 2
    DECODING = 3


def _tr(text: str, count: int = -1) -> str:
    return QCoreApplication.translate("Commands", text, None, count)


class AddImages(QUndoCommand):
    """Add images to the collection; those that are there already, as the very same objects, count as added."""

    def __init__(self, collection: ImageCollection, images: Iterable[FoundImage | CollectedImage]) -> None:
        super().__init__()
        self._collection = collection
        images = list(images)
        self._images = [image for image in images if collection.get(image.path) is image]
        self._missing: list[tuple[int, CollectedImage]] = []
        self._new = [image for image in images if image.path not in collection]

    def redo(self) -> None:
        """Add them, or put them back where they were."""
        self._images += self._collection.add(self._new)
        self._new = []
        self._collection.restore(self._missing)
        self.setObsolete(not self._images)
        self.setText(_tr("Add %n photograph(s)", len(self._images)))

    def undo(self) -> None:
        """Take them out; what was said of them is kept."""
        self._missing = self._collection.remove([image.path for image in self._images])


class RemoveImages(QUndoCommand):
    """Take images out of the collection; their files are left alone."""

    def __init__(self, collection: ImageCollection, paths: Iterable[str]) -> None:
        super().__init__()
        self._collection = collection
        self._paths = [path for path in dict.fromkeys(paths) if path in collection]
        self._taken: list[tuple[int, CollectedImage]] = []
        self.setText(_tr("Remove %n photograph(s)", len(self._paths)))

    def redo(self) -> None:
        """Take them out."""
        self._taken = self._collection.remove(self._paths)
        self.setObsolete(not self._taken)

    def undo(self) -> None:
        """Put them back where they were, with what was said of them."""
        self._collection.restore(self._taken)


class EditCaption(QUndoCommand):
    """Write a caption by hand; edits of one caption that follow each other are undone as one."""

    def __init__(self, collection: ImageCollection, path: str, new_text: str) -> None:
        super().__init__()
        self._collection, self._path, self._text = collection, path, new_text
        self._before = _content(collection, path)
        self.setText(_tr("Edit caption"))
        self.setObsolete(self._before.text == new_text)

    def id(self) -> int:
        """Edits may become one."""
        return _Merging.EDIT

    def redo(self) -> None:
        """Let the text stand there."""
        self._collection.set_text(self._path, self._text)

    def undo(self) -> None:
        """Let stand there what stood there before; what the model has said meanwhile stays known."""
        image = self._collection.get(self._path)
        if image is None:
            return
        if image.caption is self._before.caption:
            self._collection.set_content(self._path, self._before)
        elif self._before.text:
            self._collection.set_text(self._path, self._before.text)
        else:
            self._collection.set_text(self._path, image.caption.text if image.caption else "")

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802 -- Qt's name
        """Become one with a later edit of the same caption."""
        if not isinstance(other, EditCaption) or other._path != self._path:
            return False
        self._text = other._text
        self.setObsolete(self._before.text == self._text)
        return True


class ReplaceCaption(QUndoCommand):
    """Let the model's caption ``new`` stand where ``old`` stood, or a text by hand over it."""

    def __init__(self, collection: ImageCollection, path: str, old: Caption | None, new: Caption) -> None:
        super().__init__()
        self._collection, self._path = collection, path
        content = _content(collection, path)
        if content.caption is not old:  # the new one is there already
            content = ImageContent() if old is None else ImageContent.of(old)
        self._before, self._after = content, ImageContent.of(new)
        self.setText(_tr("Replace caption"))

    def redo(self) -> None:
        """Let the new caption stand there."""
        self._collection.set_content(self._path, self._after)

    def undo(self) -> None:
        """Let stand there exactly what stood there before."""
        self._collection.set_content(self._path, self._before)


class _ChangeSettings(QUndoCommand):
    """Take other settings; moves of one slider that follow each other are undone as one.

    Parameters
    ----------
    setter
        Called with the settings that shall hold.
    old, new
        All settings before and after.
    """

    _merging: _Merging

    def __init__(self, setter: Callable[..., None], old: _Settings, new: _Settings) -> None:
        super().__init__()
        self._setter, self._old, self._new = setter, old, new
        self._slider = _only_number_changed(old, new)
        self.setObsolete(old == new)

    def id(self) -> int:
        """Changes of the same kind may become one."""
        return self._merging

    def redo(self) -> None:
        """Take the new settings."""
        self._setter(self._new)

    def undo(self) -> None:
        """Take the old settings again."""
        self._setter(self._old)

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802 -- Qt's name
        """Become one with a later move of the same slider."""
        if not isinstance(other, _ChangeSettings) or self._slider is None or other._slider != self._slider:
            return False
        self._new = other._new
        self.setObsolete(self._old == self._new)
        return True


class ChangeOverlay(_ChangeSettings):
    """Draw attention in another way."""

    _merging = _Merging.OVERLAY

    def __init__(self, setter: Callable[[OverlayStyle], None], old: OverlayStyle, new: OverlayStyle) -> None:
        super().__init__(setter, old, new)
        self.setText(_tr("Change overlay"))


class ChangeDecoding(_ChangeSettings):
    """Choose words in another way; None stands for the model's own."""

    _merging = _Merging.DECODING

    def __init__(
        self,
        setter: Callable[[DecodingOptions | None], None],
        old: DecodingOptions | None,
        new: DecodingOptions | None,
    ) -> None:
        super().__init__(setter, old, new)
        self.setText(_tr("Change decoding"))


def _content(collection: ImageCollection, path: str) -> ImageContent:
    image = collection.get(path)
    return ImageContent() if image is None else image.content


def _only_number_changed(old: _Settings, new: _Settings) -> str | None:
    """Name of the one setting that differs, if it is a number, which a slider may be moving."""
    if old is None or new is None:
        return None
    names = [field.name for field in dataclasses.fields(old) if getattr(old, field.name) != getattr(new, field.name)]
    is_number = len(names) == 1 and not isinstance(getattr(new, names[0]), (bool, str))
    return names[0] if is_number else None
