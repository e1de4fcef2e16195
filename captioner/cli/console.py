"""What every command says, and where: results on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from captioner.errors import ImageError, OutputError
from captioner.file_names import printable
from captioner.imaging import IMAGE_EXTENSIONS
from captioner.plain_text import plain

Item = TypeVar("Item")


def complain(message: str) -> None:
    """Print one line on stderr."""
    print(f"captioner: {plain(message)}", file=sys.stderr, flush=True)  # noqa: T201


def say(message: str) -> None:
    """Print one line on stderr that is no complaint."""
    print(plain(message), file=sys.stderr, flush=True)  # noqa: T201


def counted(items: Iterable[Item], total: int, unit: str) -> Iterator[Item]:
    """Yield ``items`` while a progress bar on stderr counts them; no bar where stderr is not a terminal."""
    with progress_bar(unit) as progress:
        task = progress.add_task("", total=total)
        for item in items:
            yield item
            progress.advance(task)


def progress_bar(unit: str) -> Progress:
    """A progress bar with count, rate and time left on stderr, silent where that is not a terminal."""
    # Soft wrapping leaves lines that are printed above the bar as they are, so that JSON stays one object per line.
    console = Console(stderr=True, soft_wrap=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(unit),
        _TimeLeftColumn(),
        console=console,
        # Of the processes that torchrun started, one has the terminal's last line.
        disable=not console.is_terminal or os.environ.get("LOCAL_RANK", "0") != "0",
        # While the bar is alive, lines for the same terminal must pass through it; lines for a pipe must not.
        redirect_stdout=sys.stdout.isatty(),
    )


@contextlib.contextmanager
def download_progress() -> Iterator[Callable[[int, int], None]]:
    """A function to be told bytes done and bytes in all; a bar appears with the first call."""
    console = Console(stderr=True)
    columns = (TextColumn("downloading"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with contextlib.ExitStack() as stack:
        tasks: list[tuple[Progress, TaskID]] = []

        def show(done: int, total: int) -> None:
            if not tasks:
                bar = stack.enter_context(Progress(*columns, console=console, disable=not console.is_terminal))
                tasks.append((bar, bar.add_task("", total=total)))
            bar, task = tasks[0]
            bar.update(task, completed=done, total=total or None)

        yield show


class _RateColumn(ProgressColumn):
    """Units per second since the start; rich's own measures from result to result, which come in batches."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self.unit = unit

    def render(self, task: Task) -> Text:
        rate = _rate(task)
        return Text(f"{rate:.1f} {self.unit}/s" if rate else "")


class _TimeLeftColumn(ProgressColumn):
    """Time left at the rate since the start."""

    def render(self, task: Task) -> Text:
        rate = _rate(task)
        if not rate or task.remaining is None:
            return Text("-:--:-- left", style="progress.remaining")
        return Text(f"{timedelta(seconds=round(task.remaining / rate))} left", style="progress.remaining")


def _rate(task: Task) -> float:
    return task.completed / task.elapsed if task.elapsed else 0.0


def require_folder(path: Path) -> None:
    """Refuse what is no folder of images before a model is loaded for it.

    Raises
    ------
    ImageError
        If ``path`` is not a folder.
    """
    if not path.is_dir():
        what = "is not a folder" if path.exists() else "does not exist"
        raise ImageError(f"{printable(path)} {what}. Name the folder that holds the images.", path=path)


def require_new(path: Path, *, overwrite: bool) -> None:
    """Refuse to write over a photograph, or over a file that holds something.

    Raises
    ------
    OutputError
        If ``path`` is a folder, has an image's extension, or is a file that is not empty and ``overwrite`` is off.
    """
    if path.is_dir():
        raise OutputError(f"{printable(path)} is a folder. Name a file in it.", path=path)
    if path.suffix.lower() in IMAGE_EXTENSIONS:
        message = f"{printable(path)} is the name of an image. Name a file such as captions.txt."
        raise OutputError(message, path=path)
    if path.is_file() and not overwrite and path.stat().st_size:
        raise OutputError(f"{printable(path)} exists already. Choose another name, or add --overwrite.", path=path)
