"""Two captions side by side."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gui.viewmodels.word_difference import Difference, WordPair, difference

sentences = st.lists(st.sampled_from(("a", "A", "dog", "man", "runs")), max_size=8)


def test_words_are_paired_in_reading_order():
    assert difference(["A", "brown", "dog", "runs"], ["a", "hound", "runs", "fast"]) == (
        WordPair(Difference.EQUAL, 0, 0),
        WordPair(Difference.REPLACED, 1, 1),
        WordPair(Difference.ONLY_LEFT, 2, None),
        WordPair(Difference.EQUAL, 3, 2),
        WordPair(Difference.ONLY_RIGHT, None, 3),
    )


@settings(deadline=None)
@given(sentences, sentences)
def test_every_word_occurs_once_and_in_order(a, b):
    pairs = difference(a, b)
    assert [pair.left for pair in pairs if pair.left is not None] == list(range(len(a)))
    assert [pair.right for pair in pairs if pair.right is not None] == list(range(len(b)))
    for pair in pairs:
        is_both = pair.left is not None and pair.right is not None
        assert is_both == (pair.kind in (Difference.EQUAL, Difference.REPLACED))
        if is_both:
            assert (a[pair.left].lower() == b[pair.right].lower()) == (pair.kind is Difference.EQUAL)
