"""The files and folders that were opened or dropped last, newest first."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gui.settings import SettingsStore

MAX_PLACES = 12


class RecentPlaces(QObject):
    """A short list that the settings keep.

    Signals
    -------
    changed(tuple[str, ...])
        The list is another now.
    """

    changed = Signal(object)
    _looked_up = Signal(object)

    def __init__(self, settings: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._looked_up.connect(self._on_looked_up)

    @property
    def places(self) -> tuple[str, ...]:
        """Newest first; `drop_missing` takes out what is gone."""
        return self._settings.settings.recent[:MAX_PLACES]

    def add(self, paths: Iterable[str]) -> None:
        """Put these on top, in this order; what was there already moves up."""
        newest = list(dict.fromkeys(paths))[:MAX_PLACES]
        self._set((*newest, *(path for path in self.places if path not in newest)))

    def clear(self) -> None:
        """Forget all."""
        self._set(())

    def drop_missing(self) -> threading.Thread:
        """Forget what is no longer there; asked on another thread, since a lost network drive takes long to say so."""
        thread = threading.Thread(target=self._look_up, args=(self.places,), daemon=True)
        thread.start()
        return thread

    def _look_up(self, places: tuple[str, ...]) -> None:
        missing = {path for path in places if not _exists(path)}
        with contextlib.suppress(RuntimeError):  # the window is gone by now
            self._looked_up.emit(missing)

    def _on_looked_up(self, missing: set[str]) -> None:
        self._set(tuple(path for path in self.places if path not in missing))

    def _set(self, places: tuple[str, ...]) -> None:
        places = places[:MAX_PLACES]
        if places != self.places:
            self._settings.change(recent=places)
            self.changed.emit(places)


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:
        return False
