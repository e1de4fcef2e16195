"""The whole window when photographs, the worker or the installation are broken."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from captioner.worker import client
from gui.caption.canvas_message import CanvasMessage
from gui.engine_bridge import WorkerState
from gui.error_dialog import ErrorDialog
from gui.session_keeper import session_file
from gui.viewmodels.image_collection import ImageState
from gui.viewmodels.session import load_session

ROOT = Path(__file__).resolve().parents[2]
SABOTAGED = Path(__file__).with_name("sabotaged_worker.py")
MILLISECONDS_TO_WAIT = 60_000
MANY = 32


@pytest.fixture
def wait(qtbot):
    def until(condition):
        qtbot.waitUntil(condition, timeout=MILLISECONDS_TO_WAIT)

    return until


@pytest.fixture
def many(photographs):
    """A folder of photographs that take the worker a while."""
    folder = photographs.parent / "many"
    folder.mkdir()
    for number in range(MANY):
        shutil.copy(photographs / "photo-1.jpg", folder / f"{number}.jpg")
    return folder


@pytest.fixture
def worker_pids(caplog):
    """Process ids of the workers of the window, one after the other."""
    caplog.set_level(logging.INFO, "gui.engine_bridge")
    return lambda: [record.args[0] for record in caplog.records if record.msg.startswith("Worker %d started")]


def is_settled(window):
    """Whether all photographs were found and each is done or failed."""
    collection = window.workspace.collection
    unsettled = collection.count(ImageState.WAITING) + collection.count(ImageState.CAPTIONING)
    return len(collection) > 0 and not unsettled and not window.controller.collector.is_searching


def states(window):
    return {Path(image.path).name: image.state for image in window.workspace.collection}


def test_photograph_that_is_cut_short_fails_alone_and_is_done_once_it_is_whole(open_window, photographs, home, wait):
    whole = (photographs / "photo-1.jpg").read_bytes()
    cut = photographs / "cut.jpg"
    cut.write_bytes(whole[: len(whole) // 2])
    with open_window(home, photographs) as window:
        wait(lambda: is_settled(window))
        assert states(window).pop("cut.jpg") is ImageState.FAILED
        assert [state for name, state in states(window).items() if name != "cut.jpg"] == [ImageState.DONE] * 4
        window.page.collection.select(str(cut))
        sentence = window.workspace.view.image.message
        assert sentence.startswith("cut.jpg is cut short")
        told = window.page.canvas.findChild(CanvasMessage)
        wait(lambda: sentence in told.text)

        cut.write_bytes(whole)
        window.page.collection.retry_wanted.emit([str(cut)])
        wait(lambda: states(window)["cut.jpg"] is ImageState.DONE)
        wait(lambda: window.page.canvas.has_photograph)


def test_photograph_that_crashes_the_decoder_costs_itself_alone(open_window, photographs, home, wait, monkeypatch):
    shutil.copy(photographs / "photo-1.jpg", photographs / "segv.jpg")
    monkeypatch.setattr(client, "worker_command", lambda: (sys.executable, str(SABOTAGED), str(ROOT)))
    with open_window(home, photographs) as window:
        wait(lambda: is_settled(window))
        (failed,) = (image for image in window.workspace.collection if image.state is ImageState.FAILED)
        assert failed.message.startswith("segv.jpg")
        assert [state for name, state in states(window).items() if name != "segv.jpg"] == [ImageState.DONE] * 4
        assert not window.parent().findChildren(ErrorDialog)


def test_worker_that_is_killed_is_replaced_and_nothing_is_lost(open_window, many, home, wait, worker_pids):
    told = []
    with open_window(home, many) as window:
        window.workspace.bridge.state_changed.connect(lambda state, _: told.append(state))
        wait(lambda: window.workspace.collection.count(ImageState.DONE) > 0)
        assert not is_settled(window)
        os.kill(worker_pids()[0], signal.SIGKILL)
        wait(lambda: is_settled(window))
        assert set(states(window).values()) == {ImageState.DONE}
        assert len(window.workspace.collection) == MANY
        assert told[-2:] == [WorkerState.RESTARTING, WorkerState.READY]
        first, second = worker_pids()
        assert first != second
        assert not window.parent().findChildren(ErrorDialog)


def test_without_torch_the_window_says_so_and_still_shows_photographs(
    open_window, photographs, home, wait, monkeypatch, tmp_path
):
    (tmp_path / "stubs").mkdir()
    (tmp_path / "stubs" / "torch.py").write_text("raise ImportError('libtorch_cpu.so: undefined symbol')")
    monkeypatch.syspath_prepend(tmp_path / "stubs")
    path = str(photographs / "photo-2.jpg")
    with open_window(home, photographs) as window:
        main, page = window.parent(), window.page
        wait(lambda: bool(main.findChildren(ErrorDialog)))
        (dialog,) = main.findChildren(ErrorDialog)
        assert "PyTorch cannot be loaded" in dialog.message
        assert "undefined symbol" in dialog.report()
        wait(lambda: len(window.workspace.collection) == 4)
        page.collection.select(path)
        wait(lambda: page.canvas.has_photograph)
        wait(lambda: page.thumbnails.pixmap(path) is not None)
        wait(lambda: window.workspace.collection.count(ImageState.CAPTIONING) == 0)
        assert set(states(window).values()) == {ImageState.WAITING}
        assert len(main.findChildren(ErrorDialog)) == 1


def orphaned_segments():
    """Names of shared memory that no process maps any longer."""
    maps = [_text(path) for path in Path("/proc").glob("[0-9]*/maps")]
    return {path.name for path in Path("/dev/shm").iterdir() if not any(str(path) in text for text in maps)}


def _text(path):
    try:
        return path.read_text()
    except OSError:  # the process has ended, or is not ours
        return ""


def test_closing_while_it_captions_leaves_nothing_behind_and_keeps_what_was_done(open_window, many, home, wait):
    before = orphaned_segments()
    with open_window(home, many) as window:
        wait(lambda: window.workspace.collection.count(ImageState.DONE) > 0)
        assert not is_settled(window)
        done = {image.path: image.text for image in window.workspace.collection if image.text}
    # That no process and no thread is left is checked after every test.
    assert orphaned_segments() <= before
    images = load_session(session_file()).images
    assert len(images) == MANY
    assert {image.path: image.text for image in images if image.text} == done
