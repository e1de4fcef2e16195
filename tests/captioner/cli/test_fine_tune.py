"""``captioner fine-tune`` that is carried out, stopped, resumed, and refused."""

import json
import os
import signal
from pathlib import Path

import pytest

from captioner.training.fine_tuning_config import FineTuningConfig

DATA = ("--images", "photos", "--captions", "captions.csv", "--split", "train.txt", "--dev-split", "dev.txt")
QUICK = ("--epochs", 2, "--batch-size", 3, "--precision", "float32", "--device", "cpu")


@pytest.fixture
def files(fine_tuning_files, monkeypatch):
    monkeypatch.chdir(fine_tuning_files)
    return fine_tuning_files


@pytest.fixture
def fine_tune(captioner, files, tiny_package):
    return lambda *more: captioner("fine-tune", *DATA, *QUICK, "--model", tiny_package, "-o", "run", *more)


def events_of(result):
    return [json.loads(line) for line in result.out.splitlines()]


def test_new_model_captions(fine_tune, captioner):
    result = fine_tune("--name", "mine", "--frozen-stages", 1, "--seed", 5)
    assert result.status == 0, result.err
    assert f"The model is in {Path('run') / 'mine'}." in result.err
    assert [line.split()[1] for line in result.err.splitlines() if line.startswith("epoch")] == ["1", "2"]
    recorded = json.loads(Path("run/config.json").read_text())["training"]
    assert (recorded["frozen_stages"], recorded["seed"], recorded["device"]) == (1, 5, "cpu")
    captioned = captioner("caption", "photos/0.jpg", "--model", "run/mine", "--device", "cpu")
    assert captioned.status == 0
    assert captioned.out.startswith("photos/0.jpg: ")


def test_stopped_followed_by_a_program_and_resumed(fine_tune, captioner, monkeypatch):
    from captioner.training.course import Course

    taken, count = [], Course.count

    def counting(self, *arguments):
        taken.append(count(self, *arguments))
        if len(taken) == 3:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Course, "count", counting)
    result = fine_tune("--events", "jsonl", "--every", 0)
    assert result.status == 130
    told = events_of(result)
    assert told[0]["event"] == "run_started"
    assert (told[0]["step"], told[0]["steps"]) == (0, 4)
    assert (told[-1]["event"], told[-1]["step"]) == ("training_stopped", 3)
    hint = result.err.splitlines()[-1]
    assert hint == "Go on with: captioner fine-tune --resume run"
    resumed = captioner(*hint.removeprefix("Go on with: captioner ").split(), "--extend", 1, "--events", "jsonl")
    assert resumed.status == 0
    epochs = [event["epoch"] for event in events_of(resumed) if event["event"] == "epoch_finished"]
    assert epochs == [2, 3]
    assert (Path("run") / "my-model" / "manifest.json").exists()


def test_settings_come_from_a_recipe_and_from_an_earlier_run(fine_tune, captioner, files, tiny_package):
    Path("recipe.toml").write_text("epochs = 7\npatience = 2\n[views]\ngrey = 0.5\n")
    assert fine_tune("--recipe", "recipe.toml").status == 0
    first = json.loads(Path("run/config.json").read_text())["training"]
    expected = FineTuningConfig().replace(epochs=2, batch_size=3, precision="float32", device="cpu", patience=2)
    expected = expected.replace(views=expected.views.replace(grey=0.5))
    assert FineTuningConfig.from_dict(first) == expected
    arguments = (*DATA, "--model", tiny_package, "--recipe", "run/config.json", "-o", "again")
    assert captioner("fine-tune", *arguments).status == 0
    assert json.loads(Path("again/config.json").read_text())["training"] == first


def test_a_damaged_photograph_costs_one_sentence(fine_tune, files, caplog):
    (files / "photos" / "3.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    assert fine_tune().status == 0
    (warning,) = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warning.startswith("3.jpg is damaged")
    assert warning.endswith("It is left out.")
    assert "photographs left out as damaged: 1" in Path("run/my-model/MODEL_CARD.md").read_text()


REFUSALS = {
    "nothing to train on": ((), "Name --images, --captions and --output"),
    "no folder": (("--images", "none", "--captions", "captions.csv", "-o", "run"), "none does not exist"),
    "extending nothing": ((*DATA, "-o", "run", "--extend", 3), "Add --resume"),
    "no output": (DATA, "Name --output, or the folder of a run"),
    "no run": (("--resume", "photos"), "holds no run that could be resumed"),
    "other settings": (("--resume", "run", "--epochs", 9), "--epochs cannot be given"),
    "another model": (("--resume", "run", "--model", "mine"), "--model cannot be given"),
    "unknown setting": ((*DATA, "-o", "run", "--recipe", "wrong.toml"), "'level' is not known"),
    "no recipe": ((*DATA, "-o", "run", "--recipe", "none.toml"), "none.toml cannot be read"),
    "unknown model": ((*DATA, "-o", "run", "--model", "none"), "There is no model 'none'"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_what_cannot_be_asked_for(captioner, files, kind):
    Path("wrong.toml").write_text('level = "char"\n')
    arguments, reason = REFUSALS[kind]
    assert reason in captioner("fine-tune", *arguments).sentence
    assert not Path("run").exists()


def test_each_command_resumes_its_own_runs(fine_tune, captioner):
    assert fine_tune("--epochs", 1).status == 0
    assert "Go on with `captioner fine-tune --resume run`" in captioner("train", "--resume", "run").sentence


def test_features_of_a_dilated_variant_train_a_decoder(captioner, files, tiny_package):
    from captioner.data.feature_files import FeatureFile

    arguments = ("--images", "photos", "--encoder", "stepped_resnet_small_dilated", "--model", tiny_package)
    assert captioner("extract", *arguments, "-o", "fine.h5", "--device", "cpu").status == 0
    with FeatureFile(Path("fine.h5")) as features:
        assert (features.info.grid, features.info.encoder) == ((4, 4), "stepped_resnet_small_dilated")
    Path("recipe.toml").write_text("epochs = 1\nmin_word_count = 1\n[decoder]\nproject_dim = 8\ndecoder_dim = 8\n")
    files = ("--features", "fine.h5", "--captions", "captions.csv", "--recipe", "recipe.toml")
    assert captioner("train", *files, "--model", tiny_package, "-o", "run").status == 0
    caption = captioner("caption", "photos/0.jpg", "--model", "run/my-model", "--device", "cpu")
    assert caption.status == 0
