"""``captioner extract``: features of images, for training, into an HDF5 file."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Generator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from captioner.amounts import counted
from captioner.cli import options, shards
from captioner.cli.console import complain, download_progress, progress_bar, require_folder, require_new, say
from captioner.data.annotations import read_annotations, read_split
from captioner.data.parts import Part, Shard
from captioner.data.pixel_files import PixelFile
from captioner.errors import AnnotationError, CaptionerError, ConfigurationError
from captioner.file_names import printable
from captioner.imaging import find_images

if TYPE_CHECKING:
    from captioner.data.features import ImagesEncoded
    from captioner.encoder_sources import EncoderSource


class EventFormat(StrEnum):
    """Forms of events on stdout."""

    JSONL = "jsonl"


EXAMPLES = (
    "captioner extract --images Images --split train.txt --views 7 -o train.h5",
    "captioner extract --images Images --encoder vgg16 --weights official -o v.h5",
    "captioner extract --images Images -o train.h5 --shard 0/4",
)
BUNDLED = "bundled"
MOST_NAMED = 20
HDF5_SUFFIXES = (".h5", ".hdf5")


def extract(
    images: Annotated[Path, typer.Option(help="Folder of the images, or an HDF5 file of them (N, 3, H, W) uint8.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The feature file to write.")],
    split: Annotated[Path | None, typer.Option(help="File with one image name per line.")] = None,
    captions: Annotated[
        Path | None, typer.Option(help="Captions file, to take the names of its images.", show_default="all images")
    ] = None,
    encoder: Annotated[
        str | None, typer.Option(help="Name of an encoder; `captioner info` lists them.", show_default="the model's")
    ] = None,
    weights: Annotated[
        str,
        typer.Option(
            help="Its weights: `bundled` (the model's own), `official` (torchvision's, downloaded once), or a "
            ".safetensors file."
        ),
    ] = BUNDLED,
    model: options.Model = None,
    input_size: options.InputSize = None,
    views: Annotated[int, typer.Option(min=0, max=100, help="Mirrored and cropped views of each image.")] = 0,
    overwrite: options.Overwrite = False,
    device: options.Device = options.DeviceName.AUTO,
    precision: options.Precision = options.PrecisionName.AUTO,
    max_megapixels: options.MaxMegapixels = 64,
    shard: shards.ShardOption = None,
    events: Annotated[
        EventFormat | None, typer.Option(help="Write what happens to stdout, one JSON object per line.")
    ] = None,
) -> None:
    """Write what an encoder sees in images to an HDF5 file that `captioner train` reads.

    When it is interrupted, the same command goes on where it stopped. Under torchrun, or with --shard, each process
    writes a part of its own, such as features.0-of-4.h5.
    """
    chosen = shards.chosen_shard(shard)
    if chosen is None:
        require_new(output, overwrite=overwrite)
    else:
        output = shards.part_path(output, chosen)
    with contextlib.ExitStack() as stack:
        source, found = _open_images(images, split, captions, stack)
        names = _writable(found)
        unfit = len(found) - len(names)
        with download_progress() as on_progress:
            ready = _ready_encoder(
                device, precision, name=encoder, weights=weights, model=model, input_size=input_size, tell=on_progress
            )
        how: dict[str, Any] = {"weights_sha256": ready.weights_sha256, "views": views, "max_megapixels": max_megapixels}
        part = None
        if chosen is not None:
            part = _part(chosen, ready, names, how)
            if not shards.has_work(output, part, is_there=_is_part(output, part), overwrite=overwrite):
                return
        from captioner.data.features import extract_features

        steps = extract_features(ready.encoder, names, source, output, part=part, **how)
        done, failed = _tell(steps, output, source) if events else _show(steps, output)
    say(f"{output}: features of {done} of {done + failed + unfit} images, views of each: {1 + views}.")
    raise typer.Exit(shards.status_of(failed + unfit, chosen))


def _ready_encoder(
    device: options.DeviceName,
    precision: options.PrecisionName,
    *,
    name: str | None,
    weights: str,
    model: str | None,
    input_size: int | None,
    tell: Callable[[int, int], None],
) -> EncoderSource:
    """The encoder on its device, ready for inference."""
    from captioner.devices import choose_device, choose_precision
    from captioner.encoder_sources import EncoderSource, open_encoder

    shards.use_own_gpu()
    opened = open_encoder(name, weights, model=model, input_size=input_size, on_progress=tell)
    target = choose_device(device)
    ready = opened.encoder.optimise_for_inference(choose_precision(precision.value, target)).to(target)
    return EncoderSource(ready, opened.weights_sha256)


def _part(shard: Shard, ready: EncoderSource, names: list[str], how: dict[str, Any]) -> Part:
    from captioner.data.features import part_of_extraction

    return part_of_extraction(shard, ready.encoder, names, **how)


def _is_part(path: Path, part: Part) -> bool:
    from captioner.data.feature_parts import read_feature_part

    try:
        return path.is_file() and read_feature_part(path) == part
    except CaptionerError:
        return False


def _tell(steps: Generator[ImagesEncoded], output: Path, source: Path | PixelFile) -> tuple[int, int]:
    """Run to the end, writing each step to stdout for a program; returns what `_show` does."""

    def write(event: str, **values: Any) -> None:
        sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
        sys.stdout.flush()

    done = failed = 0
    with contextlib.closing(steps):
        for step in steps:
            done, failed = step.done, step.failed
            counts = {"done": done, "failed": failed, "images": step.images, "resumed": step.resumed}
            write("images_encoded", **counts, errors=[error.message for error in step.errors])
    folder = {"images": str(source)} if isinstance(source, Path) else {}
    write("extraction_finished", path=str(output), done=done, failed=failed, **folder)
    return done, failed


def _show(steps: Generator[ImagesEncoded], output: Path) -> tuple[int, int]:
    """Run to the end under a progress bar; how many images are in the file and how many were left out."""
    done = failed = 0
    with progress_bar("images") as bar, contextlib.closing(steps):
        task = None
        try:
            for step in steps:
                if task is None:
                    task = bar.add_task("", total=step.images - step.resumed)
                    if step.resumed:
                        say(f"Going on after {step.resumed} of {step.images} images that were done before.")
                for error in step.errors[: max(0, MOST_NAMED - failed)]:
                    complain(error.message)
                failed, done = step.failed, step.done
                bar.update(task, completed=done + failed - step.resumed)
        except KeyboardInterrupt:
            if done + failed:
                complain(f"Stopped. What was done is kept beside {output}; the same command goes on from there.")
            raise
    if failed > MOST_NAMED:
        complain(f"{failed - MOST_NAMED:,} images more could not be read.")
    return done, failed


def _open_images(
    images: Path, split: Path | None, captions: Path | None, stack: contextlib.ExitStack
) -> tuple[Path | PixelFile, list[str]]:
    """The folder, or the HDF5 file, and the names of the images in it."""
    if not (images.is_file() and images.suffix.lower() in HDF5_SUFFIXES):
        require_folder(images)
        return _named_images(images, split, captions)
    if split is not None or captions is not None:
        raise ConfigurationError(
            f"The images of {images} have no names. Leave out --split and --captions.", path=images
        )
    pixels = stack.enter_context(PixelFile(images))
    return pixels, list(pixels.image_names)


def _writable(names: list[str]) -> list[str]:
    """The names that are text, as those in a feature file must be; says which are not."""
    kept = []
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            complain(f"{printable(name)} is left out, since its name is not text. Rename it and extract again.")
        else:
            kept.append(name)
    return kept


def _folder_of(names: list[str], folder: Path, path: Path, hint: str) -> Path:
    """Where images of these names are: in ``folder``, around it where they begin with its name, or right inside it.

    Refuses a list of images that are all elsewhere, before an encoder is loaded for them.
    """
    around = folder.absolute().parent
    if _has_any(folder, names):
        return folder
    if _has_any(around, [name for name in names if name.startswith(f"{folder.absolute().name}/")]):
        return around
    _, folders, _ = next(os.walk(folder), ("", [], []))
    for inside in sorted(name for name in folders if not name.startswith(".")):
        if _has_any(folder / inside, names):
            return folder / inside
    first = f", such as {printable(names[0]):.80}" if names else ""
    raise AnnotationError(
        f"{printable(path)} names {counted(len(names), 'image')}{first}, but none of them is in {printable(folder)}. "
        f"{hint}",
        path=path,
    )


def _has_any(folder: Path, names: list[str]) -> bool:
    # Not Path.is_file, which raises for what is too long to be a name.
    return any(os.path.isfile(folder / name) for name in names)  # noqa: PTH113


def _named_images(folder: Path, split: Path | None, captions: Path | None) -> tuple[Path, list[str]]:
    """The folder where the images are, and their names in there, in the order of the file that names them."""
    if split is not None:
        names = list(read_split(split))
        return _folder_of(names, folder, split, "It should hold one image name per line."), names
    if captions is not None:
        names = [image.file_name for image in read_annotations(captions).images]
        return _folder_of(names, folder, captions, "Choose the folder that these captions belong to."), names
    return folder, [path.relative_to(folder).as_posix() for path in find_images([folder], recursive=True)]
