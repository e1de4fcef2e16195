"""``captioner models``: the model packages on this machine."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from captioner.amounts import byte_size
from captioner.cli import options
from captioner.cli.console import complain
from captioner.cli.help_texts import examples
from captioner.errors import CaptionerError, ConfigurationError, ModelPackageError
from captioner.file_names import printable
from captioner.plain_text import plain

if TYPE_CHECKING:
    from captioner.model_library import ModelPackage

app = typer.Typer(
    help="List, show and verify the models on this machine; install, export and remove them.",
    no_args_is_help=True,
    epilog=examples("captioner models list", "captioner models show", "captioner models verify"),
)
HELP = "Name of a model, or its folder."
MOST_OF_NAME = 40
"""Columns of a terminal that names may take; longer ones go on in the next line."""


@app.command("list", epilog=examples("captioner models list", "captioner models list --json"))
def list_models(as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False) -> None:
    """List the bundled and installed models."""
    from captioner.model_library import list_packages

    rows = [_summary(package) for package in list_packages()]
    if not rows:
        complain("There are no models on this machine. Install the program again.")
    if as_json:
        sys.stdout.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return
    if not rows:
        return
    # Names are there to be typed, so they are never cut short.
    longest = max(len(row["name"]) for row in rows)
    name = Column("name", overflow="fold", min_width=min(longest, MOST_OF_NAME))
    table = Table(name, "origin", "size", "description", box=None, header_style="bold")
    for row in rows:
        table.add_row(*(row[name] for name in ("name", "origin", "size", "description")))
    Console().print(table)


@app.command(epilog=examples("captioner models show", "captioner models show runs/first/my-model"))
def show(name: Annotated[str | None, typer.Argument(help=HELP, show_default="the bundled one")] = None) -> None:
    """Show a model's card: data, licence, scores with their protocol, and what it cannot do."""
    from captioner.model_library import find_package

    package = find_package(name)
    console = Console()
    if console.is_terminal:
        from rich.markdown import Markdown

        console.print(Markdown(package.card))
    else:
        sys.stdout.write(package.card)


@app.command(epilog=examples("captioner models verify", "captioner models verify runs/first/my-model"))
def verify(name: Annotated[str | None, typer.Argument(help=HELP, show_default="all")] = None) -> None:
    """Compare every file of a model, or of all models, with its hash, and load the model."""
    from captioner.model_library import find_package, package_folders, read_package

    if name:
        checks = [partial(find_package, name)]
    else:
        checks = [partial(read_package, path, origin=origin) for path, origin in package_folders()]
    if not checks:
        raise ModelPackageError("There are no models on this machine. Install the program again.")
    failures = 0
    for read in checks:
        try:
            package = read()
            package.load()
        except CaptionerError as error:
            complain(error.message)
            failures += 1
        else:
            sys.stdout.write(f"{plain(package.name)}: all files are whole and fit together.\n")
    if failures:
        raise typer.Exit(1)


@app.command(epilog=examples("captioner models install my-model.zip", "captioner models install runs/first/my-model"))
def install(source: Annotated[Path, typer.Argument(help="A model's .zip file or folder.")]) -> None:
    """Verify a model and install it, so that it can be named with --model."""
    from captioner.model_exchange import install_package

    package = install_package(source)
    sys.stdout.write(f"{plain(package.name)} is {package.origin} in {printable(package.path)}.\n")


@app.command(epilog=examples("captioner models average runs/a/one runs/b/two --output runs/mean"))
def average(
    names: Annotated[list[str], typer.Argument(metavar="NAME NAME...", help="Names of models, or their folders.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="New folder, named as the new model.")],
) -> None:
    """Make a model whose weights are the mean of those of others.

    These must have been trained further from one and the same model, such as by two runs of `train --start-from` with
    different rewards. The mean is often better than each of them, and costs no more.
    """
    from captioner.model_average import average_packages

    package = average_packages(names, output)
    sys.stdout.write(f"{plain(package.name)} is in {printable(package.path)}. It has not been scored.\n")


@app.command(epilog=examples("captioner models quantise runs/first/my-model --output small"))
def quantise(
    name: Annotated[str, typer.Argument(help=HELP)],
    output: Annotated[Path, typer.Option("--output", "-o", help="New folder, named as the new model.")],
    bits: Annotated[int, typer.Option(min=4, max=8, help="Of each weight; a model usually has 16.")] = 5,
) -> None:
    """Make a smaller model whose weights have fewer bits, such as 5 in place of 16.

    It takes less room on disk and on its way to others; captions take the same time. With 6 bits and more they are as
    good as before, with 4 much worse.
    """
    from captioner.model_quantisation import quantise_package

    package = quantise_package(name, output, bits)
    size = byte_size(package.bytes)
    sys.stdout.write(f"{plain(package.name)} is in {printable(package.path)}: {size}. It has not been scored.\n")


@app.command(epilog=examples("captioner models export my-model my-model.zip"))
def export(
    name: Annotated[str, typer.Argument(help=HELP)],
    target: Annotated[Path, typer.Argument(help="New .zip file.")],
    overwrite: options.Overwrite = False,
) -> None:
    """Write a model to one file, which can be installed on another machine."""
    from captioner.model_exchange import export_package

    export_package(name, target, overwrite)
    sys.stdout.write(f"{printable(target)} holds {plain(name)}.\n")


@app.command(epilog=examples("captioner models remove my-model", "captioner models remove my-model --yes"))
def remove(
    name: Annotated[str, typer.Argument(help="Name of an installed model.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove an installed model for good."""
    from captioner.model_exchange import remove_package

    if not yes:
        if not sys.stdin.isatty():
            raise ConfigurationError(f"Nobody can be asked whether {plain(name)} shall be removed. Add --yes.")
        typer.confirm(f"Remove {plain(name)} for good?", abort=True, err=True)
    remove_package(name)
    sys.stdout.write(f"{plain(name)} is removed.\n")


def _summary(package: ModelPackage) -> dict[str, str]:
    encoder = package.config.encoder
    return {
        "name": package.name,
        "origin": package.origin,
        "encoder": "features only" if encoder is None else f"{encoder.name} at {encoder.input_size}",
        "decoder": package.config.decoder.summary,
        "size": f"{package.bytes / 1e6:.1f} MB",
        "path": str(package.path),
        "description": package.description,
    }
