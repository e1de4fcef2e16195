"""A distillation on disk: its settings, history, log and checkpoints, and the encoder that comes of it."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from torch import Tensor

from captioner.atomic_file import atomic_path
from captioner.encoder_sources import OFFICIAL
from captioner.errors import OutputError, TrainingRunError
from captioner.file_names import printable
from captioner.training.checkpoint import Checkpoint, CheckpointFolder
from captioner.training.distillation.config import DistillationConfig
from captioner.training.distillation.events import StudentMeasured
from captioner.training.run_folder import DISTILLATION, damaged_record, read_record
from captioner.training.run_lock import LOCK, RunLock

# Not config.json, by which runs of `captioner train` are known.
CONFIG, HISTORY, LOG, CHECKPOINTS = DISTILLATION, "history.jsonl", "log.txt", "checkpoints"
WEIGHTS, ABOUT, CARD = "encoder.safetensors", "encoder.json", "ENCODER.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class DistillationSources:
    """Who is taught by whom, and on what.

    Attributes
    ----------
    teacher, student
        Names of the registry.
    teacher_weights
        ``official``, or a ``.safetensors`` file.
    images
        Folders of photographs.
    splits, left_out
        Lists of images to learn from, all where there are none, and of images not to.
    start_from
        A ``.safetensors`` file of student weights to begin with; None begins with random ones.
    """

    teacher: str
    student: str
    images: tuple[Path, ...]
    teacher_weights: str = OFFICIAL
    splits: tuple[Path, ...] = ()
    left_out: tuple[Path, ...] = ()
    start_from: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; files by their absolute paths, so that the run can be resumed from anywhere."""
        is_official = self.teacher_weights == OFFICIAL
        return {
            "teacher": self.teacher,
            "teacher_weights": OFFICIAL if is_official else str(Path(self.teacher_weights).absolute()),
            "student": self.student,
            **{name: [str(path.absolute()) for path in getattr(self, name)] for name in _LISTS},
            "start_from": None if self.start_from is None else str(self.start_from.absolute()),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from what `to_dict` returned."""
        start_from = values["start_from"]
        return cls(
            teacher=str(values["teacher"]),
            teacher_weights=str(values["teacher_weights"]),
            student=str(values["student"]),
            start_from=None if start_from is None else Path(start_from),
            **{name: tuple(map(Path, values[name])) for name in _LISTS},
        )


_LISTS = ("images", "splits", "left_out")


class DistillationFolder:
    """The folder of one distillation, held against other processes until it is closed.

    Parameters
    ----------
    path
        A new run's folder must not exist or be empty; that of a run must hold one.
    is_new
        Which of these it is.

    Attributes
    ----------
    path
        The folder.
    fingerprint
        Of the photographs; it goes into every checkpoint.

    Raises
    ------
    OutputError
        If a new folder is not empty or cannot be made.
    TrainingRunError
        If there is no run to resume, or another process is training in it.
    """

    def __init__(self, path: Path, *, is_new: bool) -> None:
        self.path, self.fingerprint, self._history_bytes = path, "", 0
        if is_new:
            _make_empty(path)
        elif not holds_distillation(path):
            raise TrainingRunError(
                f"{printable(path)} holds no run that could be resumed. Name the folder that `captioner distill "
                "--output` was given.",
                path=path,
            )
        self._lock = RunLock(path)
        self.checkpoints = CheckpointFolder(path / CHECKPOINTS)
        for litter in path.rglob(".*.partial-*"):
            litter.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.close()

    def log_handler(self) -> logging.Handler:
        """A handler that appends to ``log.txt``; the caller attaches and closes it."""
        handler = logging.FileHandler(self.path / LOG, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        return handler

    def write_config(self, config: DistillationConfig, sources: DistillationSources) -> None:
        """Record the settings and the files they are used on, so that the run can be resumed and repeated."""
        write_json(self.path / CONFIG, {"sources": sources.to_dict(), "training": config.to_dict()})

    def rewind(self, checkpoint: Checkpoint | None) -> None:
        """Take back what was recorded after ``checkpoint``; all of it, if that is None."""
        self._history_bytes = checkpoint.values["history_bytes"] if checkpoint else 0
        if (self.path / HISTORY).exists():
            os.truncate(self.path / HISTORY, self._history_bytes)

    def add_measurement(self, measured: StudentMeasured) -> None:
        """Append a measurement to the history."""
        line = json.dumps(measured.to_dict()).encode() + b"\n"
        path = self.path / HISTORY
        try:
            path.touch()
            with path.open("r+b") as file:
                # Where an earlier attempt found the disk full, part of the line may be there.
                file.truncate(self._history_bytes)
                file.seek(self._history_bytes)
                file.write(line)
        except OSError as error:
            raise OutputError(f"{printable(path)} cannot be written: {error.strerror}.", path=path) from error
        self._history_bytes += len(line)

    def save_checkpoint(self, step: int, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> Path:
        """Write a checkpoint, with what it takes to bring the rest of the folder back to this point as well."""
        own = {"history_bytes": self._history_bytes, "fingerprint": self.fingerprint}
        return self.checkpoints.save(step, tensors, {**values, **own})


def holds_distillation(path: Path) -> bool:
    """Whether a distillation was begun in the folder ``path``."""
    return (path / CONFIG).is_file()


def read_distillation(path: Path) -> tuple[DistillationConfig, DistillationSources]:
    """The settings of the run in the folder ``path``, and the files it is made from.

    Raises
    ------
    TrainingRunError
        If there is none, its settings are damaged, or it is of another kind.
    ConfigurationError
        If it names a setting that is not known here.
    """
    content = read_record(path, "distill")
    try:
        sources, settings = DistillationSources.from_dict(content["sources"]), content["training"]
    except (ValueError, KeyError, TypeError) as error:
        raise damaged_record(path, CONFIG) from error
    return DistillationConfig.from_dict(settings, where=printable(path / CONFIG)), sources


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file that appears whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _make_empty(path: Path) -> None:
    try:
        if path.exists() and any(item.name not in (LOCK, CHECKPOINTS) for item in path.iterdir()):
            raise OutputError(
                f"{printable(path)} is not empty. Choose a new folder for the run, or add --resume to go on with the "
                "one in there.",
                path=path,
            )
        (path / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{printable(path)} cannot be used for the run: {error.strerror}.", path=path) from error
