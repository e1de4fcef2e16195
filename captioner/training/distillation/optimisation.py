"""The steps that a student takes, and the running average of its weights."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from captioner.errors import ConfigurationError, TrainingRunError
from captioner.training.distillation.config import DistillationConfig
from captioner.training.distillation.student import Student
from captioner.training.stages import ALONE, World

_KEPT = ("step", "exp_avg", "exp_avg_sq")


def rate_share(config: DistillationConfig, steps_taken: int, progress: float) -> float:
    """Of the peak rate: a linear rise over the warm-up, or a tenth of the run where that is shorter, then a cosine."""
    risen = (steps_taken + 1) / max(1, config.warmup_steps)
    return min(1.0, max(risen, 10 * progress)) * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


class StudentOptimisation:
    """Takes steps on a student and keeps a running average of its weights, statistics of batch norms included.

    Parameters
    ----------
    student
        Its weights are changed in place.
    config
        Rates, clipping and averaging.
    world
        Whose gradients are added up. The running statistics of batch norms, which are of each process's own images, are
        averaged.

    Attributes
    ----------
    averaged
        A student with the averaged weights.
    steps_taken
        Since the beginning.
    is_whole
        Whether weights and state belong together; not so where an error broke off the change of them.
    """

    def __init__(self, student: Student, config: DistillationConfig, world: World = ALONE) -> None:
        self.student, self.config, self.world = student, config, world
        self.averaged = copy.deepcopy(student).requires_grad_(False).eval()
        self.steps_taken, self.is_whole = 0, True
        kernels = [weight for weight in student.parameters() if weight.dim() > 1]
        others = [weight for weight in student.parameters() if weight.dim() <= 1]
        groups = [{"params": kernels, "weight_decay": config.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self._optimiser = AdamW(groups, lr=config.learning_rate, betas=config.betas)

    def step(self, loss: Tensor, progress: float) -> float:
        """Take one step down the gradient of ``loss``; returns the norm of the gradient before clipping.

        Parameters
        ----------
        loss
            In a world of several processes, this one's part of the sum.
        progress
            Share of the run that is done.

        Raises
        ------
        ConfigurationError
            If loss or gradient are not finite; the weights stay as they were.
        """
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self.world.size > 1:
            loss = self._sum_over_world(loss)
        norm = nn.utils.clip_grad_norm_(self.student.parameters(), self.config.clip_norm or float("inf"))
        if not torch.isfinite(norm) or not torch.isfinite(loss):
            raise ConfigurationError("Training diverged: the loss is not a number any more. Lower the learning rate.")
        for group in self._optimiser.param_groups:
            group["lr"] = self.config.learning_rate * rate_share(self.config, self.steps_taken, progress)
        self.is_whole = False
        self._optimiser.step()
        self._update_average()
        self.steps_taken += 1
        self.is_whole = True
        return norm.item()

    def _sum_over_world(self, loss: Tensor) -> Tensor:
        """Add up gradients and average statistics over all processes, in one message; returns the sum of losses."""
        weights = [weight for weight in self.student.parameters() if weight.grad is not None]
        statistics = self._statistics()
        parts = [loss.detach().reshape(1), *(weight.grad for weight in weights if weight.grad is not None)]
        message = torch.cat([part.flatten() for part in (*parts, *statistics)])
        sizes = [1, *(weight.numel() for weight in weights), *(value.numel() for value in statistics)]
        total, *summed = self.world.sum(message).split_with_sizes(sizes)
        for weight, part in zip(weights, summed[: len(weights)], strict=True):
            torch.as_tensor(weight.grad).copy_(part.view_as(weight))
        for value, part in zip(statistics, summed[len(weights) :], strict=True):
            value.copy_(part.view_as(value) / self.world.size)
        return total

    def _statistics(self) -> list[Tensor]:
        return [value for name, value in self.student.named_buffers() if name.rpartition(".")[2].startswith("running_")]

    @torch.no_grad()
    def _update_average(self) -> None:
        # A long memory would keep the random start in a short run, so the average forgets faster at first.
        count = self.steps_taken
        forgetting = 1 - min(self.config.average_decay, (1 + count) / (10 + count)) if count else 1.0
        current = self.student.state_dict()
        for name, average in self.averaged.state_dict().items():
            if average.is_floating_point():
                average.lerp_(current[name], forgetting)
            else:
                average.copy_(current[name])

    def state(self) -> dict[str, Tensor]:
        """Copies, on the CPU, of weights, averages and what the optimiser keeps."""
        state = {f"student.{name}": value for name, value in self.student.state_dict().items()}
        state |= {f"average.{name}": value for name, value in self.averaged.state_dict().items()}
        for name, weight in self.student.named_parameters():
            kept = self._optimiser.state.get(weight, {})
            state |= {f"optimiser.{name}.{key}": value for key, value in kept.items()}
        return {
            name: value.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)
            for name, value in state.items()
        }

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor], steps_taken: int) -> None:
        """Go back to what `state` returned after so many steps.

        Raises
        ------
        TrainingRunError
            If it is the state of another student.
        """
        try:
            for prefix, network in (("student.", self.student), ("average.", self.averaged)):
                for name, value in network.state_dict().items():
                    value.copy_(tensors[prefix + name])
            self._optimiser.state.clear()
            for name, weight in self.student.named_parameters():
                if f"optimiser.{name}.step" in tensors:
                    self._optimiser.state[weight] = self._restored(name, weight, tensors)
        except (KeyError, RuntimeError) as error:
            raise TrainingRunError(
                f"The checkpoint is of another student ({error}). Resume with the run's own settings."
            ) from error
        self.steps_taken = steps_taken

    @staticmethod
    def _restored(name: str, weight: Tensor, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
        kept = {key: tensors[f"optimiser.{name}.{key}"] for key in _KEPT}
        # In the memory layout of the weight; AdamW counts its steps in tensors without dimensions, on the CPU.
        return {
            key: torch.empty_like(weight).copy_(value) if value.dim() else value.clone() for key, value in kept.items()
        }
