"""``captioner distill``: an encoder for ``extract`` comes of it, and what cannot be is said in a sentence."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from captioner.data.feature_files import FeatureFile

RECIPE = """
epochs = 1
batch_size = 3
phases = [[0.5, 32], [0.5, 64]]
statistics_batches = 1
held_out = 1
precision = "float32"
"""


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    from captioner.encoders import build_network

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("teacher") / "teacher.safetensors"
    save_file(build_network("mobilenet_v2").state_dict(), path)
    return path


@pytest.fixture
def distill(captioner, teacher, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    for index in range(7):
        pixels = np.random.default_rng(index).integers(0, 256, (40, 50, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{index}.png")
    (tmp_path / "recipe.toml").write_text(RECIPE)
    given = ("--teacher", "mobilenet_v2", "--teacher-weights", teacher, "--student", "stepped_resnet_small")
    given += ("--device", "cpu", "--recipe", "recipe.toml")
    return lambda *arguments: captioner("distill", *given, *arguments)


def test_an_encoder_for_extract_comes_of_it(distill, captioner, tmp_path):
    (tmp_path / "dev.txt").write_text("5.png\n")
    result = distill("--images", "photos", "--leave-out", "dev.txt", "-o", "run")
    assert (result.status, result.out) == (0, ""), result.err
    assert "5 photographs to learn from, 1 to measure on." in result.err
    assert "mobilenet_v2 is asked at features.6, features.13, features.17" in result.err
    assert "variance explained:" in result.err
    assert "The encoder is in run/encoder.safetensors." in result.err
    arguments = ("--encoder", "stepped_resnet_small", "--weights", "run/encoder.safetensors", "--input-size", 64)
    extracted = captioner("extract", "--images", "photos", *arguments, "--device", "cpu", "-o", "features.h5")
    assert extracted.status == 0, extracted.err
    with FeatureFile(tmp_path / "features.h5") as features:
        assert (features.info.encoder, features.info.dim, features.info.grid) == ("stepped_resnet_small", 320, (2, 2))
    log = (tmp_path / "run" / "log.txt").read_text()
    assert "StudentMeasured" in log


def test_a_run_is_stopped_by_a_signal_and_resumed(distill, captioner, tmp_path, monkeypatch):
    from captioner.training.distillation.distiller import Distiller

    step = Distiller._step

    def interrupted(self, *arguments):
        self.control.stop_and_save()
        return step(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Distiller, "_step", interrupted)
        stopped = distill("--images", "photos", "-o", "run")
    assert stopped.status == 130
    assert "stopped after 1 steps" in stopped.err
    assert "Go on with: captioner distill --resume run" in stopped.err
    refused = captioner("distill", "--resume", "run", "--epochs", 3)
    assert "so --epochs cannot be given" in refused.sentence
    assert "so --seed cannot be given" in captioner("distill", "--resume", "run", "--seed", 0).sentence
    assert "so --images cannot be given" in captioner("distill", "--resume", "run", "--images", "photos").sentence
    resumed = captioner("distill", "--resume", "run")
    assert resumed.status == 0, resumed.err
    assert (tmp_path / "run" / "encoder.safetensors").is_file()
    assert "is not empty" in distill("--images", "photos", "-o", "run").sentence


def test_what_cannot_be_is_said(distill, captioner, tmp_path):
    assert "Name --teacher and --images, or" in captioner("distill", "-o", "run").sentence
    assert "missing does not exist" in distill("--images", "missing", "-o", "run").sentence
    both = distill("--images", "photos", "--epochs", 1, "--minutes", 1, "-o", "run")
    assert "not by both" in both.sentence
    assert "no encoder 'vgg17'" in distill("--images", "photos", "--student", "vgg17", "-o", "run").sentence
    (tmp_path / "names.txt").write_text("nobody.png\n")
    lost = distill("--images", "photos", "--split", "names.txt", "-o", "run2")
    assert "nobody.png is in none of the folders" in lost.sentence
    (tmp_path / "recipe.toml").write_text("epoch = 3\n")
    assert "'epoch' is not known" in distill("--images", "photos", "-o", "run3").sentence
