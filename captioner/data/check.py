"""The check of a data set before training: counts, ranges, faults and what training will take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from captioner.config import TrainingConfig
from captioner.data.dataset_report import DatasetReport, Findings, Sample, SplitReport, Spread
from captioner.data.datasets.dataset import DEV_SPLITS, TEST_SPLITS, TRAINING_SPLITS, CaptionDataset, Split
from captioner.data.feature_check import check_features, unknown_origin
from captioner.data.held_out import LEAST_IMAGES
from captioner.data.training_estimate import CAPTIONS_PER_SECOND, Plan, estimate_training
from captioner.data.training_texts import references_of, shared_images, vocabulary_of, words_of
from captioner.errors import CaptionerError
from captioner.vocabulary import SPECIAL_TOKENS, Vocabulary

SAMPLE_PAIRS = 5
STANDARD = Plan(TrainingConfig())
_UNKNOWN = SPECIAL_TOKENS[-1]


def check_dataset(
    dataset: CaptionDataset,
    *,
    min_word_count: int = 5,
    plan: Plan = STANDARD,
    captions_per_second: float = CAPTIONS_PER_SECOND,
    is_full: bool = False,
) -> DatasetReport:
    """Look at everything that could spoil a training run.

    Parameters
    ----------
    dataset
        Open; what `open_dataset` refuses never comes here.
    min_word_count
        Words that occur less often in the training captions are counted as unknown.
    plan
        Settings that the estimate of time and memory is for.
    captions_per_second
        Rate of the first stage that the estimate of time goes by.
    is_full
        Read the features of all images; otherwise of some, see `captioner.data.feature_check`.

    Returns
    -------
    DatasetReport
        With a refusal for each fault: nothing is raised for what is wrong with the data.
    """
    findings = Findings()
    for note in dataset.notes:
        findings.warn(note)
    vocabulary, size = _vocabulary(dataset, min_word_count, findings)
    splits = tuple(_check_split(split, vocabulary, dataset, findings) for split in dataset.splits)
    _check_splits(dataset, findings)
    features, dev = dataset.features, dataset.dev_split()
    info, dev_images = None if features is None else features.info, 0 if dev is None else len(dev)
    return DatasetReport(
        layout=dataset.layout,
        files=tuple(str(path) for path in dataset.files),
        splits=splits,
        features=None if features is None else check_features(features, dataset, findings, is_full=is_full),
        vocabulary_size=size,
        min_word_count=None if dataset.tokens else min_word_count,
        samples=tuple(_sample_pairs(dataset)),
        estimate=estimate_training(plan, splits, dev_images, info, size, captions_per_second),
        findings=findings.in_order(),
        pixel_files=() if features is not None else tuple(map(str, dataset.pixel_files())),
        captions_files=() if features is not None else tuple(map(str, dataset.captions_files)),
    )


def _vocabulary(dataset: CaptionDataset, min_word_count: int, findings: Findings) -> tuple[Vocabulary | None, int]:
    """The vocabulary that training would use, and how many words it has; None when there can be none."""
    references = references_of(dataset.training_splits() or dataset.splits)
    try:
        vocabulary = vocabulary_of(dataset, references, min_word_count, "word")
    except CaptionerError as error:
        findings.refuse(error.message)
        return None, 0
    return vocabulary, sum(token not in SPECIAL_TOKENS for token in vocabulary.tokens)


def _check_split(
    split: Split, vocabulary: Vocabulary | None, dataset: CaptionDataset, findings: Findings
) -> SplitReport:
    lengths: list[int] = []
    unknown = 0
    for _, words in words_of(split):
        lengths.append(len(words))
        unknown += sum(word == _UNKNOWN or vocabulary is None or word not in vocabulary for word in words)
    per_image = split.captions_per_image()
    bare = np.flatnonzero(per_image == 0)
    if len(bare):
        findings.warn(
            f"{dataset.path}: {len(bare):,} images of {split.name} have no caption and are left out, "
            f"{split.image_names[bare[0]]} (row {bare[0]}) among them."
        )
    empty = lengths.count(0)
    if empty:
        findings.warn(
            f"{dataset.path}: {empty:,} captions of {split.name} have no words and are left out, row "
            f"{lengths.index(0)} among them."
        )
    if split.without_features:
        findings.warn(
            f"{dataset.path}: {split.without_features:,} captioned images of {split.name} have no features and are "
            "left out."
        )
    return SplitReport(
        name=split.name,
        images=len(split),
        captions=split.caption_count,
        captions_per_image=_spread(per_image),
        words_per_caption=_spread(np.array(lengths, np.int64)),
        images_without_captions=len(bare),
        words=sum(lengths),
        captions_without_words=empty,
        images_without_features=split.without_features,
        unknown_rate=unknown / max(1, sum(lengths)),
        image_ids=(min(split.image_ids), max(split.image_ids)) if split.image_ids else None,
    )


def _spread(numbers: NDArray[np.int64]) -> Spread:
    return Spread(int(numbers.min()), float(np.median(numbers)), int(numbers.max())) if len(numbers) else Spread()


def _check_splits(dataset: CaptionDataset, findings: Findings) -> None:
    if not dataset.training_splits():
        names = ", ".join(split.name for split in dataset.splits)
        findings.refuse(f"{dataset.path} has nothing to train on: it has {names}, but no train.")
    elif (whole := dataset.undivided()) is not None and len(whole) >= LEAST_IMAGES:
        findings.warn(
            f"{dataset.path} does not say which images are dev images, so training holds out some to choose the best "
            "epoch by."
        )
    elif dataset.dev_split() is None:
        findings.warn(f"{dataset.path} has no val split, so the best epoch cannot be chosen and the last is kept.")
    for split in dataset.splits:
        if split.name not in (*TRAINING_SPLITS, *DEV_SPLITS, *TEST_SPLITS):
            findings.warn(f"{dataset.path}: the split {split.name} is not used; known are train, val and test.")
        for what, keys in (("name", split.image_names), ("number", split.image_ids), ("address", split.image_urls)):
            if repeated := _repeated(keys):
                row, key = repeated
                # Addresses are only shown: nothing is found by them.
                note = findings.warn if what == "address" else findings.refuse
                note(f"{dataset.path}: image {row} of {split.name} has the {what} of an earlier one, {key}.")
    for message in shared_images(dataset):
        findings.refuse(message)
    if dataset.features is None:
        try:
            dataset.require_features()
        except CaptionerError as error:
            findings.warn(error.message)
    elif not dataset.features.info.encoder:
        findings.warn(unknown_origin(dataset.features))


def _repeated(keys: Sequence[str | int]) -> tuple[int, str | int] | None:
    """The first key that occurred before, and where; None when all differ."""
    seen: set[str | int] = set()
    for place, key in enumerate(keys):
        if key in seen:
            return place, key
        seen.add(key)
    return None


def _sample_pairs(dataset: CaptionDataset) -> Iterator[Sample]:
    """Pairs spread over the splits, so that a shift between images and captions shows."""
    for place in range(SAMPLE_PAIRS):
        split = dataset.splits[place % len(dataset.splits)]
        if split.caption_count:
            index = place * split.caption_count // SAMPLE_PAIRS
            image = int(split.captions.images[index])
            names: Sequence[str] = split.image_urls or split.image_names
            yield Sample(split.name, names[image], split.captions.text(index))
