"""One optimiser for all stages of training: AdamW, warm-up and cosine, clipping by norm, averaged weights."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from torch.optim.swa_utils import AveragedModel

from captioner.config import TrainingConfig
from captioner.decoder import Decoder
from captioner.errors import ConfigurationError
from captioner.training.schedule import warmup_cosine


class Optimisation:
    """Takes steps on a decoder and keeps a running average of its weights.

    Parameters
    ----------
    decoder
        Its weights are changed in place.
    learning_rate, weight_decay, betas
        Of AdamW (Loshchilov and Hutter 2017, arXiv:1711.05101); decay applies to matrices only.
    steps, warmup_fraction
        Of the schedule, see `captioner.training.schedule.warmup_cosine`.
    clip_norm
        Upper bound of the norm of all gradients together; 0 does not clip.
    average_decay
        Decay per step of the average; 0 keeps the last weights.
    """

    def __init__(
        self,
        decoder: Decoder,
        *,
        learning_rate: float,
        weight_decay: float,
        betas: tuple[float, float],
        steps: int,
        warmup_fraction: float,
        clip_norm: float,
        average_decay: float,
    ) -> None:
        self.decoder, self.clip_norm = decoder, clip_norm
        self._average = AveragedModel(decoder, avg_fn=partial(_average, decay=average_decay))
        self._optimiser = AdamW(_parameter_groups(decoder, weight_decay), lr=learning_rate, betas=betas)
        warmup_steps = max(1, int(steps * warmup_fraction))
        self._schedule = LambdaLR(self._optimiser, partial(warmup_cosine, steps=steps, warmup_steps=warmup_steps))

    @classmethod
    def for_stage(
        cls, config: TrainingConfig, decoder: Decoder, *, learning_rate: float, weight_decay: float, steps: int
    ) -> Optimisation:
        """What all stages take from ``config`` alike, with the rest as given."""
        return cls(
            decoder,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            betas=config.betas,
            steps=steps,
            warmup_fraction=config.warmup_fraction,
            clip_norm=config.clip_norm,
            average_decay=config.average_decay,
        )

    @property
    def averaged(self) -> Decoder:
        """The decoder with averaged weights."""
        return cast(Decoder, self._average.module)

    @property
    def learning_rate(self) -> float:
        """Of the next step."""
        return float(self._schedule.get_last_lr()[0])

    def step(self, loss: Tensor) -> float:
        """Take one step down the gradient of ``loss``; returns the norm of the gradient before clipping.

        Raises
        ------
        ConfigurationError
            If loss or gradient are not finite; the weights stay as they were.
        """
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.decoder.parameters(), self.clip_norm or float("inf"))
        if not torch.isfinite(norm) or not torch.isfinite(loss):
            raise ConfigurationError("Training diverged: the loss is not a number any more. Lower the learning rate.")
        self._optimiser.step()
        self._schedule.step()
        self._average.update_parameters(self.decoder)
        return norm.item()


def _average(averaged: Tensor, current: Tensor, count: Tensor | int, *, decay: float) -> Tensor:
    # A long memory would keep the random start in a short run, so the average forgets faster at first.
    forgetting = 1 - min(decay, (1 + float(count)) / (10 + float(count)))
    return averaged.lerp(current, forgetting)


def _parameter_groups(decoder: Decoder, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices only: biases, norms and embeddings have no scale to hold down."""
    embedding = decoder.embedding.weight
    matrices = [weight for weight in decoder.parameters() if weight.dim() > 1 and weight is not embedding]
    others = [weight for weight in decoder.parameters() if weight.dim() <= 1 or weight is embedding]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
