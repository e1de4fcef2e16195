"""Notes: one at a time, never in the way, gone by themselves."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.toasts import MAX_WAITING, Toast, ToastCard, ToastKind, Toasts


@pytest.fixture
def host(qtbot):
    host = QWidget()
    host.resize(700, 400)
    QVBoxLayout(host).addWidget(QLineEdit(host))
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    host.activateWindow()
    host.findChild(QLineEdit).setFocus()
    return host


@pytest.fixture
def toasts(host):
    return Toasts(host)


def card(host):
    (found,) = [card for card in host.findChildren(ToastCard) if card.isVisible()]
    return found


def test_note_is_shown_inside_its_host_without_taking_the_focus(qtbot, host, toasts):
    qtbot.waitUntil(lambda: host.findChild(QLineEdit).hasFocus())
    toasts.show("3 photographs removed.")
    assert host.findChild(QLineEdit).hasFocus()
    assert host.rect().contains(card(host).geometry())
    assert card(host).accessibleName() == "3 photographs removed."


def test_notes_wait_for_each_other(toasts):
    for text in ("one", "two"):
        toasts.show(text)
    seen = []
    while toasts.shown is not None:
        seen.append(toasts.shown.text)
        toasts.dismiss()
    assert seen == ["one", "two"]


def test_a_note_is_not_repeated_and_a_storm_is_cut_short(toasts):
    for number in range(100):
        toasts.show("again")
        toasts.show(f"{number}.jpg is damaged.", ToastKind.ERROR)
    seen = []
    while toasts.shown is not None:
        seen.append(toasts.shown.text)
        toasts.dismiss()
    assert len(seen) == MAX_WAITING + 1
    assert len(set(seen)) == len(seen)
    assert seen[-1] == "99.jpg is damaged."


def test_action_runs_and_the_note_goes(qtbot, host, toasts):
    calls = []
    toasts.show("3 photographs removed.", action=("Undo", lambda: calls.append("undo")))
    qtbot.mouseClick(card(host).findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert calls == ["undo"]
    assert toasts.shown is None


def test_close_button_has_a_name_and_closes(qtbot, host, toasts):
    toasts.show("Something.")
    close = card(host).findChild(QToolButton)
    assert close.accessibleName()
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert toasts.shown is None


def test_note_goes_by_itself_but_not_while_pointed_at(qtbot, toasts, monkeypatch):
    monkeypatch.setattr(Toast, "milliseconds", property(lambda self: 20))
    toasts.show("Something.")
    toasts.hold(True)
    qtbot.wait(60)
    assert toasts.shown is not None
    toasts.hold(False)
    qtbot.waitUntil(lambda: toasts.shown is None)


def test_text_of_a_file_is_plain(host, toasts):
    toasts.show("<img src=x>.jpg is damaged.", ToastKind.ERROR)
    texts = [label for label in card(host).findChildren(QLabel) if label.text()]
    assert [label.textFormat() for label in texts] == [Qt.TextFormat.PlainText]


@pytest.mark.parametrize("width", [360, 900])
def test_long_text_is_whole_at_any_width(host, toasts, width):
    toasts.show("A long sentence that does not end soon. " * 6, ToastKind.WARNING)
    host.resize(width, 400)
    (label,) = [label for label in card(host).findChildren(QLabel) if label.text()]
    assert host.rect().contains(card(host).geometry())
    assert label.height() >= label.heightForWidth(label.width())


def test_errors_and_long_texts_stay_longer():
    short, long, error = Toast("Done."), Toast("word " * 40), Toast("Done.", ToastKind.ERROR)
    assert short.milliseconds < error.milliseconds
    assert short.milliseconds < long.milliseconds
