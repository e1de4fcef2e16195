"""Models that are in memory, and what their encoders said of the photographs seen last."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from captioner.captioning import Captioner, ImageFeatures
from captioner.model_library import MANIFEST, ModelPackage, find_package

MOST_LOADED = 2
MOST_REMEMBERED = 64

ImageKey = tuple[str, int, int]
"""Path, time of change in nanoseconds, and size of a file."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model in memory, and the features of the photographs it saw last.

    Attributes
    ----------
    package
        Where it came from.
    captioner
        The model.
    """

    package: ModelPackage
    captioner: Captioner
    _remembered: OrderedDict[ImageKey, ImageFeatures] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def recall(self, key: ImageKey | None) -> ImageFeatures | None:
        """Features of a photograph, if they are remembered."""
        if key is None:
            return None
        with self._lock:
            if key in self._remembered:
                self._remembered.move_to_end(key)
            return self._remembered.get(key)

    def remember(self, key: ImageKey, image: ImageFeatures) -> None:
        """Keep the features of a photograph in place of those that were wanted longest ago."""
        # A view into its batch would keep the whole batch.
        own = ImageFeatures(image.features.clone(), image.grid, image.geometry, image.path)
        with self._lock:
            self._remembered[key] = own
            self._remembered.move_to_end(key)
            while len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)


class LoadedModels:
    """The current model and at most one other, so that two can be compared; for one thread."""

    def __init__(self) -> None:
        self._models: OrderedDict[tuple[str, int], LoadedModel] = OrderedDict()
        self._current: tuple[str, int] | None = None

    def load(self, name: str | None) -> LoadedModel:
        """Load a model, unless it is in memory already, and make it the current one; see `Captioner.load`.

        Raises
        ------
        ConfigurationError
            If it captions features alone, which a window does not have.
        """
        model, key = self._find_or_load(name)
        self._current = key
        return model

    def get(self, name: str | None) -> LoadedModel:
        """The model of this name or folder, loaded if need be; the current one, or else the bundled one, for None."""
        if name is None:
            return self.load(None) if self._current is None else self._models[self._current]
        return self._find_or_load(name)[0]

    def _find_or_load(self, name: str | None) -> tuple[LoadedModel, tuple[str, int]]:
        package = find_package(name)
        package.require_encoder()
        key = _identity(package)
        if key not in self._models:
            self._make_room()
            self._models[key] = LoadedModel(package, Captioner(package.load(), name=package.name))
        self._models.move_to_end(key)
        return self._models[key], key

    def _make_room(self) -> None:
        spare = [key for key in self._models if key != self._current]
        while len(self._models) >= MOST_LOADED and spare:
            del self._models[spare.pop(0)]


def _identity(package: ModelPackage) -> tuple[str, int]:
    """Changes when another package is put in a folder."""
    manifest = package.path / MANIFEST
    return os.path.realpath(package.path), manifest.stat().st_mtime_ns if manifest.exists() else 0
