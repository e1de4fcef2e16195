import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captioner.caption import CaptionEntry
from captioner.errors import ConfigurationError
from captioner.exports.words import ShownWord, describe, place_name, shown_words
from captioner.geometry import Geometry, Rectangle
from captioner.vocabulary import join_words


def rebuilt(words):
    text = ""
    for word in words:
        text += word.text if not text or word.is_joined else f" {word.text}"
    return text


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["man", "'s", "n't", "dog", "a", "'"]), max_size=6))
def test_words_of_a_model_give_its_sentence_again(entries, words):
    text = join_words(words)
    shown = shown_words(CaptionEntry("a.jpg", text, entries.caption(text, words=words)))
    assert [word.text for word in shown] == words
    assert [word.index for word in shown] == list(range(len(words)))
    assert rebuilt(shown) == text


def test_edited_words_know_where_they_came_from(entries):
    caption = entries.caption("a red circle")
    shown = shown_words(CaptionEntry("a.jpg", "One Red ring, here", caption, True, (0, 1, 2, None)))
    assert [(word.text, word.index) for word in shown] == [("One", 0), ("Red", 1), ("ring,", 2), ("here", None)]
    # The probability of "circle" is not that of "ring".
    assert [word.probability is not None for word in shown] == [False, True, False, False]


def test_text_without_links_is_by_hand(entries):
    by_hand = (ShownWord("two"), ShownWord("dogs"))
    assert shown_words(CaptionEntry("a.jpg", "two  dogs", None, True)) == by_hand
    assert shown_words(CaptionEntry("a.jpg", "two dogs", entries.caption("a dog"), True)) == by_hand
    assert shown_words(CaptionEntry("a.jpg", "", None)) == ()


@pytest.mark.parametrize("indices", [(0,), (0, 1, 2), (0, 3), (0, -1)])
def test_links_that_do_not_fit_are_refused(entries, indices):
    with pytest.raises(ConfigurationError, match="do not fit"):
        shown_words(CaptionEntry("a.jpg", "a dog", entries.caption("a red circle"), True, indices))


def test_links_to_no_caption_are_refused():
    with pytest.raises(ConfigurationError, match="do not fit"):
        shown_words(CaptionEntry("a.jpg", "a dog", None, True, (0, None)))


NAMES = (
    *("upper left", "upper centre", "upper right"),
    *("centre left", "centre", "centre right"),
    *("lower left", "lower centre", "lower right"),
)


@pytest.mark.parametrize("cell", range(9))
def test_places_have_names(entries, cell):
    weights = np.zeros(9, np.float32)
    weights[cell] = 1
    assert place_name(weights, entries.caption("a", grid=(3, 3))) == NAMES[cell]


def test_place_is_one_of_the_photograph_not_of_the_crop(entries):
    geometry = Geometry(300, 100, Rectangle(100, 0, 200, 100))
    caption = entries.caption("a", geometry=geometry)
    assert place_name(np.array([1, 0, 0, 0], np.float32), caption) == "upper centre"


def test_even_attention_has_no_place(entries):
    assert place_name(np.full(4, 0.25, np.float32), entries.caption("a")) == "all over"
    assert place_name(np.ones(1, np.float32), entries.caption("a", grid=(1, 1))) == "centre"


def test_description(entries):
    caption = entries.caption("a dog")
    own = shown_words(CaptionEntry("a.jpg", "a dog", caption))
    edited = shown_words(CaptionEntry("a.jpg", "two hounds", caption, True, (None, 1)))
    assert [describe(word, caption) for word in (*own, *edited)] == [
        "a: upper left, 78 %",
        "dog: upper right, 61 %",
        "two: written by hand",
        "hounds: upper right, changed by hand",
    ]
