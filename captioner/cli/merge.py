"""``captioner merge``: the parts that several processes made, joined into one file."""

from __future__ import annotations

import contextlib
import glob
from pathlib import Path
from typing import Annotated

import typer

from captioner.cli import options
from captioner.cli.console import progress_bar, require_new, say
from captioner.data.caption_parts import merge_captions
from captioner.data.feature_parts import merge_features
from captioner.errors import ConfigurationError
from captioner.file_names import printable

EXAMPLES = (
    "captioner merge features.*-of-4.h5 -o features.h5",
    "captioner merge captions.csv.*-of-4.part -o captions.csv",
)
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def merge(
    parts: Annotated[list[Path], typer.Argument(metavar="PART", help="All parts of one run, in any order.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    overwrite: options.Overwrite = False,
) -> None:
    """Join what `captioner extract` or `captioner caption` made with --shard, or under torchrun.

    The file is the one that a single process would have written. It appears when it is whole; the parts stay.
    """
    require_new(output, overwrite=overwrite)
    if any(part.absolute() == output.absolute() for part in parts):
        raise ConfigurationError(f"{printable(output)} is one of the parts. Name another output.", path=output)
    if len({_is_hdf5(part) for part in parts}) > 1:
        raise ConfigurationError("Some parts hold features and some captions. Merge them apart.")
    if _is_hdf5(parts[0]):
        _merge_features(parts, output)
    else:
        captions, images = merge_captions(parts, output)
        say(f"{printable(output)}: captions of {captions} of {images} images, from {len(parts)} parts.")


def _merge_features(parts: list[Path], output: Path) -> None:
    done = 0
    with progress_bar("images") as bar, contextlib.closing(merge_features(parts, output)) as steps:
        task = bar.add_task("", total=None)
        for done, images in steps:
            bar.update(task, completed=done, total=images)
    say(f"{printable(output)}: features of {done} images, from {len(parts)} parts.")


def _is_hdf5(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE
    except OSError as error:
        raise ConfigurationError(_explain_absence(path, error), path=path) from error


def _explain_absence(path: Path, error: OSError) -> str:
    if any(path.parent.glob(f".{glob.escape(path.stem)}.unfinished-*")):
        return f"{printable(path)} is not finished. Run its command again, which goes on from where it stopped."
    return f"{printable(path)} cannot be read: {error.strerror}. Name the parts that are there."
