"""What a report on a fault needs: versions, screens, settings and the log, in one file."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from captioner import __version__
from captioner.atomic_file import atomic_path
from gui.log_file import log_files
from gui.plain_values import to_plain
from gui.settings import Settings

PACKAGES = ("PySide6", "pyqtgraph", "qtawesome", "psygnal", "torch", "torchvision", "numpy", "pillow", "h5py")
MAX_LOG_BYTES = 256 * 2**10


def describe_system() -> str:
    """Versions and screens, one to a line; nothing that names the user."""
    rows = {
        "captioner": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "qt": qVersion(),
        **{name: _version(name) for name in PACKAGES},
        "platform": QGuiApplication.platformName(),
        "style": QApplication.style().objectName(),
        "language": QLocale().name(),
        "processors": str(os.cpu_count()),
    }
    for number, screen in enumerate(QGuiApplication.screens(), start=1):
        size = screen.size()
        rows[f"screen {number}"] = f"{size.width()} x {size.height()} at {screen.devicePixelRatio():g}"
    return "".join(f"{name:<12} {value}\n" for name, value in rows.items())


def save_diagnostics(target: Path, settings: Settings, logs: Sequence[Path] | None = None) -> None:
    """Write a ``.zip`` with versions, settings and the ends of the logs; no photograph and no caption is in it.

    The user's folder is written as ``~``, and what was opened last is left out.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    plain = to_plain(settings)
    del plain["recent"]
    with atomic_path(target) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("system.txt", describe_system())
        archive.writestr("settings.json", without_home(json.dumps(plain, indent=1)))
        for path in log_files() if logs is None else logs:
            archive.writestr(path.name, without_home(_end_of(path)))


def without_home(text: str) -> str:
    """``text`` with the user's folder, whose name is often the user's, written as ``~``."""
    home = str(Path.home())
    for form in (home, json.dumps(home)[1:-1], home.replace("\\", "/")):
        if len(form) > 1:
            text = text.replace(form, "~")
    return text


def _end_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - MAX_LOG_BYTES))
            return file.read(MAX_LOG_BYTES).decode("utf-8", "replace")
    except OSError as error:
        return f"{error.strerror}\n"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def versions_line() -> str:
    """Versions in one line, for the About dialog."""
    return f"Captioner {__version__}, Python {sys.version.split()[0]}, Qt {qVersion()}"
