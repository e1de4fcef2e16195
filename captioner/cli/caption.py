"""``captioner caption``: captions of files, folders and patterns."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from captioner.atomic_file import atomic_path
from captioner.caption import CaptionEntry
from captioner.caption_formats import (
    CaptionFormat,
    CaptionWriter,
    CocoWriter,
    CsvWriter,
    JsonLinesWriter,
    TextWriter,
)
from captioner.cli import options
from captioner.cli.console import complain, counted, require_new, say
from captioner.cli.options import FigureFormat
from captioner.errors import ConfigurationError, ImageError, OutputError
from captioner.imaging import find_images

if TYPE_CHECKING:
    from captioner.caption import Caption
    from captioner.captioning import FailedImage

EXAMPLES = (
    "captioner caption photo.jpg",
    "captioner caption holiday --recursive --format csv --output captions.csv",
    "captioner caption 'trip/*.jpg' --attention figures --beam-size 5",
)
STOPPED = 130


def caption(
    paths: Annotated[list[str], typer.Argument(metavar="PATH", help="Images, folders, or patterns such as '*.jpg'.")],
    model: options.Model = None,
    output_format: Annotated[
        CaptionFormat,
        typer.Option("--format", "-f", help="Form of the results; json is one object per line, html a page of them."),
    ] = CaptionFormat.TEXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write here instead of to the screen.")] = None,
    attention: Annotated[
        Path | None,
        typer.Option(help="Folder for a figure and the weights (.npz) of where the model looked."),
    ] = None,
    figure_format: options.FigureKind = FigureFormat.PNG,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Search folders inside folders.")] = False,
    overwrite: options.Overwrite = False,
    device: options.Device = options.DeviceName.AUTO,
    batch_size: options.BatchSize = 64,
    input_size: options.InputSize = None,
    max_megapixels: options.MaxMegapixels = 64,
    beam_size: options.BeamSize = None,
    length_penalty: options.LengthPenalty = None,
    min_length: options.MinLength = None,
    max_length: options.MaxLength = None,
    no_repeat_ngram: options.NoRepeat = None,
    sample: options.Sample = False,
    temperature: options.Temperature = None,
    top_k: options.TopK = None,
    top_p: options.TopP = None,
    seed: options.Seed = None,
) -> None:
    """Caption photographs.

    Results come as they are made. A file that cannot be captioned is one line on stderr; the rest goes on, and the
    exit status is 1 at the end.
    """
    _require_output(output, output_format, overwrite)
    images, failures = _collect(paths, recursive)
    if not images:
        raise typer.Exit(1)
    from captioner.captioning import Captioner

    captioner = Captioner.load(model, device=device, input_size=input_size, max_megapixels=max_megapixels)
    decoding = options.chosen_decoding(
        captioner.options,
        is_sampled=sample,
        beam_size=beam_size,
        length_penalty=length_penalty,
        min_length=min_length,
        max_length=max_length,
        no_repeat_ngram_size=no_repeat_ngram,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        seed=seed,
    )
    draw = _figure_drawer(attention, figure_format, images, overwrite) if attention else None
    results = captioner.caption_many(images, decoding, batch_size=batch_size)
    failures += _write_all(results, len(images), _writer(output_format, images), output, draw)
    if failures:
        raise typer.Exit(1)


def _require_output(output: Path | None, kind: CaptionFormat, overwrite: bool) -> None:
    if output is not None:
        require_new(output, overwrite=overwrite)
    elif kind is CaptionFormat.HTML:
        raise ConfigurationError("A page needs a file. Name one, such as --output captions.html.")


def _collect(paths: Iterable[str], recursive: bool) -> tuple[list[Path], int]:
    """All images that the paths stand for, each once, and how many paths stood for none."""
    images: list[Path] = []
    failures = 0
    for path in paths:
        try:
            images += find_images([path], recursive=recursive)
        except ImageError as error:
            complain(error.message)
            failures += 1
    return list(dict.fromkeys(images)), failures


def _write_all(
    results: Generator[Caption | FailedImage],
    total: int,
    writer: CaptionWriter,
    output: Path | None,
    draw: Callable[[Caption], None] | None,
) -> int:
    """Write each result as it comes; returns how many images failed."""
    failures = written = 0
    is_stopped = False
    started = time.perf_counter()
    with _opened(output) as write, contextlib.closing(results):
        write(writer.begin())
        try:
            for result in counted(results, total, "images"):
                try:
                    write(writer.add(_entry_of(result)))
                    written += 1
                    if draw:
                        draw(_caption_of(result))
                except ImageError as error:
                    complain(error.message)
                    failures += 1
        except KeyboardInterrupt:
            # What is done is worth keeping: the file is closed properly below.
            complain(f"Stopped after {written} of {total} images. Their captions are kept.")
            is_stopped = True
        except OutputError as error:  # of a figure: the disk is full, say
            complain(error.message)
            failures += 1
        write(writer.end())
    if is_stopped:
        raise typer.Exit(STOPPED)
    if sys.stderr.isatty() and total > 1:
        seconds = time.perf_counter() - started
        say(f"{written} captions in {seconds:.1f} s, {written / seconds:.1f} images/s.")
    return failures


def _caption_of(result: Caption | FailedImage) -> Caption:
    """The caption, or the error why there is none, raised."""
    from captioner.captioning import FailedImage

    if isinstance(result, FailedImage):
        raise result.error
    return result


def _entry_of(result: Caption | FailedImage) -> CaptionEntry:
    caption = _caption_of(result)
    return CaptionEntry(os.fspath(caption.path or ""), caption.text, caption)


def _writer(kind: CaptionFormat, images: Sequence[Path]) -> CaptionWriter:
    if kind is CaptionFormat.COCO:
        return CocoWriter([os.fspath(path) for path in images])
    if kind is CaptionFormat.HTML:
        from captioner.exports.html_page import HtmlWriter

        return HtmlWriter(len(images))
    writers: dict[CaptionFormat, type[CaptionWriter]] = {
        CaptionFormat.TEXT: TextWriter,
        CaptionFormat.JSON: JsonLinesWriter,
        CaptionFormat.CSV: CsvWriter,
    }
    return writers[kind]()


@contextlib.contextmanager
def _opened(output: Path | None) -> Iterator[Callable[[str], object]]:
    """A function that writes text to the screen or, all or nothing, to a file."""
    if output is None:
        yield _print
        return
    with atomic_path(output) as path, path.open("w", encoding="utf-8", newline="") as file:
        yield file.write


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _figure_drawer(
    folder: Path, kind: FigureFormat, images: Sequence[Path], overwrite: bool
) -> Callable[[Caption], None]:
    from captioner.cli.figures import FigureFolder

    return FigureFolder(folder, kind, photographs=images, overwrite=overwrite).add
