"""What the n-gram metrics share: counts of n-grams, and the check that every image can be scored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from captioner.errors import ConfigurationError

Ngram = tuple[str, ...]


def count_ngrams(tokens: Sequence[str], max_order: int) -> Counter[Ngram]:
    """How often each n-gram of 1 to ``max_order`` tokens occurs.

    Orders come in turn, so all unigrams precede all bigrams.
    """
    counts: Counter[Ngram] = Counter()
    for order in range(1, max_order + 1):
        # zip over shifted copies ends with the shortest, which is where the last n-gram of this order begins.
        counts.update(zip(*(tokens[start:] for start in range(order)), strict=False))
    return counts


def require_references(hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]) -> None:
    """Check that there is something to score and that every hypothesis has a reference.

    Raises
    ------
    ConfigurationError
        If not; the message says which image.
    """
    if not hypotheses:
        raise ConfigurationError("There is nothing to score: the list of hypotheses is empty.")
    if len(hypotheses) != len(references):
        raise ConfigurationError(
            f"Every hypothesis needs its references, but there are {len(hypotheses)} hypotheses"
            f" and references for {len(references)} images."
        )
    for index, image_references in enumerate(references):
        if not image_references:
            raise ConfigurationError(f"Image {index} has no reference caption to be scored against.")
