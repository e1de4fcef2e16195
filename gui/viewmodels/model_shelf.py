"""The models that can be chosen, the one in use, and those chosen to be compared."""

from __future__ import annotations

from collections.abc import Iterable

from psygnal import Signal

from captioner.worker.protocol import ModelDetails

COMPARED = 2
"""So many models are compared, and so many can be selected for it."""


class ModelShelf:
    """The models that can be chosen, by name.

    Signals
    -------
    changed()
        Other models, another one in use, or others selected.
    """

    changed = Signal()

    def __init__(self) -> None:
        self._models: tuple[ModelDetails, ...] = ()
        self._active: str | None = None
        self._selected: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[ModelDetails, ...]:
        """All models, in the order they were given."""
        return self._models

    @property
    def active(self) -> str | None:
        """Name of the model in use; it may be known before the models are, or be none of them."""
        return self._active

    @property
    def selected(self) -> tuple[str, ...]:
        """Names of the models to compare, at most two, in the order they were chosen."""
        return self._selected

    @property
    def compared(self) -> tuple[ModelDetails, ...]:
        """The two models to compare: those that are selected, or the only two that there are; else none."""
        if len(self._models) == COMPARED:
            return self._models
        chosen = tuple(model for name in self._selected if (model := self.get(name)) is not None)
        return chosen if len(chosen) == COMPARED else ()

    def get(self, name: str | None) -> ModelDetails | None:
        """The model with this name."""
        return next((model for model in self._models if model.name == name), None)

    def set_models(self, models: Iterable[ModelDetails]) -> None:
        """Show these models; what was in use or selected and is gone is so no more."""
        before, models = self._models, tuple(models)
        gone = {model.name for model in before} - {model.name for model in models}
        active = None if self._active in gone else self._active
        self._take(models, active, tuple(name for name in self._selected if name not in gone))

    def set_active(self, name: str | None) -> None:
        """Say which model is in use."""
        self._take(self._models, name, self._selected)

    def toggle_selected(self, name: str) -> None:
        """Select a model, or no longer; with a third one, the one that was chosen first is let go."""
        if name in self._selected:
            selected = tuple(other for other in self._selected if other != name)
        elif self.get(name) is None:
            return
        else:
            selected = (*self._selected, name)[-COMPARED:]
        self._take(self._models, self._active, selected)

    def _take(self, models: tuple[ModelDetails, ...], active: str | None, selected: tuple[str, ...]) -> None:
        if (models, active, selected) != (self._models, self._active, self._selected):
            self._models, self._active, self._selected = models, active, selected
            self.changed.emit()
