"""Captions and features joined: what a trainer is fed, checked before training begins."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from captioner.amounts import counted
from captioner.config import TrainingConfig
from captioner.data.annotations import read_annotations
from captioner.data.batching import CaptionExamples
from captioner.data.datasets.dataset import DEV_SPLITS, TEST_SPLITS, TRAINING_SPLITS, WHOLE, CaptionDataset, Split
from captioner.data.datasets.feature_rows import FeatureRows
from captioner.data.feature_files import FeatureFile
from captioner.data.held_out import held_out
from captioner.data.training_texts import held_out_texts, training_texts
from captioner.errors import AnnotationError, FeatureFileError, VocabularyError
from captioner.training.dev_evaluation import DevSet
from captioner.training.sample_attention import Places
from captioner.vocabulary import Vocabulary, tokenise_words


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """Everything read from disk for one run.

    Attributes
    ----------
    features
        Of the training images, and perhaps of others.
    examples
        Their captions.
    references
        Per row of ``features``, the tokenised captions of that image.
    vocabulary
        Of those captions.
    dev
        Held-out images; None where there are none.
    views
        Extra views that every training image has.
    layout
        What a data set was recognised as; empty for a feature file and its captions.
    notes
        Sentences about what was left out or assumed.
    """

    features: FeatureRows
    examples: CaptionExamples
    references: Mapping[int, Sequence[Sequence[str]]]
    vocabulary: Vocabulary
    dev: DevSet | None
    views: int = 0
    layout: str = ""
    notes: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """SHA-256 of what is trained on and chosen by, in hexadecimal; feature values count by where they come from."""
        info = self.features.info
        facts: list[Any] = [info.encoder, info.encoder_weights_sha256, info.images, self.views, info.dim, *info.grid]
        facts += [self.vocabulary.level, self.vocabulary.tokens, list(self.references.items())]
        if self.dev is not None:
            facts.append(list(self.dev.references.items()))
        digest = hashlib.sha256(json.dumps(facts).encode())
        for array in (self.examples.rows, self.examples.lengths, self.examples.token_ids):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def load_training_data(
    features: FeatureFile,
    dev_features: FeatureFile | None,
    captions: Path,
    config: TrainingConfig,
    *,
    known: Vocabulary | None = None,
) -> TrainingData:
    """Join feature files with a captions file by image name.

    Parameters
    ----------
    features, dev_features
        Open feature files with image names. With both, each decides by its rows which images are trained and chosen
        on, but for those that the captions put into a split ``test``, which are never trained on. With `features`
        alone, the splits that the captions name decide, as in `join_dataset`; where they name none, some images are
        held out. Images without captions are left out. Notes say so.
    captions
        In any layout of `captioner.data.annotations`, for both.
    config
        Its vocabulary and length settings, and which images are held out.
    known
        A vocabulary to which new words are added; one of its own is made of the captions when None.

    Raises
    ------
    AnnotationError
        If the captions cannot be read, or no image of a feature file has one or is in a split to train on.
    FeatureFileError
        If a feature file has no image names, the two share images, or their features are of different kinds.
    """
    images = read_annotations(captions).by_name()
    references = {name: image.captions for name, image in images.items()}
    _require_names(features)
    rows, notes = _captioned_rows(features, references, captions)
    dev_file = features if dev_features is None else dev_features
    splits = {row: images[features.image_names[row]].split or WHOLE for row in rows}
    if dev_features is None and set(splits.values()) == {WHOLE}:
        chosen, more = _hold_out({features.image_names[row]: row for row in rows}, config)
        train_rows, dev_rows = [row for row in rows if row not in chosen], sorted(chosen)
    else:
        train_rows, dev_rows, more = _split_rows(splits, features, captions, has_dev_features=dev_features is not None)
    notes += more
    by_row = {row: [tokenise_words(text) for text in references[features.image_names[row]]] for row in train_rows}
    vocabulary = _vocabulary_of(by_row, captions, config, known)
    examples = CaptionExamples.build(by_row, vocabulary, max_length=config.max_caption_length)
    if dev_features is not None:
        _require_names(dev_features)
        _require_alike(features, dev_features)
        dev_rows, more = _captioned_rows(dev_features, references, captions)
        notes += more
    dev = _dev_set_of(dev_file, dev_rows, references) if dev_rows else None
    return TrainingData(features, examples, by_row, vocabulary, dev, features.info.views, notes=tuple(notes))


def join_dataset(dataset: CaptionDataset, config: TrainingConfig, *, known: Vocabulary | None = None) -> TrainingData:
    """Take training and dev images out of a data set of any layout.

    Parameters
    ----------
    dataset
        Open, with features.
    config
        Its vocabulary and length settings, and which images are held out of a data set without splits; a word model
        takes the data set's own vocabulary where there is one.
    known
        A vocabulary that is taken instead, with new words added.

    Raises
    ------
    FeatureFileError
        If there are no features; the message says how to get them.
    AnnotationError
        If nothing is there to train on, an image is in two splits, or no word is left for a vocabulary.
    """
    held, notes = _hold_out(_captioned_images(dataset.undivided()), config)
    texts = training_texts(
        dataset,
        min_word_count=config.min_word_count,
        max_caption_length=config.max_caption_length,
        level=config.level,
        known=known,
        without=held,
    )
    if not len(texts.examples):
        raise AnnotationError(f"{dataset.path} has no caption with words to train on. Add captions.", path=dataset.path)
    return TrainingData(
        *(dataset.require_features(), texts.examples, texts.references, texts.vocabulary),
        dev=_dev_set(dataset, held),
        views=texts.views,
        layout=dataset.layout,
        notes=(*dataset.notes, *notes),
    )


def _hold_out(rows: Mapping[str, int], config: TrainingConfig) -> tuple[frozenset[int], list[str]]:
    """Those of the ``rows`` of images, by name, that choose the best epoch for want of others, and a note on them."""
    names = held_out(rows, config.dev_share, config.seed)
    if not names:
        return frozenset(), []
    note = (
        f"Nothing says which images choose the best epoch, so {len(names):,} of the {len(rows):,} are held out for "
        "that and not trained on; dev_share sets how many."
    )
    return frozenset(rows[name] for name in names), [note]


def _captioned_images(split: Split | None) -> dict[str, int]:
    """Rows by name of the images of a split that have captions."""
    if split is None or split.rows is None:
        return {}
    is_captioned = (split.captions_per_image() > 0).tolist()
    images = zip(split.image_names, split.rows.tolist(), is_captioned, strict=True)
    return {name: row for name, row, has_captions in images if has_captions}


def _dev_set(dataset: CaptionDataset, held: Collection[int]) -> DevSet | None:
    """Images of the dev split; where rows of images are ``held`` out, those."""
    split = dataset.undivided() if held else dataset.dev_split()
    if split is None or not split.caption_count:
        return None
    texts = held_out_texts(split, held)
    if len(texts.references) < len(texts.rows):
        raise AnnotationError(
            f"{dataset.path}: two images of {split.name} have the same name. Give every image a name of its own.",
            path=dataset.path,
        )
    features = dataset.require_features()
    places = Places.of(features, texts.rows)
    return DevSet(features, texts.rows, texts.references, places)


def _dev_set_of(features: FeatureFile, captioned: Sequence[int], references: Mapping[str, Sequence[str]]) -> DevSet:
    rows = np.array(captioned, np.int64)
    dev_references = {name: references[name] for name in map(features.image_names.__getitem__, captioned)}
    return DevSet(features, rows, dev_references, Places.of(features, rows))


def _split_rows(
    splits: Mapping[int, str], features: FeatureFile, captions: Path, *, has_dev_features: bool
) -> tuple[list[int], list[int], list[str]]:
    """Rows that are trained on, those that choose the best epoch, and a note where the ``splits`` of rows decide."""
    if has_dev_features:
        train, dev = [row for row, split in splits.items() if split not in TEST_SPLITS], []
    else:
        train = [row for row, split in splits.items() if split in TRAINING_SPLITS]
        dev = [row for row, split in splits.items() if split in DEV_SPLITS]
    if not train:
        raise AnnotationError(
            f"{captions} puts all captioned images of {features.path} into {', '.join(sorted(set(splits.values())))}, "
            "and nothing of that is trained on. Add features of the images of train.",
            path=captions,
        )
    if len(train) == len(splits):
        return train, dev, []
    chosen_by = f", {len(dev):,} choose the best epoch" if dev else ""
    note = (
        f"By the splits of {captions}, of the {counted(len(splits), 'captioned image')} of {features.path} "
        f"{len(train):,} are trained on{chosen_by}, and {len(splits) - len(train) - len(dev):,} are not used."
    )
    return train, dev, [note]


def _vocabulary_of(
    by_row: Mapping[int, Sequence[Sequence[str]]], captions: Path, config: TrainingConfig, known: Vocabulary | None
) -> Vocabulary:
    texts, min_count = (words for texts in by_row.values() for words in texts), config.min_word_count
    if known is not None:
        return known.extended(texts, min_count=min_count)
    try:
        return Vocabulary.from_captions(texts, min_count=min_count, level=config.level)
    except VocabularyError as error:
        raise AnnotationError(
            f"No word of {captions} occurs {min_count} times or more. Lower min_word_count or add captions.",
            path=captions,
        ) from error


def _captioned_rows(
    features: FeatureFile, references: Mapping[str, Sequence[str]], captions: Path
) -> tuple[list[int], list[str]]:
    """The rows of images that have captions, and notes on the others."""
    names = features.image_names
    rows = [row for row, name in enumerate(names) if references.get(name)]
    if len(rows) == len(names):
        return rows, []
    bare = next(name for name in names if not references.get(name))
    if not rows:
        raise AnnotationError(
            f"{captions} has captions of none of the {counted(len(names), 'image')} of {features.path}, such as "
            f"{bare}. Use the same names in both.",
            path=captions,
        )
    left_out = f"{len(names) - len(rows):,} of the {len(names):,} images of {features.path}"
    return rows, [f"{captions} has no captions of {left_out}, which are left out, {bare} among them."]


def _require_names(features: FeatureFile) -> None:
    if not features.image_names:
        raise FeatureFileError(
            f"{features.path} does not name its images, so captions cannot be joined to it. "
            "Write features with `captioner extract`.",
            path=features.path,
        )


def _require_alike(features: FeatureFile, dev_features: FeatureFile) -> None:
    shared = set(features.image_names) & set(dev_features.image_names)
    if shared:
        raise FeatureFileError(
            f"{dev_features.path} shares {len(shared)} images with {features.path}, {min(shared)} among them. "
            "Images to choose by must not be trained on.",
            path=dev_features.path,
        )
    for what in ("dim", "grid", "encoder", "encoder_weights_sha256", "input_size", "preprocessing"):
        one, other = getattr(features.info, what), getattr(dev_features.info, what)
        if one != other:
            raise FeatureFileError(
                f"{dev_features.path} was extracted otherwise than {features.path}: its {what} is {other}, not {one}. "
                "Extract both alike.",
                path=dev_features.path,
            )
