"""What training on a data set will take: time and memory, by simple arithmetic with rates that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from captioner.config import DecoderConfig, TrainingConfig
from captioner.data.dataset_report import Estimate, SplitReport
from captioner.data.datasets.dataset import TRAINING_SPLITS
from captioner.data.feature_layout import FeatureFileInfo
from captioner.vocabulary import SPECIAL_TOKENS

# What the bundled model's decoder does on two processor cores: captions of the first stage and captions drawn in the
# second, each by the second, and seconds for each dev image that is captioned and scored.
CAPTIONS_PER_SECOND = 300.0
DRAWN_PER_SECOND = 220.0
SECONDS_PER_DEV_IMAGE = 0.015
# Weights, gradients and the best weights; of each stage, both being there for all of training, Adam's two moments and
# the average; the weights that the second began with.
COPIES, COPIES_PER_STAGE, COPIES_AT_START = 3, 3, 1
# Numbers that back-propagation keeps, as measured, with their gradients: of each word so many states and logits.
STATES_PER_WORD, LOGITS_PER_WORD = 10, 4
FLOAT_BYTES = 4


@dataclass(frozen=True, slots=True)
class Plan:
    """Settings that an estimate is for.

    Attributes
    ----------
    config
        The settings; of the decoder's, its widths count, not its kinds.
    preset
        What people call them; empty where they are no preset.
    """

    config: TrainingConfig
    preset: str = ""


def estimate_training(
    plan: Plan,
    splits: Sequence[SplitReport],
    dev_images: int,
    info: FeatureFileInfo | None,
    vocabulary_size: int,
    captions_per_second: float = CAPTIONS_PER_SECOND,
) -> Estimate | None:
    """What training will take; None where there is nothing to train on.

    Parameters
    ----------
    plan
        The settings.
    splits
        Of the data set.
    dev_images
        How many images the best epoch is chosen by.
    info
        Sizes of the features; None where there are none yet, which then count as nothing.
    vocabulary_size
        Words, special tokens left out.
    captions_per_second
        Rate of the first stage; all else is taken to be as much faster or slower.
    """
    trained = [split for split in splits if split.name in TRAINING_SPLITS]
    captions, words = sum(split.captions for split in trained), sum(split.words for split in trained)
    if not captions:
        return None
    tokens = vocabulary_size + len(SPECIAL_TOKENS)
    length = min(words / captions, plan.config.max_caption_length) + 1
    row = 0 if info is None else info.places * info.dim
    seconds_per_epoch = captions / captions_per_second
    images = sum(split.images - split.images_without_captions for split in trained)
    slowness = CAPTIONS_PER_SECOND / captions_per_second
    weights = 0 if info is None else count_copies(plan.config) * count_weights(plan.config.decoder, info.dim, tokens)
    return Estimate(
        preset=plan.preset,
        captions_per_second=captions_per_second,
        seconds_per_epoch=seconds_per_epoch,
        seconds=plan.config.epochs * seconds_per_epoch + slowness * _later_seconds(plan.config, images, dev_images),
        # Ids as int64, and the words of the references, which Python keeps as a pointer each.
        caption_bytes=16 * words + 200 * captions,
        network_bytes=FLOAT_BYTES * weights,
        batch_bytes=0 if info is None else _batch_bytes(plan.config, info, tokens, length),
        feature_bytes=0 if info is None else info.images * row * np.dtype(info.dtype).itemsize,
    )


def count_weights(config: DecoderConfig, encoder_dim: int, tokens: int) -> int:
    """Weights of a decoder of the standard kinds: one LSTM, soft attention, deep output, tied embeddings."""
    values, embed = config.project_dim, config.embed_dim
    hidden, attention = config.decoder_dim, config.attention_dim
    projection = encoder_dim * values + 3 * values
    vocabulary = tokens * embed + tokens
    scores = (embed + values + hidden + 2) * attention
    first_state, gate = 2 * (values + 1) * hidden, hidden + 1
    cell = (embed + 1 + values + hidden) * 4 * hidden
    output = (hidden + 1 + embed + values) * embed
    return projection + vocabulary + scores + first_state + gate + cell + output


def count_copies(config: TrainingConfig) -> int:
    """How many times as much as the weights training keeps, the weights included."""
    second = config.self_critical
    stages = bool(config.epochs) + bool(second.epochs)
    return COPIES + stages * COPIES_PER_STAGE + (COPIES_AT_START if second.epochs and second.start_share else 0)


def _later_seconds(config: TrainingConfig, images: int, dev_images: int) -> float:
    """Seconds of the second stage and of all evaluations, at the rates that were measured."""
    second = config.self_critical
    scored = second.epochs
    if config.epochs:
        scored += config.epochs - min(config.evaluate_from_epoch, config.epochs) + 1
    drawn = second.epochs * images * second.samples
    return drawn / DRAWN_PER_SECOND + scored * dev_images * SECONDS_PER_DEV_IMAGE


def _batch_bytes(config: TrainingConfig, info: FeatureFileInfo, tokens: int, length: float) -> int:
    """Features of a batch and what back-propagation keeps of it, for captions of ``length`` words and their end.

    Per place the feature, its projection three times (before and after the norm, and in the order of the batch) and
    its attention key; per word the energies of attention at all places, states and logits.
    """
    decoder = config.decoder
    per_place = info.dim + 3 * decoder.project_dim + decoder.attention_dim
    per_word = info.places * decoder.attention_dim + STATES_PER_WORD * decoder.decoder_dim + LOGITS_PER_WORD * tokens
    return int(FLOAT_BYTES * config.batch_size * (info.places * per_place + length * per_word))
