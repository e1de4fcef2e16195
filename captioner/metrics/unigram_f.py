"""METEOR's harmonic mean of precision and recall over exactly equal words, quick enough to be a reward in training."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from captioner.metrics.ngrams import require_references

ALPHA = 0.85


def unigram_f(
    hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]], *, alpha: float = ALPHA
) -> NDArray[np.float64]:
    """Per image, the best of its references' ``P R / (alpha P + (1 - alpha) R)``, float64 of shape (N,) in [0, 1].

    P and R are the share of the hypothesis' and of the reference's words that the other has as well; with METEOR 1.5's
    alpha of 0.85 recall weighs more (Denkowski and Lavie 2014, W14-3348, F-mean). Stems, synonyms, the lesser weight of
    function words and the penalty for scattered matches, which METEOR has as well, are left out.

    Parameters
    ----------
    hypotheses
        N token sequences.
    references
        For each hypothesis, one or more token sequences.
    alpha
        Weight of recall, in [0, 1].

    Raises
    ------
    ConfigurationError
        If there is nothing to score, the two differ in length, or an image has no reference.
    """
    require_references(hypotheses, references)
    return np.array([_score(*pair, alpha) for pair in zip(hypotheses, references, strict=True)], dtype=np.float64)


def _score(hypothesis: Sequence[str], references: Sequence[Sequence[str]], alpha: float) -> float:
    words, best = Counter(hypothesis), 0.0
    for reference in references:
        matches = (words & Counter(reference)).total()
        if matches:
            precision, recall = matches / len(hypothesis), matches / len(reference)
            best = max(best, precision * recall / (alpha * precision + (1 - alpha) * recall))
    return best
