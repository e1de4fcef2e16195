"""Which share of the images a process takes: by ``--shard``, or by its rank under ``torchrun``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from captioner.cli.console import require_new, say
from captioner.data.parts import Part, Shard
from captioner.errors import ConfigurationError
from captioner.file_names import printable

ShardOption = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        show_default="all, or by rank under torchrun",
        help="Take the I-th of N shares of the images, counted from 0; `captioner merge` joins what comes of them.",
    ),
]


def chosen_shard(given: str | None, environment: Mapping[str, str] = os.environ) -> Shard | None:
    """The share that was asked for, or that ``torchrun`` gives to this process; None for all images.

    Raises
    ------
    ConfigurationError
        If there is no such share, or ``torchrun`` gave another one.
    """
    if not is_ranked(environment):
        return None if given is None else Shard.parse(given)
    if given is not None:
        raise ConfigurationError("torchrun shares the images out already. Leave out --shard, or torchrun.")
    return Shard(int(environment.get("RANK", "0")), int(environment["WORLD_SIZE"]))


def is_ranked(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether ``torchrun`` started this process as one of several."""
    return int(environment.get("WORLD_SIZE", "1")) > 1


def use_own_gpu(environment: Mapping[str, str] = os.environ) -> None:
    """Let each process of ``torchrun`` on this machine compute on a GPU of its own, as far as there are enough."""
    import torch

    if is_ranked(environment) and torch.cuda.is_available():
        torch.cuda.set_device(int(environment.get("LOCAL_RANK", "0")) % torch.cuda.device_count())


def part_path(output: Path, shard: Shard) -> Path:
    """Where a part of a feature file lies, such as ``features.0-of-4.h5`` for ``features.h5``."""
    return output.with_name(f"{output.stem}.{shard.mark}{output.suffix}")


def caption_part_path(output: Path, shard: Shard) -> Path:
    """Where a part of captions lies, such as ``captions.csv.0-of-4.part`` for ``captions.csv``."""
    return output.with_name(f"{output.name}.{shard.mark}.part")


def has_work(path: Path, part: Part, *, is_there: bool, overwrite: bool, hint: str = "") -> bool:
    """Whether a part is still to be made; if not, that is said on stderr.

    Parameters
    ----------
    is_there
        Whether ``path`` is this very part.
    hint
        What can be done where there are fewer batches than shards.

    Raises
    ------
    OutputError
        If ``path`` is something else, and ``overwrite`` is off.
    """
    if not part.rows:
        say(
            f"Shard {part.shard} gets none of the {part.images} images: shards are made of whole batches of "
            f"{part.images_per_batch}, which are too few for so many shards. {hint}".rstrip()
        )
        return False
    # A process that torchrun starts again must not do again what it did with --overwrite.
    is_restart = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0
    if is_there and (is_restart or not overwrite):
        say(f"{printable(path)} is finished already.")
        return False
    require_new(path, overwrite=overwrite)
    return True


def status_of(failed: int, shard: Shard | None) -> int:
    """The exit status of a command that left out so many images."""
    # torchrun takes any other status for a crash, and ends all other processes.
    return int(failed > 0 and (shard is None or not is_ranked()))
