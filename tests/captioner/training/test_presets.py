import tomllib
from pathlib import Path

import pytest

from captioner.config import TrainingConfig
from captioner.model_library import find_package
from captioner.training.distillation.config import DistillationConfig
from captioner.training.fine_tuning_config import FineTuningConfig
from captioner.training.presets import PRESETS

RECIPES = Path(__file__).parents[3] / "recipes"


def test_presets_go_from_quick_to_best():
    assert list(PRESETS) == ["quick", "good", "best"]
    epochs = [(config.epochs, config.self_critical.epochs) for config, _ in PRESETS.values()]
    assert epochs == sorted(epochs)
    assert len(set(epochs)) == 3


@pytest.mark.parametrize("name", PRESETS)
def test_preset_says_what_it_costs_and_scores_dev_captions(name):
    config, sentence = PRESETS[name]
    assert "hour" in sentence
    assert sentence.endswith(".")
    assert config.evaluate_from_epoch <= config.epochs
    assert TrainingConfig.from_dict(config.to_dict()) == config


@pytest.mark.skipif(not RECIPES.is_dir(), reason="recipes are in the checkout only")
@pytest.mark.parametrize("path", sorted(RECIPES.rglob("*.toml")), ids=lambda path: path.name)
def test_recipe_is_valid(path):
    kind = {"encoder": DistillationConfig, "fine-tuning": FineTuningConfig}.get(path.stem, TrainingConfig)
    kind.from_dict(tomllib.loads(path.read_text()), where=path.name)


@pytest.mark.skipif(not RECIPES.is_dir(), reason="recipes are in the checkout only")
def test_bundled_model_is_what_its_recipe_makes_and_what_presets_train():
    recipe = TrainingConfig.from_dict(tomllib.loads((RECIPES / "captioner-small" / "words.toml").read_text()))
    bundled = find_package("captioner-small").config
    assert bundled.decoder == recipe.decoder
    # The one thing about decoding that the script sets, when all is trained.
    no_repeat = bundled.decoding.no_repeat_ngram_size
    assert bundled.decoding == recipe.decoding.replace(no_repeat_ngram_size=no_repeat)
    assert PRESETS["good"].config.decoder == recipe.decoder
    assert PRESETS["good"].config.decoding == bundled.decoding
