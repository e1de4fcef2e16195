"""How the rows of the lecture's table are made: what is there already, what is resumed, and what is refused."""

import json
import sys
import time
import tomllib
from types import SimpleNamespace

import pytest
from PIL import Image

from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError

CAPTIONS = ("a dog runs on grass", "two men play", "a red car", "the boy jumps")
TINY = """
epochs = 3
batch_size = 4
min_word_count = 1
patience = 0
precision = "float32"
[decoder]
project_dim = 8
embed_dim = 8
decoder_dim = 8
attention_dim = 8
[decoding]
beam_size = 1
max_length = 6
"""


@pytest.fixture(scope="module")
def lecture(recipe):
    return recipe("lecture_work")


@pytest.fixture(scope="module")
def table(recipe):
    return recipe("lecture_table")


@pytest.fixture
def flickr8k(tmp_path):
    """A data set of eight training and six dev photographs, in the layout that the script reads."""
    folder = tmp_path / "flickr8k"
    (folder / "images").mkdir(parents=True)
    names = {"train": [f"t{index}.jpg" for index in range(8)], "dev": [f"d{index}.jpg" for index in range(6)]}
    lines = ["image,caption"]
    for split, files in names.items():
        (folder / f"{split}.txt").write_text("".join(f"{name}\n" for name in files))
        lines += [f"{name},{CAPTIONS[index % len(CAPTIONS)]}" for index, name in enumerate(files)]
        for index, name in enumerate(files):
            Image.new("RGB", (64, 64), (30 * index, 90, 200)).save(folder / "images" / name)
    (folder / "captions.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def work(lecture, flickr8k, tmp_path):
    return lecture.Work(tmp_path / "work", flickr8k / "captions.txt")


@pytest.fixture
def variant(lecture):
    return lecture.Variant("gru-soft", "GRU", lecture.vary({"epochs": 2}, {"decoder": {"cell": "gru"}}, where="gru"))


@pytest.fixture
def commands(lecture, monkeypatch):
    """Arguments of each ``captioner`` that would have been run; those of training tell of one epoch."""
    commands = []
    event = {"event": "epoch_finished", "epoch": 1, "seconds": 2.0, "dev_loss": 3.0, "scores": {"cider": 12.0}}

    def train(*arguments, is_kept=True):
        commands.append(["train", *map(str, arguments)])
        yield json.dumps(event) + "\n"

    monkeypatch.setattr(lecture, "_train", train)
    monkeypatch.setattr(lecture, "_run", lambda *arguments: commands.append([*map(str, arguments)]))
    return commands


def test_rows_change_one_thing_each(table, lecture):
    shared = tomllib.loads(table.RECIPE.read_text(encoding="utf-8"))
    base = TrainingConfig.from_dict(shared)
    configs = {name: lecture.vary(shared, changes, where=name) for name, _, changes in table.ROWS}
    assert len(configs) == len(table.ROWS)
    for config in configs.values():
        changed = differences(base.to_dict(), config.to_dict())
        assert len(changed) <= 1, changed
    assert {config.epochs for config in configs.values()} == {base.epochs}
    kinds = {(config.decoder.cell, config.decoder.layers, config.decoder.attention) for config in configs.values()}
    assert {("rnn", 1, "soft"), ("gru", 1, "soft"), ("lstm", 2, "soft"), ("lstm", 1, "hard")} <= kinds
    assert {("lstm", 1, "none_first"), ("lstm", 1, "none_every")} <= kinds
    assert {config.level for config in configs.values()} == {"word", "char"}


def differences(one, other):
    """Names of the settings, at every depth, in which two tables differ."""
    names = []
    for name, value in one.items():
        names += differences(value, other[name]) if isinstance(value, dict) else [name] * (value != other[name])
    return names


def test_changes_reach_every_depth_and_no_further(lecture):
    recipe = {"epochs": 4, "decoder": {"cell": "rnn", "layers": 2}}
    config = lecture.vary(recipe, {"seed": 9, "decoder": {"cell": "gru"}}, where="a row")
    assert (config.epochs, config.seed, config.decoder.cell, config.decoder.layers) == (4, 9, "gru", 2)
    assert recipe["decoder"]["cell"] == "rnn"


def test_unknown_setting_names_the_row(lecture):
    with pytest.raises(ConfigurationError, match="the row mine the setting 'cells'"):
        lecture.vary({}, {"cells": "gru"}, where="mine")


def test_features_are_extracted_where_they_are_missing(work, flickr8k, commands):
    assert work.extract(flickr8k, None) == {"train": 8, "dev": 6}
    assert [command[0] for command in commands] == ["extract", "extract"]
    (work.path / "train.h5").touch()
    work.extract(flickr8k, None)
    assert len(commands) == 3
    assert str(work.path / "dev.h5") in commands[2]


def test_miniature_has_the_first_images(work, flickr8k, commands):
    assert work.extract(flickr8k, 3) == {"train": 3, "dev": 5}
    assert (work.path / "train.txt").read_text() == "t0.jpg\nt1.jpg\nt2.jpg\n"


def test_other_images_are_refused(work, flickr8k, commands):
    work.extract(flickr8k, 3)
    with pytest.raises(SystemExit, match=r"train\.txt is of an earlier table .* Choose another --work"):
        work.extract(flickr8k, None)


def test_other_settings_are_refused(work, lecture, variant):
    work.settle(variant)
    work.settle(variant)
    with pytest.raises(SystemExit, match=r"gru-soft\.json is of an earlier table"):
        work.settle(lecture.Variant(variant.name, variant.title, variant.config.replace(epochs=3)))


def test_row_is_begun_resumed_and_left_alone_when_finished(work, variant, commands, capsys):
    work.train(variant)
    run = work.path / "runs" / "gru-soft"
    assert {"--features", "--dev-features", "--recipe", "--output", str(run)} <= set(commands[0])
    run.mkdir()
    (run / "config.json").touch()
    work.train(variant)
    assert commands[1] == ["train", "--resume", str(run)]
    (run / "gru-soft").mkdir()
    work.train(variant)
    assert len(commands) == 2
    assert "gru-soft is trained already." in capsys.readouterr().out
    assert (work.path / "events" / "gru-soft.jsonl").read_text().count("epoch_finished") == 2


def test_speed_leaves_the_first_steps_out(work, lecture, variant, monkeypatch):
    told = []

    def train(*arguments, is_kept):
        assert "--dev-features" not in arguments
        assert not is_kept
        for step, speed in ((20, 10.0), (40, 100.0), (60, 140.0), (80, 1.0)):
            told.append(step)
            yield json.dumps({"event": "steps_finished", "step": step, "captions_per_second": speed}) + "\n"

    monkeypatch.setattr(lecture, "_train", train)
    work.measure_speed(variant)
    assert json.loads((work.path / "speed" / "gru-soft.json").read_text()) == 120
    assert told[-1] == 60


def test_speed_of_too_few_images_is_refused(work, variant, commands):
    with pytest.raises(SystemExit, match="too few images"):
        work.measure_speed(variant)


@pytest.fixture
def program(lecture, monkeypatch):
    """``program(code)``: what runs in the place of ``captioner``."""
    return lambda code: monkeypatch.setattr(lecture, "CAPTIONER", (sys.executable, "-c", code))


def test_training_ends_when_nobody_listens_any_more(lecture, program):
    program("import sys; print('{}', flush=True); sys.stdin.read(); print('stopped'); sys.exit(130)")
    started = time.monotonic()
    lines = lecture._train("--output", "run")
    assert next(lines) == "{}\n"
    lines.close()
    assert time.monotonic() - started < 60


def test_training_that_is_not_kept_is_ended_at_once(lecture, program):
    program("import time; print('{}', flush=True); time.sleep(600)")
    lines = lecture._train("--output", "run", is_kept=False)
    assert next(lines) == "{}\n"
    lines.close()


@pytest.mark.parametrize("is_kept", [True, False])
def test_training_that_comes_to_its_end_is_not_broken_off(lecture, program, is_kept):
    program("import os, time; print('{}', flush=True); os.close(1); time.sleep(0.2); os._exit(0)")
    assert list(lecture._train(is_kept=is_kept)) == ["{}\n"]


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize(("status", "end"), [(130, 130), (1, "captioner train failed; see above.")])
def test_training_that_fails_ends_the_script(lecture, program, status, end, is_kept):
    program(f"import sys; print('{{}}'); sys.exit({status})")
    with pytest.raises(SystemExit) as ended:
        list(lecture._train(is_kept=is_kept))
    assert ended.value.code == end


def test_extraction_that_fails_ends_the_script(lecture, program):
    program("import sys; sys.exit(1)")
    with pytest.raises(SystemExit, match="captioner extract failed"):
        lecture._run("extract")


@pytest.fixture
def in_process(lecture, monkeypatch, tiny_package, capsys):
    """Runs the real ``captioner`` in this process, with the encoder of the tiny package."""
    from captioner.cli.main import main

    def run(*arguments):
        model = [] if "--resume" in arguments else ["--model", tiny_package]
        monkeypatch.setattr(sys, "argv", ["captioner", *map(str, (*arguments, *model))])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert not ended.value.code, err
        return out.splitlines(keepends=True)

    def train(*arguments):
        yield from run("train", *arguments, "--events", "jsonl")

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # Typer puts its own in place
    monkeypatch.setattr(lecture, "_run", run)
    monkeypatch.setattr(lecture, "_train", train)


def test_miniature_from_photographs_to_the_page(table, flickr8k, tmp_path, monkeypatch, in_process):
    page, data = tmp_path / "mini" / "lecture.md", tmp_path / "mini" / "lecture.json"
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(TINY)
    monkeypatch.setattr(table, "ROWS", [row for row in table.ROWS if row[0] in ("gru-soft", "lstm-soft-char")])
    options = {"flickr8k": flickr8k, "work": tmp_path / "mini", "recipe": recipe, "epochs": 1, "images": 8}
    rows = {}
    for only in (["gru-soft"], ["lstm-soft-char"]):
        arguments = SimpleNamespace(**options, only=only, speed=False, page=None)
        monkeypatch.setattr(table, "_options", lambda arguments=arguments: arguments)
        table.main()
        rows = {row["name"]: row for row in json.loads(data.read_text())["rows"]}
        assert only[0] in rows
    assert list(rows) == ["gru-soft", "lstm-soft-char"]
    assert rows["gru-soft"]["captions"].keys() == {f"d{index}.jpg" for index in range(5)}
    assert rows["lstm-soft-char"]["loss_per"] == "character"
    for row in rows.values():
        assert row["dev_loss"] > 0
        assert row["parameters"] > 1000
        assert 0 < row["gradient_norm"] <= row["gradient_norm_95"]
        assert row["captions_per_second"] > 0
    text = page.read_text()
    assert "| GRU |" in text
    assert "1 epoch over 8 photographs" in text
    assert "| Photograph 5, `d4.jpg` | |" in text


def test_unknown_row_is_refused(table, lecture):
    variant = lecture.Variant("gru-soft", "GRU", TrainingConfig())
    with pytest.raises(SystemExit, match=r"There is no row gru\. Choose of: gru-soft"):
        table._choose([variant], ["gru"])


def test_a_folder_without_flickr8k_is_refused(table, tmp_path):
    (tmp_path / "images").mkdir()
    with pytest.raises(SystemExit, match=r"There is no .*captions\.txt\. Name the folder that holds Flickr8k"):
        table._require_flickr8k(tmp_path)
