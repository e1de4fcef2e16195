"""Scheduled sampling: some of the words a decoder is fed in training are its own."""

from __future__ import annotations

import torch
from torch import Tensor

from captioner.constraints import IMPOSSIBLE
from captioner.decoder import Decoder
from captioner.decoding import draw_tokens, word_log_probabilities
from captioner.vocabulary import END


def own_share(highest: float, epoch: int, epochs: int) -> float:
    """Share of own words in ``epoch``, counted from 1: linear from 0 in the first to ``highest`` in the last."""
    return highest * min(1.0, (epoch - 1) / max(1, epochs - 1))


@torch.no_grad()
def with_own_words(decoder: Decoder, features: Tensor, token_ids: Tensor, share: float) -> Tensor:
    """Put words that ``decoder`` draws itself in the place of some of the reference (Bengio et al. 2015).

    Each word is replaced with probability ``share``, by one drawn from what the decoder says after all that comes
    before, own words included. It speaks as it does when captions are written: without dropout. As drawing has no
    gradient, the training pass over what is returned has the very gradient of a pass that draws as it goes.

    Parameters
    ----------
    decoder
        Left in training mode.
    features
        (B, L, D), one image per caption.
    token_ids
        (B, T) int64, beginning with ``<start>``. That, ``<end>`` and ``<pad>`` stay, and none of them is drawn.
    share
        In [0, 1].
    """
    mixed = token_ids.clone()
    is_own = (torch.rand(token_ids.shape, device=token_ids.device) < share) & (token_ids > END)
    numbers = torch.rand((token_ids.shape[1], len(token_ids), 1, 1), device=token_ids.device)
    decoder.eval()
    memory = decoder.remember(features)
    state = decoder.initial_state(memory)
    for position in range(token_ids.shape[1] - 1):
        embedded = decoder.embed(mixed[:, position : position + 1])
        step = decoder.step(decoder.word_input(embedded), state, memory)
        state = step.state
        log_probabilities = word_log_probabilities(decoder.predict(embedded, state.hidden, step.context))
        log_probabilities[..., END] = IMPOSSIBLE
        drawn = draw_tokens(log_probabilities, numbers[position])
        following = position + 1
        mixed[:, following] = torch.where(is_own[:, following], drawn[:, 0], mixed[:, following])
    decoder.train()
    return mixed
