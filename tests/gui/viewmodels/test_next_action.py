"""The large button always names the next thing to do."""

import pytest

from captioner.worker.training_protocol import DatasetChecked, DatasetChoice, DatasetSummary
from gui.viewmodels.dataset_choice import DatasetSelection
from gui.viewmodels.next_action import Action, is_ready, next_action
from gui.viewmodels.training_form import TrainingForm
from gui.viewmodels.training_run import RunState, RunView, read_run

WHOLE = DatasetChoice(features="train.h5", captions="captions.csv")
PHOTOGRAPHS = DatasetChoice(captions="captions.csv", images="photos")
CAPTIONS = DatasetChoice(captions="captions.csv")


@pytest.fixture(scope="module")
def form():
    return TrainingForm()


def dataset_of(choice, is_usable=None):
    """Files that were checked with this outcome; not checked at all when that is None."""
    dataset = DatasetSelection()
    dataset.set_choice(choice)
    if is_usable is not None:
        report = DatasetSummary(is_usable=is_usable)
        dataset.take_report(DatasetChecked(paths=dataset.begin_check(), report=report))
    return dataset


@pytest.mark.parametrize(
    ("choice", "is_usable", "expected"),
    [
        (DatasetChoice(), None, Action.CHOOSE_DATA),
        (WHOLE, None, Action.CHECK),
        (WHOLE, True, Action.START),
        (WHOLE, False, Action.CHOOSE_DATA),
        (PHOTOGRAPHS, None, Action.CHECK),
        (PHOTOGRAPHS, True, Action.CHECK),  # features are made before
        (CAPTIONS, None, Action.CHECK),
        (CAPTIONS, True, Action.CHOOSE_DATA),
    ],
)
def test_a_new_run_needs_data_then_a_check_then_a_start(form, choice, is_usable, expected):
    dataset = dataset_of(choice, is_usable)
    assert next_action(dataset, None, form) is expected
    assert is_ready(expected, dataset, form)


@pytest.mark.parametrize(
    ("state", "package", "expected"),
    [
        (RunState.RUNNING, None, Action.PAUSE),
        (RunState.PAUSED, None, Action.RESUME),
        (RunState.ENDED, "run/my-model", Action.USE_MODEL),
        (RunState.FAILED, None, Action.START),  # it never began, so it is begun anew
    ],
)
def test_a_run_is_paused_resumed_and_used(form, state, package, expected):
    run = RunView("run", state=state)
    run.package = package
    assert next_action(dataset_of(WHOLE, True), run, form) is expected


@pytest.mark.parametrize("state", [RunState.STOPPED, RunState.FAILED])
def test_a_run_that_ended_early_is_resumed(form, tmp_path, made_up, state):
    run = read_run(made_up.run(tmp_path / "run"))
    run.state = state
    assert next_action(dataset_of(DatasetChoice()), run, form) is Action.RESUME


def test_while_a_check_goes_on_nothing_can_be_pressed(form):
    dataset = dataset_of(WHOLE)
    dataset.begin_check()
    assert next_action(dataset, None, form) is Action.CHECK
    assert not is_ready(Action.CHECK, dataset, form)


def test_settings_that_contradict_each_other_cannot_be_started_with():
    form = TrainingForm()
    form.set_value("decoding.min_length", 30)
    assert not is_ready(Action.START, dataset_of(WHOLE, True), form)
