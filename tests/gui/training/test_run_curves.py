import itertools

import numpy as np
import pytest

from captioner.training.events import StepsFinished
from captioner.training.step_log import StepLog
from captioner.worker.training_protocol import EpochReport, StepReport
from gui.training.quantities import Part, Quantity
from gui.training.repeating import repeating_command
from gui.training.run_curves import curves_of
from gui.viewmodels.training_run import RunView, read_run


def steps(run, numbers, epoch, stage="words", sign=1.0):
    for number in numbers:
        run.apply(
            StepReport(
                run=run.path,
                stage=stage,
                epoch=epoch,
                epochs=3,
                step=number,
                steps=30,
                loss=sign * number,
                penalty=0.0,
                learning_rate=1e-3,
                gradient_norm=1.0,
                captions_per_second=1.0,
            )
        )


def epoch(run, number, stage="words", loss=2.0):
    run.apply(EpochReport(run=run.path, stage=stage, epoch=number, loss=loss, dev_loss=3.0, is_best=True, seconds=1.0))


def test_a_run_read_from_its_folder_has_a_point_for_each_epoch(write_run):
    curves = curves_of(read_run(write_run("a", epochs=3)))
    train, dev = curves.of(Quantity.LOSS)
    assert (train.part, dev.part) == (Part.TRAIN, Part.DEV)
    assert train.epochs.tolist() == [1, 2, 3]
    assert not train.is_noisy
    assert curves.of(Quantity.CIDER)[0].values.tolist() == [20, 40, 60]
    assert curves.of(Quantity.LEARNING_RATE) == ()


def test_steps_go_on_from_the_epochs_before_them(write_run):
    run = read_run(write_run("a", epochs=2))
    steps(run, range(21, 31), 3)
    train = curves_of(run).of(Quantity.LOSS)[0]
    assert train.epochs[:2].tolist() == [1, 2]
    assert np.all(np.diff(train.epochs) > 0)
    assert train.latest == 30


def test_the_second_stage_is_rewards_and_no_loss():
    run = RunView("/a")
    steps(run, range(1, 11), 1)
    epoch(run, 1)
    steps(run, range(11, 21), 2, "captions", -1.0)
    curves = curves_of(run)
    assert curves.second_stage == 1
    assert curves.of(Quantity.LOSS)[0].values.max() == 10
    assert curves.of(Quantity.REWARD)[0].values.tolist() == list(range(11, 21))


@pytest.mark.parametrize("stage", ["words", "captions"])
def test_of_one_stage_alone_none_is_the_second(stage):
    run = RunView("/a")
    for number in (1, 2):
        epoch(run, number, stage)
    assert curves_of(run).second_stage is None


def test_dev_loss_goes_on_through_the_second_stage():
    run = RunView("/a")
    for number, stage in enumerate(("words", "words", "captions"), start=1):
        epoch(run, number, stage)
    train, dev = curves_of(run).of(Quantity.LOSS)
    assert train.epochs.tolist() == [1, 2]
    assert dev.epochs.tolist() == [1, 2, 3]
    assert curves_of(run).second_stage == 2


def test_a_run_that_kept_its_steps_has_all_curves(write_run):
    folder = write_run("a", epochs=2)
    log = StepLog(folder / "steps.jsonl", clock=itertools.count().__next__)
    for step in range(1, 21):
        epoch = (step + 9) // 10
        log.add(StepsFinished("words", epoch, 2, step, 20, 5 - step / 10, 0.1, 1 / step, 2.0, 100.0, 1.0, 1))
    curves = curves_of(read_run(folder))
    (rate,), (norm,) = curves.of(Quantity.LEARNING_RATE), curves.of(Quantity.GRADIENT_NORM)
    assert rate.epochs.tolist() == pytest.approx([step / 10 for step in range(1, 21)])
    assert rate.values.tolist() == pytest.approx([1 / step for step in range(1, 21)], rel=1e-5)
    assert set(norm.values) == {2.0}
    assert curves.of(Quantity.LOSS)[0].latest == pytest.approx(3)


def test_curves_do_not_change_with_the_run():
    run = RunView("/a")
    steps(run, range(1, 11), 1)
    rate = curves_of(run).of(Quantity.LEARNING_RATE)[0]
    kept = rate.values.copy()
    run.steps.forget_from(5)
    steps(run, range(5, 11), 1)
    assert rate.values.tolist() == kept.tolist()


def test_the_command_repeats_a_run_beside_it(write_run):
    folder = write_run("a")
    assert repeating_command(read_run(folder)) == (
        *("captioner", "train", "--features", "train.h5", "--captions", "captions.txt", "--name", "model"),
        *("--recipe", str(folder / "config.json"), "--output", str(folder.with_name("a-again"))),
    )
    assert repeating_command(RunView("/a")) == ()
