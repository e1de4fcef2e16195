"""What all runs have in common: they are gone through, recorded in a folder, and end with a model package in it."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import logging
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Self

from captioner.errors import OutputError
from captioner.training.control import TrainingControl
from captioner.training.course_trainer import CourseTrainer
from captioner.training.events import (
    CheckpointSaved,
    EpochFinished,
    StepsFinished,
    TrainingEvent,
    TrainingFinished,
    TrainingStopped,
    event_to_dict,
)
from captioner.training.keeping import SAVE_EVERY
from captioner.training.run_folder import RunFolder
from captioner.training.run_inputs import Progress
from captioner.training.stages import ALONE, World

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run is carried out, which does not change what comes of it.

    Attributes
    ----------
    control
        Through which others pause, stop or extend it.
    save_every
        Seconds between checkpoints.
    world
        The processes that train together; the first of them alone writes.
    on_progress
        Called with bytes done and bytes in all while encoder weights are downloaded.
    """

    control: TrainingControl | None = None
    save_every: float = SAVE_EVERY
    world: World = ALONE
    on_progress: Progress | None = None


class RecordedRun(abc.ABC):
    """Trains, records, and packages the best weights. Close it after use.

    Parameters
    ----------
    trainer
        Does the work.
    path
        The run folder.
    folder
        The same, held by this process; None in those of a world that do not write.
    name
        Of the new model.
    resources
        What is closed with the run.

    Attributes
    ----------
    trainer, path, folder
        As above.
    package_path
        Where the new model will lie.
    best_so_far
        The epoch that lies there when the run was stopped; None before, and where there was none to package.
    """

    command: str
    """The subcommand of ``captioner`` that goes on with such a run."""

    def __init__(
        self,
        trainer: CourseTrainer,
        path: Path,
        folder: RunFolder | None,
        name: str,
        resources: contextlib.ExitStack,
    ) -> None:
        self.trainer, self.path, self.folder = trainer, path, folder
        self.package_path = path / name
        self.best_so_far: EpochFinished | None = None
        self._resources = resources

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the data and let other processes have the folder."""
        self._resources.close()

    def resume_command(self) -> list[str]:
        """The command that goes on with this run."""
        return ["captioner", self.command, "--resume", str(self.path)]

    def events(self) -> Generator[TrainingEvent]:
        """Train to the end or to where the control asks to stop; then package the best weights so far."""
        has_trained = False
        with contextlib.closing(self.trainer.run()) as events:
            for event in events:
                if isinstance(event, StepsFinished | EpochFinished) and not has_trained:
                    has_trained = True
                    self._call_package_unfinished()
                if isinstance(event, StepsFinished) and self.folder is not None:
                    self.folder.add_steps(event)
                if not isinstance(event, StepsFinished | CheckpointSaved):
                    logger.info("%s", _without_samples(event))
                if isinstance(event, TrainingFinished) and self.folder is not None:
                    self._package(self.folder, is_newer=has_trained or self.folder.is_best_so_far)
                    self.folder.mark_best_so_far(False)
                yield event
                if isinstance(event, TrainingStopped) and self.folder is not None:
                    self._package_best_so_far(self.folder, is_newer=has_trained)

    def _call_package_unfinished(self) -> None:
        """Have the model of a run that is gone on with replaced at its end, however often that is begun."""
        if self.folder is not None and self.package_path.exists():
            with contextlib.suppress(OutputError):  # the disk is full, which is told when something must be written
                self.folder.mark_best_so_far(True)

    def _package_best_so_far(self, folder: RunFolder, *, is_newer: bool) -> None:
        best = self.trainer.best
        if best is None:
            return
        try:
            if is_newer or not self.package_path.exists():
                folder.mark_best_so_far(True)  # before the model, so that it is never taken for that of the end
                self._package(folder, is_newer=True)
            self.best_so_far = best
        except OutputError as error:  # what was trained is saved, and goes on without it
            logger.warning("%s", error.message)

    def _package(self, folder: RunFolder, *, is_newer: bool) -> None:
        """Write the model, in the place of an older one of this run if there is one and ``is_newer``."""
        path, name = self.package_path, self.package_path.name
        for litter in list(folder.path.glob(f".{name}-*")):
            shutil.rmtree(litter, ignore_errors=True)
        if path.exists() and not is_newer:
            return
        newer, older = folder.path / f".{name}-newer", folder.path / f".{name}-older"
        try:
            self._write_package(newer / name)
            if path.exists():
                path.rename(older)
            (newer / name).rename(path)
        finally:
            for litter in (newer, older):
                shutil.rmtree(litter, ignore_errors=True)

    @abc.abstractmethod
    def _write_package(self, path: Path) -> None:
        """Write the best weights as a model package into the new folder ``path``."""


def _without_samples(event: TrainingEvent) -> dict[str, object]:
    return {key: value for key, value in event_to_dict(event).items() if key != "samples"}
