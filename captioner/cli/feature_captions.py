"""Captions of features rather than of photographs: written by ``captioner caption`` and scored by ``evaluate``."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from captioner.caption import FeatureCaption
from captioner.caption_formats import CaptionFormat
from captioner.cli.console import counted, say
from captioner.data.datasets.feature_rows import FeatureRows
from captioner.data.datasets.opening import open_dataset
from captioner.data.datasets.uncaptioned import NamedFeatures, open_features
from captioner.data.training_texts import held_out_texts
from captioner.errors import ConfigurationError, FeatureFileError
from captioner.file_names import printable
from captioner.plain_text import no_formula, plain

if TYPE_CHECKING:
    from captioner.captioning import Captioner
    from captioner.config import DecodingOptions

FORMATS = (CaptionFormat.TEXT, CaptionFormat.JSON, CaptionFormat.CSV)


def require_features_alone(
    paths: Sequence[str], attention: Path | None, kind: CaptionFormat, shard: object, *, recursive: bool
) -> None:
    """Refuse what only photographs can have.

    Raises
    ------
    ConfigurationError
        The message names the first of it.
    """
    photographs = ", ".join(map(printable, paths[:1]))
    for name, value in {"--attention": attention, "--recursive": recursive, photographs: photographs}.items():
        if value:
            raise ConfigurationError(f"With --features there are no photographs. Leave out {name}.")
    if shard is not None:
        raise ConfigurationError("Captions of features are not divided among processes. Leave out --shard.")
    if kind not in FORMATS:
        raise ConfigurationError(f"Captions of features have no {kind.value} form. Choose text, json or csv.")


def feature_lines(
    captioner: Captioner, paths: Sequence[Path], kind: CaptionFormat, decoding: DecodingOptions, batch_size: int
) -> Iterator[str]:
    """What is to be written, as it is made: ``name<TAB>caption`` in the form ``text``.

    Raises
    ------
    CaptionerError
        If the features cannot be read or are not what the model learned from.
    """
    with contextlib.ExitStack() as stack:
        images = open_features(paths, stack)
        require_fitting(captioner, images.features)
        if kind is CaptionFormat.CSV:
            yield _csv_row(("name", "caption", "log_probability", "model"))
        pairs = caption_named(captioner, images, decoding, batch_size)
        for name, caption in counted(pairs, len(images), "images"):
            yield _line(name, caption, kind)


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTest:
    """Features of images with captions that people wrote.

    Attributes
    ----------
    images
        The features.
    references
        Captions by image name.
    """

    images: NamedFeatures
    references: Mapping[str, Sequence[str]]

    def captions(self, captioner: Captioner, decoding: DecodingOptions, batch_size: int) -> dict[str, str]:
        """What the model says of each image, by name."""
        require_fitting(captioner, self.images.features)
        pairs = caption_named(captioner, self.images, decoding, batch_size)
        return {name: caption.text for name, caption in counted(pairs, len(self.images), "images")}


def open_feature_test(paths: Sequence[Path], split: str | None, stack: contextlib.ExitStack) -> FeatureTest:
    """Open a split of a data set, which ``stack`` closes: where none is named, that to choose epochs by, or the only.

    Raises
    ------
    CaptionerError
        If a file is refused, the data set has no features, or not this split, or several and none is named.
    """
    dataset = stack.enter_context(open_dataset(*paths))
    features = dataset.require_features()
    chosen = dataset.dev_split() if split is None else dataset.split(split)
    if chosen is None and len(dataset.splits) == 1:
        chosen = dataset.splits[0]
    if chosen is None:
        names = ", ".join(one.name for one in dataset.splits)
        raise ConfigurationError(f"{dataset.path} has the splits {names}. Name one of them with --split.")
    for note in dataset.notes:
        say(note)
    held_out = held_out_texts(chosen)
    return FeatureTest(NamedFeatures(features, tuple(held_out.references), held_out.rows), held_out.references)


def caption_named(
    captioner: Captioner, images: NamedFeatures, decoding: DecodingOptions, batch_size: int
) -> Iterator[tuple[str, FeatureCaption]]:
    """Name and caption of each image, a batch at a time."""
    for names, features in images.batches(batch_size):
        yield from zip(names, captioner.caption_rows(features, decoding), strict=True)


def require_fitting(captioner: Captioner, features: FeatureRows) -> None:
    """Refuse features that another encoder made than the model's own, as far as both are known.

    Raises
    ------
    FeatureFileError
        The message names both.
    """
    made_by, known = features.info.encoder, captioner.encoder
    if made_by and known is not None and made_by != known.name:
        raise FeatureFileError(
            f"{features.path} was extracted by {made_by}, but the model {captioner.name} knows features of "
            f"{known.name}. Choose the model that was trained on them.",
            path=features.path,
        )


def _line(name: str, caption: FeatureCaption, kind: CaptionFormat) -> str:
    if kind is CaptionFormat.JSON:
        return json.dumps({"name": printable(name), **caption.to_dict()}, ensure_ascii=False) + "\n"
    if kind is CaptionFormat.CSV:
        texts = map(no_formula, (printable(name), plain(caption.text)))
        return _csv_row((*texts, f"{caption.log_probability:.6f}", no_formula(plain(caption.model))))
    return f"{printable(name)}\t{plain(caption.text)}\n"


def _csv_row(values: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
