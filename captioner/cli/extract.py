"""``captioner extract``: features of images, for training, into an HDF5 file."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from captioner.cli import options
from captioner.cli.console import complain, download_progress, progress_bar, require_folder, require_new, say
from captioner.data.annotations import read_annotations, read_split
from captioner.imaging import find_images

EXAMPLES = (
    "captioner extract --images Images --split train.txt --views 7 -o train.h5",
    "captioner extract --images Images --encoder vgg16 --weights official -o v.h5",
)
BUNDLED = "bundled"


def extract(
    images: Annotated[Path, typer.Option(help="Folder of the images.")],
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
) -> None:
    """Write what an encoder sees in images to an HDF5 file that `captioner train` reads."""
    require_new(output, overwrite=overwrite)
    require_folder(images)
    names = _names(images, split, captions)
    from captioner.data.features import extract_features
    from captioner.devices import choose_device, choose_precision
    from captioner.encoder_sources import open_encoder

    with download_progress() as on_progress:
        source = open_encoder(encoder, weights, model=model, input_size=input_size, on_progress=on_progress)
    target = choose_device(device)
    ready = source.encoder.optimise_for_inference(choose_precision(precision.value, target)).to(target)
    progress = extract_features(
        ready,
        names,
        images,
        output,
        weights_sha256=source.weights_sha256,
        views=views,
        max_megapixels=max_megapixels,
    )
    failed = done = 0
    with progress_bar("images") as bar, contextlib.closing(progress):
        task = bar.add_task("", total=len(names))
        for step in progress:
            for error in step.errors:
                complain(error.message)
            failed, done = step.failed, step.done
            bar.update(task, completed=done + failed)
    say(f"{output}: features of {done} of {len(names)} images, views of each: {1 + views}.")
    if failed:
        raise typer.Exit(1)


def _names(folder: Path, split: Path | None, captions: Path | None) -> list[str]:
    """Names of the images relative to ``folder``, in the order of the file that names them."""
    if split is not None:
        return list(read_split(split))
    if captions is not None:
        return [image.file_name for image in read_annotations(captions).images]
    return [path.relative_to(folder).as_posix() for path in find_images([folder], recursive=True)]
