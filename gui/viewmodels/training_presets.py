"""Settings for training that need no thought, as the window offers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from captioner.config import TrainingConfig
from captioner.training.presets import PRESETS


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings with a name: `key`, for the window to word, `config`, and one `sentence` on what they cost and give.

    The sentence is English, translated in the context ``TrainingForm``.
    """

    key: str
    config: TrainingConfig
    sentence: str


def training_presets() -> Mapping[str, Preset]:
    """The engine's presets by name, quickest first."""
    return {key: Preset(key, preset.config, preset.sentence) for key, preset in PRESETS.items()}
