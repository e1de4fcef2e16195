"""CIDEr-D as coco-caption computes it, arranged so that self-critical training can score its samples quickly."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from captioner.errors import ConfigurationError
from captioner.metrics.ngrams import Ngram, count_ngrams, require_references

MAX_ORDER = 4
SIGMA = 6.0
_SCALE = 10.0


@dataclass(frozen=True, slots=True)
class CiderScores:
    """CIDEr-D, 0 to 10: the mean over images, and ``per_image``, float64 of shape (N,)."""

    mean: float
    per_image: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DocumentFrequencies:
    """In how many images of a corpus each n-gram occurs in at least one reference.

    Attributes
    ----------
    images
        Number of images in the corpus, 1 or more.
    counts
        Images per n-gram of 1 to 4 tokens; an n-gram that is not there counts as occurring once.
    """

    images: int
    counts: Mapping[Ngram, int]

    def __post_init__(self) -> None:
        if self.images < 1:
            raise ConfigurationError(f"Document frequencies need at least 1 image, not {self.images}.")

    @classmethod
    def from_references(cls, references: Sequence[Sequence[Sequence[str]]]) -> Self:
        """Count over the references of a corpus: for each image, its token sequences."""
        counts: Counter[Ngram] = Counter()
        for image_references in references:
            counts.update({ngram for reference in image_references for ngram in count_ngrams(reference, MAX_ORDER)})
        return cls(images=len(references), counts=counts)

    def weight(self, ngram: Ngram) -> float:
        """Inverse document frequency, ``log(images / count)``."""
        return math.log(self.images) - math.log(max(1, self.counts.get(ngram, 1)))


@dataclass(frozen=True, slots=True)
class _ReferenceVectors:
    """Tf-idf vectors of one image's references, by n-gram, so that a hypothesis looks up each n-gram once.

    ``postings`` gives for an n-gram the references that hold it as (reference, weight); ``norms`` the Euclidean norm by
    order, then by reference; ``lengths`` the number of bigrams, which is what coco-caption takes for the length.
    """

    postings: Mapping[Ngram, tuple[tuple[int, float], ...]]
    norms: tuple[tuple[float, ...], ...]
    lengths: tuple[int, ...]


class CiderD:
    """Scores captions against a fixed set of images; vectors of references are made once per image, when first needed.

    Parameters
    ----------
    references_by_image
        For each image, one or more token sequences.
    frequencies
        Document frequencies; by default those of ``references_by_image``.

    Raises
    ------
    ConfigurationError
        If there is no image, or an image has no reference.

    Notes
    -----
    Vedantam et al. 2015 (arXiv:1411.5726), eq. 2 and 4 with coco-caption's choices: the length penalty
    ``exp(-(l_c - l_r)^2 / (2 sigma^2))`` has sigma 6, and the hypothesis' weights are clipped to the reference's.
    """

    def __init__(
        self, references_by_image: Sequence[Sequence[Sequence[str]]], frequencies: DocumentFrequencies | None = None
    ) -> None:
        require_references([()] * len(references_by_image), references_by_image)
        self._references = references_by_image
        self._frequencies = frequencies or DocumentFrequencies.from_references(references_by_image)
        self._vectors: list[_ReferenceVectors | None] = [None] * len(references_by_image)

    def score(self, image_index: int, tokens: Sequence[str]) -> float:
        """CIDEr-D of one caption for one image, 0 to 10.

        Raises
        ------
        ConfigurationError
            If there is no such image.
        """
        if not 0 <= image_index < len(self._vectors):
            raise ConfigurationError(
                f"There is no image {image_index} to score against: images are 0 to {len(self._vectors) - 1}."
            )
        vectors = self._vectors[image_index]
        if vectors is None:
            vectors = self._vectors[image_index] = _reference_vectors(self._references[image_index], self._frequencies)
        return _similarity(tokens, vectors, self._frequencies)

    def score_batch(self, image_indices: Sequence[int], hypotheses: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """CIDEr-D of many captions, float64 of shape (N,); an image may occur more than once.

        Raises
        ------
        ConfigurationError
            If the two differ in length, or there is no such image.
        """
        if len(image_indices) != len(hypotheses):
            raise ConfigurationError(
                f"Every hypothesis needs its image, but there are {len(hypotheses)} and {len(image_indices)}."
            )
        return np.array([self.score(*pair) for pair in zip(image_indices, hypotheses, strict=True)], dtype=np.float64)


def cider_d(
    hypotheses: Sequence[Sequence[str]],
    references: Sequence[Sequence[Sequence[str]]],
    frequencies: DocumentFrequencies | None = None,
) -> CiderScores:
    """CIDEr-D of a corpus.

    Parameters
    ----------
    hypotheses
        N token sequences.
    references
        For each hypothesis, one or more token sequences.
    frequencies
        Document frequencies; by default those of ``references``, as coco-caption does. For a single image these give
        every n-gram the weight 0, and so the score 0.

    Raises
    ------
    ConfigurationError
        If there is nothing to score, the two differ in length, or an image has no reference.
    """
    require_references(hypotheses, references)
    scores = CiderD(references, frequencies).score_batch(range(len(hypotheses)), hypotheses)
    return CiderScores(mean=float(scores.mean()), per_image=scores)


def _reference_vectors(references: Sequence[Sequence[str]], frequencies: DocumentFrequencies) -> _ReferenceVectors:
    postings: dict[Ngram, list[tuple[int, float]]] = {}
    squares = [[0.0] * len(references) for _ in range(MAX_ORDER)]
    for index, reference in enumerate(references):
        for ngram, count in count_ngrams(reference, MAX_ORDER).items():
            weight = count * frequencies.weight(ngram)
            postings.setdefault(ngram, []).append((index, weight))
            squares[len(ngram) - 1][index] += weight * weight
    return _ReferenceVectors(
        postings={ngram: tuple(entries) for ngram, entries in postings.items()},
        norms=tuple(tuple(map(math.sqrt, row)) for row in squares),
        lengths=tuple(_bigrams(reference) for reference in references),
    )


def _bigrams(tokens: Sequence[str]) -> int:
    return max(0, len(tokens) - 1)


def _similarity(tokens: Sequence[str], vectors: _ReferenceVectors, frequencies: DocumentFrequencies) -> float:
    """Mean over references and orders of the clipped cosine times the length penalty, times ten."""
    references = len(vectors.lengths)
    products = [[0.0] * references for _ in range(MAX_ORDER)]
    squares = [0.0] * MAX_ORDER
    for ngram, count in count_ngrams(tokens, MAX_ORDER).items():
        order = len(ngram) - 1
        weight = count * frequencies.weight(ngram)
        squares[order] += weight * weight
        for index, reference_weight in vectors.postings.get(ngram, ()):
            products[order][index] += min(weight, reference_weight) * reference_weight
    length, total = _bigrams(tokens), 0.0
    for index, reference_length in enumerate(vectors.lengths):
        cosines = 0.0
        for order in range(MAX_ORDER):
            norm = math.sqrt(squares[order]) * vectors.norms[order][index]
            cosines += products[order][index] / norm if norm else 0.0
        total += cosines * math.exp(-((length - reference_length) ** 2) / (2 * SIGMA**2))
    return _SCALE * total / (MAX_ORDER * references)
