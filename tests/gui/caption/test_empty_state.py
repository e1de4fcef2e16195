"""What is shown before there is a photograph."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from captioner.worker.protocol import Finished, MakeThumbnails, ThumbnailMade
from gui.caption.empty_state import EmptyState
from gui.thumbnails import Thumbnails


@pytest.fixture
def state(qtbot, bridge):
    state = EmptyState(["/samples/cat.jpg", "/samples/moose.jpg"])
    state.show_thumbnails(Thumbnails(bridge, state))
    state.resize(900, 600)
    qtbot.addWidget(state)
    state.show()
    return state


@pytest.mark.parametrize(
    ("button", "signal"),
    [
        ("open_button", "open_wanted"),
        ("open_folder_button", "open_folder_wanted"),
        ("paste_button", "paste_wanted"),
        ("all_button", "samples_wanted"),
    ],
)
@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_buttons_say_what_is_wanted(qtbot, state, button, signal, by):
    target = getattr(state, button)
    with qtbot.waitSignal(getattr(state, signal)):
        if by == "mouse":
            qtbot.mouseClick(target, Qt.MouseButton.LeftButton)
        else:
            qtbot.keyClick(target, Qt.Key.Key_Space)


def test_a_sample_can_be_chosen_and_has_a_name(qtbot, state):
    assert "moose.jpg" in state.samples[1].accessibleName()
    assert state.samples[1].focusPolicy() & Qt.FocusPolicy.TabFocus
    with qtbot.waitSignal(state.sample_chosen) as chosen:
        qtbot.keyClick(state.samples[1], Qt.Key.Key_Space)
    assert chosen.args == ["/samples/moose.jpg"]


def test_samples_are_drawn_when_their_pictures_arrive(qtbot, client, state):
    state.grab()
    qtbot.waitUntil(lambda: bool(client.requests))
    request = client.last(MakeThumbnails)
    assert set(request.paths) == {"/samples/cat.jpg", "/samples/moose.jpg"}
    pixels = np.broadcast_to(np.uint8([200, 40, 40]), (80, 120, 3)).copy()
    for path in request.paths:
        client.emit(ThumbnailMade(job_id=request.job_id, path=path, width=1200, height=800, pixels=pixels))
    client.emit(Finished(job_id=request.job_id))

    def is_drawn():
        picture = state.samples[0].grab().toImage()
        return picture.pixelColor(picture.width() // 2, picture.height() // 2) == QColor(200, 40, 40)

    qtbot.waitUntil(is_drawn)


def test_without_samples_there_is_only_the_place_to_drop(qtbot):
    state = EmptyState([])
    qtbot.addWidget(state)
    assert state.samples == []
    assert not hasattr(state, "all_button")


def test_it_fits_the_smallest_window(state):
    assert state.minimumSizeHint().width() <= 900
    assert state.minimumSizeHint().height() <= 520
