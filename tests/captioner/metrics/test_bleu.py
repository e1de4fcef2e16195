import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.errors import ConfigurationError
from captioner.metrics.bleu import bleu

sentences = st.lists(st.sampled_from(["a", "dog", "runs", "red"]), max_size=8)
images = st.lists(st.tuples(sentences, st.lists(sentences, min_size=1, max_size=4)), min_size=1, max_size=5)


def test_equals_coco_caption(corpus, oracle):
    scores = bleu(*corpus)
    expected, expected_per_image = oracle("bleu.bleu.Bleu", *corpus, 4, verbose=0)
    np.testing.assert_allclose(scores.corpus, expected, atol=1e-6)
    np.testing.assert_allclose(scores.per_image, np.transpose(expected_per_image), atol=1e-6)


def test_a_perfect_match_scores_one():
    caption = ["a", "dog", "runs", "on", "the", "grass"]
    scores = bleu([caption], [[["another"], caption]])
    np.testing.assert_allclose(scores.corpus, 1, atol=1e-6)
    np.testing.assert_allclose(scores.per_image, 1, atol=1e-6)


def test_repeating_a_word_earns_no_more_than_the_reference_holds():
    scores = bleu([["the"] * 7], [[["the", "cat", "is", "on", "the", "mat"]]])
    assert scores.corpus[0] == pytest.approx(2 / 7)


def test_a_short_caption_is_penalised():
    scores = bleu([["a", "dog"]], [[["a", "dog", "runs", "away"]]], max_order=1)
    assert scores.corpus[0] == pytest.approx(np.exp(1 - 4 / 2))


def test_of_two_equally_close_references_the_shorter_counts():
    hypothesis = ["a", "dog", "runs"]
    scores = bleu([hypothesis], [[["a", "dog", "runs", "away"], ["a", "dog"]]], max_order=1)
    assert scores.corpus[0] == pytest.approx(1)


@settings(deadline=None, max_examples=50)
@given(images, st.randoms(use_true_random=False))
def test_scores_are_in_range_and_the_order_of_references_does_not_matter(pairs, generator: random.Random):
    hypotheses, references = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    scores = bleu(hypotheses, references)
    shuffled = bleu(hypotheses, [generator.sample(several, len(several)) for several in references])
    assert scores.per_image.shape == (len(pairs), 4)
    assert np.all((scores.per_image >= 0) & (scores.per_image <= 1))
    assert all(0 <= score <= 1 for score in scores.corpus)
    assert scores.corpus == shuffled.corpus
    assert np.array_equal(scores.per_image, shuffled.per_image)


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        ([], [], "nothing to score"),
        ([["a"]], [], "1 hypotheses and references for 0 images"),
        ([["a"], ["b"]], [[["a"]], []], "Image 1 has no reference"),
    ],
)
def test_refuses_what_cannot_be_scored(hypotheses, references, message):
    with pytest.raises(ConfigurationError, match=message):
        bleu(hypotheses, references)
