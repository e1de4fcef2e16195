"""Corpus and per-image BLEU as coco-caption computes them, with the closest reference length."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from captioner.metrics.ngrams import Ngram, count_ngrams, require_references

# coco-caption's constants against division by zero; they make a score of nothing tiny instead of zero.
_TINY = 1e-15
_SMALL = 1e-9


@dataclass(frozen=True, slots=True)
class BleuScores:
    """BLEU of a corpus and of each of its images, in [0, 1].

    Attributes
    ----------
    corpus
        BLEU-1 to BLEU-``max_order``, from counts summed over all images.
    per_image
        float64 of shape (N, max_order).
    """

    corpus: tuple[float, ...]
    per_image: NDArray[np.float64]


def bleu(
    hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]], max_order: int = 4
) -> BleuScores:
    """Clipped n-gram precision with a brevity penalty (Papineni et al. 2002, doi:10.3115/1073083.1073135).

    ``BLEU-k = min(1, exp(1 - r / c)) * (p_1 * ... * p_k) ** (1 / k)``, where c is the length of the hypotheses and r
    that of the closest references (the shorter of two equally close ones).

    Parameters
    ----------
    hypotheses
        N token sequences; an empty one scores nearly nothing.
    references
        For each hypothesis, one or more token sequences.
    max_order
        Longest n-gram.

    Raises
    ------
    ConfigurationError
        If there is nothing to score, the two differ in length, or an image has no reference.
    """
    require_references(hypotheses, references)
    rows = [_statistics(*pair, max_order) for pair in zip(hypotheses, references, strict=True)]
    counts = np.array(rows, dtype=np.int64)
    return BleuScores(
        corpus=_scores(counts.sum(axis=0), max_order),
        per_image=np.array([_scores(row, max_order) for row in counts], dtype=np.float64),
    )


def _statistics(hypothesis: Sequence[str], references: Sequence[Sequence[str]], max_order: int) -> list[int]:
    """Length, closest reference length, then n-grams made and n-grams matched of each order; these add up."""
    length = len(hypothesis)
    closest = min((abs(len(reference) - length), len(reference)) for reference in references)[1]
    most: Counter[Ngram] = Counter()
    for reference in references:
        most |= count_ngrams(reference, max_order)
    matched = [0] * max_order
    for ngram, count in (count_ngrams(hypothesis, max_order) & most).items():
        matched[len(ngram) - 1] += count
    return [length, closest, *(max(0, length - order) for order in range(max_order)), *matched]


def _scores(statistics: NDArray[np.int64], max_order: int) -> tuple[float, ...]:
    """BLEU-1 to BLEU-``max_order`` from the sums that `_statistics` describes."""
    length, closest, *counts = statistics.tolist()
    ratio = (length + _TINY) / (closest + _SMALL)
    penalty = math.exp(1 - 1 / ratio) if ratio < 1 else 1.0
    scores, product = [], 1.0
    for order, (made, matched) in enumerate(zip(counts[:max_order], counts[max_order:], strict=True), start=1):
        product *= (matched + _TINY) / (made + _SMALL)
        scores.append(penalty * product ** (1 / order))
    return tuple(scores)
