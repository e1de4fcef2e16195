"""Attention over the places of a feature grid."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from captioner.config import DecoderConfig


class Memory(NamedTuple):
    """What attention needs of a batch of images, computed once per image and shared by all their captions.

    Attributes
    ----------
    values
        (B, L, P) projected features.
    keys
        (B, L, A) the part of the attention score that does not depend on the decoder.
    """

    values: Tensor
    keys: Tensor

    def select(self, rows: Tensor) -> Memory:
        """The memory of some of the images; ``rows`` (B',) int64."""
        return Memory(self.values[rows], self.keys[rows])


class SoftAttention(nn.Module):
    """Additive soft attention (Bahdanau et al. 2014; Xu et al. 2015, eq. 4-6 and 13).

    ``e_i = v . tanh(W_a a_i + W_h h + W_y y)``, ``alpha = softmax(e)``, ``z = sum_i alpha_i a_i``.

    Deviation: ``W_y y``. In the paper the state that attends has not yet seen the word before the one to be chosen, so
    that "a red" and "a blue" look at the same place; here the embedding of that word takes part. ``word_dim`` 0 leaves
    it out.
    """

    def __init__(self, value_dim: int, query_dim: int, word_dim: int, attention_dim: int) -> None:
        super().__init__()
        self.word = nn.Linear(word_dim, attention_dim, bias=False) if word_dim else None
        self.key = nn.Linear(value_dim, attention_dim)
        self.query = nn.Linear(query_dim, attention_dim, bias=False)
        self.score = nn.Linear(attention_dim, 1, bias=False)

    def reset_parameters(self) -> None:
        """Let attention differ between places from the start; else it stays flat for thousands of steps."""
        nn.init.normal_(self.score.weight, std=3 * self.score.in_features**-0.5)

    def remember(self, values: Tensor) -> Memory:
        """Keys of ``values`` (B, L, P), once per image."""
        return Memory(values, self.key(values))

    def forward(self, hidden: Tensor, from_words: Tensor | None, memory: Memory) -> tuple[Tensor, Tensor]:
        """Attend with K states per image.

        Parameters
        ----------
        hidden
            (B, K, H) decoder states; the features of an image are shared by its K states and never copied.
        from_words
            (B, K, A) `word` of the embeddings of the words before, ready-made; None where words take no part.
        memory
            Of the same B images.

        Returns
        -------
        context
            (B, K, P) expected features.
        alphas
            (B, K, L) float32 weights; each row sums to 1.
        """
        query = self.query(hidden) if from_words is None else self.query(hidden) + from_words
        energies = torch.tanh(memory.keys.unsqueeze(1) + query.unsqueeze(2))
        scores = self.score(energies).squeeze(-1)
        alphas = scores.float().softmax(-1)
        return torch.bmm(alphas.to(memory.values.dtype), memory.values), alphas


def build_attention(config: DecoderConfig, value_dim: int) -> SoftAttention:
    """The attention that ``config.attention`` names, over values of width ``value_dim``."""
    word_dim = config.embed_dim if config.attend_to_words else 0
    return {"soft": SoftAttention}[config.attention](value_dim, config.decoder_dim, word_dim, config.attention_dim)
