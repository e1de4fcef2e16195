"""Files and folders opened last."""

from __future__ import annotations

import pytest

from gui.recent import MAX_PLACES, RecentPlaces
from gui.settings import SettingsStore


@pytest.fixture
def settings(qapp, tmp_path):
    return SettingsStore(tmp_path / "settings.json")


@pytest.fixture
def recent(settings):
    return RecentPlaces(settings)


def test_the_newest_are_on_top_once_each(recent, settings):
    recent.add(["/a", "/b"])
    recent.add(["/c", "/a"])
    assert recent.places == ("/c", "/a", "/b")
    assert settings.settings.recent == recent.places


def test_the_list_stays_short(recent):
    recent.add(f"/{number}" for number in range(30))
    assert recent.places == tuple(f"/{number}" for number in range(MAX_PLACES))


def test_changes_are_told_and_nothing_else(qtbot, recent):
    with qtbot.waitSignal(recent.changed) as changed:
        recent.add(["/a"])
    assert changed.args == [("/a",)]
    with qtbot.assertNotEmitted(recent.changed):
        recent.add(["/a"])
    recent.clear()
    assert recent.places == ()


def test_what_is_gone_is_forgotten(qtbot, recent, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    recent.add([str(tmp_path / "gone"), str(kept), str(kept / "gone too")])
    with qtbot.waitSignal(recent.changed):
        recent.drop_missing().join()
    assert recent.places == (str(kept),)
