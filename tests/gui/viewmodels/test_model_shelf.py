"""Which models there are, which is in use, which are compared."""

import pytest

from captioner.worker.protocol import ModelDetails
from gui.viewmodels.model_shelf import ModelShelf


def details(name, description=""):
    return ModelDetails(
        name=name,
        description=description,
        origin="installed",
        path=f"/models/{name}",
        size=1,
        encoder="",
        decoder="",
        grid=(7, 7),
        vocabulary=10,
    )


@pytest.fixture
def shelf():
    shelf = ModelShelf()
    shelf.set_models(map(details, ("one", "two", "three")))
    shelf.changes = 0

    def count():
        shelf.changes += 1

    shelf.changed.connect(count)
    return shelf


def test_models_are_found_by_name(shelf):
    assert shelf.get("two").path == "/models/two"
    assert shelf.get("four") is shelf.get(None) is None


def test_a_third_selection_lets_the_first_go(shelf):
    for name in ("one", "two", "three"):
        shelf.toggle_selected(name)
    assert shelf.selected == ("two", "three")
    shelf.toggle_selected("two")
    assert shelf.selected == ("three",)
    assert shelf.changes == 4


def test_the_selected_models_are_compared_in_their_order(shelf):
    assert shelf.compared == ()
    shelf.toggle_selected("three")
    assert shelf.compared == ()
    shelf.toggle_selected("one")
    assert [model.name for model in shelf.compared] == ["three", "one"]


@pytest.mark.parametrize("is_one_selected", [False, True])
def test_the_only_two_models_are_compared_whatever_is_selected(shelf, is_one_selected):
    if is_one_selected:
        shelf.toggle_selected("two")
    shelf.set_models(shelf.models[:2])
    assert [model.name for model in shelf.compared] == ["one", "two"]
    shelf.set_models(shelf.models[:1])
    assert shelf.compared == ()


def test_what_is_gone_is_neither_in_use_nor_selected(shelf):
    shelf.set_active("one")
    shelf.toggle_selected("one")
    shelf.toggle_selected("two")
    shelf.set_models([details("two")])
    assert (shelf.active, shelf.selected) == (None, ("two",))


def test_the_model_in_use_may_be_known_before_the_models():
    shelf = ModelShelf()
    shelf.set_active("two")
    shelf.set_models([details("one"), details("two")])
    assert shelf.active == "two"


def test_nothing_is_told_when_nothing_changed(shelf):
    shelf.set_active(None)
    shelf.set_models(shelf.models)
    shelf.toggle_selected("unknown")
    assert shelf.changes == 0


def test_a_model_with_other_details_is_a_change(shelf):
    shelf.set_models([details("one", "A newer sentence.")])
    assert shelf.changes == 1
