from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

from captioner.errors import ConfigurationError
from captioner.worker import line_process
from captioner.worker.training_client import TrainingClient
from captioner.worker.training_protocol import (
    CheckpointSaved,
    DatasetChecked,
    DatasetChoice,
    EpochReport,
    ExtractionEnded,
    ExtractionFailed,
    ExtractionReport,
    ExtractionRequest,
    StepReport,
    TrainingEnded,
    TrainingExtended,
    TrainingFailed,
    TrainingPaused,
    TrainingRequest,
    TrainingResumed,
    TrainingStarted,
)

ROOT = Path(__file__).resolve().parents[3]
PRETENDER = Path(__file__).with_name("pretended_trainer.py")
COMMAND = (sys.executable, "-S", str(PRETENDER))
ENDS = (TrainingEnded, TrainingFailed)


@pytest.fixture
def log_file(tmp_path):
    return tmp_path / "training.log"


@pytest.fixture
def client(listener, log_file):
    client = TrainingClient(listener, log_file=log_file, command=COMMAND)
    yield client
    client.close()


def request(manner, output="run", **changes):
    return TrainingRequest(dataset=DatasetChoice(f"{manner}.h5", captions="c.csv"), output=output, **changes)


def noted(log_file, what):
    """What the pretender wrote of itself to its standard error."""
    lines = [line for line in log_file.read_text().splitlines() if line.startswith(f"{what}: ")]
    return json.loads(lines[-1].removeprefix(f"{what}: "))


# Runs


def test_a_run_is_told_from_its_start_to_its_package(client, listener):
    assert client.start(request("ends", name="circles")) == "run"
    ended = listener.wait_for(TrainingEnded)
    started, steps, epoch, saved, _ = listener.events
    assert (type(started), started.run, started.steps) == (TrainingStarted, "run", 100)
    assert (steps.step, steps.loss, steps.memory, steps.seconds_left) == (20, 3.5, 1000, 9.0)
    assert epoch == EpochReport(
        run="run",
        stage="words",
        epoch=1,
        loss=3.0,
        dev_loss=2.5,
        scores={"cider": 50.5, "bleu_4": 20.0, "images": 2.0},
        is_best=True,
        seconds=2.0,
    )
    assert saved == CheckpointSaved(run="run", step=20)
    package = str(Path("run") / "circles")
    assert ended == TrainingEnded(run="run", reason="all epochs are done", package=package, best_epoch=1)
    assert not client.is_training


def test_the_package_of_a_resumed_run_is_named_by_its_folder(client, listener, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"sources": {"name": "squares"}}))
    client.start(request("ends", output=str(tmp_path), resume=True))
    assert listener.wait_for(TrainingEnded).package == str(tmp_path / "squares")


def test_a_run_heeds_wishes_that_are_sent_at_any_time(client, listener):
    client.start(request("obeys"))
    client.pause("run")  # before the process can be there
    listener.wait_for(TrainingPaused, run="run")
    assert client.is_training
    assert client.runs == ("run",)
    client.resume("run")
    listener.wait_for(TrainingResumed)
    client.extend("run", 3)
    assert listener.wait_for(TrainingExtended).epochs == 5
    client.stop_and_save("run")
    assert listener.wait_for(ENDS) == TrainingEnded(run="run", reason="stopped as asked", package=None, best_epoch=0)
    assert not client.is_training


def test_wishes_reach_their_own_run(client, listener):
    client.start(request("obeys", output="one"))
    client.start(request("obeys", output="two"))
    client.pause("two")
    client.stop_and_save("unknown")
    listener.wait_for(TrainingPaused, run="two")
    client.stop_and_save("one")
    assert listener.wait_for(ENDS).run == "one"
    assert client.runs == ("two",)
    assert not any(isinstance(event, TrainingPaused) and event.run == "one" for event in listener.events)


def test_a_run_can_be_resumed_as_soon_as_it_has_ended(client, listener):
    client.start(request("ends"))
    listener.wait_for(TrainingEnded)
    client.start(TrainingRequest(output="run", resume=True))
    client.stop_and_save("run")
    assert listener.wait_for(TrainingEnded, count=2).package is None


def test_a_listener_may_close_the_client(listener):
    def close_at_the_end(event):
        listener(event)
        if isinstance(event, TrainingEnded):
            client.close()
            listener("closed")

    client = TrainingClient(close_at_the_end, command=COMMAND)
    client.start(request("ends"))
    listener.wait_for(str)
    assert isinstance(listener.events[-2], TrainingEnded)


def test_a_run_that_goes_on_is_not_started_twice(client, listener):
    client.start(request("obeys"))
    with pytest.raises(ConfigurationError, match=r"run is being written already"):
        client.start(request("obeys"))
    client.stop_and_save("run")
    listener.wait_for(ENDS)


@pytest.mark.parametrize(
    "bad",
    [
        request("ends", output=""),
        request("ends", settings={"epochs\n": 1}),
        request("ends", settings={"epochs": {}}),
        request("ends", settings={"decoder..cell": 1}),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_refused(client, bad):
    with pytest.raises(ConfigurationError):
        client.start(bad)
    assert not client.is_training


def test_a_run_is_extended_by_one_epoch_or_more(client):
    with pytest.raises(ConfigurationError, match="not by 0"):
        client.extend("run", 0)


@pytest.mark.parametrize(
    ("manner", "message"),
    [
        ("refused", "features.h5 is cut short. Copy it again."),
        ("exhausted", "There is not enough memory."),
        ("killed", "perhaps because memory ran out"),
    ],
)
def test_a_run_that_breaks_off_says_why(client, listener, manner, message):
    client.start(request(manner))
    failed = listener.wait_for(ENDS)
    assert isinstance(failed, TrainingFailed)
    assert message in failed.message
    assert "arguments: " in failed.details


def test_what_is_no_event_is_passed_over(client, listener, caplog):
    client.start(request("damaged"))
    listener.wait_for(StepReport)
    assert [type(event) for event in listener.events] == [TrainingStarted, StepReport]
    assert "Not understood" in caplog.text


def test_a_program_that_cannot_be_started_is_a_failed_run(listener, tmp_path):
    client = TrainingClient(listener, command=(str(tmp_path / "missing"),))
    client.start(request("ends"))
    assert "could not be started" in listener.wait_for(TrainingFailed).message
    client.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there priority has no number")
def test_what_trains_is_nice(client, listener, log_file):
    client.start(request("ends"))
    listener.wait_for(TrainingEnded)
    assert noted(log_file, "niceness") >= 10


def test_the_command_says_what_the_request_says(client, listener, log_file):
    settings = {"epochs": 3, "decoder.cell": "gru", "learning_rate": 1e-5, "use_views": False, "betas": (0.9, 0.99)}
    dataset = DatasetChoice("ends.h5", "dev.h5", "c.csv", encoder_weights="official")
    client.start(TrainingRequest(dataset=dataset, preset="good", settings=settings, output="run", name="m"))
    listener.wait_for(TrainingEnded)
    assert noted(log_file, "arguments") == [
        *("--features", "ends.h5", "--dev-features", "dev.h5", "--captions", "c.csv", "--weights", "official"),
        *("--output", "run", "--name", "m", "--preset", "good", "--recipe"),
        *("--events", "jsonl", "--end-with-parent"),
    ]
    assert noted(log_file, "recipe").splitlines() == [
        "epochs = 3",
        'decoder.cell = "gru"',
        "learning_rate = 1e-05",
        "use_views = false",
        "betas = [0.9, 0.99]",
    ]


def test_a_run_is_resumed_by_its_folder(client, listener, log_file):
    client.start(TrainingRequest(output="run", extend=2, settings={"batch_size": 40, "epochs": 9}))
    client.stop_and_save("run")
    listener.wait_for(TrainingEnded)
    expected = ["--resume", "run", "--batch-size", "40", "--extend", "2", "--events", "jsonl", "--end-with-parent"]
    assert noted(log_file, "arguments") == expected


def test_settings_leave_no_file_behind(client, listener, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    client.start(request("ends", settings={"epochs": 1}))
    with pytest.raises(ConfigurationError):
        client.start(request("ends", settings={"epochs": 1}))
    listener.wait_for(TrainingEnded)
    assert not list((tmp_path / "temporary").iterdir())


def test_a_log_that_has_grown_long_is_begun_anew(client, listener, log_file):
    log_file.write_bytes(b"x" * (2 << 20))
    client.start(request("ends"))
    listener.wait_for(TrainingEnded)
    assert log_file.stat().st_size < 4096


# Checks


def test_a_check_is_answered_once(client, listener):
    client.check(["--odd name", "coco"])
    checked = listener.wait_for(DatasetChecked)
    assert checked.paths == ("--odd name", "coco")
    assert checked.report.is_usable
    assert len(listener.events) == 1


def test_a_new_check_takes_the_place_of_the_old(client, listener, log_file, ends_soon):
    client.check(["slow"])
    until = time.monotonic() + 10
    while not (log_file.exists() and log_file.read_text().startswith("pid ")) and time.monotonic() < until:
        time.sleep(0.02)
    client.check(["coco"])
    assert listener.wait_for(DatasetChecked).paths == ("coco",)
    assert ends_soon(int(log_file.read_text().split()[1]), seconds=5)
    assert len(listener.events) == 1


def test_a_check_that_crashes_refuses_the_data(client, listener):
    client.check(["crash"])
    report = listener.wait_for(DatasetChecked).report
    assert not report.is_usable
    assert "ended by itself (signal SIGSEGV)" in report.refusals[0]


# Extractions


def test_an_extraction_is_followed_to_its_file(client, listener):
    assert client.extract(ExtractionRequest(images="photos", output="f.h5", views=2)) == "f.h5"
    assert listener.wait_for(ExtractionEnded) == ExtractionEnded(output="f.h5", path="f.h5", failed=1)
    messages = ("x.jpg is cut short.",)
    report = ExtractionReport(output="f.h5", done=3, failed=1, images=9, images_per_second=0.0, messages=messages)
    assert listener.events[0] == report


def test_an_extraction_that_is_stopped_fails_without_a_word(client, listener):
    client.extract(ExtractionRequest(images="photos", output="slow.h5"))
    listener.wait_for(ExtractionReport)
    with pytest.raises(ConfigurationError, match=r"slow\.h5 is being written"):
        client.extract(ExtractionRequest(images="photos", output="slow.h5"))
    client.stop_extraction("slow.h5")
    assert listener.wait_for(ExtractionFailed).message == ""


def test_an_extraction_that_fails_says_why(client, listener):
    client.extract(ExtractionRequest(images="photos", output="full.h5"))
    assert listener.wait_for(ExtractionFailed).message == "The disk is full. Free some space and try again."


# The end


def test_closing_saves_runs_and_leaves_no_process(client, listener, tmp_path, monkeypatch, ends_soon):
    marker = tmp_path / "saved"
    monkeypatch.setenv("SAVED", str(marker))
    client.start(request("obeys"))
    client.extract(ExtractionRequest(images="photos", output="slow.h5"))
    client.check(["slow"])
    pid = listener.wait_for(TrainingStarted).pid
    listener.wait_for(ExtractionReport)
    client.close()
    assert marker.read_text() == "saved"
    assert ends_soon(pid, seconds=0.1)
    assert not any(isinstance(event, (*ENDS, ExtractionFailed, DatasetChecked)) for event in listener.events)
    for call in (lambda: client.start(request("ends")), lambda: client.check(["coco"])):
        with pytest.raises(RuntimeError, match="closed"):
            call()


def test_closing_ends_what_will_not_end(client, listener, ends_soon):
    client.start(request("stubborn"))
    listener.wait_for(CheckpointSaved)
    pid = listener.wait_for(TrainingStarted).pid
    client.close(timeout=0.1)
    assert ends_soon(pid, seconds=0.1)


def test_closing_right_after_starting_leaves_nothing(client, listener):
    client.start(request("obeys"))
    client.check(["slow"])
    client.close()
    assert not client.is_training


OWNER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from captioner.worker import line_process
from captioner.worker.training_client import TrainingClient
from captioner.worker.training_protocol import DatasetChoice, StepReport, TrainingRequest, TrainingStarted

def on_event(event):
    if isinstance(event, TrainingStarted):
        print(event.pid, flush=True)
    elif isinstance(event, StepReport):
        print("trains", flush=True)

client = TrainingClient(on_event, command=sys.argv[2:])
client.start(TrainingRequest(dataset=DatasetChoice("obeys.h5"), output="run"))
time.sleep(60)
"""


def test_what_trains_saves_and_ends_when_its_owner_is_killed(tmp_path, monkeypatch, ends_soon):
    marker = tmp_path / "saved"
    monkeypatch.setenv("SAVED", str(marker))
    command = (sys.executable, "-c", OWNER, str(ROOT), *COMMAND)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        pid = int(owner.stdout.readline())
        assert owner.stdout.readline() == "trains\n"
        owner.kill()
    assert ends_soon(pid, seconds=5)
    assert marker.read_text() == "saved"


def test_a_tethered_command_ends_when_its_owner_does(tmp_path, ends_soon):
    code = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r})\n"
        "from captioner.worker.tether import end_with_standard_input; end_with_standard_input()\n"
        # In short sleeps: a signal that comes just before a long one begins is heeded only when that is over.
        "try:\n    print('ready', flush=True)\n    for _ in range(600): time.sleep(0.1)\n"
        "except KeyboardInterrupt:\n    print('interrupted')"
    )
    process = subprocess.Popen((sys.executable, "-c", code), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "ready\n"
        process.stdin.close()
        assert process.stdout.read() == "interrupted\n"
    assert process.returncode == 0


def test_the_engines_own_command_line_is_what_runs(listener, tmp_path):
    client = TrainingClient(listener)
    client.start(request("missing", output=str(tmp_path / "run")))
    assert listener.wait_for(TrainingFailed).details
    client.close()


# With the engine


@pytest.fixture
def engine_files(request):
    """The files of a tiny run; skips where the engine tells programs nothing of its training yet."""
    if importlib.util.find_spec("captioner.training.events") is None:
        pytest.skip("captioner train has no --events")
    return request.getfixturevalue("training_files")


@pytest.fixture
def engine(listener, log_file, monkeypatch):
    listener.seconds_to_wait = 100  # to import torch on a busy machine, where at low priority it may take minutes
    monkeypatch.setattr(line_process, "NICENESS", 0)
    client = TrainingClient(listener, log_file=log_file)
    yield client
    client.close()


def test_the_engine_checks_trains_and_heeds_wishes(engine, listener, engine_files, tiny_package):
    features, dev_features, captions = (str(engine_files / name) for name in ("train.h5", "dev.h5", "captions.csv"))
    dataset = DatasetChoice(features, dev_features, captions, model=str(tiny_package))
    run = str(engine_files / "run")
    settings = {"epochs": 1, "batch_size": 2, "min_word_count": 1, "evaluate_from_epoch": 1, "decoder.decoder_dim": 8}
    engine.check(dataset.files)
    engine.start(TrainingRequest(dataset=dataset, preset="", settings=settings, output=run, name="circles"))
    engine.pause(run)
    listener.wait_for(TrainingPaused)
    engine.extend(run, 9999)
    engine.resume(run)
    assert listener.wait_for(TrainingExtended).epochs == 10_000
    listener.wait_for(EpochReport, count=2)
    engine.stop_and_save(run)
    ended = listener.wait_for(ENDS)
    assert isinstance(ended, TrainingEnded), ended.details
    assert ended.package is None
    epochs = [event for event in listener.events if isinstance(event, EpochReport)]
    assert [epoch.epoch for epoch in epochs[:2]] == [1, 2]
    assert all(math.isfinite(epoch.dev_loss) and "cider" in epoch.scores for epoch in epochs)
    assert listener.wait_for(StepReport).memory > 0
    assert listener.wait_for(DatasetChecked).report.counts["train"] == 6


def test_the_engine_says_why_it_refuses_data(engine, listener, engine_files):
    engine.check([str(engine_files / "missing.h5")])
    report = listener.wait_for(DatasetChecked).report
    assert not report.is_usable
    assert "missing.h5" in report.refusals[0]
