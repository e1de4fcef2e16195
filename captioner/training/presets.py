"""Settings for training that need no thought: quick, good and best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from captioner.config import DecodingOptions, SelfCriticalConfig, TrainingConfig


class Preset(NamedTuple):
    """Settings, and one `sentence` on what they cost and give."""

    config: TrainingConfig
    sentence: str


_GOOD = TrainingConfig(
    doubly_stochastic_weight=0.05,
    patience=3,
    evaluate_from_epoch=6,
    self_critical=SelfCriticalConfig(epochs=5, bleu_weight=2.0, recall_weight=2.0, learning_rate=2e-4, start_share=0.5),
    decoding=DecodingOptions(no_repeat_ngram_size=3),
)

PRESETS: Mapping[str, Preset] = {
    "quick": Preset(
        # So short a training learns faster from plain images, with less dropout and higher rates.
        _GOOD.replace(
            decoder=_GOOD.decoder.replace(dropout=0.3),
            epochs=6,
            learning_rate=1.6e-3,
            views_from_epoch=5,
            self_critical=_GOOD.self_critical.replace(epochs=2, images_per_batch=32, learning_rate=3e-4),
        ),
        "About a third of an hour for 6,000 photographs on two cores: six passes by word, two on whole captions.",
    ),
    "good": Preset(
        _GOOD,
        "About half an hour for 6,000 photographs on two cores: ten passes by word, five on whole captions.",
    ),
    "best": Preset(
        _GOOD.replace(epochs=12, self_critical=_GOOD.self_critical.replace(epochs=12, learning_rate=1.5e-4)),
        "About an hour for 6,000 photographs on two cores: more than twice as long on whole captions as Good.",
    ),
}
