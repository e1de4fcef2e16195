"""Deleting a run, and nothing else that lies in its folder."""

from __future__ import annotations

import itertools
import shutil
from contextlib import suppress
from pathlib import Path

from captioner.errors import OutputError
from captioner.file_names import printable
from captioner.training.run_lock import RunLock
from gui.viewmodels.run_files import CONFIG, LOCK, RECORDS, best_of, read_config

LITTER = (".*.partial-*", ".*-newer", ".*-older")


def delete_run(folder: Path) -> None:
    """Delete what training wrote into a folder, and the folder if nothing else is in it.

    Until all else is gone the folder is still that of a run, so that what failed half way can be tried again.

    Raises
    ------
    TrainingRunError
        If another process is training in it, such as a command in a terminal or a second window.
    OutputError
        If something cannot be deleted.
    """
    if not folder.is_dir():
        return
    sources, _ = read_config(folder)
    package = best_of(folder, sources)
    model = () if package is None else (Path(package).name,)
    try:
        if (folder / LOCK).is_symlink():
            _delete(folder / LOCK)  # taking the lock would write into what it leads to
        with RunLock(folder):
            for name in (*RECORDS, *model):
                _delete(folder / name)
            # What was half written when training was killed: a file, or a model in the place of an older one.
            for litter in itertools.chain.from_iterable(map(folder.glob, LITTER)):
                _delete(litter)
        # Windows deletes no file that is open, so the lock goes once it is let go.
        for name in (LOCK, CONFIG):
            _delete(folder / name)
    except OSError as error:
        what = printable(error.filename or folder)
        reason = f"{what} cannot be deleted: {error.strerror}. Close what uses it and try again."
        raise OutputError(reason, path=folder) from error
    with suppress(OSError):
        folder.rmdir()


def _delete(path: Path) -> None:
    # A link is taken away, and what it leads to stays.
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
