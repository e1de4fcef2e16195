"""Opening the window from the command line, where there is one to open."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence

from captioner.errors import CaptionerError

# Where Linux says that there is a screen; the last chooses how Qt draws, also without one.
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def open_window(paths: Sequence[str]) -> int:
    """Open the window with photographs and folders, and stay until it is closed.

    Returns
    -------
    int
        The exit status.

    Raises
    ------
    CaptionerError
        If PySide6 is not installed or there is no screen.
    """
    if any(importlib.util.find_spec(name) is None for name in ("PySide6", "gui")):
        raise CaptionerError("The window needs PySide6, which is missing. Install it: pip install PySide6-Essentials.")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in _SCREENS):
        raise CaptionerError("There is no screen here for the window. On the command line, try: captioner --help.")
    # By name, so that what this package imports stays below the window.
    status: int = importlib.import_module("gui.app").main(paths)
    return status
