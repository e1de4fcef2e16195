"""Captions of the images of a split: as texts, or as token ids with the word list of their own file."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from captioner.errors import AnnotationError
from captioner.vocabulary import SPECIAL_TOKENS, join_words, tokenise_words

_PAD, _START, _END, _UNK = SPECIAL_TOKENS


class Captions(Protocol):
    """M captions.

    Attributes
    ----------
    images
        (M,) int64, the index of each caption's image in its split.
    """

    @property
    def images(self) -> NDArray[np.int64]:
        """Index (M,) int64 of each caption's image in its split."""
        ...

    def words(self, index: int) -> list[str]:
        """Words of one caption; what the file marks as unknown is ``<unk>``."""
        ...

    def text(self, index: int) -> str:
        """One caption as people read it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class TextCaptions:
    """Captions as people wrote them."""

    images: NDArray[np.int64]
    texts: tuple[str, ...]

    def words(self, index: int) -> list[str]:
        """Words of one caption, as `tokenise_words` makes them."""
        # Interned, the words of a million captions take the room of a vocabulary.
        return [sys.intern(word) for word in tokenise_words(self.texts[index])]

    def text(self, index: int) -> str:
        """One caption."""
        return self.texts[index]


@dataclass(frozen=True, slots=True, eq=False)
class TokenCaptions:
    """Captions as token ids.

    Attributes
    ----------
    images
        (M,) int64, the index of each caption's image.
    token_ids
        (M, T) int64, each below the length of `tokens`.
    tokens
        The token of each id; the file's special tokens in this project's spelling (``<pad>``, ``<start>``, ...).
    """

    images: NDArray[np.int64]
    token_ids: NDArray[np.int64]
    tokens: tuple[str, ...]

    def words(self, index: int) -> list[str]:
        """Words of one caption, from after ``<start>`` to before ``<end>``."""
        words = []
        for token_id in self.token_ids[index].tolist():
            token = self.tokens[token_id]
            if token in (_PAD, _END):
                break
            if token != _START:
                words.append(token)
        return words

    def text(self, index: int) -> str:
        """Words of one caption with spaces between them."""
        return join_words(self.words(index))


def check_token_ids(token_ids: NDArray[np.int64], tokens: Sequence[str], path: Path, what: str) -> None:
    """Refuse token ids (M, T) that stand for no token.

    Raises
    ------
    AnnotationError
        The message names the dataset, the row and the id.
    """
    is_outside = (token_ids < 0) | (token_ids >= len(tokens))
    if is_outside.any():
        row, column = (int(place) for place in np.argwhere(is_outside)[0])
        raise AnnotationError(
            f"{path} holds the token id {token_ids[row, column]} in row {row} of {what}, but its vocabulary ends at "
            f"{len(tokens) - 1}. Use the vocabulary that was made with these captions.",
            path=path,
        )


def check_indices(indices: NDArray[np.int64], count: int, path: Path, what: str, *, first: int = 0) -> None:
    """Refuse indices (M,) of things that are not there; ``first`` is the index of the first of ``count`` things.

    Raises
    ------
    AnnotationError
        The message names the dataset, the row and the index.
    """
    is_outside = (indices < first) | (indices >= count + first)
    if is_outside.any():
        row = int(np.argmax(is_outside))
        raise AnnotationError(
            f"{path} refers to image {indices[row]} in row {row} of {what}, but images go from {first} to "
            f"{count + first - 1}. Use files that were made together.",
            path=path,
        )
