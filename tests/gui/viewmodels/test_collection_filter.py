"""What is shown of a collection, and in what order."""

from __future__ import annotations

import pytest

from gui.viewmodels.collection_filter import CollectionFilter, Order
from gui.viewmodels.image_collection import CollectedImage, ImageCollection, ImageState


@pytest.fixture
def collection(make_caption):
    collection = ImageCollection()
    collection.add(CollectedImage(f"/pictures/{name}.jpg") for name in ("IMG_10", "IMG_2", "Dog", "cat"))
    collection.set_caption("/pictures/IMG_2.jpg", make_caption("a brown dog runs", seed=1))
    collection.set_caption("/pictures/cat.jpg", make_caption("a cat sleeps on a sofa", seed=2))
    collection.set_failed("/pictures/IMG_10.jpg", "IMG_10.jpg is damaged.")
    return collection


def names(images):
    return [image.name.removesuffix(".jpg") for image in images]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ["IMG_10", "IMG_2", "Dog", "cat"]),
        ("  ", ["IMG_10", "IMG_2", "Dog", "cat"]),
        ("DOG", ["IMG_2", "Dog"]),
        ("dog brown", ["IMG_2"]),
        ("img", ["IMG_10", "IMG_2"]),
        ("pictures", []),
        ("sofa", ["cat"]),
    ],
)
def test_each_word_must_be_in_the_caption_or_the_name(collection, text, shown):
    assert names(CollectionFilter(text).arranged(collection)) == shown


def test_only_chosen_states_are_shown(collection):
    chosen = CollectionFilter(states=frozenset({ImageState.FAILED, ImageState.WAITING}))
    assert names(chosen.arranged(collection)) == ["IMG_10", "Dog"]
    assert CollectionFilter(states=frozenset()).arranged(collection) == []


@pytest.mark.parametrize(
    ("order", "is_reversed", "shown"),
    [
        (Order.ADDED, False, ["IMG_10", "IMG_2", "Dog", "cat"]),
        (Order.ADDED, True, ["cat", "Dog", "IMG_2", "IMG_10"]),
        (Order.NAME, False, ["cat", "Dog", "IMG_2", "IMG_10"]),
        (Order.NAME, True, ["IMG_10", "IMG_2", "Dog", "cat"]),
        (Order.STATE, False, ["IMG_10", "Dog", "IMG_2", "cat"]),
    ],
)
def test_orders(collection, order, is_reversed, shown):
    assert names(CollectionFilter(order=order, is_reversed=is_reversed).arranged(collection)) == shown


@pytest.mark.parametrize("is_reversed", [False, True])
def test_images_without_a_confidence_come_last_either_way(collection, is_reversed):
    shown = CollectionFilter(order=Order.CONFIDENCE, is_reversed=is_reversed).arranged(collection)
    first, second = shown[0].confidence, shown[1].confidence
    assert (first > second) is is_reversed
    assert names(shown[2:]) == ["IMG_10", "Dog"]


def test_arranging_leaves_the_collection_as_it_is(collection):
    before = list(collection)
    CollectionFilter("img", order=Order.NAME, is_reversed=True).arranged(collection)
    assert list(collection) == before


@pytest.mark.parametrize(
    ("chosen", "depends"),
    [
        (CollectionFilter(), False),
        (CollectionFilter(order=Order.NAME), False),
        (CollectionFilter("dog"), True),
        (CollectionFilter(order=Order.CONFIDENCE), True),
        (CollectionFilter(states=frozenset({ImageState.DONE})), True),
    ],
)
def test_it_knows_whether_captions_matter_to_it(chosen, depends):
    assert chosen.depends_on_captions is depends
