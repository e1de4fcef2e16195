"""``captioner evaluate``: scores of a model on captioned images."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from captioner.cli import options
from captioner.cli.console import complain, counted, require_folder
from captioner.cli.feature_captions import open_feature_test
from captioner.data.annotations import Annotations, read_annotations, read_split
from captioner.errors import AnnotationError, ConfigurationError

if TYPE_CHECKING:
    from captioner.captioning import Captioner
    from captioner.config import DecodingOptions

EXAMPLES = (
    "captioner evaluate --images Images --captions captions.txt --split dev.txt",
    "captioner evaluate --images val2014 --captions captions_val2014.json --json",
    "captioner evaluate --images Images --captions flickr8k.json --split test",
    "captioner evaluate --features coco_captioning --model run/my-model",
)
LABELS = {
    "bleu_1": "BLEU-1",
    "bleu_2": "BLEU-2",
    "bleu_3": "BLEU-3",
    "bleu_4": "BLEU-4",
    "rouge_l": "ROUGE-L",
    "cider": "CIDEr",
    "meteor": "METEOR",
    "images": "images",
    "images_per_second": "images/s",
}


def evaluate(
    images: Annotated[Path | None, typer.Option(help="Folder of the images.", show_default=False)] = None,
    captions: Annotated[
        Path | None,
        typer.Option(
            help="Reference captions: Kaggle CSV, Flickr8k.token.txt, COCO or Karpathy JSON.", show_default=False
        ),
    ] = None,
    features: options.FeatureFiles = None,
    split: Annotated[
        str | None,
        typer.Option(help="File with one image name per line, or the name of a split in the captions."),
    ] = None,
    model: options.Model = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    meteor: Annotated[bool, typer.Option("--meteor", help="METEOR too; needs pycocoevalcap and Java.")] = False,
    device: options.Device = options.DeviceName.AUTO,
    batch_size: options.BatchSize = 64,
    input_size: options.InputSize = None,
    max_megapixels: options.MaxMegapixels = 64,
    beam_size: options.BeamSize = None,
    length_penalty: options.LengthPenalty = None,
    min_length: options.MinLength = None,
    max_length: options.MaxLength = None,
    no_repeat_ngram: options.NoRepeat = None,
) -> None:
    """Caption images and score the captions against their references.

    BLEU, ROUGE-L and CIDEr (CIDEr-D) as coco-caption computes them, in percent. Images per second count reading,
    encoding and decoding. Of a data set given with --features the split is scored that --split names, or else the one
    that epochs are chosen by.
    """
    with ExitStack() as stack:
        test = _open_test(images, captions, features, split, stack)
        from captioner.captioning import Captioner
        from captioner.metrics.evaluate import evaluate_captions

        captioner = Captioner.load(model, device=device, input_size=input_size, max_megapixels=max_megapixels)
        decoding = options.chosen_decoding(
            captioner.options,
            beam_size=beam_size,
            length_penalty=length_penalty,
            min_length=min_length,
            max_length=max_length,
            no_repeat_ngram_size=no_repeat_ngram,
        )
        started = time.perf_counter()
        hypotheses = test.captions(captioner, decoding, batch_size)
        seconds = time.perf_counter() - started
    if not hypotheses:
        raise ConfigurationError(f"None of the {len(test.references)} images could be read from {images}.")
    scores = evaluate_captions(hypotheses, test.references, with_meteor=meteor).to_dict()
    scores["images_per_second"] = len(hypotheses) / seconds
    _print_scores({name: value for name, value in scores.items() if value is not None}, as_json)
    if len(hypotheses) < len(test.references):
        raise typer.Exit(1)


class _Test(Protocol):
    """Images with captions that people wrote."""

    @property
    def references(self) -> Mapping[str, Sequence[str]]:
        """Captions by image name."""
        ...

    def captions(self, captioner: Captioner, decoding: DecodingOptions, batch_size: int) -> dict[str, str]:
        """What the model says of each image, by name; without those that cannot be read."""
        ...


def _open_test(
    images: Path | None, captions: Path | None, features: list[Path] | None, split: str | None, stack: ExitStack
) -> _Test:
    if features:
        if images is not None:
            raise ConfigurationError("With --features there are no photographs. Leave out --images.")
        return open_feature_test((*features, *([captions] if captions else [])), split, stack)
    if images is None or captions is None:
        raise typer.BadParameter("Name --images and --captions, or --features with a data set that has captions.")
    require_folder(images)
    selected = _select(read_annotations(captions), split)
    return _Photographs(images, {image.file_name: image.captions for image in selected.images})


@dataclass(frozen=True, slots=True)
class _Photographs:
    """Photographs in a folder."""

    folder: Path
    references: Mapping[str, Sequence[str]]

    def captions(self, captioner: Captioner, decoding: DecodingOptions, batch_size: int) -> dict[str, str]:
        """Caption all of them."""
        from captioner.captioning import FailedImage

        captioner.require_encoder()
        names = list(self.references)
        results = captioner.caption_many((self.folder / name for name in names), decoding, batch_size=batch_size)
        hypotheses: dict[str, str] = {}
        for name, result in zip(names, counted(results, len(names), "images"), strict=True):
            if isinstance(result, FailedImage):
                complain(result.error.message)
            else:
                hypotheses[name] = result.text
        return hypotheses


def _select(annotations: Annotations, split: str | None) -> Annotations:
    """The images of a split, given as a file of names or as a name that the captions file itself uses."""
    if split is None:
        return annotations
    # A folder of that name holds the images of the split.
    if not Path(split).exists() or Path(split).is_dir():
        return annotations.restrict_to(_names_of_split(annotations, split))
    names = read_split(split)
    selected = annotations.restrict_to(names)
    missing = set(names) - {image.file_name for image in selected.images}
    if missing:
        raise AnnotationError(
            f"{annotations.path} has no captions of {len(missing)} images of {split}, {min(missing)} among them. "
            "Check that the two belong together.",
            path=annotations.path,
        )
    return selected


def _names_of_split(annotations: Annotations, split: str) -> list[str]:
    splits = annotations.images_per_split()
    if split in splits:
        return [image.file_name for image in annotations.images if image.split == split]
    known = f", nor does {annotations.path} have a split of that name; it has {', '.join(splits)}" if splits else ""
    raise AnnotationError(f"There is no file {split}{known}. Check the name.", path=split)


def _print_scores(scores: dict[str, float | int], as_json: bool) -> None:
    rounded = {name: round(value, 4) for name, value in scores.items()}
    if as_json:
        sys.stdout.write(json.dumps(rounded) + "\n")
        return
    for name, value in rounded.items():
        shown = f"{value:d}" if isinstance(value, int) else f"{value:.1f}"
        sys.stdout.write(f"{LABELS[name]:<10}{shown:>8}\n")
