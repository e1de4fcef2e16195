"""The window as a program of its own, seen from outside: what it leaves when it ends, however it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gui.session_keeper import session_file
from gui.viewmodels.session import load_session

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START, SECONDS_TO_END = 60, 5


@pytest.fixture
def program(home):
    """Run ``captioner gui`` with these arguments until its worker runs; returns it and the worker's process id."""
    programs = []

    def run(*arguments):
        command = (sys.executable, "-m", "captioner", "gui", *map(str, arguments))
        programs.append(subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE))
        started = wait_for(lambda: [pid for log in home.rglob("captioner.log") for pid in worker_pids(log)])
        return programs[-1], int(started[0])

    yield run
    for program in programs:
        program.kill()
        program.communicate()


def worker_pids(log):
    return re.findall(r"Worker (\d+) started", log.read_text())


def wait_for(condition, seconds=SECONDS_TO_START):
    """What the condition says as soon as it is true, or when the time is up."""
    until = time.monotonic() + seconds
    while not (said := condition()) and time.monotonic() < until:
        time.sleep(0.05)
    return said


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def has_thumbnails(home):
    """Whether photographs are in the window: small pictures of what it shows are kept."""
    return any((home / "cache").rglob("*.jpg"))


def test_asked_to_end_it_keeps_what_is_open_and_leaves_nothing_running(program, photographs, home):
    window, worker = program(photographs)
    assert wait_for(lambda: has_thumbnails(home))
    window.send_signal(signal.SIGTERM)
    _, errors = window.communicate(timeout=SECONDS_TO_END)
    assert (window.returncode, errors) == (0, b"")
    assert wait_for(lambda: not is_running(worker), SECONDS_TO_END)
    names = [Path(image.path).name for image in load_session(session_file()).images]
    assert names == ["photo-1.jpg", "photo-2.jpg", "photo-3.jpg", "deep.png"]


def test_when_the_window_is_killed_its_worker_ends(program, photographs, home):
    window, worker = program(photographs)
    assert wait_for(lambda: has_thumbnails(home))
    assert is_running(worker)
    window.kill()
    assert wait_for(lambda: not is_running(worker), SECONDS_TO_END)
