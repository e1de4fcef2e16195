"""One line about a run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QWidget

from gui.caption.progress_strip import ProgressStrip, rate_text, time_left_text
from gui.viewmodels.captioning_queue import Progress


@pytest.fixture(autouse=True)
def _english():
    before = QLocale()
    QLocale.setDefault(QLocale("en"))
    yield
    QLocale.setDefault(before)


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def strip(window):
    return ProgressStrip(window)


RUNNING = Progress(done=1240, total=5000, failed=0, rate=62.0, eta=61.0, is_running=True)


def test_it_is_there_only_while_something_runs(strip):
    assert strip.isHidden()
    strip.set_progress(RUNNING)
    assert strip.isVisible()
    strip.set_progress(Progress(done=5000, total=5000))
    assert strip.isHidden()


def test_it_says_how_far_how_fast_and_how_long(strip):
    strip.set_progress(RUNNING)
    assert (strip.count.text(), strip.rate.text(), strip.left.text()) == ("1,240 of 5,000", "62 images/s", "1 min left")
    assert (strip.bar.value(), strip.bar.maximum()) == (1240, 5000)
    assert not strip.failures.isVisible()


def test_failures_are_counted_in_words(strip):
    strip.set_progress(Progress(done=3, total=9, failed=2, is_running=True))
    assert strip.failures.isVisible()
    assert "2" in strip.failures.text()


def test_buttons_pause_resume_and_cancel(qtbot, strip):
    strip.set_progress(RUNNING)
    with qtbot.waitSignal(strip.pause_wanted):
        qtbot.mouseClick(strip.pause_button, Qt.MouseButton.LeftButton)
    strip.set_progress(Progress(done=1240, total=5000, is_running=True, is_paused=True))
    assert strip.pause_button.text() == "Resume"
    assert strip.left.text() == "Paused"
    with qtbot.waitSignal(strip.resume_wanted):
        qtbot.keyClick(strip.pause_button, Qt.Key.Key_Space)
    with qtbot.waitSignal(strip.cancel_wanted):
        qtbot.mouseClick(strip.cancel_button, Qt.MouseButton.LeftButton)


def test_many_updates_end_with_the_last_one(qtbot, strip):
    for done in range(500):
        strip.set_progress(Progress(done=done, total=500, rate=60.0, eta=1.0, is_running=True))
    qtbot.waitUntil(lambda: strip.count.text() == "499 of 500")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0.2, "1 s left"),
        (7.4, "7 s left"),
        (43, "45 s left"),
        (54.9, "55 s left"),
        (58, "1 min left"),
        (600, "10 min left"),
        (7500, "2 h 5 min left"),
    ],
)
def test_time_left_in_words(qapp, seconds, text):
    assert time_left_text(seconds) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(0.0, ""), (0.25, "4.0 s for each"), (2.0, "2.0 images/s"), (62.4, "62 images/s")]
)
def test_speed_in_words(qapp, rate, text):
    assert rate_text(rate) == text
