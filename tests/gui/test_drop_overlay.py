"""A whole window takes drops."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget

from gui.drop_overlay import DropTarget

MOUSE, KEYS, COPY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction


@pytest.fixture
def window(qtbot):
    window = QWidget()
    window.resize(400, 300)
    window.field = QLineEdit()
    QVBoxLayout(window).addWidget(window.field)
    qtbot.addWidget(window)
    return window


@pytest.fixture
def target(window):
    target = DropTarget(window)
    window.show()
    return target


def files(*paths):
    data = QMimeData()
    data.setUrls([QUrl(path) if "://" in path else QUrl.fromLocalFile(path) for path in paths])
    return data


def send(window, kind, data, place=(200, 20)):
    handle = window.windowHandle()
    if kind is QDropEvent:
        event = QDropEvent(QPointF(*place), COPY, data, MOUSE, KEYS)
    elif kind is QDragLeaveEvent:
        event = QDragLeaveEvent()
    else:
        event = kind(QPoint(*place), COPY, data, MOUSE, KEYS)
    event.ignore()
    QApplication.sendEvent(handle, event)
    return event


def test_files_hover_are_counted_and_dropped_anywhere_even_on_a_text_field(qtbot, window, target):
    data = files("/p/a.jpg", "/p/b.jpg", "/p/folder")
    assert send(window, QDragEnterEvent, data).isAccepted()
    assert target.overlay.isVisible()
    assert "3" in target.overlay.text
    assert target.overlay.accessibleName() == target.overlay.text
    assert send(window, QDragMoveEvent, data).isAccepted()
    with qtbot.waitSignal(target.dropped) as dropped:
        assert send(window, QDropEvent, data).isAccepted()
    assert dropped.args[0].paths == ("/p/a.jpg", "/p/b.jpg", "/p/folder")
    assert not target.overlay.isVisible()
    assert window.field.text() == ""


def test_leaving_takes_the_overlay_away(window, target):
    data = files("/p/a.jpg")
    send(window, QDragEnterEvent, data)
    send(window, QDragLeaveEvent, data)
    assert not target.overlay.isVisible()


def test_what_left_before_it_was_dropped_is_taken(qtbot, window, target):
    data = files("/p/a.jpg")
    send(window, QDragEnterEvent, data)
    send(window, QDragLeaveEvent, data)
    with qtbot.waitSignal(target.dropped) as dropped:
        assert send(window, QDropEvent, data).isAccepted()
    assert dropped.args[0].paths == ("/p/a.jpg",)


def test_what_is_elsewhere_gets_its_sentence(qtbot, window, target):
    data = files("https://example.org/a.jpg")
    assert send(window, QDragEnterEvent, data).isAccepted()
    with qtbot.waitSignal(target.dropped) as dropped:
        send(window, QDropEvent, data)
    assert dropped.args[0].paths == ()
    assert "example.org" in dropped.args[0].refused[0].sentence


def test_text_is_left_to_text_fields(window, target):
    data = QMimeData()
    data.setText("a dog runs")
    send(window, QDragEnterEvent, data, (window.field.geometry().center().x(), window.field.geometry().center().y()))
    assert not target.overlay.isVisible()


def test_the_overlay_covers_the_window_also_when_that_grows(qtbot, window, target):
    send(window, QDragEnterEvent, files("/p/a.jpg"))
    window.resize(640, 480)
    qtbot.waitUntil(lambda: target.overlay.size() == window.size())


def test_the_overlay_is_drawn_with_a_frame_in_the_accent(window, target):
    from gui.theme import tokens

    send(window, QDragEnterEvent, files("/p/a.jpg"))
    picture = target.overlay.grab().toImage()
    colours = {picture.pixelColor(x, 16).name() for x in range(40, 360)}
    assert tokens().colour("accent").name() in colours
