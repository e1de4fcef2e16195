"""What may come next in a caption: its given beginning, its lengths, no repetition, and how words are spelled."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from captioner.config import DecodingOptions
from captioner.errors import ConfigurationError
from captioner.vocabulary import CHARACTERS_PER_WORD, END, PAD, SPECIAL_TOKENS, START, UNK

NEVER_EMITTED = (PAD, START, UNK)
IMPOSSIBLE = float("-inf")


@dataclass(frozen=True, slots=True)
class Constraints:
    """The rules of one search.

    Attributes
    ----------
    options
        Their lengths and n-grams count words, also where the tokens are characters.
    prefix
        Ids with which every caption begins; whole words.
    space
        Id of the token between two words, where the tokens are characters; None where they are words.
    """

    options: DecodingOptions
    prefix: tuple[int, ...] = ()
    space: int | None = None

    @property
    def max_tokens(self) -> int:
        """Most tokens of a caption."""
        if self.space is None:
            return self.options.max_length
        return len(self.prefix) + CHARACTERS_PER_WORD * self.options.max_length

    def check_prefix(self, vocabulary_size: int) -> None:
        """Refuse a beginning that no caption can have.

        Raises
        ------
        ConfigurationError
            If it is longer than the maximum length or holds an id that is not a word's.
        """
        words = len(self.prefix) if self.space is None else len(_words(self.prefix, self.space))
        if words > self.options.max_length:
            raise ConfigurationError(
                f"The given beginning is longer than the maximum of {self.options.max_length} words."
            )
        if not all(len(SPECIAL_TOKENS) <= token_id < vocabulary_size for token_id in self.prefix):
            raise ConfigurationError("The given beginning holds a word that the model does not know.")

    def apply(self, log_probabilities: Tensor, token_ids: Tensor) -> Tensor:
        """Log-probabilities (A, K, V) of the next token, those of forbidden ones -inf.

        ``token_ids`` (A, K, T) int64 are the captions so far, ``<start>`` first.
        """
        position = token_ids.shape[2] - 1
        if position < len(self.prefix):
            return _only(log_probabilities, (self.prefix[position],))
        if self.space is not None:
            log_probabilities = self._spell(log_probabilities, token_ids, self.space)
        elif position < self.options.min_length:
            log_probabilities = log_probabilities.clone()
            log_probabilities[..., END] = IMPOSSIBLE
        if not self.options.no_repeat_ngram_size:
            return log_probabilities
        captions = token_ids[..., 1:]
        if self.space is None:
            return self._without_repeats(log_probabilities, captions)
        return self._without_repeated_endings(log_probabilities, captions, self.space)

    def _spell(self, log_probabilities: Tensor, token_ids: Tensor, space: int) -> Tensor:
        """Let a word have a character at least, and captions their number of words."""
        if token_ids.shape[2] - 1 == len(self.prefix) > 0:
            log_probabilities = _only(log_probabilities, (space, END))  # the last given word is whole
        allowed = log_probabilities.clone()
        last, finished = token_ids[..., -1], (token_ids == space).sum(-1)
        is_between = (last == space) | (last == START)
        words = finished + ~is_between
        # Before the first word a caption may end, if it may be empty; after a space it may not.
        may_end = (words >= self.options.min_length) & (last != space)
        may_part = ~is_between & (words < self.options.max_length)
        allowed[..., END].masked_fill_(~may_end, IMPOSSIBLE)
        allowed[..., space].masked_fill_(~may_part, IMPOSSIBLE)
        return allowed

    def _without_repeats(self, log_probabilities: Tensor, captions: Tensor) -> Tensor:
        """Forbid the words that would complete an n-gram of ``captions`` (A, K, T) for the second time."""
        size, length = self.options.no_repeat_ngram_size, captions.shape[-1]
        if length < size:
            return log_probabilities
        ngrams, last = captions.unfold(-1, size, 1), captions[..., length - size + 1 :]
        rows, columns, starts = (ngrams[..., :-1] == last.unsqueeze(-2)).all(-1).nonzero(as_tuple=True)
        if not len(rows):
            return log_probabilities
        allowed = log_probabilities.clone()
        allowed[rows, columns, ngrams[rows, columns, starts, -1]] = IMPOSSIBLE
        return allowed

    def _without_repeated_endings(self, log_probabilities: Tensor, captions: Tensor, space: int) -> Tensor:
        """Forbid to end a spelled word that would complete an n-gram of ``captions`` (A, K, T) for the second time."""
        size, allowed = self.options.no_repeat_ngram_size, log_probabilities.clone()
        for row, beams in enumerate(captions.tolist()):
            for column, caption in enumerate(beams):
                # The word being spelled is whole when a space or the end comes.
                words = _words(caption, space)
                earlier = [words[start : start + size] for start in range(len(words) - size)]
                if len(words) >= size and words[len(words) - size :] in earlier:
                    allowed[row, column, [space, END]] = IMPOSSIBLE
        return allowed


def _only(log_probabilities: Tensor, token_ids: tuple[int, ...]) -> Tensor:
    """``log_probabilities`` (..., V) with all but ``token_ids`` forbidden."""
    index = torch.tensor(token_ids, device=log_probabilities.device)
    forced = torch.full_like(log_probabilities, IMPOSSIBLE)
    return forced.index_copy_(-1, index, log_probabilities.index_select(-1, index))


def _words(caption: list[int] | tuple[int, ...], space: int) -> list[tuple[int, ...]]:
    """Spelled words, the last of which may be unfinished and empty."""
    words: list[list[int]] = [[]]
    for token_id in caption:
        if token_id == space:
            words.append([])
        else:
            words[-1].append(token_id)
    return [tuple(word) for word in words]
