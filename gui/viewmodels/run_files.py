"""What can be read of a run from its folder, however damaged it is; nothing here raises."""

from __future__ import annotations

import itertools
import json
import logging
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from captioner.file_names import printable
from captioner.training.sample_attention import SampleAttention, read_attention
from captioner.worker.training_protocol import EpochReport, StepReport

CONFIG, HISTORY, SAMPLES, LOG = "config.json", "history.jsonl", "samples", "log.txt"
STEPS = "steps.jsonl"
MANIFEST = "manifest.json"
CHECKPOINTS, LOCK, VOCABULARY = "checkpoints", "lock", "vocabulary.json"
RECORDS = (SAMPLES, CHECKPOINTS, HISTORY, STEPS, LOG, VOCABULARY)
"""What training writes besides its configuration, its lock and the model."""
TRAIN: Final = "train"
FINE_TUNE: Final = "fine-tune"
BEST_SO_FAR = Path(CHECKPOINTS) / "best-so-far"
MOST_SAMPLES = 100
"""Images whose captions are kept for each epoch: the first ones, besides those that are asked for by name."""
MAX_FILE_BYTES = 2**26
_RESERVED = ("", CONFIG, LOCK, *RECORDS)
_MAX_LINE = 2**16
_SAMPLES_NAME = re.compile(r"epoch-(\d{3,6})\.json")
_log = logging.getLogger(__name__)
_Report = TypeVar("_Report", EpochReport, StepReport)


def holds_run(folder: Path) -> bool:
    """Whether a run was begun in a folder."""
    try:
        return (folder / CONFIG).is_file()
    except OSError:
        return False


def read_config(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The files that a run is made from and its settings, as they were written; empty where they cannot be read."""
    content = _read_json(folder / CONFIG)
    tables = content if isinstance(content, dict) else {}
    sources, settings = tables.get("sources"), tables.get("training")
    return sources if isinstance(sources, dict) else {}, settings if isinstance(settings, dict) else {}


def read_command(folder: Path) -> Literal["train", "fine-tune"]:
    """What a run was begun with, as ``captioner`` calls it; runs of ``train`` do not say."""
    content = _read_json(folder / CONFIG)
    return FINE_TUNE if isinstance(content, dict) and content.get("command") == FINE_TUNE else TRAIN


def read_history(folder: Path) -> tuple[EpochReport, ...]:
    """All epochs that can be read, each later than the one before."""
    epochs: list[EpochReport] = []
    for epoch in _reports(folder / HISTORY, _epoch_from):
        # A run that was resumed may tell an epoch again.
        epochs = [one for one in epochs if one.epoch < epoch.epoch]
        epochs.append(epoch)
    return tuple(epochs)


def read_steps(folder: Path) -> Iterator[StepReport]:
    """What a run told of its steps, as far as it was kept and can be read."""
    return _reports(folder / STEPS, _step_from)


def epochs_with_samples(folder: Path) -> tuple[int, ...]:
    """Epochs for which sample captions were written."""
    try:
        names = [path.name for path in (folder / SAMPLES).iterdir()]
    except OSError:
        return ()
    return tuple(sorted(int(match[1]) for name in names if (match := _SAMPLES_NAME.fullmatch(name))))


def read_samples(folder: Path, epoch: int, also: Collection[str] = ()) -> dict[str, str]:
    """Caption by image name after an epoch, of the first images and those named; empty where it cannot be read."""
    content = _read_json(folder / SAMPLES / f"epoch-{epoch:03d}.json")
    if not isinstance(content, dict):
        return {}
    captions = {name: caption for name, caption in content.items() if isinstance(caption, str)}
    first = set(itertools.islice(captions, MOST_SAMPLES))
    return {name: caption for name, caption in captions.items() if name in first or name in also}


def read_sample_attention(folder: Path, epoch: int) -> dict[str, SampleAttention]:
    """Where a few of the images were looked at after an epoch, by name; empty where that was not kept."""
    path = folder / SAMPLES / f"epoch-{epoch:03d}.attention.json"
    try:
        return read_attention(path)
    except (OSError, ValueError) as error:
        _log.warning("%s cannot be read: %s", printable(path), error)
        return {}


def package_of(folder: Path, sources: Mapping[str, Any]) -> str | None:
    """Folder of the model that a run has made; None where there is none, or only that of the best epoch so far."""
    package = best_of(folder, sources)
    return None if (folder / BEST_SO_FAR).exists() else package


def best_of(folder: Path, sources: Mapping[str, Any]) -> str | None:
    """Folder of the model in a run's folder, whether the run has ended or was stopped; None where there is none."""
    name = sources.get("name")
    # What config.json says may be anything; a model of this run lies in a folder of its own, right inside the run's.
    if not isinstance(name, str) or Path(name).name != name or name.startswith(".") or name in _RESERVED:
        return None
    try:
        return str(folder / name) if (folder / name / MANIFEST).is_file() else None
    except (OSError, ValueError):
        return None


def is_features_only(package: str | None) -> bool:
    """Whether a model captions features and no photographs, as its configuration says."""
    content = None if package is None else _read_json(Path(package) / CONFIG)
    return isinstance(content, dict) and "encoder" in content and content["encoder"] is None


def is_same_model(package: str, other: str) -> bool:
    """Whether two folders hold the same model, byte for byte as far as their manifests, which have hashes, tell."""
    try:
        return (Path(package) / MANIFEST).read_bytes() == (Path(other) / MANIFEST).read_bytes()
    except (OSError, ValueError):
        return False


def started_at(folder: Path) -> float:
    """When the run was begun, in seconds since 1970; 0 where that is not known."""
    try:
        return (folder / CONFIG).stat().st_mtime
    except OSError:
        return 0.0


def _epoch_from(values: dict[str, Any], run: str) -> EpochReport:
    scores, dev_loss = values.get("scores") or {}, values.get("dev_loss")
    epoch = int(values["epoch"])
    if epoch < 1:
        raise ValueError(f"there is no epoch {epoch}")
    return EpochReport(
        run=run,
        stage=str(values["stage"]),
        epoch=epoch,
        loss=float(values["loss"]),
        dev_loss=None if dev_loss is None else float(dev_loss),
        scores={str(name): float(score) for name, score in scores.items() if _is_number(score)},
        is_best=bool(values.get("is_best", False)),
        seconds=float(values.get("seconds", 0.0)),
    )


def _step_from(values: dict[str, Any], run: str) -> StepReport:
    step, epoch = int(values["step"]), int(values["epoch"])
    if step < 1 or epoch < 1:
        raise ValueError(f"there is no step {step} of epoch {epoch}")
    return StepReport(
        run=run,
        stage=str(values["stage"]),
        epoch=epoch,
        epochs=int(values["epochs"]),
        step=step,
        steps=int(values["steps"]),
        loss=float(values["loss"]),
        penalty=float(values["penalty"]),
        learning_rate=float(values["learning_rate"]),
        gradient_norm=float(values["gradient_norm"]),
        captions_per_second=float(values["captions_per_second"]),
    )


def _reports(path: Path, build: Callable[[dict[str, Any], str], _Report]) -> Iterator[_Report]:
    """What can be read of the lines of a file in a run folder."""
    for line in _lines(path):
        try:
            report = build(json.loads(line), str(path.parent))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
            _log.warning("A line of %s cannot be read: %s", printable(path), error)
            continue
        yield report


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            while line := file.readline(_MAX_LINE):
                if line.strip():
                    yield line
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            _log.warning("%s cannot be read: %s", printable(path), error.strerror)


def _read_json(path: Path) -> object:
    """The content of a file; None where there is none that can be read."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ValueError("it is too large")
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        _log.warning("%s cannot be read: %s", printable(path), error)
        return None
