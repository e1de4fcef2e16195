"""The palette: finds what is enabled, is used by keyboard alone, gives the focus back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListView, QVBoxLayout, QWidget

from gui.actions import Actions
from gui.command_palette import CommandPalette, find_commands


@pytest.fixture
def window(qtbot):
    window = QWidget()
    window.resize(700, 500)
    QVBoxLayout(window).addWidget(QLineEdit(window, objectName="filter"))
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    return window


@pytest.fixture
def calls():
    return []


@pytest.fixture
def actions(window, calls):
    actions = Actions(window)
    for name in ("open_folder", "export_csv", "export_json", "zoom_in", "zoom_out", "command_palette"):
        actions.handle(name, lambda name=name: calls.append(name))
    return actions


@pytest.fixture
def palette(qtbot, window, actions):
    palette = CommandPalette(actions, window)
    window.findChild(QLineEdit, "filter").setFocus()
    qtbot.waitUntil(lambda: window.findChild(QLineEdit, "filter").hasFocus())
    palette.open()
    return palette


def names(found):
    return [command.action.objectName() for command in found]


def test_without_letters_all_enabled_commands_stand_in_the_order_of_the_menus(actions):
    assert names(find_commands(actions, "")) == ["open_folder", "export_csv", "export_json", "zoom_in", "zoom_out"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("zo", {"zoom_in", "zoom_out"}),
        ("json", {"export_json"}),
        ("export", {"export_csv", "export_json"}),
        ("qq", set()),
    ],
)
def test_commands_are_found_by_text_and_by_menu(actions, query, expected):
    assert set(names(find_commands(actions, query))) == expected


def test_keyboard_alone_runs_a_command(qtbot, window, palette, calls):
    line = window.focusWidget()
    qtbot.keyClicks(line, "zoom")
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert calls == ["zoom_out"]
    assert not palette.isVisible()
    assert window.focusWidget().objectName() == "filter"


def test_arrows_go_round(qtbot, window, palette, calls):
    line = window.focusWidget()
    qtbot.keyClick(line, Qt.Key.Key_Up)
    qtbot.keyClick(line, Qt.Key.Key_Enter)
    assert calls == ["zoom_out"]


def test_escape_gives_up_and_gives_the_focus_back(qtbot, window, palette, calls):
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert (palette.isVisible(), calls) == (False, [])
    assert window.focusWidget().objectName() == "filter"


def test_focus_elsewhere_closes_it(qtbot, window, palette):
    window.findChild(QLineEdit, "filter").setFocus()
    qtbot.waitUntil(lambda: not palette.isVisible())


def test_nothing_fits_is_said_and_enter_does_nothing(qtbot, window, palette, calls):
    qtbot.keyClicks(window.focusWidget(), "qqqq")
    assert not palette.findChild(QListView).isVisible()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert calls == []


def test_click_runs_a_command(qtbot, palette, calls):
    listed = palette.findChild(QListView)
    place = listed.visualRect(listed.model().index(0, 0)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert calls == ["open_folder"]


def test_rows_are_told_to_screen_readers(palette):
    model = palette.findChild(QListView).model()
    told = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    assert any("Table" in text and "Export" in text for text in told)


def test_it_stays_inside_a_window_that_shrinks(qtbot, window, palette):
    window.resize(420, 400)
    assert palette.geometry().left() >= 0
    assert palette.geometry().right() <= window.width()
    assert not palette.grab().isNull()
