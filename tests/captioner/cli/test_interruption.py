"""The program as a terminal runs it: Ctrl-C, a reader that leaves, and the progress bar."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")
SECONDS = 60


@pytest.fixture
def many(photographs):
    """Enough photographs to be in the midst of them for a while."""
    source = photographs / "photo-1.jpg"
    for index in range(400):
        os.link(source, photographs / f"copy-{index:03}.jpg")
    return photographs


def test_interrupted_run_keeps_what_it_has(program, many, tiny_package, tmp_path):
    arguments = ("--attention", "figures", "--format", "coco", "--output", "results.json", "--batch-size", 1)
    running = program("caption", many, "--model", tiny_package, *arguments)
    deadline = time.monotonic() + SECONDS
    while not list((tmp_path / "figures").glob("*.png")) and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=SECONDS)
    assert (running.returncode, out) == (130, b"")
    entries = json.loads((tmp_path / "results.json").read_text())
    assert err.decode() == f"captioner: Stopped after {len(entries)} of 403 images. Their captions are kept.\n"
    assert 1 <= len(entries) < 403
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_reader_that_leaves_ends_the_program_quietly(program, many, tiny_package):
    running = program("caption", many, "--model", tiny_package, "--batch-size", 1)
    assert running.stdout.readline().endswith(b"\n")
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait(timeout=SECONDS) in (1, 141)


def test_progress_is_drawn_on_a_terminal_and_results_stay_whole(program, photographs, tiny_package):
    import pty

    master, slave = pty.openpty()
    arguments = ("--format", "json", "--batch-size", 1, "--recursive")
    running = program("caption", photographs, "gone.jpg", "--model", tiny_package, *arguments, stderr=slave)
    os.close(slave)
    drawn = b""
    while chunk := _read(master):
        drawn += chunk
    os.close(master)
    results = running.stdout.read().decode().splitlines()
    assert running.wait(timeout=SECONDS) == 1
    assert len([json.loads(line) for line in results]) == 4
    text = drawn.decode()
    assert "0/5" in text
    assert "5/5" in text
    assert "images/s" in text
    assert " left" in text
    assert "captioner: gone.jpg does not exist." in text
    assert "4 captions in " in text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side is closed
        return b""


def test_module_and_command_are_the_same(tmp_path):
    from captioner import __version__

    command = [sys.executable, "-m", "captioner", "--version"]
    assert subprocess.check_output(command, text=True) == f"captioner {__version__}\n"
