"""A run on disk: its settings, history, samples, log and best weights."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from captioner.atomic_file import atomic_path
from captioner.config import TrainingConfig
from captioner.errors import OutputError
from captioner.training.trainer import EpochFinished
from captioner.weight_files import read_weights

CONFIG, HISTORY, LOG = "config.json", "history.jsonl", "log.txt"
BEST_WEIGHTS = Path("checkpoints") / "best.safetensors"


class RunFolder:
    """A new folder for one training run.

    Parameters
    ----------
    path
        Must not exist, or be an empty folder: a run never writes over another.

    Raises
    ------
    OutputError
        If the folder is not empty or cannot be made.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        try:
            for folder in (self.path, self.path / "checkpoints", self.path / "samples"):
                if folder == self.path and folder.exists() and any(folder.iterdir()):
                    raise OutputError(f"{folder} is not empty. Choose a new folder for the run.", path=folder)
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.path} cannot be used for the run: {error.strerror}.", path=self.path) from error

    def log_handler(self) -> logging.Handler:
        """A handler that appends to ``log.txt``; the caller attaches and closes it."""
        handler = logging.FileHandler(self.path / LOG, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        return handler

    def write_config(self, config: TrainingConfig, sources: dict[str, str]) -> None:
        """Record the settings and the files they were used on, so that the run can be repeated."""
        with atomic_path(self.path / CONFIG) as path:
            content = {"sources": sources, "training": config.to_dict()}
            path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def add_epoch(self, epoch: EpochFinished) -> None:
        """Append an epoch to the history and write its captions of the dev images."""
        try:
            with (self.path / HISTORY).open("a", encoding="utf-8") as file:
                file.write(json.dumps(epoch.to_dict()) + "\n")
        except OSError as error:
            raise OutputError(f"{self.path / HISTORY} cannot be written: {error.strerror}.", path=self.path) from error
        if epoch.samples:
            with atomic_path(self.path / "samples" / f"epoch-{epoch.epoch:03d}.json") as path:
                path.write_text(json.dumps(epoch.samples, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")

    def save_best(self, weights: dict[str, Tensor]) -> None:
        """Write the best weights so far, float32; the old file stays until the new one is whole."""
        # A tied matrix has two names in one memory, which safetensors does not write.
        separate = {name: value.clone() for name, value in weights.items()}
        with atomic_path(self.path / BEST_WEIGHTS) as path:
            save_file(separate, path)

    def best_weights(self) -> dict[str, Tensor]:
        """The weights that `save_best` wrote last."""
        return read_weights(self.path / BEST_WEIGHTS)
