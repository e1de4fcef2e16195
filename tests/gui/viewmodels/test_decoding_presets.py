"""Named ways of choosing words."""

import pytest

from captioner.config import DecodingOptions
from gui.viewmodels.decoding_presets import CUSTOM, PRESETS, RECOMMENDED, preset_of, presets_for

TUNED = DecodingOptions(beam_size=4, length_penalty=0.7, max_length=6, word_alternatives=3)


def test_the_usual_names_are_there():
    assert {"plain", "greedy", "careful", "short", "detailed", "varied"} == {preset.key for preset in PRESETS}


@pytest.mark.parametrize("recommended", [DecodingOptions(), TUNED])
def test_each_preset_is_recognised(recommended):
    for preset in presets_for(recommended):
        assert preset_of(preset.options, recommended) == preset.key


def test_presets_without_a_model_are_recognised_too():
    assert [preset_of(preset.options) for preset in PRESETS] == [preset.key for preset in PRESETS]


def test_the_models_own_comes_first_and_only_once():
    presets = presets_for(DecodingOptions())
    assert presets[0].key == RECOMMENDED
    assert "plain" not in {preset.key for preset in presets}


def test_presets_keep_the_models_lengths_and_alternatives():
    for preset in presets_for(TUNED):
        assert (preset.options.max_length, preset.options.word_alternatives) == (6, 3)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"seed": 7}, "plain"),
        ({"word_alternatives": 9}, "plain"),
        ({"temperature": 0.5, "top_k": 3, "top_p": 0.2}, "plain"),  # no say in a beam search
        ({"beam_size": 7}, CUSTOM),
        ({"method": "sample"}, CUSTOM),
    ],
)
def test_only_what_chooses_words_counts(change, key):
    assert preset_of(DecodingOptions().replace(**change)) == key
