"""What training processes print, as events: one translator each for a run, a check and an extraction."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from captioner.worker.dataset_lines import dataset_lines
from captioner.worker.line_process import Ending
from captioner.worker.training_protocol import (
    CheckpointSaved,
    DatasetChecked,
    DatasetSummary,
    EpochReport,
    ExtractionEnded,
    ExtractionFailed,
    ExtractionReport,
    StepReport,
    Told,
    TrainingEnded,
    TrainingExtended,
    TrainingFailed,
    TrainingPaused,
    TrainingResumed,
    TrainingStarted,
)

Values = Mapping[str, Any]
Meaning = TypeVar("Meaning")

STOPPED = "stopped as asked"

logger = logging.getLogger(__name__)


class Reports(Protocol):
    """Makes events of what one process prints."""

    def take(self, values: Values) -> Told | None:
        """The event that an object means; None where it means nothing to a window."""
        ...

    def end(self, ending: Ending) -> Told:
        """The last event, once the process has gone."""
        ...


class RunReports:
    """Of ``captioner train --events jsonl``, or of ``captioner fine-tune``.

    Parameters
    ----------
    run
        Folder of the run.
    name
        Of its model; for a run that is resumed its folder knows better.
    """

    def __init__(self, run: str, name: str) -> None:
        self._run, self._name = run, name
        self._ended: TrainingEnded | None = None
        self._complaint = ""
        self._batch_size: int | None = None
        self._kinds: dict[str, Callable[[Values], Told | None]] = {
            "run_started": self._started,
            "steps_finished": self._steps,
            "epoch_finished": self._epoch,
            "checkpoint_saved": lambda values: CheckpointSaved(run=run, step=int(values["step"])),
            "training_paused": lambda values: TrainingPaused(run=run, reason=str(values.get("reason", ""))),
            "training_resumed": lambda values: TrainingResumed(run=run),
            "training_extended": lambda values: TrainingExtended(
                run=run, epochs=int(values["epochs"]), steps=int(values["steps"])
            ),
            "training_stopped": self._stopped,
            "training_finished": self._finished,
            "run_failed": self._failed,
        }

    def take(self, values: Values) -> Told | None:
        """The event that an object means; None where it means nothing to a window."""
        translate = self._kinds.get(str(values.get("event")))
        return None if translate is None else _tolerantly(translate, values)

    def end(self, ending: Ending) -> Told:
        """`TrainingEnded` where the process said so before it went, else `TrainingFailed`."""
        if self._ended is not None:
            return self._ended
        message = (
            self._complaint
            or ending.complaint
            or f"Training ended by itself ({ending.words}){_perhaps(ending)}. {self._what_to_do()}"
        )
        return TrainingFailed(run=self._run, message=message, details=ending.details, batch_size=self._batch_size)

    def _what_to_do(self) -> str:
        is_begun = (Path(self._run) / "config.json").is_file()
        return "Resume it from its last checkpoint." if is_begun else "Nothing of it was kept, so start it again."

    def _started(self, values: Values) -> Told:
        step, steps = int(values["step"]), int(values["steps"])
        return TrainingStarted(run=self._run, pid=int(values["process"]), step=step, steps=steps)

    def _steps(self, values: Values) -> Told:
        left = values.get("seconds_left")
        return StepReport(
            run=self._run,
            stage=str(values["stage"]),
            epoch=int(values["epoch"]),
            epochs=int(values.get("epochs", 0)),
            step=int(values["step"]),
            steps=int(values["steps"]),
            loss=float(values["loss"]),
            penalty=float(values["penalty"]),
            learning_rate=float(values["learning_rate"]),
            gradient_norm=float(values["gradient_norm"]),
            captions_per_second=float(values["captions_per_second"]),
            seconds_left=None if left is None else float(left),
            memory=int(values.get("peak_memory", 0)),
        )

    def _epoch(self, values: Values) -> Told:
        dev_loss = values.get("dev_loss")
        scores = values.get("scores") or {}
        return EpochReport(
            run=self._run,
            stage=str(values["stage"]),
            epoch=int(values["epoch"]),
            loss=float(values["loss"]),
            dev_loss=None if dev_loss is None else float(dev_loss),
            scores={str(name): float(score) for name, score in scores.items() if score is not None},
            is_best=bool(values["is_best"]),
            seconds=float(values["seconds"]),
        )

    def _stopped(self, values: Values) -> None:
        self._ended = TrainingEnded(run=self._run, reason=STOPPED, package=None, best_epoch=0)

    def _finished(self, values: Values) -> None:
        package = str(Path(self._run) / _model_name(self._run, self._name))
        self._ended = TrainingEnded(
            run=self._run, reason=str(values["reason"]), package=package, best_epoch=int(values["best_epoch"])
        )

    def _failed(self, values: Values) -> None:
        self._complaint = str(values["message"])
        size = values.get("batch_size")
        self._batch_size = None if size is None else int(size)


class CheckReports:
    """Of ``captioner check --json``, for these paths."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self._paths = paths
        self._report: DatasetSummary | None = None

    def take(self, values: Values) -> Told | None:
        """Nothing: the one object is told when the process has gone."""
        self._report = _tolerantly(_summary, values) or self._report
        return None

    def end(self, ending: Ending) -> Told:
        """`DatasetChecked`; where the process said nothing, with a refusal that tells why."""
        report = self._report
        if report is None:
            message = ending.complaint or f"The check ended by itself ({ending.words}){_perhaps(ending)}. Try it again."
            report = DatasetSummary(refusals=(message,), details=ending.details)
        return DatasetChecked(paths=self._paths, report=report)


class ExtractionReports:
    """Of ``captioner extract --events jsonl``, into this file; ``clock`` tells seconds."""

    def __init__(self, output: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._output, self._clock = output, clock
        self._first: tuple[float, int] | None = None
        self._ended: ExtractionEnded | None = None
        self.is_stopped = False

    def take(self, values: Values) -> Told | None:
        """The event that an object means; None where it means nothing to a window."""
        match values.get("event"):
            case "images_encoded":
                return _tolerantly(self._report, values)
            case "extraction_finished":
                self._ended = _tolerantly(self._finished, values)
        return None

    def end(self, ending: Ending) -> Told:
        """`ExtractionEnded` where the process said so before it went, else `ExtractionFailed`."""
        if self._ended is not None:
            return self._ended
        if self.is_stopped:
            return ExtractionFailed(output=self._output, message="", details=ending.details)
        message = ending.complaint or (
            f"The extraction ended by itself ({ending.words}){_perhaps(ending)}. Start it again to go on with it."
        )
        return ExtractionFailed(output=self._output, message=message, details=ending.details)

    def _report(self, values: Values) -> ExtractionReport:
        done, failed = int(values["done"]), int(values["failed"])
        return ExtractionReport(
            output=self._output,
            done=done,
            failed=failed,
            images=int(values["images"]),
            images_per_second=self._rate(done),
            messages=tuple(map(str, values.get("errors", ()))),
        )

    def _rate(self, done: int) -> float:
        """Images per second since the first report; what came before that was done by an earlier process, or slowly.

        Those that cannot be read take no time worth speaking of, and would make it seem fast.
        """
        now = self._clock()
        if self._first is None:
            self._first = (now, done)
        since, before = self._first
        return (done - before) / (now - since) if now > since else 0.0

    def _finished(self, values: Values) -> ExtractionEnded:
        path = str(values.get("path") or self._output)
        images = values.get("images")
        return ExtractionEnded(
            output=self._output,
            path=path,
            failed=int(values.get("failed", 0)),
            images=None if images is None else str(images),
        )


def _model_name(run: str, name: str) -> str:
    """Of the model that a run makes, as its folder says; ``name`` where that cannot be read."""
    try:
        recorded = json.loads((Path(run) / "config.json").read_text(encoding="utf-8"))["sources"]["name"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return name
    return recorded if isinstance(recorded, str) else name


def _summary(values: Values) -> DatasetSummary:
    findings = values.get("findings", ())
    estimate = values.get("estimate") or {}
    seconds = estimate.get("seconds")
    features = values.get("features")
    return DatasetSummary(
        layout=str(values.get("layout", "")),
        counts={str(split["name"]): int(split["images"]) for split in values.get("splits", ())},
        lines=tuple(dataset_lines(values)),
        samples=tuple((str(sample["image"]), str(sample["caption"])) for sample in values.get("samples", ())),
        warnings=tuple(str(one["message"]) for one in findings if one["severity"] == "warning"),
        refusals=tuple(str(one["message"]) for one in findings if one["severity"] == "refusal"),
        estimate_seconds=None if seconds is None else float(seconds),
        memory=sum(int(estimate.get(f"{part}_bytes", 0)) for part in ("caption", "network", "batch")),
        preset=str(estimate.get("preset", "")),
        is_usable=bool(values["is_usable"]),
        has_features=features is not None,
        encoder=str((features or {}).get("encoder", "")),
        may_be_of_an_encoder=bool((features or {}).get("may_be_of_an_encoder", False)),
        pixel_files=tuple(map(str, values.get("pixel_files", ()))),
        captions_files=tuple(map(str, values.get("captions_files", ()))),
    )


def _perhaps(ending: Ending) -> str:
    return ", perhaps because memory ran out" if ending.was_killed else ""


def _tolerantly(translate: Callable[[Values], Meaning], values: Values) -> Meaning | None:
    """The translation; None, and a line in the log, where the values are not what they should be."""
    try:
        return translate(values)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        logger.warning("Not understood: %.200r: %r", values, error)
        return None
