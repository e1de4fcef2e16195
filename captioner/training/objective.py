"""The loss of Xu et al. 2015: cross-entropy of the next word and the doubly stochastic penalty."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from captioner.decoder import DecoderOutput
from captioner.vocabulary import PAD


class Loss(NamedTuple):
    """`total` is what is minimised; `cross_entropy` (nats per word) and `penalty` are its parts before weighting."""

    total: Tensor
    cross_entropy: Tensor
    penalty: Tensor


def caption_loss(
    output: DecoderOutput, targets: Tensor, *, label_smoothing: float, doubly_stochastic_weight: float
) -> Loss:
    """Compute the loss of a batch.

    Parameters
    ----------
    output
        Of the decoder under teacher forcing.
    targets
        (B, T) int64, the words that follow the inputs; ``<pad>`` counts for nothing.
    label_smoothing
        Share of the target probability spread over all words (Szegedy et al. 2015).
    doubly_stochastic_weight
        Weight of the penalty. Deviation from the paper's eq. 14: the mean over the places, not the sum, so that the
        weight means the same on every grid.
    """
    logits = output.logits.float().flatten(0, 1)
    words = targets.flatten()
    cross_entropy = F.cross_entropy(logits, words, ignore_index=PAD, label_smoothing=label_smoothing)
    is_word = (targets != PAD).unsqueeze(-1)
    seen = (output.alphas * is_word).sum(1)
    penalty = torch.square(1 - seen).mean()
    return Loss(cross_entropy + doubly_stochastic_weight * penalty, cross_entropy, penalty)
