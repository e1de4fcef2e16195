"""The window as a program: seen before anything heavy is imported, honest about its worker, gone when it is told to."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from captioner.worker.protocol import WorkerDied, WorkerReady, WorkerUnusable
from gui.app import build_window, join_worker
from gui.error_dialog import ErrorDialog
from gui.settings import SettingsStore, load_settings

ROOT = Path(__file__).resolve().parents[2]
SECONDS_TO_START, SECONDS_TO_END = 60, 10


@pytest.fixture
def window(qtbot, bridge, tmp_path):
    window = build_window(SettingsStore(tmp_path / "settings.json"))
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.first_painted):
        window.show()
    join_worker(window, bridge)
    return window


def python(*arguments, **options):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.Popen([sys.executable, *arguments], env=environment, stderr=subprocess.PIPE, **options)


def test_window_is_built_without_what_takes_long():
    slow = "{'numpy', 'torch', 'PIL', 'qtpy', 'superqt', 'typer', 'rich', 'gui.caption.page', 'gui.library.page'}"
    code = f"""if True:
        import sys
        from gui.app import build_window, create_application
        from gui.settings import SettingsStore
        application = create_application()
        build_window(SettingsStore()).show()
        sys.exit(', '.join({slow} & set(sys.modules)) or None)"""
    process = python("-c", code)
    _, errors = process.communicate(timeout=SECONDS_TO_START)
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends programs without asking them")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_saves_and_leaves_nothing_behind(tmp_path, monkeypatch, number):
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("HOME", str(tmp_path))
    process = python("-m", "gui")
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while process.poll() is None and time.monotonic() < deadline:
            if any("Worker" in log.read_text() for log in tmp_path.rglob("captioner.log")):
                break
            time.sleep(0.05)
        process.send_signal(number)
        _, errors = process.communicate(timeout=SECONDS_TO_END)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, errors) == (0, b"")
    (settings,) = tmp_path.rglob("settings.json")
    assert load_settings(settings).settings.geometry


def test_worker_that_cannot_be_used_is_explained(qtbot, client, window):
    client.emit(WorkerUnusable(job_id=0, message="torch is missing. Install it.", details="Traceback"))
    qtbot.waitUntil(lambda: bool(window.findChildren(ErrorDialog)))
    (dialog,) = window.findChildren(ErrorDialog)
    assert dialog.report() == "torch is missing. Install it.\n\nTraceback\n"
    dialog.close()
    qtbot.waitUntil(lambda: not window.findChildren(ErrorDialog))
    window.worker_details_wanted.emit()
    assert len(window.findChildren(ErrorDialog)) == 1


def test_worker_that_dies_and_comes_back_is_only_marked(qtbot, client, window):
    states = []
    show = window.set_worker_state
    window.set_worker_state = lambda state, message: (states.append(str(state)), show(state, message))
    for event in (WorkerReady(job_id=0, seconds=1.0), WorkerDied(job_id=0, message="It ended by itself.")):
        client.emit(event)
    qtbot.waitUntil(lambda: len(states) == 2)
    assert states == ["ready", "restarting"]
    assert not window.findChildren(ErrorDialog)


def test_page_of_the_last_time_is_shown(qtbot, tmp_path):
    store = SettingsStore(tmp_path / "settings.json")
    store.change(page="models")
    window = build_window(store)
    qtbot.addWidget(window)
    assert window.page == "models"


def test_files_that_the_system_hands_over_are_passed_on():
    code = """if True:
        import sys
        from PySide6.QtCore import QUrl
        from PySide6.QtGui import QFileOpenEvent
        from gui.app import create_application
        application, opened = create_application(), []
        application.file_opened.connect(opened.append)
        application.event(QFileOpenEvent(QUrl.fromLocalFile('/pictures/a.jpg')))
        sys.exit(None if opened == ['/pictures/a.jpg'] else str(opened))"""
    process = python("-c", code)
    _, errors = process.communicate(timeout=SECONDS_TO_START)
    assert (process.returncode, errors) == (0, b"")
