"""The loss of Xu et al. 2015: cross-entropy of the next word and the doubly stochastic penalty."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from captioner.decoder import DecoderOutput
from captioner.devices import at_least_float32
from captioner.vocabulary import PAD


class Loss(NamedTuple):
    """The loss of a batch, or one process's part of it.

    Attributes
    ----------
    total
        What is minimised.
    cross_entropy, penalty
        Its parts before weighting; the first in nats per word.
    words
        Number of words that the cross-entropy was divided by.
    """

    total: Tensor
    cross_entropy: Tensor
    penalty: Tensor
    words: int


def caption_loss(
    output: DecoderOutput,
    targets: Tensor,
    *,
    label_smoothing: float,
    doubly_stochastic_weight: float,
    words: int | None = None,
    captions: int | None = None,
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
    words, captions
        What sums over words and over captions are divided by, where these are part of a larger batch; else their own
        numbers.
    """
    is_word = targets != PAD
    words = int(is_word.sum()) if words is None else words
    captions = len(targets) if captions is None else captions
    logits = at_least_float32(output.logits).flatten(0, 1)
    summed = F.cross_entropy(
        logits, targets.flatten(), ignore_index=PAD, label_smoothing=label_smoothing, reduction="sum"
    )
    cross_entropy = summed / words
    seen = (output.alphas * is_word.unsqueeze(-1)).sum(1)
    penalty = torch.square(1 - seen).sum() / (captions * seen.shape[1])
    return Loss(cross_entropy + doubly_stochastic_weight * penalty, cross_entropy, penalty, words)
