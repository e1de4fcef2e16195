"""The list of photographs: filtered, sorted, selected, acted upon."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QToolButton

from captioner.worker.protocol import FoundImage
from gui.caption.collection_delegate import retry_rect
from gui.caption.collection_panel import CollectionPanel
from gui.theme import Scheme, theme, tokens
from gui.thumbnails import Thumbnails
from gui.viewmodels.collection_filter import Order
from gui.viewmodels.image_collection import ImageCollection, ImageState


def path(name):
    return f"/p/{name}.jpg"


@pytest.fixture
def collection(make_caption):
    collection = ImageCollection()
    collection.add(FoundImage(path(name), 1, 1) for name in ("IMG_10", "IMG_2", "beach", "broken"))
    collection.set_caption(path("beach"), make_caption("a dog runs on a beach"))
    collection.set_failed(path("broken"), "broken.jpg is cut short.")
    return collection


@pytest.fixture
def panel(qtbot, bridge, collection):
    panel = CollectionPanel(collection, Thumbnails(bridge))
    panel.resize(264, 480)
    qtbot.addWidget(panel)
    panel.show()
    return panel


@pytest.fixture
def selected(panel):
    told = []
    panel.image_selected.connect(told.append)
    return told


def shown(panel):
    return [image.name.removesuffix(".jpg") for image in panel.model.images]


def test_selecting_is_told_once(panel, selected):
    panel.select(path("beach"))
    panel.select(path("beach"))
    assert selected == [path("beach")]
    assert panel.selected_paths() == [path("beach")]


def test_what_is_not_there_cannot_be_selected(panel, selected):
    panel.select(path("nothing"))
    assert selected == []


def test_an_image_that_has_just_been_added_can_be_selected(panel, collection, selected):
    collection.add([FoundImage(path("new"), 1, 1)])
    panel.select(path("new"))
    assert selected == [path("new")]


def test_neighbours_follow_the_order_of_the_list(panel, selected):
    panel._order_actions[Order.NAME].trigger()
    panel.select_neighbour(1)
    panel.select_neighbour(1)
    panel.select_neighbour(9)
    panel.select_neighbour(-1)
    assert selected == [path(name) for name in ("beach", "broken", "IMG_10", "IMG_2")]


def test_arrow_keys_select(qtbot, panel, selected):
    panel.select(path("IMG_10"))
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert selected == [path("IMG_10"), path("IMG_2")]


def test_filter_and_order(qtbot, panel):
    qtbot.keyClicks(panel.line, "img")
    assert shown(panel) == ["IMG_10", "IMG_2"]
    panel._order_actions[Order.NAME].trigger()
    assert shown(panel) == ["IMG_2", "IMG_10"]
    panel._reverse.trigger()
    assert shown(panel) == ["IMG_10", "IMG_2"]


def test_states_can_be_filtered_and_the_button_shows_it(panel):
    for state in ImageState:
        panel._state_actions[state].setChecked(state is ImageState.FAILED)
    assert shown(panel) == ["broken"]
    assert panel._states_button.isChecked()
    panel.show_all()
    assert len(shown(panel)) == 4
    assert not panel._states_button.isChecked()


def test_a_filter_that_nothing_passes_says_so_and_can_be_left(qtbot, panel):
    panel.line.setText("zebra")
    assert panel._pages.currentIndex() == 1
    panel.show_all()
    assert panel._pages.currentIndex() == 0
    assert panel.line.text() == ""


def test_filtering_never_changes_what_is_looked_at(panel, selected):
    panel.select(path("beach"))
    panel.line.setText("img")
    assert panel.current_path == path("beach")
    assert not panel.list.currentIndex().isValid()
    panel.line.clear()
    assert panel.list.currentIndex().data() == "beach.jpg"
    assert panel.selected_paths() == [path("beach")]
    assert selected == [path("beach")]


def test_what_the_filter_hides_can_be_selected_and_shows_up_without_it(panel, selected):
    panel.line.setText("img")
    panel.select(path("beach"))
    assert selected == [path("beach")]
    panel.show_all()
    assert panel.list.currentIndex().data() == "beach.jpg"


def test_removing_the_current_one_goes_to_the_next(qtbot, panel, collection, selected):
    panel.select(path("IMG_2"))
    collection.remove([path("IMG_2")])
    qtbot.waitUntil(lambda: selected == [path("IMG_2"), path("beach")])
    collection.remove([path("broken"), path("beach")])
    qtbot.waitUntil(lambda: selected[2:] == [path("IMG_10")])
    collection.clear()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 0)
    assert panel.current_path is None
    assert len(selected) == 3


def test_rows_that_move_keep_the_selection(panel, selected):
    panel.select(path("IMG_2"))
    panel._order_actions[Order.NAME].trigger()
    panel._reverse.trigger()
    assert panel.list.currentIndex().data() == "IMG_2.jpg"
    assert panel.selected_paths() == [path("IMG_2")]
    assert selected == [path("IMG_2")]


def test_delete_asks_for_the_removal_of_all_selected(qtbot, panel):
    panel.list.selectAll()
    with qtbot.waitSignal(panel.remove_wanted) as wanted:
        qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert wanted.args == [[path(name) for name in ("IMG_10", "IMG_2", "beach", "broken")]]


def test_delete_with_nothing_selected_asks_nothing(qtbot, panel):
    panel.list.clearSelection()
    with qtbot.assertNotEmitted(panel.remove_wanted):
        qtbot.keyClick(panel.list, Qt.Key.Key_Delete)


@pytest.mark.parametrize(
    ("name", "signal", "label", "what"),
    [
        ("broken", "retry_wanted", "Try again", [path("broken")]),
        ("IMG_2", "prioritise_wanted", "Caption next", path("IMG_2")),
        ("beach", "export_wanted", "Export…", [path("beach")]),
        ("beach", "reveal_wanted", "Show in folder", path("beach")),
        ("beach", "remove_wanted", "Remove from the list", [path("beach")]),
    ],
)
def test_the_menu_offers_what_can_be_done(qtbot, panel, name, signal, label, what):
    panel.select(path(name))
    menu = panel.build_menu()
    action = next(action for action in menu.actions() if action.text() == label)
    with qtbot.waitSignal(getattr(panel, signal)) as wanted:
        action.trigger()
    assert wanted.args == [what]


def test_the_menu_offers_nothing_that_cannot_be_done(panel):
    panel.select(path("IMG_2"))
    labels = [action.text() for action in panel.build_menu().actions()]
    assert "Try again" not in labels
    assert "Export…" not in labels


def test_the_button_of_a_failed_one_tries_again(qtbot, panel):
    row = panel.list.visualRect(panel.model.index(3))
    with qtbot.waitSignal(panel.retry_wanted) as wanted:
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=retry_rect(row).center())
    assert wanted.args == [[path("broken")]]
    with qtbot.assertNotEmitted(panel.retry_wanted):
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=row.topLeft() + QPoint(90, 30))


def test_a_failed_one_is_drawn_with_more_than_a_colour(qtbot, panel, collection):
    place = panel.list.visualRect(panel.model.index(3))
    before = panel.list.viewport().grab(place).toImage()
    collection.set_state(path("broken"), ImageState.WAITING)
    panel.model._show_changes()
    after = panel.list.viewport().grab(place).toImage()
    assert before != after
    spoken = panel.model.index(3).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "broken.jpg, Waiting"


def test_the_selected_row_has_a_ring_in_the_accent_of_the_theme(panel):
    for scheme in (Scheme.LIGHT, Scheme.DARK):
        theme().set_scheme(scheme)
        panel.select(path("IMG_10"))
        panel.activateWindow()
        panel.list.setFocus()
        row = panel.list.visualRect(panel.model.index(0))
        picture = panel.list.viewport().grab(row).toImage()
        colours = {picture.pixelColor(row.width() // 2, y).name() for y in range(6)}
        assert tokens().colour("accent").name() in colours
    theme().set_scheme(Scheme.SYSTEM)


def test_only_visible_rows_ask_for_pictures(qtbot, client, panel, collection):
    collection.add(FoundImage(path(f"more_{number}"), 1, 1) for number in range(1000))
    panel.model.refresh()
    panel.list.viewport().grab()
    qtbot.waitUntil(lambda: bool(client.requests))
    assert len(panel._thumbnails._wanted) < 20


def test_every_control_has_a_name_and_can_be_reached_by_tab(panel):
    for control in (panel.line, panel.list, *panel.findChildren(QToolButton)):
        if isinstance(control, QToolButton) and control.parent() is panel.line:
            continue
        assert QAccessible.queryAccessibleInterface(control).text(QAccessible.Text.Name)
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
