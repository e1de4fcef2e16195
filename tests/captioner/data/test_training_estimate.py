"""The estimate is arithmetic that anyone can follow, and its weights are those of the decoder itself."""

import dataclasses

import pytest

from captioner.config import DecoderConfig, TrainingConfig
from captioner.data.dataset_report import SplitReport, Spread
from captioner.data.feature_layout import FeatureFileInfo
from captioner.data.training_estimate import Plan, count_weights, estimate_training
from captioner.training.presets import PRESETS

INFO = FeatureFileInfo(images=8000, dim=320, grid=(7, 7), dtype="float16", encoder="resnet18", input_size=224)
TRAIN = SplitReport(
    name="train",
    images=6000,
    captions=30_000,
    captions_per_image=Spread(5, 5, 5),
    words_per_caption=Spread(1, 11, 30),
    images_without_captions=0,
    captions_without_words=0,
    images_without_features=0,
    words=330_000,
    unknown_rate=0.0,
    image_ids=None,
)
GOOD = Plan(PRESETS["good"].config, "good")


def estimate(plan=GOOD, info=INFO, dev_images=1000, **changes):
    return estimate_training(plan, [TRAIN], dev_images, info, 2500, **changes)


@pytest.mark.parametrize("sizes", [{}, {"encoder_dim": 7, "project_dim": 5, "embed_dim": 3, "attention_dim": 2}])
def test_weights_are_those_of_the_decoder(sizes):
    from captioner.decoder import Decoder

    config = DecoderConfig(**sizes)
    assert count_weights(config, config.encoder_dim, 50) == sum(
        weight.numel() for weight in Decoder(config, 50).parameters()
    )


def test_both_stages_and_all_evaluations_take_time():
    # Ten passes at 300 captions a second, five times 30,000 drawn at 220, and ten evaluations of 15 seconds.
    assert estimate().seconds == pytest.approx(10 * 100 + 150_000 / 220 + 10 * 15)
    assert estimate().seconds_per_epoch == 100
    assert estimate(dev_images=0).seconds == pytest.approx(10 * 100 + 150_000 / 220)
    assert estimate(captions_per_second=600).seconds == pytest.approx(estimate().seconds / 2)


def test_the_first_stage_alone_is_shorter_and_keeps_less():
    plan = Plan(GOOD.config.replace(self_critical=GOOD.config.self_critical.replace(epochs=0)))
    assert estimate(plan).seconds == pytest.approx(1000 + 5 * 15)
    assert estimate(plan).network_bytes == pytest.approx(estimate().network_bytes * 6 / 10)


def test_memory_of_flickr8k_is_hundreds_of_megabytes():
    found = estimate()
    # The decoder for 2500 words has 4.6 million weights, of four bytes; ten copies are kept.
    assert found.network_bytes == 10 * 4 * count_weights(GOOD.config.decoder, 320, 2504)
    assert 300e6 < found.caption_bytes + found.network_bytes + found.batch_bytes < 400e6


def test_without_features_only_captions_take_memory():
    found = estimate(info=None)
    assert (found.network_bytes, found.batch_bytes, found.feature_bytes) == (0, 0, 0)
    assert found.caption_bytes > 0


def test_there_is_nothing_to_estimate_where_there_is_nothing_to_train_on():
    dev = dataclasses.replace(TRAIN, name="val")
    assert estimate_training(Plan(TrainingConfig()), [dev], 6000, INFO, 2500) is None
