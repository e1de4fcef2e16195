"""The best epoch so far: which it was, and the weights it ended with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from captioner.config import Metric
from captioner.training.course import with_prefix
from captioner.training.events import EpochFinished


class BestEpoch:
    """Keeps the weights of the best epoch, by a metric of dev images, or of the last one where there are none.

    Parameters
    ----------
    choose_by
        The metric.
    has_dev
        Whether there are dev images.

    Attributes
    ----------
    weights
        State of the network at its end, on the CPU; empty before the first.
    epoch
        The epoch, without its samples; None before the first.
    """

    def __init__(self, choose_by: Metric, *, has_dev: bool) -> None:
        self.weights: dict[str, Tensor] = {}
        self.epoch: EpochFinished | None = None
        self._choose_by, self._has_dev = choose_by, has_dev

    def metric(self, epoch: EpochFinished) -> float | None:
        """What epochs are compared by, higher being better; None where it was not computed."""
        if self._choose_by == "loss":
            return None if epoch.dev_loss is None else -epoch.dev_loss
        return None if epoch.scores is None else float(getattr(epoch.scores, self._choose_by))

    def consider(self, epoch: EpochFinished, network: nn.Module) -> EpochFinished:
        """Keep the weights of ``network`` if ``epoch`` is the best; returns the epoch with `is_best` as it came out."""
        metric, best = self.metric(epoch), None if self.epoch is None else self.metric(self.epoch)
        if self._has_dev and (metric is None or (best is not None and metric <= best)):
            return epoch
        self.weights = {name: value.detach().to("cpu", copy=True) for name, value in network.state_dict().items()}
        epoch = replace(epoch, is_best=True)
        self.epoch = epoch.without_samples()
        return epoch

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Tensors and values for JSON, from which `restore` goes back to this."""
        tensors = {f"best.{name}": value for name, value in self.weights.items()}
        return tensors, {"best": None if self.epoch is None else self.epoch.to_dict()}

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Go back to what `state` returned."""
        self.weights = with_prefix("best.", tensors)
        self.epoch = None if values["best"] is None else EpochFinished.from_dict(values["best"])
