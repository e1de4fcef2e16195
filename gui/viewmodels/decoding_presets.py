"""Ways of choosing words that have a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from captioner.config import DecodingOptions

CUSTOM = "custom"
RECOMMENDED = "recommended"


@dataclass(frozen=True, slots=True)
class Preset:
    """Decoding options with a name: `key`, for the window to word, and `options`."""

    key: str
    options: DecodingOptions


# What each preset changes of the model's own recommendation.
_CHANGES: dict[str, dict[str, Any]] = {
    "plain": {"method": "beam", "beam_size": 3, "length_penalty": 1.0},
    "greedy": {"method": "beam", "beam_size": 1, "length_penalty": 1.0},
    "careful": {"method": "beam", "beam_size": 10, "length_penalty": 1.0},
    "short": {"method": "beam", "beam_size": 5, "length_penalty": 0.0, "min_length": 1},
    "detailed": {"method": "beam", "beam_size": 5, "length_penalty": 1.0, "min_length": 10, "no_repeat_ngram_size": 2},
    "varied": {"method": "sample", "beam_size": 3, "temperature": 0.8, "top_k": 0, "top_p": 0.9},
}


def presets_for(recommended: DecodingOptions) -> tuple[Preset, ...]:
    """The model's own recommendation, then the ways that differ from it."""
    named = (Preset(key, _with(recommended, changes)) for key, changes in _CHANGES.items())
    own = Preset(RECOMMENDED, recommended)
    return (own, *(preset for preset in named if not is_same(preset.options, recommended)))


def preset_of(options: DecodingOptions, recommended: DecodingOptions | None = None) -> str:
    """Key of the preset that chooses words as these options do, or ``custom``."""
    presets = PRESETS if recommended is None else presets_for(recommended)
    return next((preset.key for preset in presets if is_same(preset.options, options)), CUSTOM)


def is_same(first: DecodingOptions, second: DecodingOptions) -> bool:
    """Whether both choose words in the same way; seeds, and settings that have no say, are not compared."""
    return _telling(first) == _telling(second)


def _with(recommended: DecodingOptions, changes: dict[str, Any]) -> DecodingOptions:
    # A model for short sentences may allow fewer words than a preset asks for.
    least = min(changes.get("min_length", recommended.min_length), recommended.max_length)
    return recommended.replace(**{**changes, "min_length": least})


def _telling(options: DecodingOptions) -> DecodingOptions:
    neutral = DecodingOptions()
    options = options.replace(seed=neutral.seed, word_alternatives=neutral.word_alternatives)
    if options.method == "sample":
        return options
    return options.replace(temperature=neutral.temperature, top_k=neutral.top_k, top_p=neutral.top_p)


PRESETS = tuple(Preset(key, _with(DecodingOptions(), changes)) for key, changes in _CHANGES.items())
"""The presets of a model that recommends nothing of its own."""
