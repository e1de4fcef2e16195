"""Deleting a run, and nothing else that lies in its folder."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from captioner.errors import OutputError
from captioner.file_names import printable
from gui.viewmodels.run_files import CHECKPOINTS, CONFIG, HISTORY, LOCK, LOG, SAMPLES, STEPS, best_of, read_config


def delete_run(folder: Path) -> None:
    """Delete what training wrote into a folder, and the folder if nothing else is in it.

    Until all else is gone the folder is still that of a run, so that what failed half way can be tried again.

    Raises
    ------
    OutputError
        If something cannot be deleted.
    """
    sources, _ = read_config(folder)
    package = best_of(folder, sources)
    try:
        model = () if package is None else (Path(package).name,)
        for name in (SAMPLES, CHECKPOINTS, HISTORY, STEPS, LOG, LOCK, *model):
            _delete(folder / name)
        for litter in folder.glob(".*.partial-*"):
            _delete(litter)
        _delete(folder / CONFIG)
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
