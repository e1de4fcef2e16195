"""What is noticed in curves, and what is not."""

import math

import pytest

from gui.viewmodels.training_hints import HintKind, hints
from gui.viewmodels.training_run import RunView


def run_with(made_up, losses=(), dev_losses=(), ciders=(), **changes):
    """A run whose epochs ended so."""
    run = RunView("run")
    for number, loss in enumerate(losses):
        dev = dev_losses[number] if dev_losses else None
        scores = {"cider": ciders[number]} if ciders and ciders[number] is not None else {}
        run.apply(made_up.epoch(number + 1, loss=loss, dev_loss=dev, scores=scores, **changes))
    return run


def run_of_steps(made_up, values, name="loss", **changes):
    run = RunView("run")
    for number, value in enumerate(values):
        run.apply(made_up.step(number + 1, **{name: value}, **changes))
    return run


def kinds(run):
    return [hint.kind for hint in hints(run)]


def test_a_run_that_only_begins_gives_no_hints():
    assert hints(RunView("run")) == ()


def test_a_healthy_run_gives_no_hints(made_up):
    run = run_with(made_up, (4.1, 3.3, 3.0, 2.8), (3.6, 3.2, 3.1, 3.05), (30.0, 45.0, 50.0, 52.0))
    for step in range(1, 41):
        run.steps.append(made_up.step(step, loss=5 * 0.97**step + 0.1 * (step % 2), gradient_norm=1 + step % 3))
    assert hints(run) == ()


def test_dev_loss_that_rises_while_training_loss_falls_is_overfitting(made_up):
    run = run_with(made_up, (4.0, 3.0, 2.5, 2.0), (3.5, 3.2, 3.3, 3.4))
    (hint,) = hints(run)
    assert (hint.kind, hint.numbers) == (HintKind.OVERFITTING, {"epochs": 2, "lowest": 2})


@pytest.mark.parametrize(
    ("losses", "dev_losses"),
    [
        ((4.0, 3.0, 2.5), (3.5, 3.2, 3.3)),  # once may be chance
        ((4.0, 3.0, 3.1, 3.2), (3.5, 3.2, 3.3, 3.4)),  # nothing is learned by heart
        ((4.0, 3.0, 2.5, 2.0), (3.5, None, 3.3, 3.4)),
        ((4.0, 3.0, 2.5, 2.0), ()),
    ],
)
def test_what_is_no_overfitting(made_up, losses, dev_losses):
    assert HintKind.OVERFITTING not in kinds(run_with(made_up, losses, dev_losses))


def test_the_second_stage_gives_up_likelihood_and_that_is_no_overfitting(made_up):
    run = run_with(made_up, (-0.5, -0.6, -0.7, -0.8), (3.0, 3.1, 3.2, 3.3), stage="captions")
    assert hints(run) == ()


def test_scores_that_stand_still_are_a_plateau(made_up):
    run = run_with(made_up, (4.0, 3.0, 2.5, 2.3, 2.1), ciders=(None, 50.0, 49.0, 50.0, 48.0))
    (hint,) = hints(run)
    assert (hint.kind, hint.numbers) == (HintKind.PLATEAU, {"epochs": 3, "best": 2})


def test_a_plateau_of_the_dev_loss_counts_where_that_is_what_chooses(made_up):
    run = run_with(made_up, (4.0, 3.0, 3.1, 3.0, 3.2), (3.5, 3.0, 3.1, 3.2, 3.1), (10.0, 20.0, 30.0, 40.0, 50.0))
    assert hints(run) == ()
    run.settings = {"choose_by": "loss"}
    assert kinds(run) == [HintKind.PLATEAU]


def test_a_new_stage_begins_without_the_plateau_of_the_last(made_up):
    run = run_with(made_up, (4.0, 3.0, 2.5, 2.3), ciders=(50.0, 49.0, 48.0, 47.0))
    assert kinds(run) == [HintKind.PLATEAU]
    run.apply(made_up.epoch(5, stage="captions", loss=-0.5, scores={"cider": 46.0}))
    assert hints(run) == ()


def test_who_overfits_is_not_told_of_a_plateau_too(made_up):
    losses, dev_losses = (4.0, 3.0, 2.5, 2.0, 1.5), (3.5, 3.2, 3.3, 3.4, 3.5)
    assert kinds(run_with(made_up, losses, dev_losses, (50.0, 51.0, 50.0, 49.0, 48.0))) == [HintKind.OVERFITTING]


def test_a_loss_that_hardly_falls_asks_for_a_larger_learning_rate(made_up):
    run = run_with(made_up, (7.0, 6.95, 6.9))
    run.settings = {"learning_rate": 1e-6}
    (hint,) = hints(run)
    assert hint.kind is HintKind.SLOW
    assert hint.numbers == pytest.approx({"epochs": 3, "fall": 0.1 / 7, "learning_rate": 1e-6})


@pytest.mark.parametrize("losses", [(7.0, 6.95), (7.0, 6.0, 5.5), (7.0, 7.1, 6.9), (7.0, 6.95, 6.9, 6.85)])
def test_what_is_not_slow(made_up, losses):
    assert HintKind.SLOW not in kinds(run_with(made_up, losses))


def test_a_loss_that_climbs_is_diverging(made_up):
    falling, climbing = [5 - step / 10 for step in range(20)], [3 + step for step in range(10)]
    assert hints(run_of_steps(made_up, falling)) == ()
    (hint,) = hints(run_of_steps(made_up, falling + climbing))
    assert hint.kind is HintKind.DIVERGING
    assert hint.numbers["loss"] > 1.5 * hint.numbers["lowest"]


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_diverging_at_once(made_up, loss):
    (hint,) = hints(run_of_steps(made_up, [5.0, loss]))
    assert hint.kind is HintKind.DIVERGING
    assert math.isnan(hint.numbers["loss"])


def test_gradients_out_of_all_proportion_are_diverging(made_up):
    (hint,) = hints(run_of_steps(made_up, [1.0] * 20 + [50.0] * 5, "gradient_norm"))
    assert (hint.kind, hint.numbers) == (HintKind.DIVERGING, {"gradient_norm": 50.0, "usual": 1.0})
    assert hints(run_of_steps(made_up, [1.0] * 20 + [50.0, 1.0, 1.0, 1.0, 1.0], "gradient_norm")) == ()


def test_a_reward_that_is_lost_again_is_diverging(made_up):
    gained, lost = [-step / 20 for step in range(20)], [-0.9 + step / 10 for step in range(9)]
    assert hints(run_of_steps(made_up, gained, stage="captions")) == ()
    assert kinds(run_of_steps(made_up, gained + lost, stage="captions")) == [HintKind.DIVERGING]


def test_losses_of_one_stage_are_not_compared_with_those_of_another(made_up):
    run = run_of_steps(made_up, [-1.0] * 20, stage="captions")
    for step in range(21, 41):
        run.apply(made_up.step(step, loss=3.0))
    assert hints(run) == ()
