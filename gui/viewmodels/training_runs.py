"""All training runs there are: which is looked at, which are laid over it, and what they are called."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import platformdirs
from psygnal import Signal

from captioner.errors import ConfigurationError, OutputError
from captioner.file_names import file_name, printable
from captioner.worker.training_protocol import TrainingEvent
from gui.viewmodels.run_deletion import delete_run
from gui.viewmodels.run_files import holds_run
from gui.viewmodels.shelf_notes import ShelfNotes, load_notes, save_notes
from gui.viewmodels.training_run import RunState, RunView, read_run

NOTES = "shelf.json"
MOST_SELECTED = 5
_UNFIT = re.compile(r"[^\w.-]+")
_MOST_NAME = 60
_log = logging.getLogger(__name__)


class RunOrder(StrEnum):
    """What runs are listed by."""

    NEWEST = "newest"
    NAME = "name"
    BEST = "best"


def runs_folder() -> Path:
    """Where runs are kept that the window starts."""
    return Path(platformdirs.user_data_dir("captioner", appauthor=False)) / "runs"


class RunShelf:
    """The runs of a folder, and others that were added to them.

    Names, and where the others lie, are kept in ``shelf.json`` of the folder.

    Parameters
    ----------
    folder
        `runs_folder` when absent. It need not exist.

    Signals
    -------
    changed()
        Other runs, another order, another one looked at, or others laid over it. What happens to a run itself is told
        by the run.
    current_changed(object)
        Another `RunView`, or None, is looked at; comes before `changed`.
    """

    changed = Signal()
    current_changed = Signal(object)

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = runs_folder() if folder is None else folder
        self._notes = load_notes(self.folder / NOTES)
        self._runs: dict[str, RunView] = {}
        self._order = RunOrder.NEWEST
        self._current: str | None = None
        self._selected: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[RunView, ...]:
        """All runs, in order."""
        return tuple(self._runs.values())

    @property
    def order(self) -> RunOrder:
        """What they are listed by."""
        return self._order

    @property
    def current(self) -> RunView | None:
        """The run that is looked at; None while a new one is prepared."""
        return self.get(self._current)

    @property
    def selected(self) -> tuple[RunView, ...]:
        """Those laid over it, in the order they were chosen."""
        return tuple(self._runs[path] for path in self._selected)

    @property
    def live(self) -> tuple[RunView, ...]:
        """Those that a process works on."""
        return tuple(run for run in self._runs.values() if run.is_live)

    def get(self, path: str | None) -> RunView | None:
        """The run in this folder."""
        return None if path is None else self._runs.get(path)

    def refresh(self) -> None:
        """Look again which runs there are; those that are known already stay as they are."""
        self._forget_gone()
        found = [*_runs_in(self.folder), *(path for path in map(Path, self._notes.added) if holds_run(path))]
        # Broken off before its data was read: a folder, but nothing yet by which it could be told from any other.
        found += [path for path in self._named_here() if path.is_dir() and path not in found]
        known = {run.path: run for run in self.live}
        for path in map(str, found):
            known[path] = self._runs.get(path) or read_run(Path(path), self._notes.names.get(path, ""))
        self._take(known.values())

    def begin(self, path: str, name: str = "") -> RunView:
        """Take up a run that is being started in this folder, or resumed, and look at it."""
        run = self._runs.get(path)
        if run is None:
            run = RunView(path, name)
            if name:
                self._note(names={**self._notes.names, path: name})
        run.state, run.message, run.details, run.smaller_batch = RunState.RUNNING, "", "", None
        self._take((*self._runs.values(), run))
        self.set_current(path)
        run.changed.emit()
        return run

    def apply(self, event: TrainingEvent) -> None:
        """Hand an event to the run that it is about."""
        run = self._runs.get(event.run)
        if run is not None:
            run.apply(event)

    def add(self, folder: Path) -> RunView:
        """List a run that lies elsewhere, and look at it.

        Raises
        ------
        ConfigurationError
            If there is no run in the folder.
        """
        if not holds_run(folder):
            raise ConfigurationError(
                f"{file_name(folder)} holds no run. Choose the folder that a training wrote, with config.json in it.",
                path=folder,
            )
        path = str(folder.absolute())
        if path not in self._runs:
            self._take((*self._runs.values(), read_run(Path(path), self._notes.names.get(path, ""))))
            self._note(added=(*self._notes.added, path))
        self.set_current(path)
        return self._runs[path]

    def new_folder(self, name: str) -> Path:
        """A folder for a new run that is called so; it does not exist."""
        stem = _UNFIT.sub("-", name).strip(".-")[:_MOST_NAME].rstrip(".-") or "run"
        number, path = 1, self.folder / stem
        while path.exists() or path.is_symlink() or str(path) in self._runs:
            number += 1
            path = self.folder / f"{stem}-{number}"
        return path

    def rename(self, path: str, name: str) -> None:
        """Call a run by another name, or by that of its folder again if this is empty; the folder stays what it is."""
        run = self._runs.get(path)
        if run is None:
            return
        names = {key: kept for key, kept in self._notes.names.items() if key != path}
        name = " ".join(name.split())
        self._note(names={**names, path: name} if name else names)
        run.rename(name)
        self._take(self._runs.values())

    def delete(self, path: str) -> None:
        """Delete the folder of a run, but for what others have put there; ask before.

        Raises
        ------
        ConfigurationError
            If the run is going on.
        TrainingRunError
            If another program is training it.
        OutputError
            If it cannot be deleted; it stays listed then.
        """
        run = self._runs.get(path)
        if run is None:
            return
        if run.is_live:
            raise ConfigurationError(f"{printable(run.name)} is going on. Stop it before you delete it.")
        delete_run(Path(path))
        self._forget(path)

    def remove(self, path: str) -> None:
        """List a run that was added no more; its folder stays."""
        run = self._runs.get(path)
        if run is not None and not run.is_live and path in self._notes.added:
            self._forget(path)

    def set_current(self, path: str | None) -> None:
        """Look at this run; at none, to prepare a new one."""
        path = path if path in self._runs else None
        if path != self._current:
            self._current = path
            self._selected = tuple(one for one in self._selected if one != path)
            self.current_changed.emit(self.current)
            self.changed.emit()

    def toggle_selected(self, path: str) -> None:
        """Lay a run over the one that is looked at, or no more; the one chosen first goes when they are too many."""
        if path in self._selected:
            self._selected = tuple(one for one in self._selected if one != path)
        elif path in self._runs and path != self._current:
            self._selected = (*self._selected, path)[-MOST_SELECTED:]
        else:
            return
        self.changed.emit()

    def set_order(self, order: RunOrder) -> None:
        """List them by something else."""
        if order is not self._order:
            self._order = order
            self._take(self._runs.values())

    def _take(self, runs: Iterable[RunView]) -> None:
        """List these, in order; what is gone is looked at no more."""
        self._runs = {run.path: run for run in sorted(runs, key=self._rank)}
        self._selected = tuple(path for path in self._selected if path in self._runs)
        if self._current is not None and self._current not in self._runs:
            self._current = None
            self.current_changed.emit(None)
        self.changed.emit()

    def _rank(self, run: RunView) -> tuple[bool, float, str]:
        """Smaller for what comes first; what is not known comes last, but a run that is only beginning first."""
        name = run.name.casefold()
        if self._order is RunOrder.NAME:
            return False, 0.0, name
        if self._order is RunOrder.BEST:
            score = run.best.scores.get("cider") if run.best is not None else None
            return score is None, -(score or 0.0), name
        return not run.is_live and not run.started, -run.started if run.started else float("-inf"), name

    def _named_here(self) -> list[Path]:
        """Folders right inside the shelf's that were given to runs."""
        return [path for path in map(Path, self._notes.names) if path.parent == self.folder]

    def _forget_gone(self) -> None:
        """Keep no name for a run whose folder was never made, or was deleted."""
        gone = {str(path) for path in self._named_here() if not path.is_dir()} - {run.path for run in self.live}
        if gone and self.folder.is_dir():
            self._note(names={path: name for path, name in self._notes.names.items() if path not in gone})

    def _forget(self, path: str) -> None:
        self._note(
            names={key: name for key, name in self._notes.names.items() if key != path},
            added=tuple(one for one in self._notes.added if one != path),
        )
        self._take(run for run in self._runs.values() if run.path != path)

    def _note(self, *, names: dict[str, str] | None = None, added: tuple[str, ...] | None = None) -> None:
        """Keep names and added folders; what cannot be written is true until the window closes."""
        before = self._notes
        self._notes = ShelfNotes(before.names if names is None else names, before.added if added is None else added)
        try:
            save_notes(self._notes, self.folder / NOTES)
        except OutputError as error:
            _log.warning("%s", error)


def _runs_in(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if not path.name.startswith(".") and holds_run(path)]
    except OSError:
        return []
