"""``captioner train`` that is stopped, resumed, extended, followed by a program and refused."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from captioner.cli.training_options import PresetName
from captioner.cli.training_wishes import ending_with_parent, stopping_on_signals
from captioner.config import TrainingConfig
from captioner.training.control import TrainingControl
from captioner.training.presets import PRESETS, Preset
from captioner.training.run import repeat_command
from captioner.training.run_folder import CONFIG
from captioner.training.self_critical import SelfCritical

ROOT = Path(__file__).resolve().parents[3]
DATA = ("--features", "train.h5", "--dev-features", "dev.h5", "--captions", "captions.csv")


@pytest.fixture
def files(training_files, monkeypatch):
    monkeypatch.chdir(training_files)
    return training_files


@pytest.fixture
def arguments(tiny_package):
    return (*DATA, "--model", tiny_package, "--recipe", "recipe.toml", "-o", "run")


@pytest.fixture
def train(captioner, files, arguments):
    return lambda *more: captioner("train", *arguments, *more)


@pytest.fixture
def stop_at(monkeypatch):
    """``stop_at(4)``: a signal comes when so many steps have been taken from now on."""
    from captioner.training.course import Course

    def arrange(step, number=signal.SIGTERM):
        taken, count = [], Course.count

        def counting(self, *arguments):
            taken.append(count(self, *arguments))
            if len(taken) == step:
                os.kill(os.getpid(), number)

        monkeypatch.setattr(Course, "count", counting)

    return arrange


def events_of(result):
    return [json.loads(line) for line in result.out.splitlines()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_saves_and_says_how_to_go_on(train, captioner, stop_at, number):
    stop_at(4, number)
    result = train()
    assert result.status == 130
    *_, stopped, model, hint = result.err.splitlines()
    assert stopped == "Training was stopped after 4 steps, which are saved."
    assert model == "The best epoch so far (1) is in run/my-model."
    assert (Path("run") / "my-model" / "manifest.json").exists()
    assert hint == "Go on with: captioner train --resume run"
    resumed = captioner(*hint.removeprefix("Go on with: captioner ").split())
    assert resumed.status == 0
    assert [line.split()[1] for line in resumed.err.splitlines() if line.startswith("epoch")] == [
        "2",
        "3",
        "4",
        "5",
        "6",
    ]
    assert (Path("run") / "my-model" / "manifest.json").exists()


def test_stopped_before_the_first_epoch_there_is_no_model(train, stop_at):
    stop_at(1)
    *_, model, hint = train().err.splitlines()
    assert model == "There is no model yet: no epoch was scored before."
    assert hint.startswith("Go on with: ")


def test_the_best_epoch_is_said_with_what_chooses_it(train, captioner, arguments):
    epochs = [line for line in train().err.splitlines() if line.startswith("epoch")]
    assert any(line.endswith(", best so far by CIDEr") for line in epochs)


def test_without_dev_images_no_epoch_is_called_the_best(captioner, files, arguments):
    result = captioner("train", *DATA[:2], *arguments[4:])
    assert "best" not in result.err.replace("the best epoch cannot be chosen", "")
    assert "Epoch kept: 6." in result.err


def test_images_that_are_held_out_are_the_same_after_a_stop(captioner, files, arguments, stop_at, monkeypatch):
    monkeypatch.setattr("captioner.data.held_out.LEAST_IMAGES", 6)
    stop_at(3)
    result = captioner("train", *DATA[:2], *arguments[4:])
    sentence = "Nothing says which images choose the best epoch, so 1 of the 6 are held out for that"
    assert sentence in result.err
    assert sentence in (Path("run") / "log.txt").read_text()
    result = captioner("train", "--resume", "run")
    assert result.status == 0
    assert "best so far by CIDEr" in result.err
    samples = [set(json.loads(path.read_text())) for path in sorted(Path("run", "samples").glob("epoch-???.json"))]
    assert len(samples) == 6
    assert all(names == samples[0] for names in samples)


def test_a_run_of_an_earlier_version_goes_on_with_all_images(captioner, files, arguments, stop_at, monkeypatch):
    def without_dev_share(config):
        return {name: value for name, value in dataclasses.asdict(config).items() if name != "dev_share"}

    stop_at(3)
    with monkeypatch.context() as earlier:
        earlier.setattr(TrainingConfig, "to_dict", without_dev_share)
        assert captioner("train", *DATA[:2], *arguments[4:]).status == 130
    monkeypatch.setattr("captioner.data.held_out.LEAST_IMAGES", 6)
    result = captioner("train", "--resume", "run")
    assert result.status == 0
    assert "Epoch kept: 6." in result.err


def test_the_folder_of_a_run_is_no_model(captioner, train):
    assert train().status == 0
    result = captioner("evaluate", "--features", "dev.h5", "--captions", "captions.csv", "--model", "run")
    assert result.sentence == "run is a run; its model is run/my-model."


def test_program_follows_and_extends(train, captioner, files):
    result = train("--events", "jsonl", "--every", 0)
    assert result.status == 0
    events = events_of(result)
    kinds = [event["event"] for event in events]
    assert (kinds[0], kinds[-1]) == ("run_started", "training_finished")
    assert events[0] == {"event": "run_started", "path": "run", "process": os.getpid(), "step": 0, "steps": 18}
    assert kinds.count("epoch_finished") == 6
    assert kinds.count("checkpoint_saved") >= 18
    last = [event for event in events if event["event"] == "steps_finished"][-1]
    assert (last["step"], last["epoch"], last["epochs"]) == (18, 6, 6)
    assert last["peak_memory"] > 0
    assert last["seconds_left"] >= 0

    extended = captioner("train", "--resume", "run", "--extend", 2, "--events", "jsonl")
    assert extended.status == 0
    epochs = [event["epoch"] for event in events_of(extended) if event["event"] == "epoch_finished"]
    assert epochs == [7, 8]


def test_failure_is_told_as_an_event_too(train, monkeypatch):
    from captioner.errors import TrainingRunError
    from captioner.training.trainer import Trainer

    def fail(self):
        yield from ()
        raise TrainingRunError("The run is damaged.")

    monkeypatch.setattr(Trainer, "run", fail)
    result = train("--events", "jsonl")
    assert result.status == 1
    assert events_of(result)[-1] == {"event": "run_failed", "message": "The run is damaged."}
    assert "captioner: The run is damaged." in result.err


def test_memory_that_ran_out_is_told_with_a_size_of_batches_to_resume_with(train, monkeypatch):
    from captioner.errors import TrainingMemoryError
    from captioner.training.trainer import Trainer

    def fail(self):
        yield from ()
        raise TrainingMemoryError("There is not enough memory.", batch_size=40)

    monkeypatch.setattr(Trainer, "run", fail)
    expected = {"event": "run_failed", "message": "There is not enough memory.", "batch_size": 40}
    assert events_of(train("--events", "jsonl"))[-1] == expected


def test_settings_of_an_earlier_run_serve_as_a_recipe(captioner, train, arguments, stop_at):
    stop_at(1)
    assert train().status == 130
    stop_at(1)
    assert captioner("train", *arguments[:-4], "-o", "again", "--recipe", Path("run") / CONFIG).status == 130
    first, second = (json.loads((Path(run) / CONFIG).read_text())["training"] for run in ("run", "again"))
    assert first == second


def test_where_the_photographs_are_is_only_noted(train, files, stop_at):
    stop_at(1)
    train("--images", "photographs")
    sources = json.loads((files / "run" / CONFIG).read_text())["sources"]
    assert sources["images"] == str(files / "photographs")
    command = repeat_command(files / "run")
    assert command[command.index("--images") + 1] == sources["images"]


def test_presets_are_settings(captioner, files, arguments, monkeypatch):
    assert set(PresetName) == PRESETS.keys()
    monkeypatch.setitem(PRESETS, "best", Preset(PRESETS["best"].config.replace(min_word_count=77), ""))
    result = captioner("train", *arguments[:-4], "-o", "run", "--preset", "best")
    assert "No word of captions.csv occurs 77 times" in result.sentence


REFUSALS = {
    "nothing to train on": ((), "Name a data set and --output"),
    "data set and features": (("data", *DATA, "-o", "run"), "data is a data set of its own"),
    "data set and no output": (("data",), "Name --output, or"),
    "features alone": (DATA[:2], "Name --captions and --output, or"),
    "captions alone": (("--captions", "captions.csv", "-o", "run"), "Name --features, or"),
    "no such run": (("--resume", "nope"), "There is no folder nope"),
    "extending nothing": ((*DATA, "-o", "run", "--extend", 3), "Add --resume"),
    "no run": (("--resume", "."), "holds no run that could be resumed"),
    "no such setting": ((*DATA, "-o", "run", "--recipe", "unknown.toml"), "It belongs below [decoder]"),
    "other settings": (("--resume", "run", "--epochs", 9), "--epochs cannot be given"),
    "other preset": (("--resume", "run", "--preset", "best"), "--preset cannot be given"),
    "other folder": (("--resume", "run", "-o", "other"), "--output cannot be given"),
    "no settings": ((*DATA, "-o", "run", "--recipe", "bad.json"), "is not the config.json of a run"),
    "endless": ((*DATA, "-o", "run", "--recipe", "long.toml"), "long.toml is too large"),
    "no JSON": ((*DATA, "-o", "run", "--recipe", "broken.json"), "is not valid JSON"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_what_cannot_be_asked_for(captioner, files, kind):
    Path("bad.json").write_text("{}")
    Path("broken.json").write_text("{")
    Path("unknown.toml").write_text("decoder_dim = 4\n")
    Path("long.toml").write_text("#" * (2 << 20))
    arguments, reason = REFUSALS[kind]
    assert reason in captioner("train", *arguments).sentence
    assert not Path("run").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe_is_not_waited_for(captioner, files):
    os.mkfifo("pipe")
    for option in ("--recipe", "--captions", "--features", "--dev-features"):
        assert "file" in captioner("train", *DATA, "-o", "run", option, "pipe").sentence
    assert not Path("run").exists()


def test_process_that_torchrun_restarts_goes_on_by_itself(train, stop_at, monkeypatch):
    stop_at(4)
    train()
    stop_at(10**9)
    assert "run is not empty" in train().sentence
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert train().status == 0


def test_process_that_torchrun_restarts_does_not_extend_twice(captioner, train, stop_at, monkeypatch):
    train()
    stop_at(1)
    assert captioner("train", "--resume", "run", "--extend", 2).status == 130
    stop_at(10**9)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    result = captioner("train", "--resume", "run", "--extend", 2)
    assert result.status == 0
    assert [line.split()[1] for line in result.err.splitlines() if line.startswith("epoch")] == ["7", "8"]


def test_restart_in_the_second_stage_keeps_its_batches(train, stop_at, monkeypatch):
    stop_at(9)  # the first of the second stage
    assert train("--batch-size", 4).status == 130
    stop_at(10**9)
    sizes, run_epoch = set(), SelfCritical.run_epoch

    def spy(stage, *arguments):
        sizes.add(stage.settings.images_per_batch)
        return run_epoch(stage, *arguments)

    monkeypatch.setattr(SelfCritical, "run_epoch", spy)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert train("--batch-size", 4).status == 0
    assert sizes == {2}


# Wishes


def test_second_signal_ends_at_once():
    control = TrainingControl()
    before = signal.getsignal(signal.SIGINT)

    def interrupt_twice():
        with stopping_on_signals(control):
            os.kill(os.getpid(), signal.SIGINT)
            assert control.is_stopping
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        interrupt_twice()
    assert signal.getsignal(signal.SIGINT) is before


def until(condition):
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def test_parent_writes_its_wishes_and_hangs_up(caplog):
    control = TrainingControl()
    reading, writing = os.pipe()
    try:
        with ending_with_parent(control, reading):
            os.write(writing, b"pau")
            os.write(writing, b"se\nnonsense\nextend 2\nextend 0\nextend x\n")
            assert until(lambda: control.is_paused)
            assert until(lambda: len(caplog.messages) == 3)
            assert control.take_extension() == 2
            os.write(writing, b"resume\n")
            assert until(lambda: not control.is_paused)
            assert not control.is_stopping
            os.close(writing)
            assert until(lambda: control.is_stopping)
    finally:
        os.close(reading)
    assert until(lambda: not any(thread.name.startswith("parent-") for thread in threading.enumerate()))
    assert "'nonsense', which it does not understand" in caplog.messages[0]


PARENT = """
import subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
for line in process.stdout:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="this system does not tell which processes there are")
def test_when_the_window_is_killed_training_saves_and_ends(captioner, files, arguments):
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "captioner", "train", *map(str, arguments), "--epochs", "100000"]
    command += ["--end-with-parent", "--events", "jsonl", "--every", "1000"]
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as window:
        process = json.loads(window.stdout.readline())["process"]
        while json.loads(window.stdout.readline())["event"] != "steps_finished":
            pass
        window.kill()
        window.wait()
    assert until(lambda: not Path(f"/proc/{process}/cmdline").exists() or not _command_line(process))
    checkpoints = sorted((files / "run" / "checkpoints").glob("step-*"))
    assert checkpoints
    from captioner.training.checkpoint import read_checkpoint

    assert read_checkpoint(checkpoints[-1]).values["position"]["steps_done"] > 0
    assert "'training_stopped'" in (files / "run" / "log.txt").read_text()


def _command_line(process):
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_recipe_changes_a_preset(tmp_path):
    from captioner.cli.train import _read_config
    from captioner.training.presets import PRESETS

    recipe = tmp_path / "recipe.toml"
    recipe.write_text("seed = 7\n[decoder]\ndropout = 0.1\n")
    good = PRESETS["good"].config
    assert _read_config("good", recipe) == good.replace(seed=7, decoder=good.decoder.replace(dropout=0.1))
    assert _read_config("good", None) == good
    assert _read_config(None, recipe).seed == 7


def test_time_left_of_an_endless_run_can_be_told(captioner, train, stop_at):
    stop_at(1)
    assert train("--epochs", 10**25).status == 130


def test_a_model_is_taught_further(captioner, files, tiny_package):
    usual = (*DATA, "--model", tiny_package, "--start-from", tiny_package, "-o", "run")
    Path("short.toml").write_text("epochs = 1\nbatch_size = 2\nmin_word_count = 1\nevaluate_from_epoch = 1\n")
    result = captioner("train", *usual, "--preset", "quick", "--recipe", "short.toml")
    assert result.status == 0, result.err
    content = json.loads((Path("run") / CONFIG).read_text())
    assert content["sources"]["start_from"] == str(tiny_package)
    assert content["training"]["decoder"]["decoder_dim"] == 8
    assert "circle" in (Path("run") / "my-model" / "vocabulary.json").read_text()


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        ('[decoder]\ncell = "gru"\n', "decoder.cell cannot be 'gru', because the model tiny"),
        # What a new decoder would have by default is a wish all the same where somebody writes it down.
        ("[decoder]\ndecoder_dim = 512\n", "decoder.decoder_dim cannot be 512"),
        ('level = "char"\n', "level cannot be 'char'"),
    ],
)
def test_settings_that_contradict_the_model_are_refused(captioner, files, tiny_package, recipe, reason):
    Path("other.toml").write_text(recipe)
    result = captioner("train", *DATA, "--start-from", tiny_package, "-o", "run", "--recipe", "other.toml")
    assert reason in result.sentence


def test_a_run_cannot_be_resumed_from_a_model(captioner, files, tiny_package):
    result = captioner("train", "--resume", "run", "--start-from", tiny_package)
    assert "--start-from cannot be given" in result.sentence


def test_no_epochs_need_a_model(captioner, files):
    Path("second.toml").write_text("epochs = 0\n[self_critical]\nepochs = 1\n")
    result = captioner("train", *DATA, "-o", "run", "--recipe", "second.toml")
    assert "Name a model with --start-from" in result.sentence
