import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.errors import ConfigurationError
from captioner.metrics.rouge import rouge_l

sentences = st.lists(st.sampled_from(["a", "dog", "runs", "red"]), max_size=8)


def test_equals_coco_caption(corpus, oracle):
    scores = rouge_l(*corpus)
    expected, expected_per_image = oracle("rouge.rouge.Rouge", *corpus)
    assert scores.mean == pytest.approx(expected, abs=1e-6)
    np.testing.assert_allclose(scores.per_image, expected_per_image, atol=1e-6)


def test_a_perfect_match_scores_one():
    assert rouge_l([["a", "dog"]], [[["a", "cat"], ["a", "dog"]]]).mean == pytest.approx(1)


def test_words_count_only_in_their_order():
    assert rouge_l([["dog", "a"]], [[["a", "dog"]]]).mean == pytest.approx(0.5)


@settings(deadline=None, max_examples=100)
@given(sentences, st.lists(sentences, min_size=1, max_size=4))
def test_scores_are_in_range_and_the_order_of_references_does_not_matter(hypothesis, references):
    score = rouge_l([hypothesis], [references]).mean
    assert 0 <= score <= 1
    assert score == rouge_l([hypothesis], [references[::-1]]).mean


def test_refuses_an_image_without_reference():
    with pytest.raises(ConfigurationError, match="Image 0 has no reference"):
        rouge_l([["a"]], [[]])
