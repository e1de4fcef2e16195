"""Options of ``captioner train``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from captioner.cli.extract import BUNDLED


class PresetName(StrEnum):
    """Names of `captioner.training.presets.PRESETS`."""

    QUICK = "quick"
    GOOD = "good"
    BEST = "best"


class EventFormat(StrEnum):
    """Forms of events on stdout."""

    JSONL = "jsonl"


class PrecisionName(StrEnum):
    """Number formats of training."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT64 = "float64"


DATA = "What to train on"
SETTINGS = "How to train"
CARRY_OUT = "Interrupting and resuming"

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Folder of a data set, or its files, in any layout.", show_default=False),
]
Features = Annotated[
    Path | None,
    typer.Option(
        help="Feature file of the training images, from `captioner extract`; of all images, where the captions name "
        "splits.",
        rich_help_panel=DATA,
    ),
]
Captions = Annotated[
    Path | None, typer.Option(help="Captions of all images, in any layout `evaluate` reads.", rich_help_panel=DATA)
]
DevFeatures = Annotated[
    Path | None,
    typer.Option(
        help="Feature file of the images that choose the best epoch.",
        show_default="as the captions say, or a tenth held out",
        rich_help_panel=DATA,
    ),
]
Encoder = Annotated[
    str | None,
    typer.Option(
        help="What made the features, where they do not say; `captioner info` lists encoders.",
        show_default="as the features say",
        rich_help_panel=DATA,
    ),
]
Weights = Annotated[
    str | None,
    typer.Option(
        "--weights",
        help="The encoder's weights, as given to `captioner extract`.",
        show_default=BUNDLED,
        rich_help_panel=DATA,
    ),
]
StartFrom = Annotated[
    str | None,
    typer.Option(
        help="Name or folder of a model to teach further: its weights, its words and its kind of decoder are the "
        "beginning. New words that occur often enough are added.",
        show_default="a new decoder",
        rich_help_panel=DATA,
    ),
]
Images = Annotated[
    Path | None,
    typer.Option(help="Folder of the photographs, so that the window can show samples on them.", rich_help_panel=DATA),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="New folder for the run.")]
Name = Annotated[str | None, typer.Option(help="Name of the new model.", show_default="my-model")]
Preset = Annotated[PresetName | None, typer.Option(help="Settings that need no thought.", rich_help_panel=SETTINGS)]


def recipe_option(file: str) -> Any:
    """``--recipe``, whose settings the ``file`` of this project explains."""
    return typer.Option(
        help=f"TOML file of settings, or the config.json of a run; {file} explains each.", rich_help_panel=SETTINGS
    )


Recipe = Annotated[Path | None, recipe_option("captioner/config.py")]
Epochs = Annotated[int | None, typer.Option(min=0, help="Passes over all captions.", rich_help_panel=SETTINGS)]
BatchSize = Annotated[int | None, typer.Option(min=1, help="Captions per step.", rich_help_panel=SETTINGS)]
LearningRate = Annotated[float | None, typer.Option(help="Peak learning rate.", rich_help_panel=SETTINGS)]
Seed = Annotated[
    int | None,
    typer.Option(help="The same seed on the same machine gives the same weights.", rich_help_panel=SETTINGS),
]
Resume = Annotated[Path | None, typer.Option(help="Folder of a run to go on with.", rich_help_panel=CARRY_OUT)]
Extend = Annotated[
    int | None, typer.Option(min=1, help="With --resume: so many epochs more.", rich_help_panel=CARRY_OUT)
]
Every = Annotated[float, typer.Option(min=0, help="Minutes between checkpoints.", rich_help_panel=CARRY_OUT)]
Events = Annotated[
    EventFormat | None,
    typer.Option(help="Write what happens to stdout, one JSON object per line.", rich_help_panel=CARRY_OUT),
]
EndWithParent = Annotated[
    bool,
    typer.Option(
        "--end-with-parent",
        help="Save and stop when the program that started this one ends or closes its pipe to it. It may write "
        "pause, resume, stop or extend N into that pipe, a line each.",
        rich_help_panel=CARRY_OUT,
    ),
]
