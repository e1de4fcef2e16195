"""What a fine-tuning run is made from, and how its folder records that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from captioner.atomic_file import atomic_path
from captioner.config import ModelConfig
from captioner.file_names import printable
from captioner.training.fine_tuning_config import FineTuningConfig
from captioner.training.run_folder import CONFIG, damaged_record, read_record

COMMAND = "fine-tune"
_PATHS = ("images", "captions", "split", "dev_split")


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTuningSources:
    """What a model is fine-tuned on, and which.

    Attributes
    ----------
    images
        Folder of all photographs.
    captions
        Captions of all, in any layout of `captioner.data.annotations`.
    split
        File that lists the photographs to train on, a name per line. Without it, those that the captions put into a
        split ``train``; all others, where they name no such split.
    dev_split
        File that lists those that choose the best epoch. Without it, those of a split ``val`` or ``dev``, if any.
    model
        Name or folder of the model to start from; the one that comes with the program when None.
    encoder, input_size
        A variant of the model's encoder that has the same weights, and another size of what it sees; the model's own
        when None.
    name
        Of the new model.
    """

    images: Path
    captions: Path
    split: Path | None = None
    dev_split: Path | None = None
    model: str | None = None
    encoder: str | None = None
    input_size: int | None = None
    name: str = "my-model"

    def to_dict(self) -> dict[str, str | int | None]:
        """Plain values for JSON; files by their absolute paths, so that the run can be resumed from anywhere."""
        paths = {name: getattr(self, name) for name in _PATHS}
        model = str(Path(self.model).absolute()) if self.model and Path(self.model).is_dir() else self.model
        return {
            **{name: None if path is None else str(path.absolute()) for name, path in paths.items()},
            "model": model,
            "encoder": self.encoder,
            "input_size": self.input_size,
            "name": self.name,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from what `to_dict` returned."""
        paths = {name: None if values[name] is None else Path(values[name]) for name in _PATHS}
        return cls(**{**values, **paths})


class FineTuningRecord(NamedTuple):
    """The content of a run's ``config.json``: settings and sources as it was begun, and the model's configuration."""

    config: FineTuningConfig
    sources: FineTuningSources
    model: ModelConfig

    def write(self, folder: Path) -> None:
        """Record it in the run folder."""
        content = {
            "command": COMMAND,
            "sources": self.sources.to_dict(),
            "training": self.config.to_dict(),
            "model": self.model.to_dict(),
        }
        with atomic_path(folder / CONFIG) as path:
            path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """What is recorded in the run folder.

        Raises
        ------
        TrainingRunError
            If there is none, it is damaged, or of another kind of run.
        ConfigurationError
            If it names a setting that is not known here.
        """
        content = read_record(folder, COMMAND)
        try:
            sources = FineTuningSources.from_dict(content["sources"])
            settings, model = content["training"], content["model"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged_record(folder) from error
        where = printable(folder / CONFIG)
        return cls(
            FineTuningConfig.from_dict(settings, where=where), sources, ModelConfig.from_dict(model, where=where)
        )
