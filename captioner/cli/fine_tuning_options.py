"""Options of ``captioner fine-tune`` beyond those of ``captioner train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from captioner.cli.options import DeviceName
from captioner.cli.training_options import DATA, SETTINGS, PrecisionName, recipe_option

Images = Annotated[Path | None, typer.Option(help="Folder of the photographs.", rich_help_panel=DATA)]
Split = Annotated[
    Path | None,
    typer.Option(
        help="File that lists the photographs to train on, one name per line.",
        show_default="those not in --dev-split",
        rich_help_panel=DATA,
    ),
]
DevSplit = Annotated[
    Path | None, typer.Option(help="File that lists those that choose the best epoch.", rich_help_panel=DATA)
]
Encoder = Annotated[
    str | None,
    typer.Option(
        help="A variant of the model's encoder that has the same weights: where that is one of this project's, its "
        "name with _dilated gives a grid twice as fine.",
        show_default="the model's",
    ),
]
Recipe = Annotated[Path | None, recipe_option("captioner/training/fine_tuning_config.py")]
Epochs = Annotated[int | None, typer.Option(min=1, help="Passes over all photographs.", rich_help_panel=SETTINGS)]
BatchSize = Annotated[
    int | None, typer.Option(min=1, help="Photographs per step, each with all its captions.", rich_help_panel=SETTINGS)
]
AccumulationSteps = Annotated[
    int | None,
    typer.Option(min=1, help="Compute each batch in so many parts, which saves memory.", rich_help_panel=SETTINGS),
]
LearningRate = Annotated[
    float | None, typer.Option(help="Peak learning rate of the decoder.", rich_help_panel=SETTINGS)
]
EncoderLearningRate = Annotated[
    float | None, typer.Option(help="Peak learning rate of the encoder.", rich_help_panel=SETTINGS)
]
FrozenStages = Annotated[
    int | None,
    typer.Option(min=0, help="So many stages of the encoder, from the pixels up, stay.", rich_help_panel=SETTINGS),
]
Device = Annotated[DeviceName | None, typer.Option(help="Where to compute; auto prefers a GPU.", show_default="auto")]
Precision = Annotated[
    PrecisionName | None, typer.Option(help="auto takes bfloat16 where it is faster.", show_default="auto")
]
