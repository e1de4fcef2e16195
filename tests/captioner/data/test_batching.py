import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.data.batching import BATCHES_PER_BUCKET, CaptionExamples, length_buckets
from captioner.vocabulary import END, PAD, START, UNK

lengths_of_captions = st.lists(st.integers(2, 25), min_size=1, max_size=400).map(np.array)


@given(lengths=lengths_of_captions, size=st.integers(1, 50), seed=st.integers(0, 2**63 - 1), epoch=st.integers(0, 9))
def test_every_caption_comes_once_per_epoch(lengths, size, seed, epoch):
    batches = list(length_buckets(lengths, size, seed=seed, epoch=epoch))
    assert sorted(np.concatenate(batches)) == list(range(len(lengths)))
    assert sum(len(batch) < size for batch in batches) <= -(-len(lengths) // (size * BATCHES_PER_BUCKET))
    assert all(1 <= len(batch) <= size for batch in batches)


@given(lengths=lengths_of_captions, size=st.integers(1, 20))
def test_captions_of_a_batch_are_of_like_length(lengths, size):
    batches = list(length_buckets(lengths, size, seed=3, epoch=1))
    if len(lengths) <= size * BATCHES_PER_BUCKET:
        spans = sorted((lengths[batch].min(), lengths[batch].max()) for batch in batches)
        assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


def test_order_is_decided_by_seed_and_epoch():
    lengths = np.arange(200) % 7 + 2

    def order(seed, epoch):
        return np.concatenate(list(length_buckets(lengths, 8, seed=seed, epoch=epoch))).tolist()

    assert order(1, 1) == order(1, 1)
    assert len({str(order(seed, epoch)) for seed in (1, 2) for epoch in (1, 2)}) == 4


def test_examples_start_end_and_are_padded(tiny):
    captions = {3: [["word0", "word1"], ["word2"]], 1: [["strange", "word0", "word1", "word2"], []]}
    examples = CaptionExamples.build(captions, tiny.vocabulary(), max_length=3)
    assert len(examples) == 3
    assert examples.rows.tolist() == [3, 3, 1]
    assert examples.lengths.tolist() == [3, 2, 4]
    assert examples.token_ids.tolist() == [
        [START, 4, 5, END, PAD],
        [START, 6, END, PAD, PAD],
        [START, UNK, 4, 5, END],
    ]


@pytest.mark.parametrize("captions", [{}, {0: []}, {0: [[]]}])
def test_no_captions_give_no_examples(tiny, captions):
    examples = CaptionExamples.build(captions, tiny.vocabulary(), max_length=5)
    assert len(examples) == 0
    assert list(length_buckets(examples.lengths, 4, seed=0, epoch=0)) == []
