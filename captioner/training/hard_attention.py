"""How hard attention learns where to look: REINFORCE on the places it drew, with a moving baseline."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from captioner.config import HardAttentionConfig
from captioner.decoder import DecoderOutput
from captioner.devices import at_least_float32
from captioner.vocabulary import PAD


class PlacesLoss(NamedTuple):
    """`total` is added to the loss of the words; `log_probability` (nats per word) goes into the baseline."""

    total: Tensor
    log_probability: Tensor


def places_loss(
    output: DecoderOutput,
    places: Tensor,
    targets: Tensor,
    settings: HardAttentionConfig,
    *,
    baseline: float,
    words: int,
) -> PlacesLoss:
    """The part of the loss whose gradient teaches the distribution over places (Xu et al. 2015, eq. 11-12).

    ``- lambda_r (log p(y | s, a) - b) log p(s | a) - lambda_e H[s]``, the first bracket without gradient. As REINFORCE
    allows, and to a lower variance than the paper's, a place is rewarded only for the words from its own on, the only
    ones that it can change, and ``b`` is per word, so that it fits captions of any length.

    Parameters
    ----------
    output
        Of a decoder with hard attention in training.
    places
        (B, T) int64, those of ``output``; where it took the expected value, -1, there is no reward.
    targets
        (B, T) int64, as for `captioner.training.objective.caption_loss`.
    settings
        The two lambdas.
    baseline
        Moving average of the log-probability of a word, in nats.
    words
        What sums are divided by.
    """
    is_word = targets != PAD
    spoken = at_least_float32(output.logits.detach()).log_softmax(-1).gather(2, targets.unsqueeze(2)).squeeze(2)
    # Against the baseline word by word, then summed over the words to come.
    gains = torch.where(is_word, spoken - baseline, 0).flip(1).cumsum(1).flip(1)
    is_drawn = is_word & (places >= 0)
    log_alphas = output.alphas.clamp_min(torch.finfo(output.alphas.dtype).tiny).log()
    chosen = log_alphas.gather(2, places.clamp_min(0).unsqueeze(2)).squeeze(2)
    reward = torch.where(is_drawn, gains * chosen, 0).sum()
    entropy = -torch.where(is_word, (output.alphas * log_alphas).sum(-1), 0).sum()
    total = -(settings.reward_weight * reward + settings.entropy_weight * entropy) / words
    return PlacesLoss(total, torch.where(is_word, spoken, 0).sum() / words)
