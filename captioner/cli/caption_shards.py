"""The captions of one share of the images, into a part that ``captioner merge`` joins with the others."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from captioner import __version__
from captioner.caption_formats import CaptionFormat, CaptionWriter
from captioner.cli.console import complain, say
from captioner.cli.shards import caption_part_path, has_work
from captioner.data.caption_parts import CaptionPartWriter, Frame, is_caption_part
from captioner.data.parts import Part, Shard, names_sha256
from captioner.file_names import printable

if TYPE_CHECKING:
    from captioner.captioning import Captioner
    from captioner.config import DecodingOptions

STOPPED = 130


def part_of_captions(
    shard: Shard,
    images: Sequence[Path],
    captioner: Captioner,
    decoding: DecodingOptions,
    *,
    model: str | None,
    input_size: int | None,
    batch_size: int,
    kind: CaptionFormat,
) -> Part:
    """What becomes of one share of ``images`` under these settings."""
    from captioner.devices import choose_precision
    from captioner.model_library import WEIGHTS, find_package, sha256_of

    chosen = {name.replace("_", " "): str(value) for name, value in decoding.to_dict().items()}
    return Part(
        shard=shard,
        images=len(images),
        images_per_batch=batch_size,
        names_sha256=names_sha256(images),
        settings=chosen
        | {
            "the model": captioner.name,
            "the weights": sha256_of(find_package(model).path / WEIGHTS),
            "--input-size": str(input_size or "of the model"),
            "precision": str(choose_precision("auto", captioner.device)).removeprefix("torch."),
            "--max-megapixels": str(captioner.max_megapixels),
            "--format": kind.value,
            "Captioner": __version__,
        },
    )


def write_share(
    output: Path,
    part: Part,
    writer: CaptionWriter,
    pieces_of: Callable[[range], Generator[str | None]],
    *,
    overwrite: bool,
) -> int:
    """Write the part of ``output`` that belongs to this process; returns how many images failed.

    Parameters
    ----------
    writer
        Of all images.
    pieces_of
        Called with rows of the list of images; what to write for each, None where there is no caption.
    """
    path = caption_part_path(output, part.shard)
    # A list of JSON puts it before every element but the first.
    separator = ", " if part.settings["--format"] == CaptionFormat.COCO else ""
    frame = Frame(writer.begin(), separator, writer.end())
    hint = "A smaller --batch-size, the same for all, gives each a share."
    if not has_work(path, part, is_there=is_caption_part(path, part, frame), overwrite=overwrite, hint=hint):
        return 0
    images = len(part.rows)
    try:
        with CaptionPartWriter(path, part, frame) as share:
            if share.done:
                say(f"Going on after {share.done} of {images} images that were done before.")
            with contextlib.closing(pieces_of(part.rows[share.done :])) as pieces:
                for piece in pieces:
                    share.add(piece)
    except KeyboardInterrupt:
        complain(f"Stopped. What was done is kept beside {printable(path)}; the same command goes on from there.")
        raise typer.Exit(STOPPED) from None
    say(f"{printable(path)}: captions of {images - share.failed} of {images} images.")
    return share.failed
