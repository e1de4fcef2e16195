"""What ``captioner distill`` shows of a run: a progress bar, and a line whenever the student was measured."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from captioner.cli.console import progress_bar, say
from captioner.cli.run_following import logged_to
from captioner.cli.training_view import shell
from captioner.errors import CaptionerError
from captioner.training.control import TrainingControl
from captioner.training.distillation.events import DistillationEvent, DistillationFinished, StepsTaken, StudentMeasured
from captioner.training.events import TrainingPaused, TrainingResumed, TrainingStopped

if TYPE_CHECKING:
    from captioner.training.distillation.run import DistillationRun

PERMILLE = 1000


def follow_distillation(run: DistillationRun, control: TrainingControl) -> bool:
    """Carry out ``run`` and show it; returns whether it came to its end."""
    if run.folder is None:  # the first process of a world speaks for all
        return not any(isinstance(event, TrainingStopped) for event in run.events())
    has_finished = True
    with logged_to(run.folder.log_handler()), progress_bar("‰") as bar, contextlib.closing(run.events()) as events:
        task = bar.add_task("", total=PERMILLE)
        try:
            for event in events:
                has_finished = not isinstance(event, TrainingStopped)
                try:
                    if isinstance(event, StepsTaken):
                        done = round(PERMILLE * event.progress)
                        bar.update(task, completed=done, description=_step_line(event))
                    elif line := _line(event):
                        say(line)
                except OSError:  # the terminal was closed
                    control.stop_and_save()
        except (CaptionerError, KeyboardInterrupt):
            _say_how_to_resume(run)
            raise
    if not has_finished:
        _say_how_to_resume(run)
    return has_finished


def _say_how_to_resume(run: DistillationRun) -> None:
    with contextlib.suppress(OSError):  # nobody may be listening any more
        say(f"Go on with: {shell(run.resume_command())}")


def _step_line(event: StepsTaken) -> str:
    left = timedelta(seconds=round(event.seconds_left))
    errors = " ".join(f"{error:.3f}" for error in event.errors.values())
    return f"epoch {event.epoch}, {event.size} px, errors {errors}, {event.images_per_second:.0f} images/s, {left} left"


def _line(event: DistillationEvent) -> str:
    """A line for events that deserve one; else nothing."""
    if isinstance(event, StudentMeasured):
        return (
            f"epoch {event.epoch}: {event.images:,} images in {timedelta(seconds=round(event.seconds))}, "
            f"loss {event.loss:.3f}, variance explained: {_shares(event.explained)}"
        )
    if isinstance(event, TrainingPaused):
        return event.reason or "Training is paused."
    if isinstance(event, TrainingResumed):
        return "Training goes on."
    if isinstance(event, TrainingStopped):
        return f"Training was stopped after {event.step} steps, which are saved."
    if isinstance(event, DistillationFinished):
        return f"The encoder is in {event.weights}. It explains {_shares(event.explained)} of its teacher."
    return ""


def _shares(explained: Mapping[str, float]) -> str:
    return ", ".join(f"{share:.1%} ({depth})" for depth, share in explained.items())
