"""The window before its parts are there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtWidgets import QWidget

from gui.app import build_window
from gui.furnishing import Furnishing
from gui.incoming import Incoming
from gui.reception import Reception
from gui.settings import SettingsStore


@pytest.fixture
def window(qtbot, tmp_path, monkeypatch, qapp):
    for name in ("DATA", "STATE", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    window = build_window(SettingsStore(tmp_path / "settings.json", qapp))
    qtbot.addWidget(window)
    yield window
    window.close()


def show(qtbot, window):
    with qtbot.waitSignal(window.first_painted):
        window.show()


def test_the_first_frame_greets_and_takes_drops(qtbot, window):
    reception = Reception(window)
    show(qtbot, window)
    assert reception.empty_state.isVisible()
    assert window.acceptDrops()


def test_nobody_is_greeted_who_opens_something(qtbot, window):
    reception = Reception(window, is_greeting=False)
    show(qtbot, window)
    assert not reception.empty_state.isVisible()


def test_the_greeting_belongs_to_its_page(qtbot, window):
    window.show_page("models")
    reception = Reception(window)
    show(qtbot, window)
    assert not reception.empty_state.isVisible()
    window.show_page("caption")
    assert reception.empty_state.isVisible()


def test_the_page_takes_the_greeting_over(qtbot, window, bridge):
    reception = Reception(window)
    show(qtbot, window)
    furnishing = Furnishing(window, bridge, (), reception)
    assert window.page_widget("caption") is furnishing.page
    assert furnishing.page.isAncestorOf(reception.empty_state)
    assert reception.empty_state.isVisible()


def test_what_is_opened_early_is_dealt_with_in_order(qtbot, window, bridge, monkeypatch):
    reception = Reception(window)
    show(qtbot, window)
    reception.drop_target.dropped.emit(Incoming(paths=("/photos/first.jpg",)))
    reception.empty_state.sample_chosen.emit("/photos/second.jpg")
    added = []
    monkeypatch.setattr("gui.caption.controller.CaptionController.add", lambda _, paths: added.append(list(paths)))
    Furnishing(window, bridge, (), reception)
    reception.drop_target.dropped.emit(Incoming(paths=("/photos/third.jpg",)))
    assert added == [["/photos/first.jpg"], ["/photos/second.jpg"], ["/photos/third.jpg"]]


def test_refusals_are_told_before_there_are_parts(qtbot, window, monkeypatch):
    told = []
    monkeypatch.setattr(window, "toast", lambda text, *_: told.append(text))
    Reception(window).arrivals.refused.emit("This is not on this computer.")
    assert told == ["This is not on this computer."]


def test_a_stand_in_gives_way_to_its_page(qtbot, window):
    stand_in, page = QWidget(), QWidget()
    window.set_stand_in("caption", stand_in)
    show(qtbot, window)
    assert stand_in.isVisible()
    window.set_factory("caption", lambda: page)
    assert page.isVisible()
    assert not stand_in.isVisible()


def test_what_is_seen_first_needs_neither_numpy_nor_psygnal():
    code = "import sys, gui.app; print(*sorted({'numpy', 'psygnal', 'torch'} & {*sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
