"""``captioner caption``: captions of files, folders and patterns."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from captioner.cli import caption_options as given
from captioner.cli import options, shards
from captioner.cli.console import complain, counted, require_new, say
from captioner.cli.feature_captions import feature_lines, require_features_alone
from captioner.cli.options import FigureFormat
from captioner.errors import ConfigurationError, ImageError, OutputError
from captioner.imaging import find_images

if TYPE_CHECKING:
    from captioner.caption import Caption
    from captioner.captioning import Captioner, FailedImage
    from captioner.config import DecodingOptions
    from captioner.data.parts import Shard

EXAMPLES = (
    "captioner caption photo.jpg",
    "captioner caption holiday --recursive --format csv --output captions.csv",
    "captioner caption 'trip/*.jpg' --attention figures --beam-size 5",
    "captioner caption --features val2014_vgg16_fc7.h5 --model run/my-model",
)
STOPPED = 130


def caption(
    paths: given.Paths = None,
    features: options.FeatureFiles = None,
    model: options.Model = None,
    output_format: given.Format = CaptionFormat.TEXT,
    output: given.Output = None,
    attention: given.Attention = None,
    figure_format: options.FigureKind = FigureFormat.PNG,
    recursive: given.Recursive = False,
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
    shard: shards.ShardOption = None,
) -> None:
    """Caption photographs.

    Results come as they are made. A file that cannot be captioned is one line on stderr; the rest goes on, and the
    exit status is 1 at the end.

    Under torchrun, or with --shard, each process writes a part of its own, such as captions.csv.0-of-4.part. The same
    command goes on where it was interrupted.
    """
    chosen = shards.chosen_shard(shard)
    _require_output(output, output_format, attention, chosen, overwrite=overwrite)
    if features:
        require_features_alone(paths or (), attention, output_format, chosen, recursive=recursive)
    images, failures = ([], 0) if features else _collect(paths or (), recursive)
    from captioner.captioning import Captioner

    shards.use_own_gpu()
    captioner = Captioner.load(model, device=device, input_size=input_size, max_megapixels=max_megapixels)
    search = {"beam_size": beam_size, "length_penalty": length_penalty, "no_repeat_ngram_size": no_repeat_ngram}
    search |= {"min_length": min_length, "max_length": max_length}
    draws = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
    decoding = options.chosen_decoding(captioner.options, is_sampled=sample, **search, **draws)
    if features:
        _write_lines(feature_lines(captioner, features, output_format, decoding, batch_size), output)
        return
    captioner.require_encoder()
    if chosen is not None and output is not None:
        how = {"model": model, "input_size": input_size, "batch_size": batch_size, "kind": output_format}
        failures += _write_share(chosen, captioner, images, decoding, output, overwrite=overwrite, **how)
    else:
        draw = _figure_drawer(attention, figure_format, images, overwrite) if attention else None
        results = captioner.caption_many(images, decoding, batch_size=batch_size)
        failures += _write_all(results, len(images), _writer(output_format, images), output, draw)
    raise typer.Exit(shards.status_of(failures, chosen))


def _write_lines(lines: Iterable[str], output: Path | None) -> None:
    with _opened(output) as write:
        for line in lines:
            write(line)


def _require_output(
    output: Path | None, kind: CaptionFormat, attention: Path | None, shard: Shard | None, *, overwrite: bool
) -> None:
    if shard is not None and output is None:
        raise ConfigurationError("Each process writes a part of a file. Name the file, such as --output captions.csv.")
    if shard is not None and attention is not None:
        raise ConfigurationError("Figures are drawn by a single process. Leave out --attention, or --shard.")
    if output is None and kind is CaptionFormat.HTML:
        raise ConfigurationError("A page needs a file. Name one, such as --output captions.html.")
    if output is not None and shard is None:  # the file of a share has another name
        require_new(output, overwrite=overwrite)


def _collect(paths: Iterable[str], recursive: bool) -> tuple[list[Path], int]:
    """All images that the paths stand for, each once and at least one, and how many paths stood for none."""
    if not paths:
        raise typer.BadParameter("Name photographs, folders or patterns, or features with --features.")
    images: list[Path] = []
    failures = 0
    for path in paths:
        try:
            images += find_images([path], recursive=recursive)
        except ImageError as error:
            complain(error.message)
            failures += 1
    if not images:
        raise typer.Exit(1)
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


def _write_share(
    shard: Shard,
    captioner: Captioner,
    images: Sequence[Path],
    decoding: DecodingOptions,
    output: Path,
    *,
    overwrite: bool,
    **how: Any,
) -> int:
    """Write one process's part of ``output``; returns how many images failed."""
    from captioner.cli.caption_shards import part_of_captions, write_share

    part = part_of_captions(shard, images, captioner, decoding, **how)
    writer = _writer(CaptionFormat(part.settings["--format"]), images)

    def pieces_of(rows: range) -> Generator[str | None]:
        some = images[rows.start : rows.stop]
        return _pieces(captioner.caption_many(some, decoding, batch_size=part.images_per_batch), len(some), writer)

    return write_share(output, part, writer, pieces_of, overwrite=overwrite)


def _pieces(results: Generator[Caption | FailedImage], total: int, writer: CaptionWriter) -> Generator[str | None]:
    """What to write for each image; None, after a complaint, where there is no caption."""
    with contextlib.closing(results):
        for result in counted(results, total, "images"):
            try:
                yield writer.add(_entry_of(result))
            except ImageError as error:
                complain(error.message)
                yield None


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
