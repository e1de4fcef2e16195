"""What happens when something goes wrong in the window itself: it is logged, told and survived."""

import faulthandler
import logging
import os
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton

from captioner.errors import OutputError
from gui import log_file
from gui.diagnostics import describe_system, save_diagnostics, without_home
from gui.error_dialog import ErrorDialog
from gui.settings import Settings
from gui.uncaught import UncaughtErrors


@pytest.fixture
def errors(qapp):
    errors = UncaughtErrors()
    yield errors
    errors.uninstall()


def fail():
    raise ValueError("seven")


def caught(function):
    try:
        function()
    except Exception:
        return sys.exc_info()


def test_uncaught_error_is_logged_and_told(qtbot, errors, caplog):
    with qtbot.waitSignal(errors.reported) as told:
        errors.take(*caught(fail))
    sentence, details = told.args
    assert "ValueError seven" in sentence
    assert "in fail" in details
    assert "in fail" in caplog.text


def test_error_of_a_slot_reaches_it(qtbot, errors, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    errors.install()
    with qtbot.waitSignal(errors.reported):
        QTimer.singleShot(0, fail)


def test_error_of_a_thread_reaches_the_windows_thread(qtbot, errors):
    threads = []
    errors.reported.connect(lambda *_: threads.append(threading.current_thread()))
    errors.install()
    with qtbot.waitSignal(errors.reported):
        thread = threading.Thread(target=fail)
        thread.start()
    thread.join()
    assert threads == [threading.main_thread()]


def test_repeated_error_is_told_once(qtbot, errors):
    told = []
    errors.reported.connect(lambda *words: told.append(words))
    for _ in range(3):
        errors.take(*caught(fail))
    qtbot.waitUntil(lambda: bool(told))
    qtbot.wait(10)
    assert len(told) == 1


def test_uninstall_puts_back_what_was_there(errors):
    before = sys.excepthook, threading.excepthook
    errors.install()
    assert (sys.excepthook, threading.excepthook) != before
    errors.uninstall()
    assert (sys.excepthook, threading.excepthook) == before


@pytest.fixture
def dialog(qtbot):
    dialog = ErrorDialog("<b>x</b> is damaged.", path="/a/\x1bb.jpg", advice="Copy it again.", details="Traceback")
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.open()
    return dialog


def press(dialog, text):
    (button,) = [button for button in dialog.findChildren(QPushButton) if text in button.text()]
    button.click()


def test_error_dialog_says_what_where_and_what_to_do(dialog):
    texts = [label.text() for label in dialog.findChildren(QLabel) if label.text()]
    assert texts == ["<b>x</b> is damaged.", "/a/\\x1bb.jpg", "Copy it again."]
    assert "<b>x</b>" in dialog.report()


def test_details_are_copied_and_shown(dialog):
    assert not dialog.findChild(QPlainTextEdit).isVisible()
    press(dialog, "Show details")
    assert dialog.findChild(QPlainTextEdit).isVisible()
    press(dialog, "Copy details")
    assert QGuiApplication.clipboard().text() == dialog.report()
    assert dialog.report().endswith("Traceback\n")


@pytest.fixture
def log(tmp_path):
    """A log in a folder of its own, and everything as before afterwards."""
    handlers, level = list(logging.root.handlers), logging.root.level
    was_enabled = faulthandler.is_enabled()
    crash_file = log_file.start_log(tmp_path / "log")
    yield tmp_path / "log"
    faulthandler.disable()
    if was_enabled:
        faulthandler.enable(sys.__stderr__)
    crash_file.close()
    for handler in [handler for handler in logging.root.handlers if handler not in handlers]:
        logging.root.removeHandler(handler)
        handler.close()
    logging.root.setLevel(level)


def test_log_is_written_and_stays_small(log, monkeypatch):
    for number in range(3):
        logging.getLogger("captioner.test").warning("%s %s", number, "x" * log_file.MAX_BYTES)
    assert "2 xxx" in (log / "captioner.log").read_text()
    assert sum(file.stat().st_size for file in log.iterdir()) < 4 * log_file.MAX_BYTES
    assert [file.name for file in log_file.log_files(log)][:2] == ["crash.log", "captioner.log"]


def test_without_a_place_for_the_log_the_window_still_opens(tmp_path):
    (tmp_path / "file").touch()
    assert log_file.start_log(tmp_path / "file" / "log") is None


def test_diagnostics_name_neither_the_user_nor_what_was_opened(qapp, tmp_path):
    log = tmp_path / "captioner.log"
    log.write_text(f"{Path.home()}/pictures is gone\n")
    target = tmp_path / "diagnostics.zip"
    save_diagnostics(target, Settings(recent=(str(Path.home() / "secret.jpg"),)), [log, tmp_path / "missing.log"])
    with zipfile.ZipFile(target) as archive:
        whole = {name: archive.read(name).decode() for name in archive.namelist()}
    assert sorted(whole) == ["captioner.log", "missing.log", "settings.json", "system.txt"]
    assert whole["captioner.log"] == "~/pictures is gone\n"
    assert not [text for text in whole.values() if "secret" in text or str(Path.home()) in text]


def test_diagnostics_that_cannot_be_written_are_one_sentence(qapp, tmp_path):
    with pytest.raises(OutputError, match=r"does not exist"):
        save_diagnostics(tmp_path / "nowhere" / "d.zip", Settings(), [])


def test_versions_of_all_that_matters(qapp):
    text = describe_system()
    for word in ("captioner", "PySide6", "torch", "screen 1", "platform"):
        assert word in text


def test_home_is_hidden_however_it_is_written():
    home = str(Path.home())
    assert without_home(f'"{home}{os.sep}a" {home}') == f'"~{os.sep}a" ~'
