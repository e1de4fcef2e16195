"""ROUGE-L as coco-caption computes it: the longest common subsequence, recall weighted over precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from captioner.metrics.ngrams import require_references

BETA = 1.2


@dataclass(frozen=True, slots=True)
class RougeScores:
    """ROUGE-L in [0, 1]: the mean over images, and ``per_image``, float64 of shape (N,)."""

    mean: float
    per_image: NDArray[np.float64]


def rouge_l(hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]) -> RougeScores:
    """F-measure of the longest common subsequence (Lin 2004, W04-1013).

    ``(1 + beta^2) P R / (R + beta^2 P)`` with beta 1.2, P and R each the best over the references of the image, as
    coco-caption has it, even where they come from two different references.

    Parameters
    ----------
    hypotheses
        N token sequences.
    references
        For each hypothesis, one or more token sequences.

    Raises
    ------
    ConfigurationError
        If there is nothing to score, the two differ in length, or an image has no reference.
    """
    require_references(hypotheses, references)
    scores = np.array([_score(*pair) for pair in zip(hypotheses, references, strict=True)], dtype=np.float64)
    return RougeScores(mean=float(scores.mean()), per_image=scores)


def _score(hypothesis: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    # coco-caption splits at single spaces, so that an empty caption is one empty word.
    hypothesis = hypothesis or ("",)
    common = [
        (_longest_common_subsequence(hypothesis, reference or ("",)), len(reference) or 1) for reference in references
    ]
    precision = max(length for length, _ in common) / len(hypothesis)
    recall = max(length / size for length, size in common)
    if precision == 0 or recall == 0:
        return 0.0
    return (1 + BETA**2) * precision * recall / (recall + BETA**2 * precision)


def _longest_common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """Length of the longest common subsequence, by Hyyrö's bit-parallel recurrence (2004).

    The set bits of ``unmatched`` are the places of ``first`` at which the row of the usual table does not grow.
    """
    places: dict[str, int] = {}
    for index, token in enumerate(first):
        places[token] = places.get(token, 0) | 1 << index
    everything = (1 << len(first)) - 1
    unmatched = everything
    for token in second:
        matches = unmatched & places.get(token, 0)
        unmatched = (unmatched + matches | unmatched - matches) & everything
    return len(first) - unmatched.bit_count()
