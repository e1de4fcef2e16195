"""One optimiser for all stages of training: its steps, its schedule, clipping, and the average of the weights."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError
from captioner.training.schedule import Plateau, Schedule
from captioner.training.stages import ALONE, World

Network = TypeVar("Network", bound=nn.Module)


class Part(NamedTuple):
    """A `module` of a network with a peak rate and a decay of matrices of its own."""

    module: nn.Module
    learning_rate: float
    weight_decay: float


class Optimisation(Generic[Network]):
    """Takes steps on a network and keeps a running average of its weights.

    Parameters
    ----------
    network
        Its weights are changed in place, but for those that require no gradient.
    config
        Its optimiser, betas or momentum, schedule, clipping and averaging.
    learning_rate, weight_decay
        Peak rate of this stage; decay, which applies to matrices only.
    epochs, steps_per_epoch
        Length of the stage, for the schedule.
    lowest_rate
        Share of the peak at which a cosine ends.
    part
        Has a rate and decay of its own.
    start_share
        Share of the weights as they were before the first step in those of `result`.
    world
        Whose gradients are added up.

    Attributes
    ----------
    averaged
        A network with the averaged weights.
    steps_taken
        Steps since the beginning of the stage.
    is_whole
        Whether weights and state belong together; not so where an error broke off the change of them.
    """

    def __init__(
        self,
        network: Network,
        config: TrainingConfig,
        *,
        learning_rate: float,
        weight_decay: float,
        epochs: int,
        steps_per_epoch: int,
        lowest_rate: float = 0.0,
        part: Part | None = None,
        start_share: float = 0.0,
        world: World = ALONE,
    ) -> None:
        self.network, self.config, self.world = network, config, world
        self._start_share, self._start = start_share, dict[str, Tensor]()
        self.averaged = copy.deepcopy(network).requires_grad_(False)
        self.steps_taken, self.is_whole = 0, True
        self._peak = learning_rate
        self._schedule = Schedule.for_stage(
            config, epochs=epochs, steps_per_epoch=steps_per_epoch, lowest_share=lowest_rate
        )
        self._plateau = Plateau(config.decay_epochs)
        self._trained = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
        parts = [Part(network, learning_rate, weight_decay), *([] if part is None else [part])]
        self._optimiser = _build_optimiser(config, _parameter_groups(parts))

    @property
    def learning_rate(self) -> float:
        """Of the next step."""
        return self._peak * self._share

    @property
    def _share(self) -> float:
        return self._schedule.share(self.steps_taken, self._plateau.drops)

    @torch.no_grad()
    def result(self) -> Network:
        """A network with the weights that are worth keeping: the averaged ones, and `start_share` of the first."""
        if not self._start:
            return self.averaged
        network = copy.deepcopy(self.averaged)
        for name, weight in network.named_parameters():
            if name in self._start:
                weight.lerp_(self._start[name], self._start_share)
        return network

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
        return self.step_in_parts([loss])

    def step_in_parts(self, losses: Iterable[Tensor]) -> float:
        """The same for the sum of ``losses``, each of which is asked for when the one before has had its gradient.

        There may be none, where other processes have all of a batch.
        """
        self._optimiser.zero_grad()
        loss = torch.zeros((), device=next(iter(self._trained.values())).device)
        for each in losses:
            each.backward()  # type: ignore[no-untyped-call]
            loss = loss + each.detach()
        if self.world.size > 1:
            loss = self._sum_over_world(loss)
        weights = list(self._trained.values())
        norm = nn.utils.clip_grad_norm_(weights, self.config.clip_norm or float("inf"))
        if not torch.isfinite(norm) or not torch.isfinite(loss):
            raise ConfigurationError("Training diverged: the loss is not a number any more. Lower the learning rate.")
        if self.config.clip_value:
            nn.utils.clip_grad_value_(weights, self.config.clip_value)
        for group in self._optimiser.param_groups:
            group["lr"] = group["peak"] * self._share
        if self._start_share and not self._start:
            self._start = {name: weight.detach().clone() for name, weight in self._trained.items()}
        self.is_whole = False
        self._optimiser.step()
        self._update_average()
        self.steps_taken += 1
        self.is_whole = True
        return norm.item()

    def _sum_over_world(self, loss: Tensor) -> Tensor:
        """Add up the gradients of all processes, in one message; returns the sum of their losses."""
        weights = list(self._trained.values())
        gradients = [torch.zeros_like(weight) if weight.grad is None else weight.grad for weight in weights]
        message = torch.cat([loss.detach().to(gradients[0].dtype).reshape(1), *(part.flatten() for part in gradients)])
        total, *summed = self.world.sum(message).split_with_sizes([1, *map(Tensor.numel, weights)])
        for weight, gradient in zip(weights, summed, strict=True):
            weight.grad = gradient.view_as(weight)
        return total

    @torch.no_grad()
    def _update_average(self) -> None:
        # A long memory would keep the random start in a short run, so the average forgets faster at first.
        count = self.steps_taken
        forgetting = 1 - min(self.config.average_decay, (1 + count) / (10 + count)) if count else 1.0
        for average, weight in zip(self.averaged.parameters(), self.network.parameters(), strict=True):
            average.lerp_(weight, forgetting)
        # Statistics of batch norms are averages already.
        for kept, current in zip(self.averaged.buffers(), self.network.buffers(), strict=True):
            kept.copy_(current)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `captioner.training.stages.Stage.state`."""
        tensors: dict[str, Tensor] = {f"average.{name}": value for name, value in self.averaged.named_parameters()}
        tensors |= {f"start.{name}": value for name, value in self._start.items()}
        for name, weight in self._trained.items():
            # The optimiser makes an empty entry for a weight that is only asked for.
            state = self._optimiser.state.get(weight, {})
            tensors |= {f"optimiser.{name}.{key}": value for key, value in state.items()}
        copies = {name: value.detach().to("cpu", copy=True) for name, value in tensors.items()}
        plain = {"steps_taken": self.steps_taken, "has_start": bool(self._start), "plateau": asdict(self._plateau)}
        return copies, plain

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """See `captioner.training.stages.Stage.restore`."""
        copied: dict[str, Tensor] = {f"average.{name}": value for name, value in self.averaged.named_parameters()}
        has_start = values.get("has_start", False)  # checkpoints of earlier versions do not say
        self._start = {name: torch.empty_like(weight) for name, weight in self._trained.items() if has_start}
        copied |= {f"start.{name}": value for name, value in self._start.items()}
        keys = _state_keys(self.config) if values["steps_taken"] else ()
        expected = {f"optimiser.{name}.{key}" for name in self._trained for key in keys}
        strange = sorted((copied.keys() | expected) ^ tensors.keys())
        _require_fit(not strange, f"{strange[:1]} is not in both")
        for name, value in copied.items():
            _require_fit(tensors[name].shape == value.shape, f"{name} has another shape")
            value.copy_(tensors[name])
        self._optimiser.state.clear()
        for name, weight in self._trained.items():
            state = {key: tensors[f"optimiser.{name}.{key}"].clone() for key in keys}
            # Adam counts its steps in tensors without dimensions, and keeps those on the CPU.
            fits = all(value.shape in (weight.shape, ()) for value in state.values())
            _require_fit(fits, f"what the optimiser keeps of {name} has another shape")
            # In the layout of the weight, or else every later step would take longer.
            self._optimiser.state[weight] = {
                key: torch.empty_like(weight).copy_(value) if value.dim() else value for key, value in state.items()
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


def _build_optimiser(config: TrainingConfig, groups: list[dict[str, Any]]) -> Optimizer:
    if config.optimiser == "sgd":
        return SGD(groups, momentum=config.momentum, nesterov=config.momentum > 0)
    kind = AdamW if config.optimiser == "adamw" else Adam
    return kind(groups, betas=config.betas)


def _parameter_groups(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Weight decay for matrices only: biases, norms and embeddings have no scale to hold down.

    A weight that is in several parts belongs to the last of them.
    """
    part_of = {weight: part for part in parts for weight in part.module.parameters() if weight.requires_grad}
    embeddings = {
        module.weight for part in parts for module in part.module.modules() if isinstance(module, nn.Embedding)
    }
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for weight, part in part_of.items():
        decay = part.weight_decay if weight.dim() > 1 and weight not in embeddings else 0.0
        groups.setdefault((part.learning_rate, decay), []).append(weight)
    return [{"params": weights, "peak": peak, "weight_decay": decay} for (peak, decay), weights in groups.items()]
