"""The distiller: a generator of events that teaches a student from a teacher's features."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.devices import autocast_dtype, choose_device, choose_precision
from captioner.errors import ConfigurationError, TrainingRunError
from captioner.training.arithmetic import Arithmetic
from captioner.training.control import TrainingControl
from captioner.training.distillation.clock import Clock
from captioner.training.distillation.config import DistillationConfig
from captioner.training.distillation.events import DistillationEvent, DistillationFinished, StepsTaken, StudentMeasured
from captioner.training.distillation.layers import resized
from captioner.training.distillation.objective import Explained, Moments, Objective, Scale
from captioner.training.distillation.optimisation import StudentOptimisation, rate_share
from captioner.training.distillation.pictures import Pictures, ViewReader, ViewWish, epoch_order, plain_pictures
from captioner.training.distillation.student import Student
from captioner.training.distillation.teacher import Teacher
from captioner.training.events import TrainingPaused, TrainingResumed, TrainingStopped
from captioner.training.keeping import SAVE_EVERY, CheckpointKeeper, CheckpointRecorder
from captioner.training.memory import is_out_of_memory
from captioner.training.pace import Pace
from captioner.training.stages import ALONE, World

REPORT_EVERY = 20
_MIX, _FEED, _DROPOUT = 3, 4, 5
"""First numbers of the seeds of what is drawn in a step; those of `pictures` come before."""


class Step(NamedTuple):
    """One step over all processes."""

    loss: float
    errors: Tensor
    gradient_norm: float
    learning_rate: float
    size: int


class MeasurementRecorder(CheckpointRecorder, Protocol):
    """Where measurements and states are put (`captioner.training.distillation.folder.DistillationFolder` is one)."""

    def add_measurement(self, measured: StudentMeasured) -> None:
        """Keep a measurement; once more with the same one, where that failed."""
        ...


class Distiller:
    """Teaches a student; made anew for every attempt, and continued by `restore`.

    All that is drawn at random in a step depends only on the seed, the epoch and the step.

    Parameters
    ----------
    config
        All options.
    student, teacher
        The student with adapters for this teacher.
    pictures
        The photographs.
    control
        Through which others pause or stop it.
    recorder
        Where measurements and checkpoints are kept; None keeps nothing.
    save_every
        Seconds between checkpoints. There is one at the end besides.
    world
        The processes that train together, each on its rows of every batch. Each has a distiller of its own.
    threads
        In which photographs are decoded.

    Raises
    ------
    ConfigurationError
        If there are fewer images than processes need for a batch.
    DeviceError
        If this machine does not have the device.
    """

    def __init__(
        self,
        config: DistillationConfig,
        student: Student,
        teacher: Teacher,
        pictures: Pictures,
        *,
        control: TrainingControl | None = None,
        recorder: MeasurementRecorder | None = None,
        save_every: float = SAVE_EVERY,
        world: World = ALONE,
        threads: int = 2,
    ) -> None:
        self.config, self.pictures, self.world = config, pictures, world
        self.control = control or TrainingControl()
        device = choose_device(config.device)
        self._arithmetic = Arithmetic(device, torch.float32, autocast_dtype(config.precision, device))
        self._batch = min(config.batch_size, len(pictures.training))
        if self._batch < 2 * world.size:
            raise ConfigurationError(f"Batches of {self._batch} images are too small for {world.size} processes.")
        student.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.teacher = teacher.compute_in(choose_precision(config.precision, device)).to(device)
        self.scale = Scale([layer.channels for layer in teacher.layers]).to(device)
        self.objective = Objective(config, teacher, self.scale, student.depths)
        self.optimisation = StudentOptimisation(student, config, world)
        self.clock = Clock(config, len(pictures.training) // self._batch)
        self._views = ViewReader(pictures.training, config, threads=threads)
        self._recorder, self._keeper = recorder, CheckpointKeeper(recorder, self.control, save_every)
        self._pace = Pace()
        self._held_out: NDArray[np.uint8] | None = None
        self.explained: dict[str, float] = {}

    @property
    def student(self) -> Student:
        """The averaged student, which is evaluated and kept."""
        return self.optimisation.averaged

    @property
    def images_seen(self) -> int:
        """Views that all processes have learned from so far."""
        return self.clock.steps_done * self._batch

    def run(self) -> Generator[DistillationEvent]:
        """Teach, yielding events, from where the clock is to the end or to where `control` asks to stop.

        Raises
        ------
        ConfigurationError
            If training diverged.
        ImageError
            If no image of a batch can be read.
        TrainingRunError
            If memory ran out, or another process of the world has ended.
        OutputError
            If the disk is full when training is to stop.
        """
        try:
            if not self.clock.steps_done:
                self._measure_scale()
            is_going_on = yield from self._heed()
            while is_going_on and not (self.clock.is_over and self.clock.is_measured):
                is_going_on = yield from self._run_epoch()
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            yield from self._save_what_is_whole()
            raise TrainingRunError(
                f"There is not enough memory for batches of {self._batch} images. Begin a new run with a smaller "
                "--batch-size, or close other programs first."
            ) from error
        if is_going_on:
            yield DistillationFinished(self.explained)

    def _run_epoch(self) -> Generator[DistillationEvent, None, bool]:
        """Finish the epoch in progress; returns whether to go on."""
        clock, recent, seconds = self.clock, list[Step](), 0.0
        started = time.perf_counter()
        with contextlib.closing(self._steps()) as steps:
            for step in steps:
                took = time.perf_counter() - started
                self._tick(step, took)
                recent.append(step)
                seconds += took
                if clock.steps_done % REPORT_EVERY == 0 or clock.is_epoch_over:
                    yield self._report(recent, seconds)
                    recent, seconds = [], 0.0
                if not (yield from self._heed()):
                    return False
                if clock.is_epoch_over:
                    break
                started = time.perf_counter()
        if clock.is_epoch_over:
            measured = self._measure_student()
            if self._recorder is not None:
                yield from self._keeper.insist(functools.partial(self._recorder.add_measurement, measured))
            yield measured
            if clock.is_over:
                yield from self._save()
            else:
                clock.begin_epoch()
        return True

    def _tick(self, step: Step, seconds: float) -> None:
        self.clock.count(step.loss)
        self._spend(seconds)
        self._pace.add_step("pixels", seconds / step.size**2)

    def _spend(self, seconds: float) -> None:
        """Let time pass; where the run goes by it, the first process has the watch."""
        if self.config.minutes and self.world.size > 1:
            own = seconds if self.world.rank == 0 else 0.0
            seconds = float(self.world.sum(torch.tensor(own, dtype=torch.float64)))
        self.clock.seconds += seconds

    # Steps

    def _steps(self) -> Generator[Step]:
        """Take the steps that are left of the epoch."""
        first, epoch = self.clock.step, self.clock.epoch
        rows = len(range(self.world.rank, self._batch, self.world.size))
        with contextlib.closing(self._views.batches(self._wishes(epoch, first), rows)) as batches:
            for index, views in enumerate(batches, start=first):
                yield self._step(epoch, index, views)

    def _wishes(self, epoch: int, first: int) -> Iterator[ViewWish]:
        """What to show in each step of ``epoch`` from ``first`` on, in this process."""
        order = epoch_order(len(self.pictures.training), self.config.seed, epoch)
        for step in range(first, self.clock.steps_per_epoch):
            size = self.config.teacher_size(self.config.size_at(self.clock.progress_at(epoch, step)))
            rows = order[step * self._batch : (step + 1) * self._batch][self.world.rank :: self.world.size]
            yield from (ViewWish(int(row), epoch, size) for row in rows)

    def _step(self, epoch: int, step: int, views: NDArray[np.uint8]) -> Step:
        config, progress = self.config, self.clock.progress_at(epoch, step)
        # Not by the clock, which may have entered another phase since these views were wished for.
        size, student = config.student_size(views.shape[1]), self.optimisation.student.train()
        pixels = self._mixed(self._pixels(views), epoch, step)
        with torch.no_grad():
            features = self.teacher(pixels)
            targets, scores = self.scale.standardise(features), self.objective.scores(features)
        with self._arithmetic.random_numbers(_DROPOUT, config.seed, self.world.rank, epoch, step + 1):
            with self._arithmetic.autocast():
                is_fed = self._is_fed(epoch, step, progress)
                seen = resized(pixels, size)
                outputs = student.forward_fed(seen, targets) if is_fed else student(seen)
            compared = self.objective.compare(outputs, targets, scores)
        share = len(views) / self._batch
        rate = config.learning_rate * rate_share(config, self.optimisation.steps_taken, progress)
        norm = self.optimisation.step(compared.loss * share, progress)
        loss, *errors = self.world.sum(torch.cat([compared.loss.detach()[None], compared.errors]).cpu() * share)
        return Step(float(loss), torch.stack(errors), norm, rate, size)

    def _pixels(self, views: NDArray[np.uint8]) -> Tensor:
        """Channels-last images (B, 3, S, S), RGB from 0 to 255."""
        return torch.from_numpy(views).to(self._arithmetic.device).permute(0, 3, 1, 2).float()

    def _mixed(self, pixels: Tensor, epoch: int, step: int) -> Tensor:
        """``pixels``, in some steps each mixed with its neighbour; teacher and student both see the mixture."""
        random = np.random.default_rng([_MIX, self.config.seed, epoch, step])
        if random.uniform() >= self.config.mix_share:
            return pixels
        shares = torch.from_numpy(random.uniform(size=(len(pixels), 1, 1, 1)).astype(np.float32)).to(pixels.device)
        return torch.lerp(pixels, pixels.roll(1, 0), shares)

    def _is_fed(self, epoch: int, step: int, progress: float) -> bool:
        """Whether the student's stages are fed the teacher's features in this step."""
        can_be_fed = self.config.stage_feeding and self.optimisation.student.can_be_fed
        if not can_be_fed or progress >= self.config.mixed_until:
            return False
        coin = np.random.default_rng([_FEED, self.config.seed, epoch, step]).uniform()
        return progress < self.config.fed_until or bool(coin < 0.5)

    # What is measured

    @torch.inference_mode()
    def _measure_scale(self) -> None:
        """Measure mean and deviation of the teacher's channels over some views."""
        images = min(self.config.statistics_batches * self._batch, len(self.pictures.training))
        rows = epoch_order(len(self.pictures.training), self.config.seed, 0)[:images]
        rows = rows[self.world.rank :: self.world.size]
        size = self.config.teacher_size(self.config.phases[0][1])
        wishes = (ViewWish(int(row), 0, size) for row in rows)
        moments = [Moments(layer.channels) for layer in self.teacher.layers]
        for views in self._views.batches(wishes, self._batch):
            for moment, features in zip(moments, self.teacher(self._pixels(views)), strict=True):
                moment.add(features)
        for moment in moments:
            moment.gather(self.world)
        self.scale.measure(moments)

    @torch.inference_mode()
    def _measure_student(self) -> StudentMeasured:
        started, clock, rank, size = time.perf_counter(), self.clock, self.world.rank, self.world.size
        if self._held_out is None:
            side = self.config.teacher_size(self.config.last_size)
            self._held_out = plain_pictures(self.pictures.held_out, side)
        explained = Explained([layer.channels for layer in self.teacher.layers])
        for start in range(0, len(self._held_out), self._batch):
            pixels = self._pixels(self._held_out[start : start + self._batch][rank::size])
            if len(pixels):
                with self._arithmetic.autocast():
                    outputs = self.student(resized(pixels, self.config.last_size))
                explained.add(outputs, self.scale.standardise(self.teacher(pixels)))
        shares = explained.shares(self.world)
        self.explained = {depth.name: share for depth, share in zip(self.student.depths, shares, strict=True)}
        loss = clock.loss_sum / max(1, clock.losses)
        clock.loss_sum, clock.losses, clock.is_measured = 0.0, 0, True
        seconds = time.perf_counter() - started
        self._pace.add_evaluation(seconds)
        self._spend(seconds)
        return StudentMeasured(clock.epoch, clock.steps_done, clock.seconds, self.images_seen, loss, self.explained)

    def _report(self, recent: Sequence[Step], seconds: float) -> StepsTaken:
        clock, last = self.clock, recent[-1]
        errors = torch.stack([step.errors for step in recent]).mean(0).tolist()
        if self.config.minutes:
            left = 60 * self.config.minutes - clock.seconds
        else:
            left = self._pace.seconds_left({"pixels": clock.pixels_left}, self.config.epochs - clock.epoch + 1)
        return StepsTaken(
            epoch=clock.epoch,
            step=clock.steps_done,
            steps=clock.steps,
            progress=clock.progress,
            size=last.size,
            loss=sum(step.loss for step in recent) / len(recent),
            errors={depth.name: error for depth, error in zip(self.student.depths, errors, strict=True)},
            learning_rate=last.learning_rate,
            gradient_norm=last.gradient_norm,
            images_per_second=len(recent) * self._batch / max(1e-9, seconds),
            seconds_left=max(0.0, left),
        )

    # Between two steps

    def _heed(self) -> Generator[DistillationEvent, None, bool]:
        """Do what `control` asks for, and save when it is time; returns whether to go on."""
        if self.control.is_paused:
            yield from self._save()
            yield TrainingPaused()
            self.control.wait_while_paused()
            yield TrainingResumed()
        elif self._keeper.is_due:
            yield from self._save()
        stopping = self.control.is_stopping
        if self.world.size > 1:
            stopping = bool(self.world.sum(torch.tensor(int(stopping))))
        if stopping:
            path = yield from self._save()
            yield TrainingStopped(self.clock.steps_done, path)
        return not stopping

    def _save(self) -> Generator[DistillationEvent, None, Path | None]:
        return (yield from self._keeper.save(self.clock.steps_done, self.state))

    def _save_what_is_whole(self) -> Generator[DistillationEvent]:
        if self.optimisation.is_whole and self.clock.steps_done:
            with contextlib.suppress(MemoryError, RuntimeError):
                yield from self._save()

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """All it takes to go on bit for bit: tensors on the CPU, and values for JSON."""
        tensors = self.optimisation.state()
        tensors |= {f"scale.{name}": value.cpu().clone() for name, value in self.scale.state_dict().items()}
        return tensors, {"clock": self.clock.to_dict(), "explained": self.explained}

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Go back to what `state` returned.

        Raises
        ------
        TrainingRunError
            If it is the state of another student or teacher.
        """
        self.clock.restore(values["clock"])
        self.explained = dict(values["explained"])
        self.optimisation.restore(tensors, self.clock.steps_done)
        try:
            self.scale.load_state_dict({name: tensors[f"scale.{name}"] for name in self.scale.state_dict()})
        except (KeyError, RuntimeError) as error:
            raise TrainingRunError(
                "The checkpoint is of another teacher. Resume with the run's own settings."
            ) from error
