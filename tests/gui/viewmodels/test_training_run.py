"""A run as it tells of itself, and as its folder tells of it."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captioner.worker.training_protocol import (
    CheckpointSaved,
    TrainingEnded,
    TrainingExtended,
    TrainingFailed,
    TrainingPaused,
    TrainingResumed,
    TrainingStarted,
)
from gui.viewmodels.run_files import BEST_SO_FAR, MOST_SAMPLES
from gui.viewmodels.training_run import RunState, RunView, read_run

FILES = ("config.json", "history.jsonl", "steps.jsonl", "samples/epoch-001.json", "samples/epoch-001.attention.json")


@pytest.fixture
def run():
    run = RunView("run")
    run.changes = []
    run.changed.connect(lambda: run.changes.append("changed"))
    run.epoch_added.connect(lambda epoch: run.changes.append(epoch.epoch))
    return run


def test_a_run_follows_its_events(run, made_up):
    run.apply(TrainingStarted(run="run", pid=7, step=0, steps=40))
    assert (run.state, run.progress) == (RunState.RUNNING, None)
    run.apply(made_up.step(10))
    run.apply(made_up.epoch(1))
    run.apply(CheckpointSaved(run="run", step=10))
    assert (run.progress.step, run.saved_step, run.best_epoch) == (10, 10, 1)
    run.apply(TrainingPaused(run="run", reason="The disk is full."))
    assert (run.state, run.message, run.is_live) == (RunState.PAUSED, "The disk is full.", True)
    run.apply(TrainingExtended(run="run", epochs=5, steps=50))
    assert run.state is RunState.PAUSED
    run.apply(TrainingResumed(run="run"))
    assert (run.state, run.message) == (RunState.RUNNING, "")
    run.apply(TrainingEnded(run="run", reason="all epochs are done", package="run/my-model", best_epoch=1))
    assert (run.state, run.package, run.is_live) == (RunState.ENDED, "run/my-model", False)
    assert run.changes.count("changed") == 8
    assert run.changes[2:4] == [1, "changed"]


def test_events_of_other_runs_are_passed_over(run, made_up):
    run.apply(made_up.step(1, "other"))
    assert (len(run.steps), run.changes) == (0, [])


def test_a_run_that_was_stopped_has_no_new_model(run):
    run.apply(TrainingEnded(run="run", reason="stopped as asked", package=None, best_epoch=0))
    assert (run.state, run.package) == (RunState.STOPPED, None)


def test_a_failure_keeps_its_sentence_and_details(run):
    run.apply(TrainingFailed(run="run", message="Memory ran out.", details="Traceback"))
    assert (run.state, run.message, run.details) == (RunState.FAILED, "Memory ran out.", "Traceback")
    assert run.smaller_batch is None
    assert not run.can_resume  # nothing of it is on the disk


def test_a_size_of_batches_to_resume_with_is_known_until_the_run_goes_on(run):
    run.apply(TrainingFailed(run="run", message="Memory ran out.", batch_size=40))
    assert run.smaller_batch == 40
    run.apply(TrainingStarted(run="run", pid=1, step=0, steps=9))
    assert run.smaller_batch is None


@pytest.mark.parametrize(("patience", "told"), [(2, 2), (3, 0), (0, 0), ("2", 0)])
def test_a_run_knows_whether_its_patience_ended_it(made_up, tmp_path, patience, told):
    folder = made_up.run(tmp_path / "run", epochs=2, has_package=True, settings={"epochs": 9, "patience": patience})
    with (folder / "history.jsonl").open("a") as file:
        file.writelines(made_up.history_line(epoch, is_best=False) for epoch in (3, 4))
    assert read_run(folder).epochs_without_gain == told


def test_epochs_of_an_earlier_stage_or_without_a_score_do_not_try_its_patience(run, made_up):
    run.settings = {"patience": 1}
    run.apply(made_up.epoch(1, is_best=False))
    run.apply(made_up.epoch(2, is_best=False, scores={}))
    run.apply(TrainingEnded(run="run", reason="all epochs are done", package="run/my-model", best_epoch=1))
    assert run.epochs_without_gain == 0
    run.settings = {"patience": 2}
    run.apply(made_up.epoch(3, stage="captions", is_best=False))
    assert run.epochs_without_gain == 0


def test_epochs_and_steps_that_are_done_again_are_told_once(run, made_up):
    for step in (10, 20):
        run.apply(made_up.step(step))
        run.apply(made_up.epoch(step // 10))
    run.apply(made_up.step(15))
    assert [epoch.epoch for epoch in run.epochs] == [1]
    assert run.steps.step.tolist() == [10, 15]
    run.apply(made_up.epoch(2, loss=1.0, is_best=False))
    assert [(epoch.epoch, epoch.loss) for epoch in run.epochs] == [(1, 4.0), (2, 1.0)]
    assert run.best.epoch == 1


def test_resuming_takes_back_what_its_folder_does_not_have(tmp_path, made_up):
    folder = made_up.run(tmp_path / "run", epochs=1)
    run = read_run(folder)
    for step in (10, 20, 25):
        run.apply(made_up.step(step, str(folder)))
    run.apply(made_up.epoch(2, str(folder)))
    run.apply(TrainingStarted(run=str(folder), pid=7, step=10, steps=40))
    assert run.steps.step.tolist() == [10]
    assert [epoch.epoch for epoch in run.epochs] == [1]
    assert (run.state, run.saved_step) == (RunState.RUNNING, 10)


def test_the_metric_is_the_one_that_the_run_chooses_by(made_up):
    run = RunView("run")
    epoch = made_up.epoch(1)
    assert (run.metric, run.score(epoch)) == ("cider", 41.0)
    run.settings = {"choose_by": "loss"}
    assert (run.metric, run.score(epoch)) == ("loss", 4.2)
    run.settings = {"choose_by": ["what"]}
    assert run.metric == "cider"


def test_it_is_called_by_its_folder_until_it_is_renamed(run):
    assert RunView("some/where/first").name == "first"
    run.rename("Second")
    run.rename("Second")
    assert (run.name, run.changes) == ("Second", ["changed"])


# From a folder


def test_a_folder_tells_all_of_a_run(tmp_path, made_up):
    run = read_run(made_up.run(tmp_path / "run", epochs=3))
    assert (run.state, run.can_resume, run.package) == (RunState.STOPPED, True, None)
    assert [epoch.epoch for epoch in run.epochs] == [1, 2, 3]
    assert run.epochs[0].scores == {"bleu_4": 16.0, "cider": 41.0, "images": 100.0}
    assert run.epochs[0].dev_loss == 4.2
    assert run.best.epoch == run.best_epoch == 3
    assert run.settings == {"epochs": 4}
    assert run.sources["features"] == "/data/train.h5"
    assert run.started > 0
    assert len(run.steps) == 0


def test_the_model_of_a_run_that_was_stopped_does_not_end_it(tmp_path, made_up):
    folder = made_up.run(tmp_path / "run", has_package=True)
    assert read_run(folder).state is RunState.ENDED
    (folder / BEST_SO_FAR).touch()
    run = read_run(folder)
    assert (run.state, run.can_resume, run.package) == (RunState.STOPPED, True, None)


def step_line(step, **changes):
    values = {"stage": "words", "epoch": (step + 9) // 10, "epochs": 4, "step": step, "steps": 40, "loss": 4.0}
    values |= {"penalty": 0.1, "learning_rate": 1e-3, "gradient_norm": 1.0, "captions_per_second": 200.0}
    return json.dumps(values | changes) + "\n"


def test_steps_that_were_kept_are_read_and_gone_on_with(tmp_path, made_up):
    folder = made_up.run(tmp_path / "run")
    (folder / "steps.jsonl").write_text("".join(map(step_line, (5, 10, 15, 20, 25))))
    run = read_run(folder)
    assert run.steps.step.tolist() == [5, 10, 15, 20, 25]
    run.apply(TrainingStarted(run=str(folder), pid=7, step=20, steps=40))
    run.apply(made_up.step(22, run=str(folder)))
    assert run.steps.step.tolist() == [5, 10, 15, 20, 22]


@pytest.mark.parametrize("line", ["{", "[]", "3", step_line(0), step_line(7, loss=None), step_line(7, epoch=0)])
def test_damaged_steps_cost_only_themselves(tmp_path, made_up, line):
    folder = made_up.run(tmp_path / "run")
    (folder / "steps.jsonl").write_text(step_line(5) + line.rstrip() + "\n" + step_line(10))
    assert read_run(folder).steps.step.tolist() == [5, 10]


def test_a_folder_with_a_model_is_of_a_run_that_ended(tmp_path, made_up):
    run = read_run(made_up.run(tmp_path / "run", has_package=True))
    assert (run.state, run.package) == (RunState.ENDED, str(tmp_path / "run" / "my-model"))
    assert not run.can_resume


@pytest.mark.parametrize("name", ["..", ".", "/etc", "a/b", "", 7, None, "with\0zero"])
def test_a_model_lies_inside_its_run_whatever_the_configuration_says(tmp_path, made_up, name):
    (tmp_path / "manifest.json").write_text("{}")
    folder = made_up.run(tmp_path / "run")
    (folder / "config.json").write_text(json.dumps({"sources": {"name": name}, "training": {}}))
    assert read_run(folder).package is None


def test_lines_that_are_cut_or_told_twice_are_got_over(tmp_path, made_up, caplog):
    folder = made_up.run(tmp_path / "run", epochs=0)
    lines = [
        made_up.history_line(1),
        made_up.history_line(2, loss=9.0),
        "[1, 2]\n",
        made_up.history_line(2, scores=None, dev_loss=None),
        made_up.history_line(0),
        made_up.history_line(3)[:40],
    ]
    (folder / "history.jsonl").write_text("".join(lines))
    run = read_run(folder)
    assert [(epoch.epoch, epoch.loss, epoch.dev_loss) for epoch in run.epochs] == [(1, 4.0, 4.2), (2, 3.0, None)]
    assert run.epochs[1].scores == {}
    assert len(caplog.records) == 3


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FILES), st.binary(max_size=200))
def test_a_damaged_folder_is_read_as_far_as_it_goes(tmp_path_factory, made_up, name, content):
    folder = made_up.run(tmp_path_factory.mktemp("damaged") / "run")
    (folder / name).write_bytes(content)
    run = read_run(folder)
    assert run.name == "run"
    assert all(isinstance(caption, str) for captions in run.samples.values() for caption in captions.values())
    assert (len(run.steps), run.samples.attention(1)) == (0, {})


def test_json_that_is_nested_too_deeply_is_got_over(tmp_path, made_up):
    folder = made_up.run(tmp_path / "run")
    for name in FILES:
        (folder / name).write_text("[" * 60_000)
    run = read_run(folder)
    assert (run.epochs, run.settings, dict(run.samples), len(run.steps)) == ((), {}, {}, 0)


def test_a_folder_that_is_not_there_is_of_a_run_without_anything(tmp_path):
    run = read_run(tmp_path / "nothing")
    assert (run.state, run.epochs, len(run.samples), run.can_resume) == (RunState.STOPPED, (), 0, False)


# Samples


def test_samples_are_read_when_they_are_looked_at(tmp_path, made_up):
    folder = made_up.run(tmp_path / "run", epochs=2)
    run = read_run(folder)
    made_up.samples(folder, 2, {"x.jpg": "late"})
    assert sorted(run.samples) == [1, 2]
    assert run.samples[2] == {"x.jpg": "late"}
    made_up.samples(folder, 2, {"x.jpg": "later"})
    assert run.samples[2] == {"x.jpg": "late"}
    assert run.samples.get(7) is None


def test_an_epoch_that_ends_brings_its_samples(tmp_path, made_up):
    folder = made_up.run(tmp_path / "run", epochs=1)
    run = read_run(folder)
    assert list(run.samples[1]) == ["b.jpg", "a.jpg"]
    made_up.samples(folder, 2)
    assert 2 not in run.samples  # left of an attempt that was taken back, for all that is known
    run.apply(made_up.epoch(2, str(folder)))
    assert run.samples[2]["b.jpg"] == "a dog in epoch 2"
    made_up.samples(folder, 2, {"b.jpg": "done again"})
    run.apply(made_up.epoch(2, str(folder)))
    assert run.samples[2] == {"b.jpg": "done again"}


def test_of_many_samples_the_first_are_kept(tmp_path, made_up):
    folder = made_up.run(tmp_path / "run", epochs=1)
    made_up.samples(folder, 1, {f"{number}.jpg": "a dog" for number in range(1000)})
    assert list(read_run(folder).samples[1]) == [f"{number}.jpg" for number in range(MOST_SAMPLES)]


def test_the_few_samples_of_early_epochs_are_shown_of_later_ones_as_well(tmp_path, made_up):
    folder = made_up.run(tmp_path / "run", epochs=3)
    few = ["0.jpg", "400.jpg", "800.jpg"]
    made_up.samples(folder, 1, dict.fromkeys(few, "a"))
    made_up.samples(folder, 2, dict.fromkeys(few, "a dog"))
    made_up.samples(folder, 3, {f"{number}.jpg": f"a dog {number}" for number in range(1000)})
    samples = read_run(folder).samples
    assert samples.chosen(12) == few
    assert [samples[3][name] for name in few] == ["a dog 0", "a dog 400", "a dog 800"]
