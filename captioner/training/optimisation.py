"""One optimiser for all stages of training: its steps, its schedule, clipping, and the average of the weights."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from captioner.config import TrainingConfig
from captioner.decoder import Decoder
from captioner.errors import ConfigurationError
from captioner.training.schedule import Plateau, Schedule
from captioner.training.stages import ALONE, World


class Optimisation:
    """Takes steps on a decoder and keeps a running average of its weights.

    Parameters
    ----------
    decoder
        Its weights are changed in place.
    config
        Its optimiser, betas or momentum, schedule, clipping and averaging.
    learning_rate, weight_decay
        Peak rate of this stage; decay, which applies to matrices only.
    epochs, steps_per_epoch
        Length of the stage, for the schedule.
    world
        Whose gradients are added up.

    Attributes
    ----------
    averaged
        A decoder with the averaged weights.
    steps_taken
        Steps since the beginning of the stage.
    is_whole
        Whether weights and state belong together; not so where an error broke off the change of them.
    """

    def __init__(
        self,
        decoder: Decoder,
        config: TrainingConfig,
        *,
        learning_rate: float,
        weight_decay: float,
        epochs: int,
        steps_per_epoch: int,
        world: World = ALONE,
    ) -> None:
        self.decoder, self.config, self.world = decoder, config, world
        self.averaged = copy.deepcopy(decoder).requires_grad_(False)
        self.steps_taken, self.is_whole = 0, True
        self._peak = learning_rate
        self._schedule = Schedule.for_stage(config, epochs=epochs, steps_per_epoch=steps_per_epoch)
        self._plateau = Plateau(config.decay_epochs)
        self._optimiser = _build_optimiser(config, decoder, weight_decay)

    @property
    def learning_rate(self) -> float:
        """Of the next step."""
        return self._peak * self._schedule.share(self.steps_taken, self._plateau.drops)

    def observe(self, score: float) -> None:
        """Tell the score of an epoch's weights on dev images, higher being better; the plateau schedule needs it."""
        self._plateau.observe(score)

    def step(self, loss: Tensor) -> float:
        """Take one step down the gradient of ``loss``; returns the norm of the gradient before clipping.

        In a world of several processes ``loss`` is this one's part of the sum.

        Raises
        ------
        ConfigurationError
            If loss or gradient are not finite; the weights stay as they were.
        """
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self.world.size > 1:
            loss = self._sum_over_world(loss)
        norm = nn.utils.clip_grad_norm_(self.decoder.parameters(), self.config.clip_norm or float("inf"))
        if not torch.isfinite(norm) or not torch.isfinite(loss):
            raise ConfigurationError("Training diverged: the loss is not a number any more. Lower the learning rate.")
        if self.config.clip_value:
            nn.utils.clip_grad_value_(self.decoder.parameters(), self.config.clip_value)
        for group in self._optimiser.param_groups:
            group["lr"] = self.learning_rate
        self.is_whole = False
        self._optimiser.step()
        self._update_average()
        self.steps_taken += 1
        self.is_whole = True
        return norm.item()

    def _sum_over_world(self, loss: Tensor) -> Tensor:
        """Add up the gradients of all processes, in one message; returns the sum of their losses."""
        weights = list(self.decoder.parameters())
        gradients = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in weights]
        message = torch.cat([loss.detach().to(gradients[0].dtype).reshape(1), *(part.flatten() for part in gradients)])
        total, *summed = self.world.sum(message).split_with_sizes([1, *map(Tensor.numel, weights)])
        for weight, part in zip(weights, summed, strict=True):
            weight.grad = part.view_as(weight)
        return total

    @torch.no_grad()
    def _update_average(self) -> None:
        # A long memory would keep the random start in a short run, so the average forgets faster at first.
        count = self.steps_taken
        forgetting = 1 - min(self.config.average_decay, (1 + count) / (10 + count)) if count else 1.0
        for average, current in zip(self.averaged.parameters(), self.decoder.parameters(), strict=True):
            average.lerp_(current, forgetting)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `captioner.training.stages.Stage.state`."""
        tensors = {f"average.{name}": value for name, value in self.averaged.named_parameters()}
        for name, weight in self.decoder.named_parameters():
            # The optimiser makes an empty entry for a weight that is only asked for.
            state = self._optimiser.state.get(weight, {})
            tensors |= {f"optimiser.{name}.{key}": value for key, value in state.items()}
        copies = {name: value.detach().to("cpu", copy=True) for name, value in tensors.items()}
        return copies, {"steps_taken": self.steps_taken, "plateau": asdict(self._plateau)}

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """See `captioner.training.stages.Stage.restore`."""
        averages = {f"average.{name}": average for name, average in self.averaged.named_parameters()}
        keys = _state_keys(self.config) if values["steps_taken"] else ()
        expected = {f"optimiser.{name}.{key}": key for name, _ in self.decoder.named_parameters() for key in keys}
        strange = sorted((averages.keys() | expected.keys()) ^ tensors.keys())
        _require_fit(not strange, f"{strange[:1]} is not in both")
        for name, average in averages.items():
            _require_fit(tensors[name].shape == average.shape, f"{name} has another shape")
            average.copy_(tensors[name])
        self._optimiser.state.clear()
        for name, weight in self.decoder.named_parameters():
            state = {key: tensors[f"optimiser.{name}.{key}"].clone() for key in keys}
            # Adam counts its steps in tensors without dimensions, and keeps those on the CPU.
            fits = all(value.shape in (weight.shape, ()) for value in state.values())
            _require_fit(fits, f"what the optimiser keeps of {name} has another shape")
            self._optimiser.state[weight] = {
                key: value.to(weight) if value.dim() else value for key, value in state.items()
            }
        self.steps_taken = int(values["steps_taken"])
        self._plateau = Plateau(**values["plateau"])


def _require_fit(condition: bool, reason: str) -> None:
    if not condition:
        raise ConfigurationError(f"The checkpoint does not fit this run: {reason}. Resume with the run's own settings.")


def _state_keys(config: TrainingConfig) -> tuple[str, ...]:
    """What the optimiser keeps for each weight once it has taken a step."""
    if config.optimiser == "sgd":
        return ("momentum_buffer",) if config.momentum else ()
    return ("step", "exp_avg", "exp_avg_sq")


def _build_optimiser(config: TrainingConfig, decoder: Decoder, weight_decay: float) -> Optimizer:
    groups = _parameter_groups(decoder, weight_decay)
    if config.optimiser == "sgd":
        return SGD(groups, momentum=config.momentum, nesterov=config.momentum > 0)
    kind = AdamW if config.optimiser == "adamw" else Adam
    return kind(groups, betas=config.betas)


def _parameter_groups(decoder: Decoder, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for matrices only: biases, norms and embeddings have no scale to hold down."""
    embedding = decoder.embedding.weight
    matrices = [weight for weight in decoder.parameters() if weight.dim() > 1 and weight is not embedding]
    others = [weight for weight in decoder.parameters() if weight.dim() <= 1 or weight is embedding]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
