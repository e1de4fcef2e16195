"""Attention over the places of a feature grid: soft, hard, and none at all."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from captioner.config import DecoderConfig
from captioner.devices import at_least_float32

EXPECTED_SHARE = 0.5


class Memory(NamedTuple):
    """What attention needs of a batch of images, computed once per image and shared by all their captions.

    Attributes
    ----------
    values
        (B, L, P) projected features.
    keys
        (B, L, A) the part of the attention score that does not depend on the decoder; (B, 1, P) their mean, where there
        is no attention.
    is_expected
        (B,) bool, in training hard attention: images that are seen as by soft attention. Else None.
    """

    values: Tensor
    keys: Tensor
    is_expected: Tensor | None = None

    def select(self, rows: Tensor | slice) -> Memory:
        """The memory of some of the images; ``rows`` (B',) int64, or a slice, which copies nothing."""
        is_expected = None if self.is_expected is None else self.is_expected[rows]
        return Memory(self.values[rows], self.keys[rows], is_expected)


class Glance(NamedTuple):
    """What attention saw at one step.

    Attributes
    ----------
    context
        (B, K, P) features.
    alphas
        (B, K, L), at least float32: weight or probability of each place; each row sums to 1.
    places
        (B, K) int64, the place that training hard attention drew, -1 where it took the expected value. Else None.
    """

    context: Tensor
    alphas: Tensor
    places: Tensor | None = None


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

    def weigh(self, hidden: Tensor, from_words: Tensor | None, memory: Memory) -> Tensor:
        """``alpha`` (B, K, L), at least float32; see `forward`."""
        query = self.query(hidden) if from_words is None else self.query(hidden) + from_words
        energies = torch.tanh(memory.keys.unsqueeze(1) + query.unsqueeze(2))
        scores = self.score(energies).squeeze(-1)
        return at_least_float32(scores).softmax(-1)

    def forward(self, hidden: Tensor, from_words: Tensor | None, memory: Memory) -> Glance:
        """Attend with K states per image.

        Parameters
        ----------
        hidden
            (B, K, H) decoder states; the features of an image are shared by its K states and never copied.
        from_words
            (B, K, A) `word` of the embeddings of the words before, ready-made; None where words take no part.
        memory
            Of the same B images.
        """
        alphas = self.weigh(hidden, from_words, memory)
        return Glance(torch.bmm(alphas.to(memory.values.dtype), memory.values), alphas)


class HardAttention(SoftAttention):
    """Stochastic hard attention (Xu et al. 2015, section 4.1): one place is drawn from ``alpha`` at each step.

    In training each image is, with probability 1/2, seen by the expected value instead, as in the paper. The gradient
    of the draw is the business of `captioner.training.hard_attention`. In evaluation mode it always is the expected
    value ``sum_i alpha_i a_i``, so that captions are deterministic; the weights that are shown are the probabilities of
    the places.
    """

    def __init__(self, value_dim: int, query_dim: int, word_dim: int, attention_dim: int) -> None:
        super().__init__(value_dim, query_dim, word_dim, attention_dim)
        self.expected_share = EXPECTED_SHARE

    def remember(self, values: Tensor) -> Memory:
        """Keys of ``values`` (B, L, P); in training also the draw of the images that are seen by expected value."""
        if not self.training:
            return super().remember(values)
        is_expected = torch.rand(len(values), device=values.device) < self.expected_share
        return super().remember(values)._replace(is_expected=is_expected)

    def forward(self, hidden: Tensor, from_words: Tensor | None, memory: Memory) -> Glance:
        """See `SoftAttention.forward`."""
        if memory.is_expected is None:
            return super().forward(hidden, from_words, memory)
        alphas = self.weigh(hidden, from_words, memory)
        places = self.draw(alphas)
        is_expected = memory.is_expected.unsqueeze(1)
        one_hot = nn.functional.one_hot(places, alphas.shape[-1]).to(alphas.dtype)
        weights = torch.where(is_expected.unsqueeze(2), alphas, one_hot)
        context = torch.bmm(weights.to(memory.values.dtype), memory.values)
        return Glance(context, alphas, places.masked_fill(is_expected, -1))

    def draw(self, alphas: Tensor) -> Tensor:
        """Places (B, K) int64, drawn from ``alphas`` (B, K, L)."""
        cumulative = alphas.detach().cumsum(-1)
        # Not torch.multinomial: that fails on numbers that have diverged, which the step is to report.
        below = cumulative < torch.rand_like(cumulative[..., :1]) * cumulative[..., -1:]
        return below.sum(-1).clamp_(max=alphas.shape[-1] - 1)


class NoAttention(nn.Module):
    """The mean of all places at every step, or nothing; the weights of the places are all alike.

    Parameters
    ----------
    enters_steps
        Whether the image vector is the context of every step; else the context is 0 wide.
    """

    word: None = None

    def __init__(self, *, enters_steps: bool) -> None:
        super().__init__()
        self.enters_steps = enters_steps

    def reset_parameters(self) -> None:
        """There are none."""

    def remember(self, values: Tensor) -> Memory:
        """The mean of ``values`` (B, L, P), once per image."""
        return Memory(values, values.mean(1, keepdim=True))

    def forward(self, hidden: Tensor, from_words: Tensor | None, memory: Memory) -> Glance:
        """See `SoftAttention.forward`; states and words do not matter."""
        captions, places = hidden.shape[1], memory.values.shape[1]
        mean = memory.keys if self.enters_steps else memory.keys[..., :0]
        alphas = at_least_float32(mean).new_full((len(mean), captions, places), 1 / places)
        return Glance(mean.expand(-1, captions, -1), alphas)


def build_attention(config: DecoderConfig, value_dim: int) -> SoftAttention | NoAttention:
    """What ``config.attention`` names, over values of width ``value_dim``."""
    if config.attention in ("none_first", "none_every"):
        return NoAttention(enters_steps=config.attention == "none_every")
    kind = HardAttention if config.attention == "hard" else SoftAttention
    return kind(value_dim, config.decoder_dim, config.embed_dim if config.attend_to_words else 0, config.attention_dim)
