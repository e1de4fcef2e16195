"""How a course is gone through: a generator of events that takes steps, evaluates epochs and keeps the best weights."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError, TrainingMemoryError
from captioner.metrics.evaluate import evaluate_captions
from captioner.training.arithmetic import Arithmetic
from captioner.training.best_epoch import BestEpoch
from captioner.training.control import TrainingControl
from captioner.training.course import METRICS, Course, Position
from captioner.training.dev_evaluation import DevResult, DevSet
from captioner.training.events import (
    EpochFinished,
    StepsFinished,
    TrainingEvent,
    TrainingExtended,
    TrainingFinished,
    TrainingPaused,
    TrainingResumed,
    TrainingStopped,
)
from captioner.training.keeping import SAVE_EVERY, Keeper, Recorder
from captioner.training.memory import is_out_of_memory, peak_memory
from captioner.training.pace import Pace
from captioner.training.stages import ALONE, StepResult, World

REPORT_EVERY = 20


class Evaluation(Protocol):
    """What comes of dev images after an epoch (`captioner.training.dev_evaluation.DevEvaluation` is one)."""

    @property
    def dev(self) -> DevSet:
        """The images."""
        ...

    def run(self, network: Any, /, *, with_all_captions: bool, is_stopping: Callable[[], bool]) -> DevResult | None:
        """Evaluate what is trained; None where ``is_stopping``, asked now and then, becomes true.

        Without all captions only those of a few sample images are made.
        """
        ...


class CourseTrainer:
    """Goes through a course.

    Parameters
    ----------
    course
        Its stages, and how far they have come.
    evaluation
        What chooses the best epoch; None keeps the last.
    control
        Through which others pause, stop or extend training.
    recorder
        Where epochs and checkpoints are kept; None keeps nothing.
    save_every
        Seconds between checkpoints. There is one after each epoch besides.
    world
        The processes that train together. Each has a trainer of its own; one of them has the recorder.
    """

    def __init__(
        self,
        course: Course,
        evaluation: Evaluation | None,
        *,
        control: TrainingControl | None = None,
        recorder: Recorder | None = None,
        save_every: float = SAVE_EVERY,
        world: World = ALONE,
    ) -> None:
        self.control, self.world = control or TrainingControl(), world
        self._course, self._evaluation = course, evaluation
        self._best = BestEpoch(course.config.choose_by, has_dev=evaluation is not None)
        self._keeper = Keeper(recorder, self.control, save_every)
        self._device = Arithmetic.of(course.config).device
        self._pace = Pace()
        self._has_run = False

    @property
    def config(self) -> TrainingConfig:
        """All options as they now are: extending the run changes them."""
        return self._course.config

    @property
    def position(self) -> Position:
        """How far training has come."""
        return self._course.position

    @property
    def steps(self) -> int:
        """Steps of all stages, if none stops early."""
        return self._course.steps

    @property
    def best_weights(self) -> Mapping[str, Tensor]:
        """State of the network at the best epoch so far, on the CPU."""
        return self._best.weights

    @property
    def best(self) -> EpochFinished | None:
        """That epoch, without its samples; None before the first."""
        return self._best.epoch

    @property
    def chosen_by(self) -> str:
        """What people call the metric that chooses it; empty where there are no dev images and the last is kept."""
        return METRICS[self.config.choose_by] if self._evaluation is not None else ""

    def run(self) -> Generator[TrainingEvent]:
        """Train, yielding events, from `position` to the end or to where `control` asks to stop.

        Closing the generator ends training between two steps, without saving.

        Raises
        ------
        ConfigurationError
            If training diverged, or if this was called before.
        TrainingMemoryError
            If memory ran out.
        TrainingRunError
            If another process of the world has ended.
        OutputError
            If the disk is full when training is to stop.
        """
        if self._has_run:
            raise ConfigurationError("This trainer has run already. Make another one, or resume the run.")
        self._has_run = True
        try:
            is_going_on = yield from self._heed()
            while is_going_on and not self.position.end:
                is_going_on = yield from self._run_epoch()
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            yield from self._save_what_is_whole()
            raise self._explain_memory() from error
        if is_going_on:
            best = self.best
            yield TrainingFinished(best.epoch if best else 0, best.scores if best else None, self.position.end)

    def _run_epoch(self) -> Generator[TrainingEvent, None, bool]:
        """Finish the epoch in progress; returns whether to go on."""
        at = self.position
        if at.stage and at.epoch == 1 and not at.step:
            self._course.network.load_state_dict(self.best_weights)
        while at.step < self._course.stage.steps_per_epoch:
            if not (yield from self._take_steps()):
                return False
        finished = self._evaluate()
        if finished is None:
            yield from self._stop()
            return False
        yield from self._keeper.record(finished, self.best_weights)
        metric = self._best.metric(finished)
        if metric is not None:
            self._course.stage.optimisation.observe(metric)
        self._course.finish_epoch(None if metric is None else finished.is_best)
        yield finished
        yield from self._save()
        return True

    def _take_steps(self) -> Generator[TrainingEvent, None, bool]:
        """Take steps to the end of the epoch, or to where the stages change; returns whether to go on."""
        course, stage = self._course, self._course.stage
        recent: list[StepResult] = []
        seconds = 0.0
        started = time.perf_counter()
        for result in stage.run_epoch(self.position.epoch, self.position.step):
            took = time.perf_counter() - started
            course.count(result, took)
            self._pace.add_step(stage.name, took)
            recent.append(result)
            seconds += took
            if self.position.steps_done % REPORT_EVERY == 0 or self.position.step == stage.steps_per_epoch:
                yield self._report(recent, seconds)
                recent, seconds = [], 0.0
            if not (yield from self._heed()):
                return False
            if course.stage is not stage:
                break
            started = time.perf_counter()
        return True

    def _report(self, recent: Sequence[StepResult], seconds: float) -> StepsFinished:
        course, at = self._course, self.position
        epochs_left = course.epochs - at.epochs_done if self._evaluation else 0
        return StepsFinished(
            stage=course.stage.name,
            epoch=at.epochs_done + 1,
            epochs=course.epochs,
            step=at.steps_done,
            steps=course.steps,
            loss=sum(result.loss for result in recent) / len(recent),
            penalty=sum(result.penalty for result in recent) / len(recent),
            learning_rate=course.stage.optimisation.learning_rate,
            gradient_norm=recent[-1].gradient_norm,
            captions_per_second=sum(result.captions for result in recent) / max(1e-9, seconds),
            seconds_left=self._pace.seconds_left(course.steps_left, epochs_left),
            peak_memory=peak_memory(self._device),
        )

    # Between two steps

    def _heed(self) -> Generator[TrainingEvent, None, bool]:
        """Do what `control` asks for, and save when it is time; returns whether to go on."""
        if self.control.is_paused:
            yield from self._save()
            yield TrainingPaused()
            self.control.wait_while_paused()
            yield TrainingResumed()
        elif self._keeper.is_due:
            yield from self._save()
        added = self.control.take_extension() if self.world.rank == 0 else 0
        stopping, added = self._agree(int(self.control.is_stopping), added)
        if added:
            self._course.extend(added)
            yield TrainingExtended(self._course.epochs, self._course.steps)
            yield from self._save()
        if stopping:
            yield from self._stop()
        return not stopping

    def _agree(self, *wishes: int) -> list[int]:
        """The sums of ``wishes`` over the world, so that all its processes do the same."""
        if self.world.size == 1:
            return list(wishes)
        return [int(wish) for wish in self.world.sum(torch.tensor(wishes)).tolist()]

    def _stop(self) -> Generator[TrainingEvent]:
        path = yield from self._save()
        yield TrainingStopped(self.position.steps_done, path)

    def _save(self) -> Generator[TrainingEvent, None, Path | None]:
        return (yield from self._keeper.save(self.position.steps_done, self.state))

    def _save_what_is_whole(self) -> Generator[TrainingEvent]:
        """Save what was done before memory ran out, unless that was halfway through changing the weights."""
        if self._course.stage.optimisation.is_whole:
            with contextlib.suppress(MemoryError, RuntimeError):
                yield from self._save()

    def _explain_memory(self) -> TrainingMemoryError:
        size = self._course.batch_size
        smaller = max(1, size // 2)
        return TrainingMemoryError(
            f"There is not enough memory for batches of {size}. Resume the run with --batch-size {smaller}, or close "
            "other programs first.",
            batch_size=smaller,
        )

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All it takes to go on from `position` bit for bit: tensors on the CPU, and values for JSON."""
        tensors, values = self._course.state()
        best_tensors, best_values = self._best.state()
        return tensors | best_tensors, values | best_values

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Go back to what `state` returned; see `captioner.training.course.Course.restore`."""
        self._course.restore(tensors, values)
        self._best.restore(tensors, values)

    # At the end of an epoch

    def _evaluate(self) -> EpochFinished | None:
        """Evaluate the weights that came of the stage, and keep them if they are the best; None where asked to stop."""
        stage, at, started = self._course.stage, self.position, time.perf_counter()
        network = stage.optimisation.result()
        finished = EpochFinished(
            stage.name, at.epochs_done + 1, at.loss_sum / stage.steps_per_epoch, at.seconds, None, is_best=False
        )
        if self._evaluation is not None:
            is_late = finished.epoch >= min(self.config.evaluate_from_epoch, self.config.epochs)
            result = self._evaluation.run(network, with_all_captions=is_late, is_stopping=self._is_asked_to_stop)
            if result is None:
                return None
            scores = evaluate_captions(result.captions, self._evaluation.dev.references) if is_late else None
            seconds = time.perf_counter() - started
            self._pace.add_evaluation(seconds)
            finished = replace(
                finished,
                seconds=at.seconds + seconds,
                scores=scores,
                samples=result.captions,
                dev_loss=result.loss,
                attention=result.attention,
            )
        return self._best.consider(finished, network)

    def _is_asked_to_stop(self) -> bool:
        return self._agree(int(self.control.is_stopping))[0] > 0
