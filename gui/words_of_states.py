"""What people and screen readers are told of a photograph's state, and the icon and colour that go with it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.viewmodels.image_collection import ImageState

_MARKS = {
    ImageState.WAITING: ("circle-dashed", "text"),
    ImageState.CAPTIONING: ("hourglass", "accent"),
    ImageState.DONE: ("check-circle", "done"),
    ImageState.EDITED: ("pencil-simple", "done"),
    ImageState.FAILED: ("warning-circle", "error"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("ImageState", text)


def state_text(state: ImageState) -> str:
    """The state in a word or two."""
    words = {
        ImageState.WAITING: _tr("Waiting"),
        ImageState.CAPTIONING: _tr("Captioning"),
        ImageState.DONE: _tr("Done"),
        ImageState.EDITED: _tr("Edited"),
        ImageState.FAILED: _tr("Failed"),
    }
    return words[state]


def state_mark(state: ImageState) -> tuple[str, str]:
    """Name of the state's icon and of the token whose colour it has."""
    return _MARKS[state]
