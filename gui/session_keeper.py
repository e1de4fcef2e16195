"""Keeps the photographs and captions of the window from one start to the next."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import platformdirs
from PySide6.QtCore import QObject, QTimer, Signal

from captioner.errors import CaptionerError
from gui.viewmodels.image_collection import CollectedImage, ImageCollection
from gui.viewmodels.session import Session, load_session, save_session, take_session

_log = logging.getLogger(__name__)
SAVE_EVERY_MILLISECONDS = 30_000


def session_file() -> Path:
    """Where this user's session is; the file need not exist."""
    return Path(platformdirs.user_state_dir("captioner", appauthor=False)) / "session.jsonl"


class SessionKeeper(QObject):
    """Restores a collection at the start, and saves it now and then and at the end; reading and writing take threads.

    Parameters
    ----------
    collection
        What is kept.
    current
        Says which photograph is looked at.
    add
        Takes the photographs of the last time into the collection.
    path
        The file; the user's own when None.

    Signals
    -------
    restored(object)
        Path of the photograph that was looked at, or None. Comes once, also when there was nothing to restore.
    problem(str)
        A sentence.
    """

    restored = Signal(object)
    problem = Signal(str)
    _loaded = Signal(object)

    def __init__(
        self,
        collection: ImageCollection,
        current: Callable[[], str | None],
        add: Callable[[Sequence[CollectedImage]], object],
        path: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._collection, self._current, self._add, self._path = collection, current, add, path or session_file()
        self._is_dirty = self._is_reading = False
        self._thread: threading.Thread | None = None
        self._loaded.connect(self._on_loaded)
        self._timer = QTimer(self, interval=SAVE_EVERY_MILLISECONDS)
        self._timer.timeout.connect(self._save_apart)
        for signal in (collection.inserted, collection.removed, collection.changed, collection.was_cleared):
            signal.connect(self._on_changed)

    def restore(self) -> None:
        """Read what the last time left; `restored` tells when it is there."""
        self._is_reading = True
        self._run(self._read)

    def start(self) -> None:
        """Save from now on."""
        self._timer.start()

    def save_now(self) -> None:
        """Write what has not been written yet, and wait until it is there; for the end of the program."""
        self._timer.stop()
        if self._thread is not None:
            self._thread.join()
        # Closed before everything was read: what is in the file is more than what is in the window.
        if self._is_dirty and not self._is_reading:
            self._write(self._taken())

    def _on_changed(self, *_: int) -> None:
        self._is_dirty = True

    def _read(self) -> None:
        session = load_session(self._path)
        with contextlib.suppress(RuntimeError):  # the window is gone by now
            self._loaded.emit(session)

    def _on_loaded(self, session: Session) -> None:
        self._is_reading = False
        self._add(session.images)
        self._is_dirty = False
        if session.problems:
            self.problem.emit(
                self.tr("Some photographs of the last time could not be restored. A copy of the list was kept.")
            )
        self.restored.emit(session.current)

    def _taken(self) -> Session:
        self._is_dirty = False
        return take_session(self._collection, self._current())

    def _save_apart(self) -> None:
        if self._is_dirty and not self._is_reading and (self._thread is None or not self._thread.is_alive()):
            session = self._taken()
            self._run(lambda: self._write(session))

    def _write(self, session: Session) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            save_session(session, self._path)
        except (CaptionerError, OSError) as error:
            _log.warning("The session cannot be saved: %s", error)

    def _run(self, work: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=work, name="session")
        self._thread.start()
