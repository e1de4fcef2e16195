import tomllib
from pathlib import Path

import pytest

from captioner.config import TrainingConfig
from captioner.training.distillation.config import DistillationConfig
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
@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.name)
def test_recipe_is_valid(path):
    kind = DistillationConfig if path.name == "encoder.toml" else TrainingConfig
    kind.from_dict(tomllib.loads(path.read_text()), where=path.name)


@pytest.mark.skipif(not RECIPES.is_dir(), reason="recipes are in the checkout only")
def test_good_is_the_recipe_of_the_bundled_model():
    recipe = tomllib.loads((RECIPES / "captioner-small.toml").read_text())
    assert PRESETS["good"].config == TrainingConfig.from_dict(recipe)
