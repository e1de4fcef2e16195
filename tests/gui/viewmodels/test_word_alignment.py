"""Words that a hand left alone stay linked to the model's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.viewmodels.word_alignment import MAX_WORDS, align, tokens_of

sentences = st.lists(st.sampled_from(("a", "dog", "man", "'s", "runs", "the", "n't")), max_size=8)


@pytest.mark.parametrize(
    ("model_words", "text", "links"),
    [
        ("a dog runs", "a dog runs", (0, 1, 2)),
        ("a dog runs", "a big dog runs", (0, None, 1, 2)),
        ("a dog runs", "a hound runs", (0, None, 2)),
        ("a dog runs", "runs", (2,)),
        ("a dog runs", "A dog, runs.", (0, 1, 2)),
        ("a man 's dog", "A man’s dog", (0, 1, 3)),
        ("dogs do n't run", "dogs don't run", (0, 1, 3)),
        ("a dog and a dog", "a dog", (0, 1)),
        ("a t-shirt", "a t-shirt", (0, 1)),
        ("a dog", "dog -- a", (None, None, 0)),
        ("a dog", "a 'dog'", (0, 1)),
        ("", "a dog", (None, None)),
        ("a dog", "", ()),
        ("été", "ÉTÉ", (0,)),
    ],
)
def test_links(model_words, text, links):
    assert align(model_words.split(), text) == links


@settings(deadline=None)
@given(sentences, st.lists(st.text(max_size=6) | st.sampled_from(("a", "Dog", "man's")), max_size=8).map(" ".join))
def test_links_rise_and_lie_within_the_models_words(model_words, text):
    links = align(model_words, text)
    used = [link for link in links if link is not None]
    assert len(links) == len(text.split())
    assert used == sorted(set(used))
    assert all(0 <= link < len(model_words) for link in used)


@settings(deadline=None)
@given(st.lists(st.sampled_from(("a", "dog", "runs", "the", "brown")), max_size=10))
def test_an_unchanged_sentence_is_linked_word_by_word(words):
    assert align(words, " ".join(words)) == tuple(range(len(words)))


def test_a_text_of_any_length_is_aligned():
    links = align(["a", "dog"], "x " * MAX_WORDS + "a dog")
    assert len(links) == MAX_WORDS + 2
    assert set(links) == {None}


def test_tokens_are_those_that_a_model_sees():
    assert tokens_of("The man’s dog doesn't bark, ever.") == (
        "the", "man", "'s", "dog", "does", "n't", "bark", "ever",
    )  # fmt: skip
