"""What a student is to reach: the teacher's features, every channel standardised, and the scores that they get."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from captioner.training.distillation.config import DistillationConfig
from captioner.training.distillation.layers import Depth, spatially_like
from captioner.training.distillation.teacher import Teacher
from captioner.training.stages import World

# Below this a channel counts as constant; dividing by its deviation would make noise of it.
_LEAST_DEVIATION = 1e-5


class Moments:
    """Sums over batches from which mean and deviation of each channel come, in float64."""

    def __init__(self, channels: int) -> None:
        self.count = 0
        self.sums = torch.zeros(2, channels, dtype=torch.float64)

    def add(self, features: Tensor) -> None:
        """Take in ``features`` (B, C, h, w)."""
        # Not in float64 from the start: GPUs are slow at that, and some cannot.
        values = features.detach().float().transpose(0, 1).flatten(1)
        self.count += values.shape[1]
        self.sums += torch.stack([values.sum(1), values.square().sum(1)]).to("cpu", torch.float64)

    def gather(self, world: World) -> None:
        """Add up what the processes of ``world`` have taken in."""
        self.sums = world.sum(self.sums)
        self.count = int(world.sum(torch.tensor(self.count)))

    def mean(self) -> Tensor:
        """Of each channel, (C,)."""
        return self.sums[0] / self.count

    def deviation(self) -> Tensor:
        """Of each channel, (C,); 1 where a channel is constant."""
        variance = self.sums[1] / self.count - self.mean().square()
        deviation = variance.clamp(min=0).sqrt()
        return torch.where(deviation > _LEAST_DEVIATION, deviation, torch.ones(()).double())


class Scale(nn.Module):
    """Mean and deviation of the teacher's channels at each depth.

    Parameters
    ----------
    widths
        Channels at each depth.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        for index, width in enumerate(widths):
            self.register_buffer(f"mean{index}", torch.zeros(width, 1, 1))
            self.register_buffer(f"std{index}", torch.ones(width, 1, 1))

    def measure(self, moments: Sequence[Moments]) -> None:
        """Take mean and deviation of each depth from ``moments``."""
        for index, moment in enumerate(moments):
            self.get_buffer(f"mean{index}").copy_(moment.mean().view(-1, 1, 1))
            self.get_buffer(f"std{index}").copy_(moment.deviation().view(-1, 1, 1))

    def standardise(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Features of all depths with zero mean and unit variance, in float32."""
        return [
            (value.float() - self.get_buffer(f"mean{index}")) / self.get_buffer(f"std{index}")
            for index, value in enumerate(features)
        ]

    def restore_last(self, features: Tensor, index: int) -> Tensor:
        """Undo `standardise` for the features of the depth ``index``."""
        return features.float() * self.get_buffer(f"std{index}") + self.get_buffer(f"mean{index}")


class Comparison(NamedTuple):
    """`loss`, a scalar to go down from, and the mean squared `errors` at each depth, without gradient."""

    loss: Tensor
    errors: Tensor


class Objective:
    """How far a student is from its teacher.

    Parameters
    ----------
    config
        Weights and temperature.
    teacher
        For its head.
    scale
        Of its features.
    depths
        Where they are compared.
    """

    def __init__(self, config: DistillationConfig, teacher: Teacher, scale: Scale, depths: Sequence[Depth]) -> None:
        given = dict(zip(config.strides, config.depth_weights, strict=True))
        self._weights = [given.get(depth.stride, 0.0) for depth in depths]
        self._weights[-1] += config.last_weight
        self._config, self._teacher, self._scale = config, teacher, scale

    def compare(self, outputs: Sequence[Tensor], targets: Sequence[Tensor], scores: Tensor | None) -> Comparison:
        """Compare the student's features with standardised ones of the teacher.

        ``sum_d w_d mean((s_d - t_d)^2) + w T^2 KL(softmax(y_t / T) || softmax(y_s / T))``, y being class scores.

        Parameters
        ----------
        outputs, targets
            Features (B, C, h, w) at each depth.
        scores
            Class scores (B, classes) of the teacher's own features; None leaves the divergence out.
        """
        errors = [
            F.mse_loss(output.float(), spatially_like(target, output))
            for output, target in zip(outputs, targets, strict=True)
        ]
        loss = torch.stack([weight * error for weight, error in zip(self._weights, errors, strict=True)]).sum()
        if scores is not None:
            loss = loss + self._config.logits_weight * self._divergence(outputs[-1], targets[-1], scores)
        return Comparison(loss, torch.stack(errors).detach())

    def scores(self, features: Sequence[Tensor]) -> Tensor | None:
        """Class scores of the teacher's own features, where they are wanted and it has a head."""
        if not self._config.logits_weight or self._teacher.head is None:
            return None
        return self._teacher.scores(features[-1])

    def _divergence(self, output: Tensor, target: Tensor, scores: Tensor) -> Tensor:
        temperature = self._config.temperature
        features = self._scale.restore_last(output, len(self._weights) - 1)
        own = self._teacher.scores(spatially_like(features, target))
        return temperature**2 * F.kl_div(
            F.log_softmax(own / temperature, 1),
            F.log_softmax(scores / temperature, 1),
            reduction="batchmean",
            log_target=True,
        )


class Explained:
    """Gathers over batches how much of the targets' variance a student explains at each depth.

    ``1 - sum((s - t)^2) / sum((t - mean)^2)``, the mean being that of each channel over all batches.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        self._moments = [Moments(width) for width in widths]
        self._errors = torch.zeros(len(widths), dtype=torch.float64)

    def add(self, outputs: Sequence[Tensor], targets: Sequence[Tensor]) -> None:
        """Take in features of a batch at each depth."""
        for index, (output, target) in enumerate(zip(outputs, targets, strict=True)):
            on_grid = spatially_like(target, output)
            self._moments[index].add(on_grid)
            self._errors[index] += (output.float() - on_grid).square().sum().to("cpu", torch.float64)

    def shares(self, world: World) -> list[float]:
        """Share of the variance that is explained at each depth, at most 1, over all processes of ``world``."""
        errors = world.sum(self._errors)
        for moments in self._moments:
            moments.gather(world)
        variances = [
            (moments.sums[1] - moments.sums[0].square() / max(1, moments.count)).sum() for moments in self._moments
        ]
        return [
            1 - float(error) / float(variance) if variance > 0 else 0.0
            for error, variance in zip(errors, variances, strict=True)
        ]
