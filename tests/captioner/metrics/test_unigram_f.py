import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.errors import ConfigurationError
from captioner.metrics.unigram_f import unigram_f

sentences = st.lists(st.sampled_from(["a", "dog", "runs", "red"]), max_size=8)


def test_by_hand():
    # Two of three words match, of two and of four words: P = 2/3 with R = 1, or with R = 1/2.
    hypothesis, long, short = ["a", "red", "dog"], ["a", "dog", "runs", "fast"], ["dog", "a"]
    by_hand = [(2 / 3 * r) / (0.85 * 2 / 3 + 0.15 * r) for r in (1, 1 / 2)]
    np.testing.assert_allclose(unigram_f([hypothesis] * 2, [[long, short], [long]]), by_hand)


def test_a_word_counts_as_often_as_both_have_it():
    assert unigram_f([["a", "a", "a"]], [[["a", "dog"]]], alpha=0)[0] == pytest.approx(1 / 3)
    assert unigram_f([["a", "a", "a"]], [[["a", "dog"]]], alpha=1)[0] == pytest.approx(1 / 2)


def test_a_missing_word_costs_more_than_one_too_many():
    reference = [["a", "red", "dog"]]
    too_few, too_many = unigram_f([["a", "dog"], ["a", "red", "dog", "runs"]], [reference] * 2)
    assert too_few < too_many < 1


@settings(deadline=None, max_examples=100)
@given(sentences, st.lists(sentences, min_size=1, max_size=4))
def test_scores_are_in_range_and_another_reference_never_lowers_them(hypothesis, references):
    (score,) = unigram_f([hypothesis], [references])
    assert 0 <= score <= 1
    assert unigram_f([hypothesis], [references[:1]])[0] <= score
    assert unigram_f([hypothesis], [[*references, hypothesis or ["a"]]])[0] == pytest.approx(1.0 if hypothesis else 0.0)


def test_refuses_an_image_without_reference():
    with pytest.raises(ConfigurationError, match="Image 0 has no reference"):
        unigram_f([["a"]], [[]])
