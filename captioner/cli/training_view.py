"""What ``captioner train`` shows of a run: a progress bar and a line per epoch, or one JSON object per event."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from captioner.cli.console import progress_bar, say
from captioner.errors import CaptionerError, TrainingMemoryError
from captioner.training.control import TrainingControl
from captioner.training.events import (
    EpochFinished,
    StepsFinished,
    TrainingEvent,
    TrainingFinished,
    TrainingPaused,
    TrainingResumed,
    TrainingStopped,
    event_to_dict,
)

Show = Callable[[TrainingEvent], None]
MOST_SECONDS = 100 * 365 * 86_400
"""Beyond a century nobody counts, and `timedelta` cannot."""


def shell(command: list[str]) -> str:
    """A command as it can be pasted into a terminal."""
    return shlex.join(command)


@contextlib.contextmanager
def for_people(control: TrainingControl, *, steps: int, chosen_by: str) -> Iterator[Show]:
    """Show events on stderr; a terminal that was closed stops the run, which is saved.

    ``chosen_by`` is the metric that chooses the best epoch; it is empty where nothing does.
    """
    with progress_bar("steps") as bar:
        task = bar.add_task("", total=steps)

        def show(event: TrainingEvent) -> None:
            if isinstance(event, StepsFinished):
                bar.update(task, completed=event.step, total=event.steps, description=_step_line(event))
            elif line := _line(event, chosen_by):
                say(line)

        yield _stopping_where_nobody_listens(show, control)


@contextlib.contextmanager
def for_programs(control: TrainingControl, run: Path, *, steps: int, step: int) -> Iterator[Show]:
    """Write events to stdout as they come, one JSON object per line.

    The first is ``run_started``; an error that ends the run is written as ``run_failed`` before it is raised, with the
    ``batch_size`` to resume it with where memory ran out.
    """

    def write(values: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(values, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    show = _stopping_where_nobody_listens(lambda event: write(event_to_dict(event)), control)
    with contextlib.suppress(OSError):
        write({"event": "run_started", "path": str(run), "process": os.getpid(), "step": step, "steps": steps})
    try:
        yield show
    except CaptionerError as error:
        with contextlib.suppress(OSError):
            smaller = {"batch_size": error.batch_size} if isinstance(error, TrainingMemoryError) else {}
            write({"event": "run_failed", "message": error.message, **smaller})
        raise


def _stopping_where_nobody_listens(show: Show, control: TrainingControl) -> Show:
    def guarded(event: TrainingEvent) -> None:
        try:
            show(event)
        except OSError:
            control.stop_and_save()

    return guarded


def _step_line(event: StepsFinished) -> str:
    left = timedelta(seconds=min(round(event.seconds_left), MOST_SECONDS))
    return (
        f"epoch {event.epoch} of {event.epochs} loss {event.loss:.3f} "
        f"{event.captions_per_second:.0f} captions/s, {left} left"
    )


def _line(event: TrainingEvent, chosen_by: str) -> str:
    """A line for events that deserve one; else nothing."""
    if isinstance(event, EpochFinished):
        return _epoch_line(event, chosen_by)
    if isinstance(event, TrainingPaused):
        return event.reason or "Training is paused."
    if isinstance(event, TrainingResumed):
        return "Training goes on."
    if isinstance(event, TrainingStopped):
        return f"Training was stopped after {event.step} steps, which are saved."
    if isinstance(event, TrainingFinished):
        kept = f"Best epoch by {chosen_by}" if chosen_by else "Epoch kept"
        return f"Training ended: {event.reason}. {kept}: {event.best_epoch}."
    return ""


def _epoch_line(event: EpochFinished, chosen_by: str) -> str:
    line = f"epoch {event.epoch} ({event.stage}): loss {event.loss:.3f}, {event.seconds:.0f} s"
    if event.dev_loss is not None:
        line += f", dev loss {event.dev_loss:.3f}"
    if event.scores:
        line += (
            f", dev BLEU-1 {event.scores.bleu_1:.1f}, BLEU-4 {event.scores.bleu_4:.1f}, CIDEr {event.scores.cider:.1f}"
        )
    return line + (f", best so far by {chosen_by}" if event.is_best and chosen_by else "")
