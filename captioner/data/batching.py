"""Captions as token ids, and batches of captions of like length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from captioner.vocabulary import END, PAD, START, Vocabulary

BATCHES_PER_BUCKET = 40


@dataclass(frozen=True, slots=True, eq=False)
class CaptionExamples:
    """M training captions.

    Attributes
    ----------
    rows
        (M,) int64, the row of each caption's image in the feature file.
    token_ids
        (M, T) int64: ``<start>``, words, ``<end>``, then ``<pad>``.
    lengths
        (M,) int64, words and ``<end>``, which is the number of predictions.
    """

    rows: NDArray[np.int64]
    token_ids: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def build(
        cls,
        captions: Mapping[int, Sequence[Sequence[str]]],
        vocabulary: Vocabulary,
        *,
        max_length: int,
    ) -> CaptionExamples:
        """Encode tokenised ``captions`` per feature row, each cut after ``max_length`` words."""
        encoded = [
            (row, vocabulary.encode(words[:max_length])) for row, texts in captions.items() for words in texts if words
        ]
        longest = max((len(ids) for _, ids in encoded), default=0)
        token_ids = np.full((len(encoded), longest + 2), PAD, np.int64)
        for index, (_, ids) in enumerate(encoded):
            token_ids[index, : len(ids) + 2] = (START, *ids, END)
        rows = np.array([row for row, _ in encoded], np.int64)
        lengths = np.array([len(ids) + 1 for _, ids in encoded], np.int64)
        return cls(rows, token_ids, lengths)

    def __len__(self) -> int:
        return len(self.rows)


def length_buckets(
    lengths: NDArray[np.int64], batch_size: int, *, seed: int, epoch: int
) -> Iterator[NDArray[np.int64]]:
    """Yield every caption's index once, in batches of like length and in an order that (seed, epoch) decides.

    Captions are shuffled, sorted by length within runs of `BATCHES_PER_BUCKET` batches, cut into batches, and the
    batches shuffled: little padding, and yet other company in every epoch.
    """
    generator = np.random.default_rng([seed, epoch])
    order = generator.permutation(len(lengths))
    run = batch_size * BATCHES_PER_BUCKET
    batches = []
    for start in range(0, len(order), run):
        bucket = order[start : start + run]
        bucket = bucket[np.argsort(lengths[bucket], kind="stable")]
        batches += [bucket[first : first + batch_size] for first in range(0, len(bucket), batch_size)]
    for index in generator.permutation(len(batches)):
        yield batches[index]
