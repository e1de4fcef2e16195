"""What a trainer is fed from a data set of any layout: captions as ids, references by row, and held-out images."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from captioner.config import TextLevel
from captioner.data.batching import CaptionExamples
from captioner.data.datasets.dataset import CaptionDataset, Split
from captioner.errors import AnnotationError, VocabularyError
from captioner.vocabulary import SPECIAL_TOKENS, Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class TrainingTexts:
    """The texts of the training splits.

    Attributes
    ----------
    vocabulary
        The file's own words where it has them, else those that occur often enough.
    references
        Per row of the features, the words of each caption of that image.
    examples
        The same captions as token ids.
    views
        Extra views that every training image has.
    """

    vocabulary: Vocabulary
    references: Mapping[int, Sequence[Sequence[str]]]
    examples: CaptionExamples
    views: int


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutTexts:
    """Images to choose or to score by.

    Attributes
    ----------
    rows
        (N,) int64, in the features of the data set.
    references
        Captions by image name, in the order of the rows.
    """

    rows: NDArray[np.int64]
    references: Mapping[str, Sequence[str]]


def words_of(split: Split) -> Iterator[tuple[int, list[str]]]:
    """Each caption's image (its index in the split) and words."""
    for index, image in enumerate(split.captions.images.tolist()):
        yield image, split.captions.words(index)


def references_of(splits: Sequence[Split]) -> dict[int, list[list[str]]]:
    """Per row of the features, the words of each caption of that image; images without captions are left out."""
    references: dict[int, list[list[str]]] = {}
    for split in splits:
        rows = range(len(split)) if split.rows is None else split.rows.tolist()
        for image, words in words_of(split):
            if words:
                references.setdefault(rows[image], []).append(words)
    return references


def training_texts(
    dataset: CaptionDataset,
    *,
    min_word_count: int,
    max_caption_length: int,
    level: TextLevel = "word",
    known: Vocabulary | None = None,
    without: Collection[int] = (),
) -> TrainingTexts:
    """Captions of the training splits, ready for a trainer.

    Parameters
    ----------
    dataset
        With features.
    min_word_count, max_caption_length, level
        As `captioner.config.TrainingConfig` has them; the first has no effect on words that the file defines.
    known
        A vocabulary to which words that occur often enough are added, in the place of the file's own.
    without
        Rows of the features whose images are held out.

    Raises
    ------
    FeatureFileError
        If the data set has no features.
    AnnotationError
        If there is nothing to train on, an image is in two splits, or no word is left for a vocabulary.
    """
    dataset.require_features()
    splits = dataset.training_splits()
    if not splits:
        names = ", ".join(split.name for split in dataset.splits)
        raise AnnotationError(f"{dataset.path} has no training split; it has {names}.", path=dataset.path)
    if shared := shared_images(dataset):
        raise AnnotationError(shared[0], path=dataset.path)
    references = {row: words for row, words in references_of(splits).items() if row not in without}
    if known is None:
        vocabulary = vocabulary_of(dataset, references, min_word_count, level)
    else:
        texts = (words for several in references.values() for words in several)
        vocabulary = known.extended(texts, min_count=min_word_count)
    examples = CaptionExamples.build(references, vocabulary, max_length=max_caption_length)
    return TrainingTexts(vocabulary, references, examples, min(split.views for split in splits))


def held_out_texts(split: Split, only: Collection[int] = ()) -> HeldOutTexts:
    """Images of a split, or those of these rows ``only``, with their captions as texts; none without captions."""
    texts: dict[int, list[str]] = {}
    for index, image in enumerate(split.captions.images.tolist()):
        texts.setdefault(image, []).append(split.captions.text(index))
    rows = np.arange(len(split)) if split.rows is None else split.rows
    images = [image for image in sorted(texts) if not only or rows[image] in only]
    return HeldOutTexts(rows[images], {split.image_names[image]: texts[image] for image in images})


def vocabulary_of(
    dataset: CaptionDataset, references: Mapping[int, Sequence[Sequence[str]]], min_word_count: int, level: TextLevel
) -> Vocabulary:
    """The file's own words, or the words or characters that occur often enough in ``references``.

    Raises
    ------
    AnnotationError
        If none are left, or the file's own words cannot be a vocabulary.
    """
    try:
        if dataset.tokens and level == "word":
            return Vocabulary((*SPECIAL_TOKENS, *dataset.tokens))
        captions = (words for several in references.values() for words in several)
        return Vocabulary.from_captions(captions, min_count=min_word_count, level=level)
    except VocabularyError as error:
        if dataset.tokens:
            message = f"The vocabulary of {dataset.path} cannot be used. {error.message}"
        else:
            message = (
                f"No word of {dataset.path} occurs {min_word_count} times or more. "
                "Lower min_word_count or add captions."
            )
        raise AnnotationError(message, path=dataset.path) from error


def shared_images(dataset: CaptionDataset) -> list[str]:
    """A sentence about every two splits that have an image in common, told by name, number or row."""
    messages = []
    for place, one in enumerate(dataset.splits):
        for other in dataset.splits[place + 1 :]:
            if shared := _shared(one, other):
                messages.append(
                    f"{dataset.path}: the splits {one.name} and {other.name} share {len(shared):,} images, "
                    f"{min(shared)} among them. Images to choose or to test by must not be trained on."
                )
    return messages


def _shared(one: Split, other: Split) -> set[str]:
    for what in ("image_names", "image_ids"):
        if shared := set(getattr(one, what)) & set(getattr(other, what)):
            return {str(key) for key in shared}
    if one.rows is None or other.rows is None or one.pixels is not other.pixels:
        return set()
    return {f"row {row}" for row in np.intersect1d(one.rows, other.rows).tolist()}
