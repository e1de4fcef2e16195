"""One training run: how far it is, what it told of its steps and epochs, and what it has made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from psygnal import Signal

from captioner.worker.training_protocol import (
    CheckpointSaved,
    EpochReport,
    StepReport,
    TrainingEnded,
    TrainingEvent,
    TrainingFailed,
    TrainingPaused,
    TrainingResumed,
    TrainingStarted,
)
from gui.viewmodels.epoch_samples import EpochSamples
from gui.viewmodels.run_files import (
    TRAIN,
    holds_run,
    is_features_only,
    package_of,
    read_command,
    read_config,
    read_history,
    read_steps,
    started_at,
)
from gui.viewmodels.step_series import StepSeries

METRICS = ("cider", "bleu_4", "rouge_l", "loss")
_DEFAULT_METRIC = "cider"


class RunState(StrEnum):
    """What a run is doing."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    ENDED = "ended"
    FAILED = "failed"


class RunView:
    """A run, known by its folder. `apply` keeps it true while it goes on; `read_run` makes one from its folder.

    Parameters
    ----------
    path
        The run folder, as events name it.
    name
        What people call it; the folder's name when empty.
    state
        What it is doing.

    Attributes
    ----------
    path, state
        As above.
    steps
        What was told of its steps; read from its folder when first asked for.
    progress
        The last of these reports; None before there is one.
    message
        A sentence on why it was paused without being asked to, or failed; why it ended. Empty else.
    details
        Of a failure, for a report.
    smaller_batch
        Where memory ran out, the size of batches to resume it with; else None.
    package
        Folder of the finished model; None before there is one.
    best_epoch
        Whose weights are the best so far; 0 where none is known.
    samples
        Caption by image name, of the first dev images, by epoch.
    saved_step
        Up to which all is on the disk.
    started
        When it was begun, in seconds since 1970; 0 where that is not known.
    sources, settings
        What it is made from and how, as ``config.json`` has them; empty where that is not known.
    command
        What it was begun with, ``train`` or ``fine-tune``.

    Signals
    -------
    changed()
        Anything changed.
    epoch_added(EpochReport)
        An epoch ended; comes before `changed`.
    """

    changed = Signal()
    epoch_added = Signal(EpochReport)

    def __init__(self, path: str, name: str = "", state: RunState = RunState.RUNNING) -> None:
        self.path, self.state = path, state
        self._name = name
        self._steps: StepSeries | None = None
        self.progress: StepReport | None = None
        self.message = self.details = ""
        self.smaller_batch: int | None = None
        self.package: str | None = None
        self.best_epoch = self.saved_step = 0
        self.started = 0.0
        self.sources: Mapping[str, Any] = {}
        self.settings: Mapping[str, Any] = {}
        self.command: Literal["train", "fine-tune"] = TRAIN
        self._epochs: tuple[EpochReport, ...] = ()
        self.samples = EpochSamples(Path(path))

    @property
    def name(self) -> str:
        """What people call it."""
        return self._name or Path(self.path).name

    @property
    def steps(self) -> StepSeries:
        """What was told of its steps, also before this program was started, as far as its folder has kept it."""
        if self._steps is None:
            self._steps = StepSeries()
            for report in read_steps(Path(self.path)):
                self._steps.append(report)
        return self._steps

    @property
    def epochs(self) -> tuple[EpochReport, ...]:
        """The epochs that have ended, each later than the one before."""
        return self._epochs

    @property
    def is_live(self) -> bool:
        """Whether a process works on it or waits."""
        return self.state in (RunState.RUNNING, RunState.PAUSED)

    @property
    def has_usable_model(self) -> bool:
        """Whether it has made a model that captions photographs."""
        return self.package is not None and not is_features_only(self.package)

    @property
    def can_resume(self) -> bool:
        """Whether it ended before its end and can be gone on with."""
        return self.state in (RunState.STOPPED, RunState.FAILED) and self.has_begun

    @property
    def has_begun(self) -> bool:
        """Whether its data was read and its folder tells of it; one that broke off before has nothing to go on from."""
        return holds_run(Path(self.path))

    @property
    def epochs_without_gain(self) -> int:
        """After so many epochs without a better score it ended by its patience; 0 where it did not."""
        patience, count = self.settings.get("patience"), 0
        for epoch in reversed(self._epochs):
            if epoch.stage != self._epochs[-1].stage or epoch.is_best or self.score(epoch) is None:
                break
            count += 1
        has_stalled = self.state is RunState.ENDED and isinstance(patience, int) and 0 < patience <= count
        return count if has_stalled else 0

    @property
    def metric(self) -> str:
        """Name of the dev score that chooses its best epoch, one of `METRICS`; the smaller the better for ``loss``."""
        chosen = self.settings.get("choose_by", _DEFAULT_METRIC)
        return chosen if chosen in METRICS else _DEFAULT_METRIC

    @property
    def best(self) -> EpochReport | None:
        """The epoch whose weights are kept, or would be if training ended now; None where none is known."""
        return next((epoch for epoch in self._epochs if epoch.epoch == self.best_epoch), None)

    def score(self, epoch: EpochReport) -> float | None:
        """What `metric` is after an epoch; None where it was not measured."""
        return epoch.dev_loss if self.metric == "loss" else epoch.scores.get(self.metric)

    def rename(self, name: str) -> None:
        """Call it by another name; by that of its folder if this is empty."""
        if name != self._name:
            self._name = name
            self.changed.emit()

    def apply(self, event: TrainingEvent) -> None:
        """Take up what happened to it; events of other runs are passed over."""
        if event.run != self.path:
            return
        match event:
            case StepReport():
                self._take_step(event)
            case EpochReport():
                self._take_epoch(event)
            case CheckpointSaved():
                self.saved_step = event.step
            case TrainingStarted():
                self._start(event)
            case TrainingPaused():
                self._rest(RunState.PAUSED, event.reason)
            case TrainingResumed():
                self._rest(RunState.RUNNING)
            case TrainingEnded():
                self._end(event)
            case TrainingFailed():
                self._rest(RunState.FAILED, event.message, event.details)
                self.smaller_batch = event.batch_size
        self.changed.emit()

    def reload(self) -> None:
        """Read anew what its folder says, but for its state; nothing that was told since is lost."""
        folder = Path(self.path)
        self.started = started_at(folder)
        self.sources, self.settings = read_config(folder)
        self.command = read_command(folder)
        if history := read_history(folder):
            self._set_epochs(history)
        self.package = package_of(folder, self.sources)
        self.changed.emit()

    def _start(self, event: TrainingStarted) -> None:
        """It goes on from a step, and what was told of later ones will be told again."""
        self.steps.forget_from(event.step + 1)
        self.saved_step, self.progress = event.step, None
        self.started = started_at(Path(self.path))
        self.sources, self.settings = read_config(Path(self.path))
        # The engine has brought the history back to where it goes on from.
        self._set_epochs(read_history(Path(self.path)))
        self._rest(RunState.RUNNING)

    def _take_step(self, report: StepReport) -> None:
        self.steps.append(report)
        self.progress = report
        if self._epochs and self._epochs[-1].epoch >= report.epoch:
            self._set_epochs(self._epochs_before(report.epoch))

    def _take_epoch(self, report: EpochReport) -> None:
        self.samples.forget_from(report.epoch)
        self._set_epochs((*self._epochs_before(report.epoch), report))
        self.epoch_added.emit(report)

    def _epochs_before(self, epoch: int) -> tuple[EpochReport, ...]:
        return tuple(one for one in self._epochs if one.epoch < epoch)

    def _set_epochs(self, epochs: Iterable[EpochReport]) -> None:
        self._epochs = tuple(epochs)
        self.samples.look(self._epochs[-1].epoch if self._epochs else 0)
        self.best_epoch = max((epoch.epoch for epoch in self._epochs if epoch.is_best), default=0)

    def _rest(self, state: RunState, message: str = "", details: str = "") -> None:
        self.state, self.message, self.details, self.smaller_batch = state, message, details, None

    def _end(self, event: TrainingEnded) -> None:
        self._rest(RunState.STOPPED if event.package is None else RunState.ENDED, event.reason)
        if event.package is not None:
            self.package = event.package
        self.best_epoch = event.best_epoch or self.best_epoch


def read_run(folder: Path | str, name: str = "") -> RunView:
    """A run as its folder tells of it, whatever is damaged or missing there; never raises.

    One that has made a model has ended; one that broke off before its data was read has failed; any other was stopped.
    """
    run = RunView(str(folder), name, RunState.STOPPED)
    run.reload()
    if run.package is not None:
        run.state = RunState.ENDED
    elif Path(run.path).is_dir() and not run.has_begun:
        run.state = RunState.FAILED
    return run
