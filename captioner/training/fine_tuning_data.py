"""Photographs and captions joined: what fine-tuning is fed, checked before it begins."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from captioner.config import EncoderConfig
from captioner.data.annotations import Annotations, read_annotations, read_split
from captioner.data.batching import CaptionExamples
from captioner.errors import AnnotationError
from captioner.file_names import printable
from captioner.read_ahead import map_ahead
from captioner.training.fine_tuning_sources import FineTuningSources
from captioner.training.photographs import Photographs, reading_threads
from captioner.vocabulary import Vocabulary, tokenise_words


@dataclass(frozen=True, slots=True, eq=False)
class CaptionedPhotographs:
    """Photographs, their captions as people wrote them (`references`, by name), and the same as token ids."""

    photographs: Photographs
    references: Mapping[str, Sequence[str]]
    examples: CaptionExamples

    def __len__(self) -> int:
        return len(self.photographs)

    def captions_of(self, images: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Indices of all examples of ``images``, and for each the place of its image in that list."""
        first, last = (np.searchsorted(self.examples.rows, images, side=side) for side in ("left", "right"))
        indices = [np.arange(*ends) for ends in zip(first.tolist(), last.tolist(), strict=True)]
        places = np.repeat(np.arange(len(images)), last - first)
        return np.concatenate([*indices, np.zeros(0, np.int64)]).astype(np.int64), places


@dataclass(frozen=True, slots=True, eq=False)
class FineTuningData:
    """Everything that is trained on and chosen by; ``dev`` is None where nothing chooses."""

    train: CaptionedPhotographs
    dev: CaptionedPhotographs | None

    def fingerprint(self) -> str:
        """SHA-256 of names, captions and preprocessing, in hexadecimal; pixels count by the names of their files."""
        facts: list[Any] = []
        for part in (self.train, self.dev):
            if part is not None:
                facts += [part.photographs.encoder.to_dict(), list(part.references.items())]
                facts.append(part.examples.token_ids.tolist())
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def load_fine_tuning_data(
    sources: FineTuningSources, vocabulary: Vocabulary, encoder: EncoderConfig, *, max_caption_length: int
) -> FineTuningData:
    """Find the photographs of each split and their captions.

    Dev photographs are all read once: those that cannot be are left out, with a warning for each. Of those to train on
    that is found out while training.

    Raises
    ------
    AnnotationError
        If captions or lists cannot be read, a photograph has no captions or is in both splits, too many files are
        missing, or no dev photograph can be read.
    ImageError
        If too many dev photographs are damaged.
    """
    annotations = read_annotations(sources.captions)
    dev_names = _names(annotations, sources.dev_split, ("val", "dev"))
    train_names = _names(annotations, sources.split, ("train",))
    if not train_names and sources.split is None:
        chosen = set(dev_names)
        train_names = [image.file_name for image in annotations.images if image.file_name not in chosen]
    if not train_names:
        raise AnnotationError(f"{printable(sources.captions)} leaves no photograph to train on.", path=sources.captions)
    if shared := set(train_names) & set(dev_names):
        raise AnnotationError(
            f"{len(shared):,} photographs are both trained on and chosen by, {min(shared)} among them. Take them out "
            "of one of the lists.",
            path=sources.dev_split or sources.captions,
        )
    captions = {image.file_name: image.captions for image in annotations.images}

    def join(names: Sequence[str]) -> CaptionedPhotographs:
        references = {name: _captions_of(name, captions, sources.captions) for name in names}
        words = {row: [tokenise_words(text) for text in texts] for row, texts in enumerate(references.values())}
        examples = CaptionExamples.build(words, vocabulary, max_length=max_caption_length)
        return CaptionedPhotographs(Photographs(sources.images, names, encoder), references, examples)

    if not dev_names:
        return FineTuningData(join(train_names), None)
    train, readable = join(train_names), _readable(Photographs(sources.images, dev_names, encoder))
    return FineTuningData(train, join(readable))


def _names(annotations: Annotations, split: Path | None, alternatives: Sequence[str]) -> list[str]:
    """Names that ``split`` lists; without it those of the first of the splits that the captions themselves name."""
    if split is not None:
        return list(read_split(split))
    present = annotations.images_per_split()
    chosen = next((name for name in alternatives if name in present), None)
    return [image.file_name for image in annotations.images if chosen is not None and image.split == chosen]


def _captions_of(name: str, captions: Mapping[str, Sequence[str]], path: Path) -> Sequence[str]:
    texts = [text for text in captions.get(name, ()) if tokenise_words(text)]
    if not texts:
        message = f"{printable(path)} has no caption of {name}. List captioned photographs only."
        raise AnnotationError(message, path=path)
    return texts


def _readable(photographs: Photographs) -> list[str]:
    threads = reading_threads()
    read = map_ahead(photographs.plain, range(len(photographs)), threads=threads, depth=4 * threads)
    names = [name for name, pixels in zip(photographs.names, read, strict=True) if pixels is not None]
    if not names:
        raise AnnotationError(f"No dev photograph in {printable(photographs.folder)} can be read. List others.")
    return names
