"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from captioner.config import DecodingOptions

WORDS = "How words are chosen"


class DeviceName(StrEnum):
    """Where to compute; auto takes the first of cuda, mps and cpu that is there."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


class PrecisionName(StrEnum):
    """Number formats of an encoder."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class FigureFormat(StrEnum):
    """Kinds of figures, by the ending of their files."""

    PNG = "png"
    SVG = "svg"
    PDF = "pdf"
    GIF = "gif"


FigureKind = Annotated[
    FigureFormat, typer.Option(help="With --attention: a picture, a drawing for print, or an animation (gif).")
]
FeatureFiles = Annotated[
    list[Path] | None,
    typer.Option(
        help="Features in place of photographs: a feature file, or a data set of any layout; several may be given.",
        show_default=False,
    ),
]
Model = Annotated[
    str | None,
    typer.Option("--model", "-m", help="Name of an installed model, or a model's folder.", show_default="bundled"),
]
Device = Annotated[DeviceName, typer.Option(help="Where to compute; auto prefers a GPU.")]
Precision = Annotated[PrecisionName, typer.Option(help="auto takes bfloat16 where it is faster.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that exist already.")]
MaxMegapixels = Annotated[float, typer.Option(min=0.001, help="Larger images are refused.")]
InputSize = Annotated[
    int | None,
    typer.Option(
        min=32,
        max=2048,
        show_default="the encoder's, usually 224",
        help="Side of the square the encoder sees; a larger one gives a finer grid.",
    ),
]
BatchSize = Annotated[int, typer.Option(min=1, max=1024, help="Images computed at once; fewer take less memory.")]

BeamSize = Annotated[
    int | None,
    typer.Option(
        "--beam-size",
        "-b",
        min=1,
        max=50,
        show_default="the model's, usually 3",
        help="Captions kept alive while searching; 1 is greedy.",
        rich_help_panel=WORDS,
    ),
]
LengthPenalty = Annotated[
    float | None,
    typer.Option(
        show_default="the model's",
        help="Captions rank by log p / length ** penalty; above 1 favours long ones.",
        rich_help_panel=WORDS,
    ),
]
MinLength = Annotated[int | None, typer.Option(min=0, help="Least words in a caption.", rich_help_panel=WORDS)]
MaxLength = Annotated[int | None, typer.Option(min=1, help="Most words in a caption.", rich_help_panel=WORDS)]
NoRepeat = Annotated[
    int | None,
    typer.Option(
        "--no-repeat-ngram",
        min=0,
        help="This many words in a row never come twice; 0: may.",
        rich_help_panel=WORDS,
    ),
]
Sample = Annotated[
    bool, typer.Option("--sample", help="Draw words at random instead of searching.", rich_help_panel=WORDS)
]
Temperature = Annotated[
    float | None,
    typer.Option(min=0.01, help="With --sample: below 1 safer words, above 1 rarer ones.", rich_help_panel=WORDS),
]
TopK = Annotated[
    int | None, typer.Option(min=0, help="With --sample: only the k likeliest words.", rich_help_panel=WORDS)
]
TopP = Annotated[
    float | None,
    typer.Option(
        min=0.001,
        max=1,
        help="With --sample: only the likeliest words that reach this probability.",
        rich_help_panel=WORDS,
    ),
]
Seed = Annotated[
    int | None, typer.Option(min=0, help="With --sample: the same seed draws the same words.", rich_help_panel=WORDS)
]


def chosen_decoding(
    recommended: DecodingOptions, *, is_sampled: bool = False, **changes: float | None
) -> DecodingOptions:
    """The model's recommendation with what the user asked for; None leaves a setting as it is."""
    if is_sampled:
        beam_size = changes.pop("beam_size", None)
        return recommended.replace(method="sample", beam_size=beam_size or 1, **changes)
    return recommended.replace(**changes)
