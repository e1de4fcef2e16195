"""``captioner check``: whether a data set can be trained on, and what is in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from captioner.cli.console import complain
from captioner.data.check import check_dataset
from captioner.data.dataset_report import DatasetReport
from captioner.data.datasets.opening import open_dataset
from captioner.data.training_estimate import CAPTIONS_PER_SECOND, Plan
from captioner.errors import CaptionerError
from captioner.plain_text import plain
from captioner.training.presets import PRESETS

# What training takes is told for these settings.
PRESET = "good"
EXAMPLES = (
    "captioner check coco_captioning",
    "captioner check train.h5 dev.h5 captions.csv",
    "captioner check cocotalk.json cocotalk_label.h5 cocotalk_att --json",
)


def check(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH", help="Folder of a data set, or its files.", show_default=False)
    ],
    min_word_count: Annotated[int, typer.Option(min=1, help="Rarer words count as unknown.")] = 5,
    captions_per_second: Annotated[
        float, typer.Option(min=0.001, help="Rate of the first stage, for the estimate of time.")
    ] = CAPTIONS_PER_SECOND,
    full: Annotated[bool, typer.Option("--full", help="Read all features and extra views, not some.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a data set before training: what it holds, whether it is whole, what training takes.

    The layout is told from the content: CS231n, sgrvinod, neuraltalk2, or captions with features of any kind. The
    status is 1 when the data set cannot be trained on as it is.
    """
    try:
        with open_dataset(*paths) as dataset:
            report = check_dataset(
                dataset,
                min_word_count=min_word_count,
                plan=Plan(PRESETS[PRESET].config, PRESET),
                captions_per_second=captions_per_second,
                is_full=full,
            )
    except CaptionerError as error:
        if not as_json:
            raise
        _print_json({"is_usable": False, "findings": [{"severity": "refusal", "message": error.message}]})
        raise typer.Exit(1) from error
    if as_json:
        _print_json(report.to_dict())
    else:
        _print_report(report)
    if not report.is_trainable:
        raise typer.Exit(1)


def _print_json(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")


def _print_report(report: DatasetReport) -> None:
    """A table of the splits and, below, one line per sentence about the rest."""
    table = Table(title=plain(report.layout), title_justify="left", box=None, pad_edge=False)
    table.add_column("split")
    for name in ("images", "captions", "words", "unknown"):
        table.add_column(name, justify="right")
    for split in report.splits:
        words = split.words_per_caption
        table.add_row(
            plain(split.name),
            f"{split.images:,}",
            f"{split.captions:,}",
            f"{words.minimum}-{words.maximum}, median {words.median:g}",
            f"{split.unknown_rate:.1%}",
        )
    Console(file=sys.stdout, markup=False, highlight=False).print(table)
    for sentence in report.details():
        sys.stdout.write(f"{plain(sentence)}\n")
    for message in report.warnings:
        complain(f"Warning: {message}")
    for message in report.refusals:
        complain(message)
    if report.is_trainable:
        sys.stdout.write("This data set can be trained on.\n")
    elif report.is_usable:
        sys.stdout.write("This data set cannot be trained on yet: it has no features.\n")
    else:
        sys.stdout.write("This data set cannot be trained on.\n")
