"""Which models stay in memory, what is remembered of photographs, and how packages are described."""

from __future__ import annotations

import os
import shutil

import pytest
import torch

from captioner.captioning import ImageFeatures
from captioner.encoder_registry import ENCODERS
from captioner.encoders import Encoder
from captioner.errors import ModelPackageError
from captioner.geometry import Geometry, Rectangle
from captioner.worker import loaded_models, model_details
from captioner.worker.caption_requests import Pace
from captioner.worker.loaded_models import MOST_REMEMBERED, LoadedModel, LoadedModels
from captioner.worker.model_details import all_details, grid_of


@pytest.fixture
def copies(tiny_package, tmp_path):
    return [str(shutil.copytree(tiny_package, tmp_path / name)) for name in ("one", "two", "three")]


@pytest.fixture
def models():
    return LoadedModels()


def test_two_models_stay_and_the_current_one_always_does(models, copies):
    current = models.load(copies[0])
    second = models.get(copies[1])
    assert models.get(copies[1]) is second
    third = models.get(copies[2])
    assert models.get(None) is current is models.get(copies[0])
    assert models.get(copies[2]) is third
    assert models.get(copies[1]) is not second


def test_loading_makes_current(models, copies):
    models.load(copies[0])
    second = models.load(copies[1])
    assert models.get(None) is second


def test_model_that_cannot_be_loaded_leaves_all_as_it_was(models, copies, tmp_path):
    current = models.load(copies[0])
    with pytest.raises(ModelPackageError):
        models.load(str(tmp_path / "missing"))
    assert models.get(None) is current


def test_package_that_was_replaced_is_loaded_anew(models, copies):
    before = models.load(copies[0])
    os.utime(os.path.join(copies[0], "manifest.json"), ns=(1, 1))  # noqa: PTH118
    assert models.load(copies[0]) is not before


def test_without_a_name_the_bundled_model_is_loaded(models, copies, monkeypatch):
    find = loaded_models.find_package
    monkeypatch.setattr(loaded_models, "find_package", lambda name: find(name or copies[1]))
    assert models.get(None).captioner.name == "two"


def test_what_was_wanted_longest_ago_is_forgotten():
    model = LoadedModel(package=None, captioner=None)
    batch = torch.zeros(MOST_REMEMBERED + 1, 4, 3)
    geometry = Geometry(1, 1, Rectangle(0, 0, 1, 1))
    for index in range(MOST_REMEMBERED):
        model.remember((str(index), 0, 0), ImageFeatures(batch[index], (2, 2), geometry, None))
    assert model.recall(("0", 0, 0)) is not None
    model.remember(("new", 0, 0), ImageFeatures(batch[-1], (2, 2), geometry, None))
    assert model.recall(("0", 0, 0)) is not None
    assert model.recall(("1", 0, 0)) is None
    assert model.recall(("0", 1, 0)) is None
    assert model.recall(None) is None
    kept = model.recall(("new", 0, 0)).features
    assert kept.untyped_storage().nbytes() == kept.numel() * kept.element_size()


@pytest.mark.parametrize("name", ["stepped_resnet18", "stepped_resnet18_dilated", "alexnet"])
def test_grid_is_that_of_the_features(name):
    spec = ENCODERS[name]
    with torch.inference_mode():
        encoded = Encoder(spec.config(64)).eval()(torch.zeros((1, 64, 64, 3), dtype=torch.uint8))
    assert grid_of(name, 64) == encoded.grid


def test_packages_that_cannot_be_read_are_told(monkeypatch, copies, tmp_path):
    (tmp_path / "two" / "config.json").write_text("{")
    folders = [(tmp_path / name, "bundled") for name in ("two", "one")]
    monkeypatch.setattr(model_details, "package_folders", lambda: iter(folders))
    models, problems = all_details()
    assert [(model.name, model.origin) for model in models] == [("one", "bundled")]
    assert len(problems) == 1
    assert "two" in problems[0]


def test_parts_grow_while_they_are_quick_and_shrink_when_slow():
    pace = Pace()
    sizes = []
    for seconds in (0.1, 0.1, 0.1, 0.3, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.1):
        pace.adapt(pace.size, seconds)
        sizes.append(pace.size)
    assert sizes == [8, 16, 16, 16, 8, 4, 2, 1, 1, 1, 2]


def test_the_rest_of_a_job_does_not_let_parts_grow():
    pace = Pace(8)
    pace.adapt(1, 0.01)
    assert pace.size == 8
    pace.adapt(7, 0.9)
    assert pace.size == 4
