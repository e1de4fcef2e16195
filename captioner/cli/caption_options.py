"""Options of ``captioner caption`` that no other command has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from captioner.caption_formats import CaptionFormat

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Images, folders, or patterns such as '*.jpg'.", show_default=False),
]
Format = Annotated[
    CaptionFormat,
    typer.Option("--format", "-f", help="Form of the results; json is one object per line, html a page of them."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of to the screen.")]
Attention = Annotated[
    Path | None, typer.Option(help="Folder for a figure and the weights (.npz) of where the model looked.")
]
Recursive = Annotated[bool, typer.Option("--recursive", "-r", help="Search folders inside folders.")]
