"""Which runs there are, which are looked at, what they are called, and how they go."""

import json
import os
import shutil

import pytest

from captioner.errors import ConfigurationError, OutputError, TrainingRunError
from captioner.training.run_lock import RunLock
from captioner.worker.training_protocol import TrainingEnded
from gui.viewmodels.training_run import RunState
from gui.viewmodels.training_runs import MOST_SELECTED, NOTES, RunOrder, RunShelf, runs_folder


@pytest.fixture
def folder(tmp_path, made_up):
    """Three runs, the first of which is the oldest and the second the best."""
    for number, name in enumerate(("alpha", "beta", "gamma")):
        path = made_up.run(tmp_path / "runs" / name, epochs=5 if name == "beta" else 1)
        os.utime(path / "config.json", (1000 + number, 1000 + number))
    (tmp_path / "runs" / "notes").mkdir()
    (tmp_path / "runs" / "readme.txt").write_text("not a run")
    return tmp_path / "runs"


@pytest.fixture
def shelf(folder):
    shelf = RunShelf(folder)
    shelf.refresh()
    shelf.told = []
    shelf.changed.connect(lambda: shelf.told.append("changed"))
    shelf.current_changed.connect(lambda run: shelf.told.append(run and run.name))
    return shelf


def names(runs):
    return [run.name for run in runs]


def path_of(shelf, name):
    return next(run.path for run in shelf.runs if run.name == name)


def test_runs_are_found_and_the_newest_comes_first(shelf):
    assert names(shelf.runs) == ["gamma", "beta", "alpha"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (RunOrder.NEWEST, ["gamma", "beta", "alpha"]),
        (RunOrder.NAME, ["alpha", "beta", "gamma"]),
        (RunOrder.BEST, ["beta", "alpha", "gamma"]),
    ],
)
def test_runs_are_listed_in_the_order_that_is_asked_for(shelf, order, expected):
    shelf.set_order(order)
    assert names(shelf.runs) == expected


def test_a_folder_that_is_not_there_has_no_runs(tmp_path):
    shelf = RunShelf(tmp_path / "nothing")
    shelf.refresh()
    assert (shelf.runs, shelf.current, shelf.selected) == ((), None, ())
    assert not (tmp_path / "nothing").exists()


def test_looking_again_finds_what_is_new_and_keeps_what_is_known(shelf, folder, made_up):
    before = shelf.get(path_of(shelf, "alpha"))
    made_up.run(folder / "delta")
    shelf.refresh()
    assert "delta" in names(shelf.runs)
    assert shelf.get(before.path) is before


def test_a_run_that_begins_is_looked_at_and_told_its_events(shelf, folder, made_up):
    path = str(shelf.new_folder("My first model!"))
    assert path == str(folder / "My-first-model")
    run = shelf.begin(path, "My first model!")
    assert (shelf.current, run.state, run.name) == (run, RunState.RUNNING, "My first model!")
    assert names(shelf.runs)[0] == "My first model!"
    shelf.apply(made_up.step(3, path))
    shelf.apply(made_up.step(3, "elsewhere"))
    assert len(run.steps) == 1
    shelf.refresh()  # its folder does not exist yet
    assert shelf.live == (run,)


def test_a_run_that_is_resumed_is_the_same_run(shelf):
    run = shelf.get(path_of(shelf, "alpha"))
    assert shelf.begin(run.path) is run
    assert run.is_live
    shelf.apply(TrainingEnded(run=run.path, reason="stopped as asked", package=None, best_epoch=0))
    assert run.state is RunState.STOPPED


@pytest.mark.parametrize(
    ("name", "expected"),
    [("gamma", "gamma-2"), ("../../etc", "etc"), ("...", "run"), ("", "run"), ("a/b\0c", "a-b-c"), ("日本", "日本")],
)
def test_a_new_run_gets_a_folder_of_its_own_inside(shelf, folder, name, expected):
    assert shelf.new_folder(name) == folder / expected


def test_a_long_name_makes_no_folder_that_a_system_refuses(shelf):
    assert len(shelf.new_folder("x" * 1000).name) <= 60


def test_names_outlive_the_shelf_and_leave_the_folder_alone(shelf, folder):
    path = path_of(shelf, "alpha")
    shelf.rename(path, "  The <b>first</b>\n one ")
    again = RunShelf(folder)
    again.refresh()
    assert again.get(path).name == "The <b>first</b> one"
    again.rename(path, "")
    assert again.get(path).name == "alpha"


def test_a_run_that_broke_off_before_its_data_was_read_is_told_and_can_be_deleted(shelf, folder):
    path = shelf.new_folder("delta")
    shelf.begin(str(path), "Delta")
    (path / "checkpoints").mkdir(parents=True)
    (path / "lock").write_text("{}")
    again = RunShelf(folder)
    again.refresh()
    run = again.get(str(path))
    assert (run.name, run.state, run.can_resume) == ("Delta", RunState.FAILED, False)
    again.delete(str(path))
    assert not path.exists()
    assert "Delta" not in (folder / NOTES).read_text()


def test_a_run_whose_folder_was_never_made_is_forgotten(shelf, folder):
    path = str(shelf.new_folder("delta"))
    shelf.begin(path, "Delta")
    shelf.refresh()
    assert "Delta" in (folder / NOTES).read_text()  # it is only beginning
    again = RunShelf(folder)
    again.refresh()
    assert again.get(path) is None
    assert "Delta" not in (folder / NOTES).read_text()


@pytest.mark.parametrize("content", ["", "[]", '{"names": [], "added": 3}', '{"names": {"a": 1}, "added": [2]}', "\0"])
def test_damaged_notes_are_got_over(folder, content, caplog):
    (folder / NOTES).write_text(content)
    shelf = RunShelf(folder)
    shelf.refresh()
    assert names(shelf.runs) == ["gamma", "beta", "alpha"]


def test_names_that_cannot_be_kept_hold_until_the_window_closes(tmp_path, made_up):
    (tmp_path / "file").write_text("")
    shelf = RunShelf(tmp_path / "file")
    run = shelf.add(made_up.run(tmp_path / "elsewhere"))
    shelf.rename(run.path, "Mine")
    assert run.name == "Mine"


def test_runs_that_lie_elsewhere_can_be_added_and_are_kept(shelf, folder, tmp_path, made_up):
    run = shelf.add(made_up.run(tmp_path / "elsewhere" / "far"))
    assert shelf.current is run
    assert shelf.add(tmp_path / "elsewhere" / "far") is run
    again = RunShelf(folder)
    again.refresh()
    assert "far" in names(again.runs)
    again.remove(run.path)
    assert "far" not in names(again.runs)
    assert (tmp_path / "elsewhere" / "far" / "config.json").exists()


def test_a_folder_without_a_run_is_not_added(shelf, tmp_path):
    with pytest.raises(ConfigurationError, match="holds no run"):
        shelf.add(tmp_path)


# Looking and comparing


def test_another_run_is_looked_at(shelf):
    shelf.set_current(path_of(shelf, "beta"))
    shelf.set_current(path_of(shelf, "beta"))
    assert shelf.told == ["beta", "changed"]
    shelf.set_current("unknown")
    assert shelf.current is None


def test_runs_are_laid_over_the_one_that_is_looked_at(shelf):
    shelf.set_current(path_of(shelf, "beta"))
    for name in ("alpha", "gamma", "beta"):
        shelf.toggle_selected(path_of(shelf, name))
    assert names(shelf.selected) == ["alpha", "gamma"]
    shelf.toggle_selected(path_of(shelf, "alpha"))
    shelf.set_current(path_of(shelf, "gamma"))
    assert shelf.selected == ()


def test_with_too_many_the_first_goes(shelf, folder, made_up):
    for number in range(MOST_SELECTED + 1):
        made_up.run(folder / f"run-{number}")
    shelf.refresh()
    for number in range(MOST_SELECTED + 1):
        shelf.toggle_selected(str(folder / f"run-{number}"))
    assert names(shelf.selected) == [f"run-{number}" for number in range(1, MOST_SELECTED + 1)]


# Deleting


def test_a_deleted_run_is_gone_and_so_is_its_folder(shelf, folder):
    path = path_of(shelf, "beta")
    shelf.rename(path, "Mine")
    shelf.set_current(path)
    shelf.toggle_selected(path_of(shelf, "alpha"))
    shelf.delete(path)
    assert (names(shelf.runs), shelf.current) == (["gamma", "alpha"], None)
    assert not (folder / "beta").exists()
    assert path not in (folder / NOTES).read_text()


def test_deleting_takes_the_model_of_a_stopped_run_as_well(tmp_path, made_up):
    folder = made_up.run(tmp_path / "runs" / "one", has_package=True)
    (folder / "checkpoints" / "best-so-far").touch()
    shelf = RunShelf(tmp_path / "runs")
    shelf.refresh()
    shelf.delete(str(folder))
    assert not folder.exists()


def test_deleting_takes_what_a_run_from_a_model_keeps_and_what_a_kill_left(tmp_path, made_up):
    folder = made_up.run(tmp_path / "runs" / "one")
    (folder / "vocabulary.json").write_text("{}")
    (folder / ".mine-newer" / "mine").mkdir(parents=True)
    (folder / ".config.json.partial-12").touch()
    shelf = RunShelf(tmp_path / "runs")
    shelf.refresh()
    shelf.delete(str(folder))
    assert not folder.exists()


def test_deleting_takes_the_model_but_nothing_that_others_put_there(tmp_path, made_up):
    folder = made_up.run(tmp_path / "runs" / "one", has_package=True)
    (folder / "thesis.odt").write_text("all of it")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept.txt").write_text("kept")
    (folder / "log.txt").unlink()
    (folder / "log.txt").symlink_to(tmp_path / "outside", target_is_directory=True)
    shelf = RunShelf(tmp_path / "runs")
    shelf.refresh()
    shelf.delete(str(folder))
    assert [path.name for path in folder.iterdir()] == ["thesis.odt"]
    assert (tmp_path / "outside" / "kept.txt").exists()
    shelf.refresh()
    assert shelf.runs == ()


@pytest.mark.parametrize("name", ["..", ".", "../gamma"])
def test_deleting_stays_inside_the_run_whatever_its_configuration_says(shelf, folder, name):
    for path in (folder, folder / "gamma", folder / "beta"):
        (path / "manifest.json").write_text("{}")
    (folder / "beta" / "config.json").write_text(json.dumps({"sources": {"name": name}, "training": {}}))
    shelf.delete(path_of(shelf, "beta"))
    assert (folder / "gamma" / "history.jsonl").exists()
    assert [path.name for path in (folder / "beta").iterdir()] == ["manifest.json"]


def test_a_run_that_is_going_on_is_not_deleted(shelf, folder):
    run = shelf.begin(path_of(shelf, "beta"))
    with pytest.raises(ConfigurationError, match="going on"):
        shelf.delete(run.path)
    assert (folder / "beta" / "history.jsonl").exists()


def test_a_run_that_another_program_trains_is_not_deleted(shelf, folder):
    path = path_of(shelf, "beta")
    with RunLock(folder / "beta"):
        before = {file: file.stat().st_mtime_ns for file in (folder / "beta").rglob("*")}
        with pytest.raises(TrainingRunError, match="beta is being trained by process"):
            shelf.delete(path)
        assert {file: file.stat().st_mtime_ns for file in (folder / "beta").rglob("*")} == before
    assert "beta" in names(shelf.runs)
    shelf.delete(path)
    assert not (folder / "beta").exists()


def test_deleting_writes_nothing_into_what_a_linked_lock_leads_to(shelf, folder, tmp_path):
    (tmp_path / "thesis.odt").write_text("all of it")
    (folder / "beta" / "lock").symlink_to(tmp_path / "thesis.odt")
    shelf.delete(path_of(shelf, "beta"))
    assert not (folder / "beta").exists()
    assert (tmp_path / "thesis.odt").read_text() == "all of it"


def test_a_run_whose_folder_is_gone_is_listed_no_more(shelf, folder):
    path = path_of(shelf, "beta")
    shutil.rmtree(path)
    shelf.delete(path)
    assert "beta" not in names(shelf.runs)


def test_what_cannot_be_deleted_stays_listed_and_can_be_tried_again(shelf, folder, monkeypatch):
    def refuse(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    path = path_of(shelf, "beta")
    with monkeypatch.context() as patched:
        patched.setattr("gui.viewmodels.run_deletion.shutil.rmtree", refuse)
        with pytest.raises(OutputError, match="cannot be deleted"):
            shelf.delete(path)
    assert "beta" in names(shelf.runs)
    shelf.delete(path)
    assert not (folder / "beta").exists()


def test_runs_are_kept_with_the_users_data():
    assert runs_folder().name == "runs"
    assert runs_folder().parent.name == "captioner"
