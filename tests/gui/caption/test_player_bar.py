"""Going through the words by itself."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QSlider, QToolButton

from gui.caption.player_bar import PlayerBar


@pytest.fixture
def player(qtbot):
    player = PlayerBar()
    qtbot.addWidget(player)
    player._timer.setInterval(5)
    player.set_count(4)
    player.resize(300, 32)
    player.show()
    return player


@pytest.fixture
def heard(player):
    positions = []
    player.position_changed.connect(positions.append)
    return positions


def test_plays_from_here_and_stops_at_the_end(player, heard, qtbot):
    states = []
    player.playing_changed.connect(states.append)
    player.set_position(1)
    player.play()
    assert player.is_playing
    qtbot.waitUntil(lambda: not player.is_playing)
    assert heard == [1, 2, 3]
    assert states == [True, False]


def test_at_the_end_it_begins_again(player, heard, qtbot):
    player.set_position(3)
    player.toggle()
    qtbot.waitUntil(lambda: not player.is_playing)
    assert heard == [0, 1, 2, 3]


def test_the_button_toggles_and_says_what_it_does(player, qtbot):
    button = player.findChild(QToolButton)
    names = {button.accessibleName()}
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert player.is_playing
    names.add(button.accessibleName())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not player.is_playing
    assert len(names) == 2
    assert "" not in names


def test_set_position_is_not_told(player, heard):
    player.set_position(2)
    assert heard == []
    assert player.findChild(QLabel).text() == "3 of 4"


def test_keys_and_presses_scrub(player, heard, qtbot):
    slider = player.findChild(QSlider)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert heard == [1]
    player.play()
    end = QPoint(slider.width() - 9, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=end)
    assert heard[-1] == 3
    assert not player.is_playing
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)
    assert heard[-1] == 3


def test_another_caption_ends_playing(player, heard):
    player.play()
    player.set_count(2)
    assert not player.is_playing
    assert heard == [0]


def test_without_words_there_is_nothing_to_play(player, heard):
    player.set_count(0)
    player.toggle()
    assert not player.isEnabled()
    assert not player.is_playing
    assert heard == []
