"""Entry point of the ``captioner`` command."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from captioner import __version__
from captioner.cli import caption, check, distill, evaluate, extract, fine_tune, gui, info, merge, models, train
from captioner.cli.console import complain
from captioner.cli.help_texts import examples, flowing
from captioner.errors import CaptionerError
from captioner.openmp import configure_openmp

app = typer.Typer(
    name="captioner",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
    help="Captions for photographs, and where the network looked while it wrote them. Works offline.",
    epilog=examples("captioner caption photo.jpg", "captioner caption holiday --recursive --attention figures"),
)
for command, lines in (
    (caption.caption, caption.EXAMPLES),
    (evaluate.evaluate, evaluate.EXAMPLES),
    (extract.extract, extract.EXAMPLES),
    (merge.merge, merge.EXAMPLES),
    (check.check, check.EXAMPLES),
    (train.train, train.EXAMPLES),
    (fine_tune.fine_tune, fine_tune.EXAMPLES),
    (distill.distill, distill.EXAMPLES),
    (gui.gui, gui.EXAMPLES),
):
    app.command(help=flowing(command.__doc__), epilog=examples(*lines))(command)
app.add_typer(models.app, name="models")
app.command(epilog=examples(*info.EXAMPLES))(info.info)


def _print_version(value: bool) -> None:
    if value:
        typer.echo(f"captioner {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what the engine logs.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    level, form = (logging.DEBUG, "%(levelname)s %(name)s: ") if verbose else (logging.WARNING, "captioner: ")
    shown = logging.StreamHandler()
    shown.setLevel(level)  # the log file of a training run wants more than the screen
    logging.basicConfig(level=level, format=f"{form}%(message)s", handlers=[shown])


def main() -> None:
    """Run the command line; errors become one sentence on stderr and a status other than 0."""
    configure_openmp()
    _write_any_character()
    try:
        # Typer ends quietly by itself where a reader such as `head` has seen enough, and with status 130 on Ctrl-C.
        app(prog_name="captioner")
    except CaptionerError as error:
        complain(error.message)
    except OSError as error:
        complain(f"The results could not be written: {error.strerror or error}. Free some space and try again.")
        _forget_unwritten()
    sys.exit(1)


def _write_any_character() -> None:
    """Let no file name or word end the program because a terminal or a pipe has no letter for it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def _forget_unwritten() -> None:
    """Python would try once more to write it when it ends, and complain a second time."""
    with contextlib.suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


if __name__ == "__main__":
    main()
