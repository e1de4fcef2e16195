"""The course of a run: its stages, one after the other, and how far it has come in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError
from captioner.training.stages import Stage, StepResult

ALL_DONE = "all epochs are done"
METRICS = {"cider": "CIDEr", "bleu_4": "BLEU-4", "rouge_l": "ROUGE-L", "loss": "dev loss"}
"""What people call the metrics that choose the best epoch."""


@dataclass(slots=True)
class Position:
    """How far training has come.

    Attributes
    ----------
    stage
        Number of the stage in progress, from 0; of the last one where all have ended.
    epoch, step
        Epoch in progress, from 1 within the stage, and how many of its steps are done.
    epochs_done, steps_done
        Through all stages; the steps count in which a stage that stopped early would have gone on.
    epochs_without_gain
        Epochs of the stage since the dev metric improved.
    loss_sum, seconds
        Over the steps done of the epoch in progress.
    end
        Why all stages have ended; empty while they have not.
    """

    stage: int = 0
    epoch: int = 1
    step: int = 0
    epochs_done: int = 0
    steps_done: int = 0
    epochs_without_gain: int = 0
    loss_sum: float = 0.0
    seconds: float = 0.0
    end: str = ""


class Course:
    """The stages that a network goes through.

    Parameters
    ----------
    config
        All options.
    network
        What is trained.
    build
        Makes the stages that a configuration asks for, all of ``network``.

    Attributes
    ----------
    config
        The options as they now are: extending the run changes them.
    position
        How far training has come.
    """

    def __init__(
        self, config: TrainingConfig, network: nn.Module, build: Callable[[TrainingConfig], list[Stage]]
    ) -> None:
        self.config, self.network, self.position = config, network, Position()
        self._build = build
        self._stages = build(config)

    @property
    def stage(self) -> Stage:
        """The stage in progress."""
        return self._stages[self.position.stage]

    @property
    def is_self_critical(self) -> bool:
        """Whether that is the self-critical one, be it the second or the only one."""
        return bool(self.position.stage) or not self.config.epochs

    @property
    def epochs(self) -> int:
        """Epochs of all stages, if none stops early."""
        return sum(stage.epochs for stage in self._stages)

    @property
    def steps(self) -> int:
        """Steps of all stages, if none stops early."""
        return sum(stage.epochs * stage.steps_per_epoch for stage in self._stages)

    @property
    def steps_left(self) -> dict[str, int]:
        """Steps still to be taken, by the name of the stage."""
        at = self.position
        left = {stage.name: stage.epochs * stage.steps_per_epoch for stage in self._stages[at.stage :]}
        left[self.stage.name] -= (at.epoch - 1) * self.stage.steps_per_epoch + at.step
        return left

    @property
    def batch_size(self) -> int:
        """Captions, or in the second stage images, per step."""
        return self.config.self_critical.images_per_batch if self.is_self_critical else self.config.batch_size

    def count(self, result: StepResult, seconds: float) -> None:
        """Take in that a step was taken, in so many ``seconds``."""
        at = self.position
        at.step, at.steps_done = at.step + 1, at.steps_done + 1
        at.loss_sum, at.seconds = at.loss_sum + result.loss, at.seconds + seconds

    def finish_epoch(self, has_improved: bool | None) -> None:
        """Go on to the next epoch, to the next stage, or to the end.

        Parameters
        ----------
        has_improved
            Whether the dev metric is the best so far; None where it was not computed.
        """
        at, stage = self.position, self.stage
        at.epochs_done, at.epoch, at.step, at.loss_sum, at.seconds = at.epochs_done + 1, at.epoch + 1, 0, 0.0, 0.0
        at.epochs_without_gain = at.epochs_without_gain + 1 if has_improved is False else 0
        has_stalled = 0 < self.config.patience <= at.epochs_without_gain
        if not has_stalled and at.epoch <= stage.epochs:
            return
        # What is left of the stage will not be run, so the progress bar must not wait for it.
        at.steps_done += (stage.epochs - at.epoch + 1) * stage.steps_per_epoch
        if at.stage + 1 < len(self._stages):
            at.stage, at.epoch, at.epochs_without_gain = at.stage + 1, 1, 0
        else:
            at.end = f"{self._stalled} for {at.epochs_without_gain} epochs" if has_stalled else ALL_DONE

    @property
    def _stalled(self) -> str:
        if self.config.choose_by == "loss":
            return "the dev loss has not fallen"
        return f"dev {METRICS[self.config.choose_by]} has not risen"

    def extend(self, epochs: int) -> None:
        """Add epochs to the stage in progress, or to the last where all have ended.

        See `captioner.training.control.TrainingControl.extend` for what that means.
        """
        at, state = self.position, self.stage.state()
        if at.end:
            # What an early stop left out is not made up for: the epochs come after those that were run.
            at.steps_done -= (self.stage.epochs - at.epoch + 1) * self.stage.steps_per_epoch
            epochs, at.end = at.epoch - 1 + epochs, ""
        else:
            epochs += self.stage.epochs
        if self.is_self_critical:
            self.config = self.config.replace(self_critical=self.config.self_critical.replace(epochs=epochs))
        else:
            self.config = self.config.replace(epochs=epochs)
        at.epochs_without_gain = 0
        # Stages plan ahead for their whole length, so they are made anew and given the state of the old ones.
        self._stages = self._build(self.config)
        self.stage.restore(*state)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All it takes to go on from `position` bit for bit: tensors on the CPU, and values for JSON."""
        tensors, values = self.stage.state()
        state = {f"stage.{name}": value for name, value in tensors.items()}
        state |= {f"weights.{name}": value.detach().cpu() for name, value in self.network.named_parameters()}
        return state, {"config": self.config.to_dict(), "position": asdict(self.position), "stage": values}

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Go back to what `state` returned, of a course with the same settings but for the size of batches.

        Where that is another, the epoch in progress begins again, with the weights as they were.

        Raises
        ------
        ConfigurationError
            If it is the state of another decoder or optimiser.
        """
        self.position = Position(**values["position"])
        stage_tensors, stage_values = with_prefix("stage.", tensors), dict(values["stage"])
        if TrainingConfig.from_dict(values["config"], where="the checkpoint") != self.config:
            stage_values["steps_taken"] = self._begin_epoch_again()
            if not stage_values["steps_taken"]:
                # An optimiser that has taken no step has no moments.
                stage_tensors = {
                    name: value for name, value in stage_tensors.items() if not name.startswith("optimiser.")
                }
        weights, saved = dict(self.network.named_parameters()), with_prefix("weights.", tensors)
        if {name: value.shape for name, value in weights.items()} != {name: one.shape for name, one in saved.items()}:
            raise ConfigurationError("The checkpoint is of another decoder. Resume it with the run's own settings.")
        with torch.no_grad():
            for name, weight in weights.items():
                weight.copy_(saved[name])
        self.stage.restore(stage_tensors, stage_values)

    def _begin_epoch_again(self) -> int:
        """Steps of the stage that come before the epoch in progress."""
        at, before = self.position, self._stages[: self.position.stage]
        steps_taken = (at.epoch - 1) * self.stage.steps_per_epoch
        at.step, at.loss_sum, at.seconds = 0, 0.0, 0.0
        at.steps_done = steps_taken + sum(stage.epochs * stage.steps_per_epoch for stage in before)
        return steps_taken


def with_prefix(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those of ``tensors`` whose names begin with ``prefix``, which is cut off."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
