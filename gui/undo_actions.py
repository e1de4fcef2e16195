"""Undo and Redo say what they would do, and are enabled when there is something to do."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack

from gui.actions import Actions


class UndoActions(QObject):
    """Joins the commands Undo and Redo to a stack, which belongs to another object, such as the window."""

    def __init__(self, actions: Actions, stack: QUndoStack) -> None:
        super().__init__(actions)
        self._actions = actions
        actions.handle("undo", stack.undo)
        actions.handle("redo", stack.redo)
        # A stack also signals while it is deleted, so nothing here asks it again.
        stack.canUndoChanged.connect(self._on_can_undo_changed)
        stack.canRedoChanged.connect(self._on_can_redo_changed)
        stack.undoTextChanged.connect(self._on_undo_text_changed)
        stack.redoTextChanged.connect(self._on_redo_text_changed)
        self._on_can_undo_changed(stack.canUndo())
        self._on_can_redo_changed(stack.canRedo())
        self._on_undo_text_changed(stack.undoText())
        self._on_redo_text_changed(stack.redoText())

    def _on_can_undo_changed(self, is_possible: bool) -> None:
        self._actions.set_available("undo", is_possible)

    def _on_can_redo_changed(self, is_possible: bool) -> None:
        self._actions.set_available("redo", is_possible)

    def _on_undo_text_changed(self, what: str) -> None:
        self._actions.set_text("undo", self.tr("Undo: {what}").format(what=what) if what else "")

    def _on_redo_text_changed(self, what: str) -> None:
        self._actions.set_text("redo", self.tr("Redo: {what}").format(what=what) if what else "")
