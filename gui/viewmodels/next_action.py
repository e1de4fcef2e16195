"""What the one large button of the Train page does: always the next thing to do."""

from __future__ import annotations

from enum import StrEnum

from gui.viewmodels.dataset_choice import DatasetSelection
from gui.viewmodels.training_form import TrainingForm
from gui.viewmodels.training_run import RunState, RunView


class Action(StrEnum):
    """Something that the button can do, for the window to word.

    Of photographs without features (`DatasetSelection.is_buildable`) these are made before there is much to check.
    """

    CHOOSE_DATA = "choose_data"
    CHECK = "check"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    USE_MODEL = "use_model"


def next_action(dataset: DatasetSelection, run: RunView | None, form: TrainingForm) -> Action:
    """The next thing to do.

    Parameters
    ----------
    dataset
        What a new run would learn from.
    run
        The one that is looked at; None while a new one is prepared.
    form
        Its settings have no say in what comes next, but see `is_ready`.
    """
    if run is not None:
        if run.state is RunState.RUNNING:
            return Action.PAUSE
        if run.state is RunState.PAUSED or run.can_resume:
            return Action.RESUME
        if run.package is not None:
            return Action.USE_MODEL
    # Captions alone are worth a check, but then need something to go with them.
    is_whole = dataset.has_features or dataset.is_buildable or dataset.report is None
    if dataset.is_empty or dataset.is_refused or not is_whole:
        return Action.CHOOSE_DATA
    return Action.START if dataset.is_usable else Action.CHECK


def is_ready(action: Action, dataset: DatasetSelection, form: TrainingForm, run: RunView | None = None) -> bool:
    """Whether the action can be taken now: nothing is awaited, the data is of use, and the settings go together.

    A model that captions features alone is of no use to a window.
    """
    if action is Action.USE_MODEL:
        return run is None or run.has_usable_model
    if action is Action.CHECK:
        return not dataset.is_checking
    if action is Action.START:
        return dataset.is_usable and not form.problem
    return True
