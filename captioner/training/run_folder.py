"""A run on disk: its settings, history, samples, log, checkpoints and best weights."""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from torch import Tensor

from captioner.atomic_file import atomic_path
from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError, OutputError, TrainingRunError
from captioner.file_names import is_model_name, printable
from captioner.training.checkpoint import Checkpoint, CheckpointFolder, write_tensors
from captioner.training.events import EpochFinished, StepsFinished
from captioner.training.run_lock import LOCK, RunLock
from captioner.training.sample_attention import write_attention
from captioner.training.step_log import StepLog
from captioner.vocabulary import Vocabulary
from captioner.weight_files import read_weights

CONFIG, HISTORY, STEPS, LOG = "config.json", "history.jsonl", "steps.jsonl", "log.txt"
CHECKPOINTS, SAMPLES = "checkpoints", "samples"
# What runs of `captioner distill` have in the place of config.json.
DISTILLATION = "distillation.json"
BEST_WEIGHTS = Path(CHECKPOINTS) / "best.safetensors"
BEST_SO_FAR = Path(CHECKPOINTS) / "best-so-far"
VOCABULARY = "vocabulary.json"
RESERVED = (CONFIG, HISTORY, STEPS, LOG, LOCK, CHECKPOINTS, SAMPLES, VOCABULARY)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSources:
    """The files that a run is made from: either `paths`, or `features` and `captions`.

    Attributes
    ----------
    paths
        A data set of any layout, as `captioner.data.datasets.opening.open_dataset` takes it.
    features, captions, dev_features
        Feature file of the training images, captions of all, and the feature file of the images that choose the best
        epoch, if there are any. Without the last, the first may be of all images whose captions name splits.
    encoder
        What made the features, where these do not say so themselves.
    encoder_weights, model
        As given to ``captioner extract``: what the features were extracted with.
    name
        Of the new model.
    images
        Folder of the photographs, for whoever looks at samples; training itself does not read it.
    start_from
        Name or folder of the model whose weights, decoder settings and vocabulary training starts from; a new decoder
        is trained when None.

    Raises
    ------
    ConfigurationError
        If neither a data set nor features with captions are named, or both are.
    """

    paths: tuple[Path, ...] = ()
    features: Path | None = None
    captions: Path | None = None
    dev_features: Path | None = None
    encoder: str | None = None
    encoder_weights: str = "bundled"
    model: str | None = None
    name: str = "my-model"
    images: Path | None = None
    start_from: str | None = None

    def __post_init__(self) -> None:
        files = (self.features, self.captions, self.dev_features)
        if self.paths and any(files):
            raise ConfigurationError(
                f"{printable(self.paths[0])} is a data set of its own. Name its feature files and captions in the same "
                "way, or name all files by --features, --captions and --dev-features."
            )
        if not self.paths and not (self.features and self.captions):
            raise ConfigurationError("There is nothing to train on. Name a data set, or features and captions.")

    def to_dict(self) -> dict[str, str | list[str] | None]:
        """Plain values for JSON; files by their absolute paths, so that the run can be resumed from anywhere."""
        weights = Path(self.encoder_weights)
        return {
            "paths": [str(path.absolute()) for path in self.paths],
            "features": _absolute(self.features),
            "captions": _absolute(self.captions),
            "dev_features": _absolute(self.dev_features),
            "encoder": self.encoder,
            "encoder_weights": str(weights.absolute()) if weights.is_file() else self.encoder_weights,
            "model": _absolute_folder(self.model),
            "name": self.name,
            "images": _absolute(self.images),
            "start_from": _absolute_folder(self.start_from),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from what `to_dict` returned."""
        files = {name: values[name] for name in ("features", "captions", "dev_features")}
        return cls(
            paths=tuple(map(Path, values.get("paths", ()))),
            **{name: None if path is None else Path(path) for name, path in files.items()},
            encoder=values.get("encoder"),
            encoder_weights=str(values["encoder_weights"]),
            model=values["model"],
            name=str(values["name"]),
            images=None if values.get("images") is None else Path(values["images"]),
            start_from=values.get("start_from"),
        )


def _absolute_folder(model: str | None) -> str | None:
    """A model by its name, or by its folder from anywhere."""
    return str(Path(model).absolute()) if model and Path(model).is_dir() else model


def _absolute(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


class RunFolder:
    """The folder of one training run, held against other processes until it is closed.

    `captioner.training.keeping.Recorder` is what a trainer needs of it.

    Parameters
    ----------
    path
        A new run's folder must not exist or be empty: a run never writes over another. What a run that was killed
        before it began has left there does not count.

    Attributes
    ----------
    path
        The folder.
    fingerprint
        Of the data; it goes into every checkpoint.

    Raises
    ------
    OutputError
        If the folder is not empty or cannot be made.
    TrainingRunError
        If another process is training in it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self.fingerprint = ""
        self._history_bytes = 0
        try:
            if self.path.exists() and _is_in_use(self.path):
                raise OutputError(
                    f"{printable(self.path)} is not empty. Choose a new folder for the run, or add --resume to go on "
                    "with the one in there.",
                    path=self.path,
                )
            for folder in (self.path, self.path / CHECKPOINTS, self.path / SAMPLES):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"{printable(self.path)} cannot be used for the run: {error.strerror}."
            raise OutputError(reason, path=self.path) from error
        self._take()

    @classmethod
    def reopen(cls, path: str | os.PathLike[str]) -> Self:
        """Go on in the folder of a run, and remove what was half written when it ended.

        Raises
        ------
        TrainingRunError
            If there is no run in it, or another process is training in it.
        """
        self = cls.__new__(cls)
        self.path, self.fingerprint, self._history_bytes = Path(path), "", 0
        if not holds_run(self.path):
            raise TrainingRunError(
                f"{printable(self.path)} holds no run that could be resumed. Name the folder that `captioner train "
                "--output` was given.",
                path=self.path,
            )
        for name in (CHECKPOINTS, SAMPLES):  # which copies without empty folders lack
            with contextlib.suppress(OSError):  # where that is why nothing can be saved, it is said then
                (self.path / name).mkdir(exist_ok=True)
        self._take()
        return self

    def _take(self) -> None:
        self._lock = RunLock(self.path)
        self.checkpoints = CheckpointFolder(self.path / CHECKPOINTS)
        self._steps = StepLog(self.path / STEPS)
        for litter in self.path.rglob(".*.partial-*"):
            with contextlib.suppress(OSError):
                litter.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let other processes have the folder."""
        self._steps.flush()
        self._lock.close()

    def log_handler(self) -> logging.Handler:
        """A handler that appends to ``log.txt``; the caller attaches and closes it."""
        handler = logging.FileHandler(self.path / LOG, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        return handler

    def write_config(self, config: TrainingConfig, sources: RunSources) -> None:
        """Record the settings and the files they are used on, so that the run can be resumed and repeated."""
        with atomic_path(self.path / CONFIG) as path:
            content = {"sources": sources.to_dict(), "training": config.to_dict()}
            path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def write_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Record a vocabulary that captions alone do not tell, so that the run can be resumed without its model."""
        with atomic_path(self.path / VOCABULARY) as path:
            path.write_text(vocabulary.to_json(), encoding="utf-8")

    def rewind(self, checkpoint: Checkpoint | None) -> None:
        """Take back what was recorded after ``checkpoint``; all of it, if that is None."""
        self._history_bytes = checkpoint.values["history_bytes"] if checkpoint else 0
        path = self.path / HISTORY
        if path.exists():
            os.truncate(path, self._history_bytes)
        # Checkpoints of earlier versions do not say; of their steps nothing was recorded.
        self._steps.rewind(checkpoint.values.get("step", 0) if checkpoint else 0)

    def add_steps(self, report: StepsFinished) -> None:
        """Record a report of steps for curves, if it is time for another; never raises for a full disk."""
        self._steps.add(report)

    def add_epoch(self, epoch: EpochFinished) -> None:
        """Append an epoch to the history, and write its captions of the dev images and where some of them looked."""
        self._steps.flush()
        path = self.path / HISTORY
        line = json.dumps(epoch.to_dict()).encode() + b"\n"
        try:
            path.touch()
            with path.open("r+b") as file:
                # Where an earlier attempt found the disk full, part of the line may be there.
                file.truncate(self._history_bytes)
                file.seek(self._history_bytes)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(f"{printable(path)} cannot be written: {error.strerror}.", path=path) from error
        if epoch.samples:
            with atomic_path(self.path / SAMPLES / f"epoch-{epoch.epoch:03d}.json") as samples:
                samples.write_text(json.dumps(epoch.samples, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
        if epoch.attention:
            write_attention(self.path / SAMPLES / f"epoch-{epoch.epoch:03d}.attention.json", epoch.attention)
        self._history_bytes += len(line)

    def save_checkpoint(self, step: int, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> Path:
        """Write a checkpoint, with what it takes to bring the rest of the folder back to this point as well."""
        own = {"step": step, "history_bytes": self._history_bytes, "fingerprint": self.fingerprint}
        return self.checkpoints.save(step, tensors, {**values, **own})

    def save_best(self, weights: Mapping[str, Tensor]) -> None:
        """Write the best weights so far; the old file stays until the new one is whole."""
        # A tied matrix has two names in one memory, which safetensors does not write.
        write_tensors({name: value.clone() for name, value in weights.items()}, self.path / BEST_WEIGHTS)

    @property
    def is_best_so_far(self) -> bool:
        """Whether the model in the folder is that of a run which was stopped, and may still get better."""
        return (self.path / BEST_SO_FAR).exists()

    def mark_best_so_far(self, is_so: bool) -> None:
        """Record whether that is what the model in the folder is."""
        try:
            if is_so:
                (self.path / BEST_SO_FAR).touch()
            else:
                (self.path / BEST_SO_FAR).unlink(missing_ok=True)
        except OSError as error:
            reason = f"{printable(self.path)} cannot be written to: {error.strerror}."
            raise OutputError(reason, path=self.path) from error

    def best_weights(self) -> dict[str, Tensor]:
        """The weights that `save_best` wrote last, in float32."""
        return read_weights(self.path / BEST_WEIGHTS)


def require_model_name(name: str) -> None:
    """Refuse what cannot be the name of a model, before hours are spent on it.

    Raises
    ------
    ConfigurationError
        If no model could be installed under this name, or a run keeps something else under it.
    """
    if not is_model_name(name) or name in RESERVED:
        raise ConfigurationError(
            f"{printable(name)!r:.60} cannot be the name of a model. Use up to 64 letters, digits and hyphens."
        )


def holds_run(path: Path) -> bool:
    """Whether a run was begun in the folder ``path``."""
    return (path / CONFIG).is_file()


def read_run(path: Path) -> tuple[TrainingConfig, RunSources]:
    """The settings of the run in the folder ``path`` as it was begun, and the files it is made from.

    Raises
    ------
    TrainingRunError
        If there is none, its ``config.json`` is damaged, or it is of another kind.
    ConfigurationError
        If it names a setting that is not known here.
    """
    content = read_record(path, "train")
    try:
        sources = RunSources.from_dict(content["sources"])
        # Runs of earlier versions held out no images.
        settings = {"dev_share": 0.0, **content["training"]}
    except (ValueError, AttributeError, KeyError, TypeError, ConfigurationError) as error:
        raise damaged_record(path) from error
    return TrainingConfig.from_dict(settings, where=printable(path / CONFIG)), sources


def read_record(path: Path, command: str) -> dict[str, Any]:
    """The settings and sources of a run in the folder ``path`` that ``captioner`` began with that ``command``.

    Raises
    ------
    TrainingRunError
        If there is no such folder, no run in it, one of another command, or its record is damaged.
    """
    whose = f"Name the folder that `captioner {command} --output` was given."
    if not path.is_dir():
        raise TrainingRunError(f"There is no folder {printable(path)}. {whose}", path=path)
    found = next((name for name in (CONFIG, DISTILLATION) if (path / name).exists()), None)
    if found is None and not (path / CHECKPOINTS).is_dir():
        raise TrainingRunError(f"{printable(path)} holds no run that could be resumed. {whose}", path=path)
    try:
        content = json.loads((path / (found or CONFIG)).read_text(encoding="utf-8"))
        # Runs of `captioner train` and `captioner distill` do not say what they are.
        begun_by = content.get("command", "distill" if found == DISTILLATION else "train")
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise damaged_record(path, found or CONFIG) from error
    if begun_by != command:
        resume = f"captioner {begun_by} --resume {printable(path)}"
        raise TrainingRunError(f"{printable(path)} is a run of another kind. Go on with `{resume}`.", path=path)
    return dict(content)


def damaged_record(path: Path, name: str = CONFIG) -> TrainingRunError:
    """The error for a run in the folder ``path`` whose settings, a file of that ``name``, cannot be used."""
    file = path / name
    return TrainingRunError(
        f"{printable(file)} is missing or damaged, so the run cannot be resumed. Copy the folder again.", path=file
    )


def _is_in_use(path: Path) -> bool:
    """Whether there is anything in it but a lock, empty folders, and what was half written."""
    return any(
        any(item.iterdir()) if item.is_dir() else item.name != LOCK and not item.name.startswith(f".{CONFIG[:6]}.")
        for item in path.iterdir()
    )
