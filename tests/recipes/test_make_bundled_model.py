from pathlib import Path

import pytest
import torch

from captioner.model_library import WEIGHTS, find_package, read_package
from captioner.quantisation import dequantise, is_worth_quantising, quantise
from captioner.weight_files import read_weights


@pytest.fixture
def script(recipe, monkeypatch, tmp_path):
    """The script, which does not run commands but remembers them and makes what they would have made."""
    module = recipe("make_bundled_model")
    module.called = []

    def call(*arguments):
        module.called.append([str(argument) for argument in arguments])
        if "--output" in arguments:
            output = arguments[arguments.index("--output") + 1]
            (output / module.NAME).mkdir(parents=True)

    monkeypatch.setattr(module, "_call", call)
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text("seed = 1")
    return module


def test_a_step_that_was_taken_is_not_taken_again(script, tmp_path):
    for _ in range(2):
        script._taught(tmp_path / "run", "train", "--recipe", Path("settings.toml"))
    assert [command[0] for command in script.called] == ["train"]


def test_a_run_that_was_stopped_is_resumed(script, tmp_path):
    script._taught(tmp_path / "run", "train", "--recipe", Path("settings.toml"))
    mark = tmp_path / "run" / script.BEST_SO_FAR
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    package = script._taught(tmp_path / "run", "train", "--recipe", Path("settings.toml"))
    assert package == tmp_path / "run" / script.NAME
    assert script.called[1] == ["train", "--resume", str(tmp_path / "run")]


@pytest.mark.parametrize("change", ["settings", "command", "record"])
def test_results_of_another_recipe_are_refused(script, tmp_path, change):
    command = ["train", "--recipe", Path("settings.toml")]
    script._taught(tmp_path / "run", *command)
    if change == "settings":
        Path("settings.toml").write_text("seed = 2")
    elif change == "command":
        command += ["--seed", 3]
    else:
        (tmp_path / "run.made-of.json").unlink()
    with pytest.raises(SystemExit, match="made by another command or of other files"):
        script._taught(tmp_path / "run", *command)
    assert len(script.called) == 1


def test_what_a_result_was_made_of_is_followed_to_the_beginning(script, tmp_path):
    script._run(tmp_path / "features", "extract", "--weights", Path("settings.toml"), "--output", tmp_path / "features")
    script._run(tmp_path / "run", "train", tmp_path / "features", "--output", tmp_path / "run")
    record = tmp_path / "features.made-of.json"
    record.write_text(record.read_text().replace("extract", "extract-otherwise"))
    with pytest.raises(SystemExit, match="of other files"):
        script._run(tmp_path / "run", "train", tmp_path / "features", "--output", tmp_path / "run")


def test_the_bundled_models_repeat_no_more_words_than_the_recipe_lets_them(script):
    for name in (script.NAME, script.TINY):
        assert find_package(name).config.decoding.no_repeat_ngram_size == script.NO_REPEAT_NGRAM


def test_the_tiny_model_is_the_other_in_fewer_bits(script):
    whole, tiny = find_package(script.NAME), find_package(script.TINY)
    assert tiny.config == whole.config
    assert tiny.bytes <= 12_000_000 < whole.bytes <= 40_000_000
    for prefix in ("encoder.stage8", "decoder."):
        weights, rounded = (read_weights(package.path / WEIGHTS, prefix=prefix) for package in (whole, tiny))
        assert weights.keys() == rounded.keys()
        for name, weight in weights.items():
            wanted = dequantise(quantise(weight, script.BITS)) if is_worth_quantising(weight) else weight
            torch.testing.assert_close(rounded[name], wanted, msg=name)


def test_a_package_says_what_the_recipe_says_of_it(script, tmp_path):
    about = {**find_package(script.NAME).about.to_dict(), "scores": {"CIDEr": 1.5}}
    tables = {"dev_scores": "| 3 | figures |", "parent_scores": "| 3 | other figures |"}
    script._write_package(find_package(script.TINY).path, tmp_path / script.TINY, tables, about)
    package = read_package(tmp_path / script.TINY)
    package.verify()
    assert package.description == script.DESCRIPTIONS[script.TINY]
    assert dict(package.about.scores) == {"CIDEr": 1.5}
    assert all(table in package.card for table in tables.values())
    with pytest.raises(SystemExit, match="exists already"):
        script._write_package(find_package(script.TINY).path, tmp_path / script.TINY, tables, about)
