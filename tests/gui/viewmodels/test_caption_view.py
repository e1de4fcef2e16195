"""What is shown of one photograph, and where its words looked."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captioner.geometry import Geometry, Rectangle
from gui.viewmodels.caption_view import (
    FLAT_SHARE,
    PIN_COLOURS,
    CaptionView,
    Horizontal,
    Place,
    ShownWord,
    Vertical,
)
from gui.viewmodels.image_collection import CollectedImage, ImageCollection


@pytest.fixture
def collection():
    collection = ImageCollection()
    collection.add([CollectedImage("a.jpg"), CollectedImage("b.jpg")])
    return collection


@pytest.fixture
def view():
    return CaptionView()


@pytest.fixture
def told(view):
    told = []
    view.changed.connect(lambda: told.append("changed"))
    view.focus_changed.connect(lambda position: told.append(("focus", position)))
    view.pins_changed.connect(lambda: told.append("pins"))
    return told


@pytest.fixture
def show(view, make_caption):
    """Show a caption, by default of seven words on 7 x 7 places of 640 x 480 pixels."""

    def show(text="a brown dog runs through the grass", **changes):
        caption = dataclasses.replace(make_caption(text), **changes)
        view.set_image(CollectedImage("a.jpg", caption=caption, text=caption.text))
        return caption

    return show


def with_map(caption, weights):
    """Changes that give every word these weights."""
    weights = np.asarray(weights, np.float32)
    attention = np.repeat(weights.reshape(1, -1), len(caption.words), axis=0)
    return {"attention": attention, "grid": weights.shape}


def test_the_models_words_are_linked_one_by_one(view, show):
    caption = show("a man 's dog")
    assert view.words == tuple(
        ShownWord(word.text, index, word.probability) for index, word in enumerate(caption.words)
    )


def test_edited_words_have_no_link(view, collection, make_caption):
    caption = make_caption("a dog runs")
    collection.set_caption("a.jpg", caption)
    collection.set_text("a.jpg", "a big dog")
    view.set_image(collection[0])
    assert view.words == (
        ShownWord("a", 0, caption.words[0].probability),
        ShownWord("big"),
        ShownWord("dog", 1, caption.words[1].probability),
    )
    assert view.map_of(1) is None
    assert view.place_of(1) is None
    assert view.full_weight(1, shared=True) == 0
    assert not view.is_flat(1)


def test_a_text_without_a_model_is_shown(view, collection):
    collection.set_text("a.jpg", "my dog")
    view.set_image(collection[0])
    assert view.words == (ShownWord("my"), ShownWord("dog"))
    assert view.words_at(1, 1) == []
    assert view.beginning_to(1, "cat") == ("cat",)


@pytest.mark.parametrize("links", [(0,), (7, -1)])
def test_links_that_do_not_fit_are_not_followed(view, make_caption, links):
    caption = make_caption("a dog")
    view.set_image(CollectedImage("a.jpg", caption=caption, text="my dog", word_indices=links))
    assert view.words == (ShownWord("my"), ShownWord("dog"))


def test_another_image_is_told_once_and_lets_focus_and_pins_go(view, show, told):
    show()
    view.set_focus(2)
    view.toggle_pin(1)
    told.clear()
    view.set_image(None)
    view.set_image(None)
    assert told == ["changed", ("focus", None), "pins"]
    assert (view.image, view.caption, view.words, view.focus, dict(view.pins)) == (None, None, (), None, {})


def test_focus_and_pins_stay_with_words_that_an_edit_moves(view, collection, told, make_caption):
    collection.set_caption("a.jpg", make_caption("a dog runs home"))
    view.set_image(collection[0])
    view.set_focus(1)
    view.toggle_pin(1)
    view.toggle_pin(3)
    collection.set_text("a.jpg", "look a dog runs")
    told.clear()
    view.set_image(collection[0])
    view.set_image(collection[0])
    assert (view.focus, dict(view.pins)) == (2, {2: 0})
    assert told == ["changed", ("focus", 2), "pins"]


def test_state_alone_is_no_other_caption(view, collection, told, make_caption):
    collection.set_caption("a.jpg", make_caption())
    view.set_image(collection[0])
    collection.set_failed("a.jpg", "It is gone.")
    told.clear()
    view.set_image(collection[0])
    assert told == []


def test_stepping_wraps(view, show):
    view.step(1)
    assert view.focus is None
    show("a dog runs")
    visited = []
    for by in (1, 1, 1, 1, -1, -1):
        view.step(by)
        visited.append(view.focus)
    assert visited == [0, 1, 2, 0, 2, 1]
    view.set_focus(None)
    view.step(-1)
    assert view.focus == 2


@pytest.mark.parametrize("position", [-1, 3])
def test_a_position_that_is_not_there_is_no_focus(view, show, told, position):
    show("a dog runs")
    view.set_focus(1)
    view.set_focus(position)
    view.set_focus(None)
    assert told == ["changed", ("focus", 1), ("focus", None)]


def test_pins_take_the_first_free_colour(view, show):
    show()
    for position in (4, 2, 0):
        view.toggle_pin(position)
    view.toggle_pin(4)
    view.toggle_pin(6)
    assert dict(view.pins) == {2: 1, 0: 2, 6: 0}
    view.clear_pins()
    assert not view.pins


def test_one_pin_more_than_colours_lets_the_first_go(view, show):
    show(" ".join("abcdefghi"))
    for position in range(PIN_COLOURS + 1):
        view.toggle_pin(position)
    assert dict(view.pins) == {**{position: position for position in range(1, PIN_COLOURS)}, PIN_COLOURS: 0}


def test_words_without_a_map_cannot_be_pinned(view, collection, told):
    collection.set_text("a.jpg", "my dog")
    view.set_image(collection[0])
    view.toggle_pin(0)
    view.toggle_pin(9)
    view.clear_pins()
    assert told == ["changed"]


def test_maps_are_the_models_weights(view, show):
    caption = show()
    for position in range(len(caption.words)):
        weights = view.map_of(position)
        assert weights.shape == (7, 7)
        np.testing.assert_array_equal(weights.ravel(), caption.attention[position])
        assert view.full_weight(position, shared=False) == weights.max()
        assert view.full_weight(position, shared=True) == caption.attention.max()
    assert view.map_of(len(caption.words)) is view.map_of(-1) is None


def test_one_place_is_no_map(view, show, make_caption):
    show(**with_map(make_caption(), [[1.0]]))
    assert view.map_of(0) is None
    assert not view.is_flat(0)


@pytest.mark.parametrize(
    ("looked_at", "is_flat"), [(49, True), (42, True), (41, False), (1, False)]
)  # 0.85 x 49 = 41.65
def test_flat_is_looking_at_most_places_alike(view, show, make_caption, looked_at, is_flat):
    weights = np.zeros(49)
    weights[:looked_at] = 1 / looked_at
    show(**with_map(make_caption(), weights.reshape(7, 7)))
    assert view.is_flat(0) == is_flat == (looked_at >= FLAT_SHARE * 49)


def test_every_pixel_lies_in_the_cell_that_geometry_says(view, show):
    caption = show(geometry=Geometry(640, 480, Rectangle(80, 0, 560, 480)), grid=(7, 7))
    for row in range(7):
        for column in range(7):
            cell = caption.geometry.cell(row, column, caption.grid)
            middle = ((cell.left + cell.right) / 2, (cell.top + cell.bottom) / 2)
            assert view.cell_at(*middle) == (row, column)
    assert view.cell_at(79, 10) is view.cell_at(560, 10) is view.cell_at(100, 480) is view.cell_at(100, -1) is None
    assert view.cell_at(np.nextafter(560, 0), np.nextafter(480, 0)) == (6, 6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(x=st.floats(-50, 700), y=st.floats(-50, 530))
def test_words_at_a_place_are_ranked_by_their_weight_there(view, show, x, y):
    caption = show()
    ranked = view.words_at(x, y)
    cell = view.cell_at(x, y)
    assert (cell is not None) == (0 <= x < 640 and 0 <= y < 480)
    assert len(ranked) == (0 if cell is None else len(caption.words))
    assert all(view.map_of(position)[cell] == weight for position, weight in ranked)
    assert all(first[1] >= second[1] for first, second in pairwise(ranked))


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ((0, 0), Place(Vertical.TOP, Horizontal.LEFT, 1)),
        ((4, 0), Place(Vertical.CENTRE, Horizontal.LEFT, 1)),
        ((4, 4), Place(Vertical.CENTRE, Horizontal.CENTRE, 1)),
        ((8, 5), Place(Vertical.BOTTOM, Horizontal.CENTRE, 1)),
        ((8, 8), Place(Vertical.BOTTOM, Horizontal.RIGHT, 1)),
    ],
)
def test_a_place_is_a_ninth_of_the_photograph(view, show, make_caption, cell, place):
    weights = np.zeros((9, 9))
    weights[cell] = 1
    show(**with_map(make_caption(), weights))
    found = view.place_of(0)
    assert (found.vertical, found.horizontal) == (place.vertical, place.horizontal)
    assert found.share == pytest.approx(1)


def test_a_cell_in_two_ninths_is_parted_by_area(view, show, make_caption):
    weights = np.zeros((7, 7))
    weights[0, 2] = 1  # from 2/7 to 3/7 of the width; a third lies at 2.333/7
    show(**with_map(make_caption(), weights))
    found = view.place_of(0)
    assert (found.vertical, found.horizontal) == (Vertical.TOP, Horizontal.CENTRE)
    assert found.share == pytest.approx(2 / 3)


def test_a_cropped_photograph_is_parted_as_a_whole(view, show, make_caption):
    weights = np.zeros((2, 2))
    weights[0, 0] = 1  # pixels 300 to 450 of 900
    show(**with_map(make_caption(), weights), geometry=Geometry(900, 300, Rectangle(300, 0, 600, 300)))
    assert view.place_of(0).horizontal is Horizontal.CENTRE


def test_a_sentence_goes_on_from_the_models_words(view, show):
    show("a man 's dog runs")
    assert view.beginning_to(0, "the") == ("the",)
    assert view.beginning_to(4, "sits") == ("a", "man", "'s", "dog", "sits")


@pytest.mark.parametrize(
    ("text", "position", "beginning"),
    [
        ("a man's big dog runs", 3, ("a", "man", "'s", "cat")),
        ("a man's big dog runs", 4, ("a", "man", "'s", "dog", "cat")),
        ("Man runs", 1, ("man", "cat")),
        ("the Man's", 1, ("cat",)),
    ],
)
def test_words_of_a_hand_are_left_out_of_a_beginning(view, collection, make_caption, text, position, beginning):
    collection.set_caption("a.jpg", make_caption("a man 's dog runs"))
    collection.set_text("a.jpg", text)
    view.set_image(collection[0])
    assert view.beginning_to(position, "cat") == beginning
