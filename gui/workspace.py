"""All that the window works on: what was collected, what is waiting, what is shown, what can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QUndoStack

from gui.engine_bridge import EngineBridge
from gui.settings import SettingsStore
from gui.viewmodels.caption_view import CaptionView
from gui.viewmodels.captioning_queue import CaptioningQueue
from gui.viewmodels.image_collection import ImageCollection
from gui.viewmodels.model_shelf import ModelShelf


@dataclass(frozen=True, slots=True, eq=False)
class Workspace:
    """The parts that pages share; each page takes those that it needs."""

    bridge: EngineBridge
    settings: SettingsStore
    collection: ImageCollection
    queue: CaptioningQueue
    view: CaptionView
    shelf: ModelShelf
    undo_stack: QUndoStack

    @classmethod
    def create(cls, bridge: EngineBridge, settings: SettingsStore) -> Workspace:
        """An empty workspace."""
        collection = ImageCollection()
        return cls(
            bridge, settings, collection, CaptioningQueue(collection), CaptionView(), ModelShelf(), QUndoStack(bridge)
        )
