"""``captioner gui``: the window."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from captioner.cli.window import open_window

EXAMPLES = ("captioner gui", "captioner gui holiday beach.jpg")


def gui(
    paths: Annotated[list[Path] | None, typer.Argument(help="Photographs and folders to open.")] = None,
) -> None:
    """Open the window; captioner without arguments does the same."""
    raise typer.Exit(open_window([os.fsdecode(path) for path in paths or ()]))
