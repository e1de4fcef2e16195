"""The window on a real screen beside another program, from which photographs are dragged and to which captions go."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from gui.session_keeper import session_file
from gui.viewmodels.session import load_session

ROOT = Path(__file__).resolve().parents[2]
NEIGHBOUR = Path(__file__).with_name("neighbour.py")
SIZE = (1400, 1000)
TARGET = (700, 450)
"""In the middle of the window, where photographs are shown."""
COLOURS = ("#9b1b6f", "#148a8a")
SECONDS_TO_START, SECONDS_TO_END = 60, 10
LIBRARIES = ("X11", "Xtst", "xcb-cursor")


@pytest.fixture
def screen(monkeypatch, tmp_path):
    """An X server of its own, on a display that nobody else has."""
    missing = [name for name in LIBRARIES if not ctypes.util.find_library(name)]
    missing += [] if shutil.which("Xvfb") else ["Xvfb"]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed; .ci/system-libraries does that")
    reader, writer = os.pipe()
    command = ("Xvfb", "-displayfd", str(writer), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp")
    with (
        subprocess.Popen(command, pass_fds=(writer,), stderr=subprocess.DEVNULL) as server,
        os.fdopen(reader) as told,
    ):
        os.close(writer)
        try:
            monkeypatch.setenv("DISPLAY", f":{int(told.readline())}")
            monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
            yield
        finally:
            server.terminate()


@pytest.fixture
def window(screen, home):
    """The window there, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-m", "captioner"], env=environment) as window:
        yield window
        window.kill()


@pytest.fixture
def photographs(tmp_path):
    """Paths of two photographs, one of each colour."""
    paths = [tmp_path / "plum.png", tmp_path / "teal.png"]
    for path, colour in zip(paths, COLOURS, strict=True):
        Image.new("RGB", (640, 480), colour).save(path)
    return [str(path) for path in paths]


def test_dropped_photographs_are_shown_and_captioned_and_a_caption_copied_to_another_program(window, photographs):
    command = [sys.executable, str(NEIGHBOUR), *map(str, TARGET), COLOURS[0], *photographs]
    copied = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=SECONDS_TO_START, check=True).stdout
    window.send_signal(signal.SIGTERM)
    assert window.wait(SECONDS_TO_END) == 0
    images = load_session(session_file()).images
    assert [image.path for image in images] == photographs
    assert images[0].caption is not None
    assert images[0].text == copied
