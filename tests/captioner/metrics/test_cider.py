import numpy as np
import pytest

from captioner.errors import ConfigurationError
from captioner.metrics.cider import CiderD, DocumentFrequencies, cider_d


def test_equals_coco_caption(corpus, oracle):
    scores = cider_d(*corpus)
    expected, expected_per_image = oracle("cider.cider.Cider", *corpus)
    assert scores.mean == pytest.approx(expected, abs=1e-6)
    np.testing.assert_allclose(scores.per_image, expected_per_image, atol=1e-6)


def test_scores_are_in_range(corpus):
    scores = cider_d(*corpus).per_image
    assert np.all((scores >= 0) & (scores <= 10 + 1e-9))
    assert scores.max() > 0


def test_the_only_caption_of_an_image_scores_ten_when_all_its_words_are_informative():
    references = [[["a", "dog", "runs", "away"]], [["two", "men", "on", "bikes"]]]
    assert cider_d([references[0][0], references[1][0]], references).per_image == pytest.approx([10, 10])


def test_the_order_of_references_does_not_matter(corpus):
    hypotheses, references = corpus
    shuffled = cider_d(hypotheses, [several[::-1] for several in references])
    np.testing.assert_allclose(cider_d(hypotheses, references).per_image, shuffled.per_image, atol=1e-12)


def test_a_single_image_carries_no_information():
    assert cider_d([["a", "dog"]], [[["a", "dog"]]]).mean == 0


def test_batches_score_like_single_captions_and_images_may_repeat(corpus):
    hypotheses, references = corpus
    scorer = CiderD(references)
    indices = [3, 0, 3, 7]
    captions = [hypotheses[0], hypotheses[0], hypotheses[3], []]
    batch = scorer.score_batch(indices, captions)
    assert batch.tolist() == [scorer.score(index, caption) for index, caption in zip(indices, captions, strict=True)]
    assert scorer.score(5, hypotheses[5]) == pytest.approx(cider_d(hypotheses, references).per_image[5])


def test_document_frequencies_count_images_and_not_occurrences():
    references = [[["a", "dog", "dog"], ["a", "dog"]], [["a", "cat"]]]
    frequencies = DocumentFrequencies.from_references(references)
    assert frequencies.images == 2
    assert frequencies.counts[("a",)] == 2
    assert frequencies.counts[("dog",)] == 1
    assert frequencies.weight(("a",)) == 0
    assert frequencies.weight(("dog",)) == frequencies.weight(("never", "seen")) == pytest.approx(np.log(2))


def test_frequencies_of_another_corpus_are_used_as_given(corpus):
    hypotheses, references = corpus
    fixed = DocumentFrequencies.from_references(references)
    alone = cider_d(hypotheses[2:3], references[2:3], fixed)
    assert alone.mean == pytest.approx(cider_d(hypotheses, references).per_image[2])
    assert alone.mean == pytest.approx(CiderD(references[2:3], fixed).score(0, hypotheses[2]))


@pytest.mark.parametrize("index", [-1, 2])
def test_refuses_an_image_that_is_not_there(index):
    scorer = CiderD([[["a"]], [["b"]]])
    with pytest.raises(ConfigurationError, match="images are 0 to 1"):
        scorer.score(index, ["a"])


def test_refuses_batches_of_unequal_length():
    with pytest.raises(ConfigurationError, match="needs its image"):
        CiderD([[["a"]]]).score_batch([0, 0], [["a"]])


def test_refuses_an_empty_corpus():
    with pytest.raises(ConfigurationError, match="nothing to score"):
        CiderD([])
    with pytest.raises(ConfigurationError, match="at least 1 image"):
        DocumentFrequencies.from_references([])
