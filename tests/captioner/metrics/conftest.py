"""Generated captions that every metric is tested on, and the scorers of pycocoevalcap to compare with."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import pytest

Tokens = list[str]
Corpus = tuple[list[Tokens], list[list[Tokens]]]

WORDS = "a the dog man red ball runs jumps on in grass beach two with and -lrb- 's n't 3.5 t-shirt".split()  # noqa: SIM905


def _sentence(generator: random.Random, shortest: int = 3, longest: int = 14) -> Tokens:
    return generator.choices(WORDS, k=generator.randint(shortest, longest))


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """Hypotheses and references, the hypotheses partly copied from references, followed by the awkward cases."""
    generator = random.Random(5)
    references = [[_sentence(generator) for _ in range(generator.randint(1, 5))] for _ in range(40)]
    hypotheses = []
    for image_references in references:
        start = generator.choice(image_references)
        hypotheses.append(start[: generator.randint(1, len(start))] + _sentence(generator, 0, 5))
    awkward: list[tuple[Tokens, list[Tokens]]] = [
        ([], [["a", "dog"], ["the", "dog", "runs"]]),
        (["dog"], [["a", "dog"]]),
        (["dog"], [["dog"]]),
        (["a"] * 12, [["a", "dog"], ["a", "man"]]),
        (["a", "dog"], [["a", "dog", "runs", "on", "the", "grass"]]),
        (["a", "dog", "a", "dog", "a", "dog"], [["a", "dog", "a", "dog"], ["a", "dog"]]),
        (["unseen", "words", "only"], [["a", "dog"]]),
        (["a", "dog", "runs"], [[], ["a", "dog"]]),
        ([], [[]]),
    ]
    return hypotheses + [pair[0] for pair in awkward], references + [pair[1] for pair in awkward]


@pytest.fixture
def oracle() -> Callable[..., tuple[Any, Any]]:
    """``oracle("bleu.bleu.Bleu", hypotheses, references, 4)``: what a scorer of pycocoevalcap returns."""

    def score(
        scorer: str,
        hypotheses: Sequence[Tokens],
        references: Sequence[Sequence[Tokens]],
        *arguments: Any,
        **options: Any,
    ) -> tuple[Any, Any]:
        module, _, name = scorer.rpartition(".")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scorers = pytest.importorskip(f"pycocoevalcap.{module}", reason="pycocoevalcap is not installed")
            truths = {index: [" ".join(tokens) for tokens in several] for index, several in enumerate(references)}
            results = {index: [" ".join(tokens)] for index, tokens in enumerate(hypotheses)}
            mean, per_image = getattr(scorers, name)(*arguments).compute_score(truths, results, **options)
        return mean, per_image

    return score
