"""Where the window writes what happened, for reports: a log that stays small, and a file for crashes of the process."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import logging.handlers
from pathlib import Path
from typing import IO

import platformdirs

MAX_BYTES, BACKUPS = 2**20, 2
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_folder() -> Path:
    """The folder of this user's logs; it need not exist."""
    return Path(platformdirs.user_log_dir("captioner", appauthor=False))


def log_files(folder: Path | None = None) -> list[Path]:
    """All logs that there are, the newest first."""
    folder = folder or log_folder()
    names = ["crash.log", "captioner.log", *(f"captioner.log.{number}" for number in range(1, BACKUPS + 1))]
    return [folder / name for name in (*names, "worker.log") if (folder / name).is_file()]


def start_log(folder: Path | None = None) -> IO[str] | None:
    """Log to a file from now on; crashes of the interpreter go to a file of their own.

    Returns
    -------
    IO or None
        The file for crashes; None where the folder cannot be written, and nothing is logged then.
    """
    folder = folder or log_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            folder / "captioner.log",
            maxBytes=MAX_BYTES,
            backupCount=BACKUPS,
            encoding="utf-8",
            errors="backslashreplace",
        )
        crash = folder / "crash.log"
        with contextlib.suppress(FileNotFoundError):
            if crash.stat().st_size > MAX_BYTES:
                crash.unlink()
        crash_file = crash.open("a", encoding="utf-8")
    except OSError as error:
        logging.getLogger(__name__).warning("There is no log: %s", error)
        return None
    handler.setFormatter(logging.Formatter(_FORMAT))
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.INFO)
    faulthandler.enable(crash_file)
    return crash_file
