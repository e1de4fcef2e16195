"""Commands: declared once, enabled only with a handler, in the menus and under keys that do not collide."""

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gui.action_list import ACTIONS, MENUS
from gui.actions import Actions
from gui.icons import icon
from gui.menus import ChoiceMenu, build_menus
from gui.undo_actions import UndoActions


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def actions(window):
    return Actions(window)


def test_ids_and_keys_are_unique(actions):
    assert not [name for name, count in Counter(spec.id for spec in ACTIONS).items() if count > 1]
    keys = Counter(key.toString() for name in actions for key in actions[name].shortcuts())
    assert not [key for key, count in keys.items() if count > 1]
    assert "" not in keys


def test_every_icon_and_every_menu_exists():
    for spec in ACTIONS:
        assert spec.menu in MENUS
        if spec.icon:
            assert not icon(spec.icon).isNull()


def test_nothing_is_enabled_without_a_handler(actions):
    assert not [name for name in actions if actions[name].isEnabled()]


def test_handler_is_called(actions):
    calls = []
    actions.handle("open_folder", lambda: calls.append("open"))
    actions["open_folder"].trigger()
    assert calls == ["open"]


def test_handler_of_an_on_or_off_command_is_told_which(actions):
    calls = []
    actions.handle("full_screen", calls.append)
    actions["full_screen"].trigger()
    actions["full_screen"].trigger()
    assert calls == [True, False]


def test_handler_of_a_page_holds_on_that_page_only(actions):
    calls = []
    actions.handle("find", lambda: calls.append("everywhere"))
    actions.handle("find", lambda: calls.append("models"), page="models")
    actions.handle("zoom_in", lambda: calls.append("zoom"), page="caption")
    for page in ("caption", "models"):
        actions.set_page(page)
        actions["find"].trigger()
        actions["zoom_in"].trigger()
    assert calls == ["everywhere", "zoom", "models"]


def test_availability_is_the_pages_own(actions):
    for page in ("caption", "models"):
        actions.handle("select_all", lambda: None, page=page)
    actions.set_available("select_all", False, page="models")
    enabled = []
    for page in ("caption", "models"):
        actions.set_page(page)
        enabled.append(actions["select_all"].isEnabled())
    assert enabled == [True, False]
    actions.set_available("select_all", True, page="models")
    assert actions["select_all"].isEnabled()


def test_availability_alone_enables_nothing(actions):
    actions.set_available("copy_caption", True)
    assert not actions["copy_caption"].isEnabled()


@pytest.mark.parametrize("method", ["handle", "set_available"])
def test_unknown_command_is_an_error(actions, method):
    with pytest.raises(KeyError):
        getattr(actions, method)("make_coffee", lambda: None)


def test_commands_of_a_group_exclude_each_other(actions):
    actions.set_checked("theme_dark")
    actions.set_checked("theme_light")
    assert [name for name in actions if actions[name].isChecked()] == ["theme_light"]


def test_keys_reach_the_handler(qtbot, window, actions):
    calls = []
    actions.handle("next_word", lambda: calls.append("next"))
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert calls == ["next"]


def test_tooltip_says_the_keys(actions):
    keys = QKeySequence("Ctrl+Shift+O").toString(QKeySequence.SequenceFormat.NativeText)
    assert actions["open_folder"].toolTip().endswith(f"({keys})")


def test_text_may_change_and_come_back(actions):
    before = actions["undo"].text()
    actions.set_text("undo", "Undo: remove cats & dogs")
    assert actions["undo"].text() == "Undo: remove cats && dogs"
    actions.set_text("undo", "")
    assert actions["undo"].text() == before


def test_menus_hold_every_command_once(qtbot, actions):
    bar = QMenuBar()
    qtbot.addWidget(bar)
    menus = build_menus(bar, actions)
    held = [action.objectName() for menu in menus.values() for action in menu.actions() if action.objectName()]
    assert sorted(held) == sorted(actions)
    assert [action.text().replace("&", "") for action in bar.actions()] == [
        "File", "Edit", "View", "Caption", "Model", "Help",
    ]  # fmt: skip
    for menu in menus.values():
        ends = menu.actions()[0], menu.actions()[-1]
        assert not any(end.isSeparator() for end in ends)


@pytest.fixture
def choices(qtbot):
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.addAction("Clear this list")
    return ChoiceMenu(menu, "Nothing yet")


def labels(choices):
    return [action.text() for action in choices.parent().actions() if not action.isSeparator()]


def test_choices_stand_above_the_fixed_commands(qtbot, choices):
    choices.set_choices([("/a", "cats & dogs"), ("/b", "b")], checked="/b")
    assert labels(choices) == ["cats && dogs", "b", "Clear this list"]
    first, second = choices.parent().actions()[:2]
    assert (first.isChecked(), second.isChecked()) == (False, True)
    with qtbot.waitSignal(choices.chosen) as caught:
        first.trigger()
    assert caught.args == ["/a"]


def test_without_choices_the_menu_says_so(choices):
    choices.set_choices([("/a", "a")])
    choices.set_choices([])
    assert labels(choices) == ["Nothing yet", "Clear this list"]
    assert not choices.parent().actions()[0].isEnabled()


def test_long_labels_are_shortened_in_the_middle(choices):
    choices.set_choices([("/x", "start " + "very " * 200 + "end")])
    assert labels(choices)[0].startswith("start")
    assert labels(choices)[0].endswith("end")
    assert len(labels(choices)[0]) < 200


def test_undo_and_redo_say_what_they_would_do(window, actions):
    stack = QUndoStack(window)
    UndoActions(actions, stack)
    assert not actions["undo"].isEnabled()
    stack.push(QUndoCommand("remove beach.jpg"))
    assert (actions["undo"].isEnabled(), actions["redo"].isEnabled()) == (True, False)
    assert actions["undo"].text() == "Undo: remove beach.jpg"
    actions["undo"].trigger()
    assert (actions["undo"].text(), actions["redo"].text()) == ("Undo", "Redo: remove beach.jpg")
    assert (actions["undo"].isEnabled(), actions["redo"].isEnabled()) == (False, True)
