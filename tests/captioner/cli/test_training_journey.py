"""From photographs to a new model and its scores: extract, train, caption, evaluate."""

import json
import logging
import os
import re
import shutil
from dataclasses import replace

import h5py
import pytest
import torch
from safetensors.torch import save_file

from captioner.worker.training_commands import FOLLOWED, extract_arguments, train_arguments
from captioner.worker.training_protocol import DatasetChoice, ExtractionRequest, TrainingRequest

RECIPE = """
batch_size = 4
min_word_count = 1
learning_rate = 0.01
evaluate_from_epoch = 1
average_decay = 0.0
precision = "float32"

[decoder]
project_dim = 8
embed_dim = 8
decoder_dim = 8
attention_dim = 8

[decoding]
beam_size = 2
max_length = 8
"""
CAPTIONS = """image,caption
photo-1.jpg,A red circle.
photo-1.jpg,"A circle, red."
photo-2.jpg,A blue circle.
photo-2.jpg,A blue circle on the ground.
photo-3.jpg,A green circle.
photo-3.jpg,The green circle.
inside/deep.png,A red box.
inside/deep.png,The box.
"""


@pytest.fixture
def files(photographs, tmp_path, monkeypatch):
    """The working folder of someone who is about to train a model."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "captions.csv").write_text(CAPTIONS)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    (tmp_path / "train.txt").write_text("photo-1.jpg\nphoto-2.jpg\nphoto-3.jpg\n")
    (tmp_path / "dev.txt").write_text("inside/deep.png\n")
    return tmp_path


@pytest.fixture
def extract(captioner, tiny_package, files):
    return lambda *arguments: captioner("extract", "--images", "photos", "--model", tiny_package, *arguments)


@pytest.fixture
def features(extract, files):
    assert extract("--split", "train.txt", "--views", 1, "-o", "train.h5").status == 0
    assert extract("--split", "dev.txt", "-o", "dev.h5").status == 0
    return files


@pytest.fixture
def train(captioner, tiny_package):
    usual = ("--features", "train.h5", "--dev-features", "dev.h5", "--captions", "captions.csv")
    usual += ("--model", tiny_package, "--recipe", "recipe.toml", "--epochs", 2, "-o", "run")
    return lambda *arguments: captioner("train", *usual, *arguments)


def test_extract_train_caption_evaluate(captioner, train, features, monkeypatch):
    monkeypatch.setattr(logging.root, "handlers", [])
    result = train("--name", "circles")
    assert (result.status, result.out) == (0, ""), result.err
    assert [line.split()[0] for line in result.err.splitlines()] == ["epoch", "epoch", "Training", "The"]
    assert re.search(r"^epoch 2\b.*: loss \d", result.err, re.MULTILINE)
    assert "dev BLEU-1" in result.err
    assert "The model is in run" in result.err
    config = json.loads((features / "run" / "config.json").read_text())
    assert config["training"]["epochs"] == 2  # the option wins over the recipe
    assert config["training"]["decoder"]["decoder_dim"] == 8
    assert len((features / "run" / "history.jsonl").read_text().splitlines()) == 2
    assert (features / "run" / "log.txt").read_text().strip()

    model = features / "run" / "circles"
    assert captioner("models", "verify", model).status == 0
    assert "captions.csv" in captioner("models", "show", model).out
    captioned = captioner("caption", "photos/photo-1.jpg", "-m", model, "-f", "json")
    assert captioned.status == 0
    caption = json.loads(captioned.out)
    assert caption["model"] == "circles"
    assert {word["text"] for word in caption["words"]} <= {
        *("a", "red", "blue", "green", "circle", "box", "on", "the", "ground")
    }
    scored = captioner("evaluate", "--images", "photos", "--captions", "captions.csv", "-m", model, "--json")
    assert scored.status == 0
    assert json.loads(scored.out)["images"] == 4


@pytest.fixture
def other_weights(files):
    """A file of random weights of an encoder that the tiny model does not have."""
    from captioner.encoder_registry import encoder_spec
    from captioner.encoders import Encoder

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        encoder = Encoder(encoder_spec("mobilenet_v3_small").config())
    save_file(encoder.trunk.state_dict(), files / "mobile.safetensors")
    return files / "mobile.safetensors"


@pytest.mark.parametrize("is_named", [True, False], ids=["features name it", "the user names it"])
def test_what_a_window_asks_of_another_encoder_makes_a_model_of_photographs(captioner, files, other_weights, is_named):
    request = ExtractionRequest(
        images="photos",
        output=str(files / "all.h5"),
        captions="captions.csv",
        encoder="mobilenet_v3_small",
        weights=str(other_weights),
        views=1,
    )
    assert captioner(*extract_arguments(request)).status == 0
    dataset = DatasetChoice(features="all.h5", captions="captions.csv", encoder_weights=str(other_weights))
    if not is_named:
        with h5py.File(files / "all.h5") as file, h5py.File(files / "plain.h5", "w") as plain:
            plain["features"] = file["features"][:].reshape(4, 7, 7, -1)
            names = [name.decode() for name in file["image_names"][:]]
        (files / "names.txt").write_text("".join(f"{name}\n" for name in names))
        paths = ("plain.h5", "names.txt", "captions.csv")
        dataset = replace(dataset, features="", captions="", paths=paths, encoder="mobilenet_v3_small")
    report = json.loads(captioner("check", "--json", *dataset.files).out)
    assert report["features"]["encoder"] == ("mobilenet_v3_small" if is_named else "")
    assert report["features"]["may_be_of_an_encoder"]
    asked = TrainingRequest(dataset=dataset, output="run", name="mobile", preset="")
    command, *arguments = (one for one in train_arguments(asked, files / "recipe.toml") if one not in FOLLOWED)
    trained = captioner(command, "--epochs", 1, *arguments)
    assert trained.status == 0, trained.err
    captioned = captioner("caption", "photos/photo-1.jpg", "-m", files / "run" / "mobile", "-f", "json")
    assert captioned.status == 0, captioned.err
    assert json.loads(captioned.out)["model"] == "mobile"
    assert "mobilenet_v3_small" in captioner("models", "show", files / "run" / "mobile").out


# Extraction


def test_names_come_from_the_folder_a_split_or_the_captions(extract, files):
    expected = {
        (): ["photo-1.jpg", "photo-2.jpg", "photo-3.jpg", "inside/deep.png"],
        ("--split", "dev.txt"): ["inside/deep.png"],
        ("--captions", "captions.csv"): ["photo-1.jpg", "photo-2.jpg", "photo-3.jpg", "inside/deep.png"],
    }
    for arguments, names in expected.items():
        result = extract(*arguments, "-o", "features.h5", "--overwrite")
        assert (result.status, result.out) == (0, "")
        assert f"features of {len(names)} of {len(names)} images" in result.err
        with h5py.File(files / "features.h5") as file:
            assert [name.decode() for name in file["image_names"][:]] == names
            assert file["features"].shape[:1] == (len(names),)


def test_bad_image_is_left_out_of_the_features(extract, files):
    (files / "photos" / "photo-2.jpg").write_bytes(b"")
    result = extract("--split", "train.txt", "-o", "train.h5")
    assert result.status == 1
    assert "photo-2.jpg is empty" in result.err
    with h5py.File(files / "train.h5") as file:
        assert len(file["features"]) == 2


def test_extraction_that_cannot_be(extract, captioner, files, tiny_package):
    assert "does not exist" in captioner("extract", "--images", "none", "-o", "x.h5").sentence
    assert "is not a folder" in captioner("extract", "--images", "captions.csv", "-o", "x.h5").sentence
    assert "There is no file" in extract("--split", "none.txt", "-o", "x.h5").sentence
    assert "holds stepped_resnet_small, not resnet50" in extract("--encoder", "resnet50", "-o", "x.h5").sentence
    assert "multiple of 32" in extract("--input-size", 100, "-o", "x.h5").sentence
    assert "There is no encoder 'resnet1'" in extract("--encoder", "resnet1", "--weights", "w", "-o", "x.h5").sentence
    assert "--encoder" in extract("--weights", "official", "-o", "x.h5").sentence
    (files / "x.h5").write_bytes(b"precious")
    assert "--overwrite" in extract("-o", "x.h5").sentence
    assert (files / "x.h5").read_bytes() == b"precious"
    assert sorted(files.glob("*.h5")) == [files / "x.h5"]


def test_features_of_nothing_are_not_written(extract, files):
    for path in (files / "photos").rglob("*.*"):
        path.write_bytes(b"")
    result = extract("-o", "x.h5")
    assert result.status == 1
    assert "No image of photos could be read" in result.err.splitlines()[-1]
    assert not list(files.glob("*x*.h5"))


# Training


RECIPES = {
    "not TOML": ("epochs = = 3", "is not valid TOML"),
    "unknown setting": ("epoch = 3", "'epoch' is not known"),
    "unknown setting inside": ("[decoder]\nwidth = 3", "'width' is not known"),
    "other type": ('epochs = "three"', "'epochs' cannot be 'three'"),
    "out of range": ("learning_rate = -1.0", "learning_rate must be above 0"),
    "no number": ("learning_rate = nan", "learning_rate"),
    "no table": ("decoder = 3", "table of settings"),
    "not text": ("\xff", "is not valid TOML"),
}


@pytest.mark.parametrize("kind", RECIPES)
def test_recipe_that_cannot_be_used(train, files, kind):
    content, reason = RECIPES[kind]
    (files / "recipe.toml").write_bytes(content.encode("latin-1"))
    assert reason in train().sentence
    assert not (files / "run").exists()


def test_recipe_that_is_missing_or_a_folder(train, files):
    assert "none.toml cannot be read" in train("--recipe", "none.toml").sentence
    assert "photos cannot be read" in train("--recipe", "photos").sentence


def test_training_that_cannot_be(train, features, tiny_package):
    (features / "full").mkdir()
    (features / "full" / "model.txt").write_text("precious")
    assert "full is not empty" in train("-o", "full").sentence
    assert "none.h5" in train("--features", "none.h5").sentence
    assert "captions.csv" in train("--features", "captions.csv").sentence
    assert "shares" in train("--dev-features", "train.h5").sentence
    assert "cannot be the name of a model" in train("--name", "../up").sentence
    (features / "captions.csv").write_text("image,caption\nphoto-1.jpg,A circle.\n")
    assert "has captions of none of the 1 image of dev.h5" in train().sentence
    assert not (features / "run").exists()
    assert os.listdir(features / "full") == ["model.txt"]  # noqa: PTH208


def test_features_of_another_encoder_are_refused(train, features, tiny_package):
    other = shutil.copytree(tiny_package, features / "other")
    weights = bytearray((other / "weights.safetensors").read_bytes())
    weights[-1] ^= 1
    (other / "weights.safetensors").write_bytes(weights)
    from captioner.model_library import seal_package

    seal_package(other)
    assert "was not extracted with these weights" in train("--model", other).sentence


def test_interrupted_training_says_how_to_go_on(train, features, monkeypatch):
    from captioner.training.run import TrainingRun

    def events(self):
        yield from ()
        raise KeyboardInterrupt

    monkeypatch.setattr(TrainingRun, "events", events)
    result = train()
    assert result.status in (1, 130)
    assert result.err == "Go on with: captioner train --resume run\n"
