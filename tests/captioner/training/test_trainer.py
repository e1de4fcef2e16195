import dataclasses
import threading

import numpy as np
import pytest
import torch

from captioner.data import training_estimate
from captioner.errors import ConfigurationError
from captioner.metrics.evaluate import evaluate_captions
from captioner.training import course_trainer, dev_evaluation
from captioner.training.events import EpochFinished, StepsFinished, TrainingFinished
from captioner.training.optimisation import Optimisation
from captioner.training.self_critical import SelfCritical


def epochs_of(events):
    return [event for event in events if isinstance(event, EpochFinished)]


def copy_of(weights):
    return {name: value.detach().clone() for name, value in weights.items()}


def are_equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture
def count_steps(monkeypatch):
    """Counts the steps that any optimiser takes from now on."""
    taken, step = [], Optimisation.step
    monkeypatch.setattr(Optimisation, "step", lambda self, loss: taken.append(self) or step(self, loss))
    return lambda: len(taken)


@pytest.fixture
def pretend(monkeypatch):
    """``pretend([1.0, 2.0])``: from now on epochs get these dev scores."""

    def replace(ciders):
        made_up = iter(ciders)

        def evaluate(hypotheses, references):
            return dataclasses.replace(evaluate_captions(hypotheses, references), cider=next(made_up))

        monkeypatch.setattr(course_trainer, "evaluate_captions", evaluate)

    return replace


def test_it_learns_eight_captions_by_heart(training):
    *events, finished = training.trainer().run()
    epochs = epochs_of(events)
    assert epochs[0].loss > 1
    assert epochs[-1].loss < 0.1
    assert list(epochs[-1].samples.values()) == list(training.captions)
    assert isinstance(finished, TrainingFinished)
    assert finished.best_epoch == 60
    assert finished.scores.bleu_4 == pytest.approx(100, abs=0.1)
    assert finished.reason == "all epochs are done"


def test_same_seed_gives_the_same_weights_bit_for_bit(training):
    def weights(seed):
        trainer = training.trainer(with_dev=False, epochs=3, seed=seed, views=2)
        trainer.decoder.dropout.p = 0.5
        list(trainer.run())
        return trainer.best_weights

    one, same, other = weights(1), weights(1), weights(2)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_best_weights_are_kept_and_training_stops_when_patience_runs_out(training, pretend):
    kept = []
    trainer = training.trainer(epochs=9, patience=2, evaluate_from_epoch=1)
    pretend([1.0, 3.0, 2.0, 3.0])
    for event in trainer.run():
        if isinstance(event, EpochFinished):
            kept.append((event.is_best, copy_of(trainer.best_weights)))
    assert [is_best for is_best, _ in kept] == [True, True, False, False]
    assert event.best_epoch == 2
    assert event.scores.cider == 3.0
    assert "has not risen for 2 epochs" in event.reason
    assert are_equal(trainer.best_weights, kept[1][1])
    # Without an average these are the last weights, of which those kept are independent.
    assert not torch.equal(trainer.best_weights["output.bias"], trainer.decoder.output.bias)


def test_without_dev_images_the_last_weights_are_kept(training):
    trainer = training.trainer(with_dev=False, epochs=2)
    *_, finished = trainer.run()
    assert (finished.best_epoch, finished.scores) == (2, None)
    assert torch.equal(trainer.best_weights["output.bias"], trainer.decoder.output.bias)


def test_all_dev_images_are_captioned_from_the_epoch_asked_for_and_samples_before_it(training, monkeypatch):
    monkeypatch.setattr(dev_evaluation, "sampled_positions", lambda images: [0, 4])
    epochs = epochs_of(training.trainer(epochs=4, evaluate_from_epoch=3).run())
    assert [epoch.scores is not None for epoch in epochs] == [False, False, True, True]
    assert [len(epoch.samples) for epoch in epochs] == [2, 2, 8, 8]
    assert list(epochs[0].samples) == ["0.jpg", "4.jpg"]
    assert [epoch.is_best for epoch in epochs[:2]] == [False, False]


@pytest.mark.parametrize(("use_views", "expected"), [(True, {0, 1, 2}), (False, {0})])
def test_views_are_used_only_when_asked(training, use_views, expected):
    features = training.features()
    list(training.trainer(features=features, with_dev=False, epochs=5, views=2, use_views=use_views).run())
    assert set(np.concatenate(features.views_read).tolist()) == expected


def test_views_are_used_from_the_epoch_asked_for_on(training):
    features = training.features()
    trainer = training.trainer(features=features, with_dev=False, epochs=6, views=2, views_from_epoch=4)
    seen = []
    for event in trainer.run():
        if isinstance(event, EpochFinished):
            seen.append(set(np.concatenate(features.views_read).tolist()))
            features.views_read.clear()
    assert seen[:3] == [{0}] * 3
    assert set().union(*seen[3:]) == {0, 1, 2}


def test_events_tell_of_every_step(training):
    events = list(training.trainer(with_dev=False, epochs=30, batch_size=3).run())
    steps = [event for event in events if isinstance(event, StepsFinished)]
    # Every 20 steps, and at the end of each epoch of 3.
    assert [event.step for event in steps] == sorted({20, 40, 60, 80} | set(range(3, 91, 3)))
    assert [event.epoch for event in steps] == [-(-event.step // 3) for event in steps]
    assert {event.steps for event in steps} == {90}
    assert all(event.gradient_norm > 0 and event.captions_per_second > 0 for event in steps)
    assert steps[0].learning_rate > steps[-2].learning_rate > 0


def test_reports_of_an_epoch_add_up_to_it(training):
    events = list(training.trainer(with_dev=False, epochs=3, batch_size=1).run())
    steps = [event for event in events if isinstance(event, StepsFinished)]
    assert [event.step for event in steps] == [8, 16, 20, 24]
    assert [steps[0].loss, steps[1].loss, (steps[2].loss + steps[3].loss) / 2] == pytest.approx(
        [epoch.loss for epoch in epochs_of(events)]
    )


@pytest.mark.parametrize("stage", ["words", "captions"])
def test_closing_stops_between_two_steps(training, count_steps, stage):
    changes = {"epochs": 6, "batch_size": 1}
    if stage == "captions":
        changes = {"epochs": 1, "batch_size": 8, "self_critical": training.captions_stage(5, images_per_batch=1)}
    trainer = training.trainer(with_dev=False, **changes)
    events = trainer.run()
    event = next(event for event in events if isinstance(event, StepsFinished) and event.step == 20)
    assert event.stage == stage
    assert any("read-ahead" in thread.name for thread in threading.enumerate())
    weights = copy_of(trainer.decoder.state_dict())
    events.close()
    assert count_steps() == event.step == 20 < event.steps
    assert not any("read-ahead" in thread.name for thread in threading.enumerate())
    assert are_equal(trainer.decoder.state_dict(), weights)
    assert list(events) == []


def test_bfloat16_learns_as_well(training):
    *events, _ = training.trainer(with_dev=False, epochs=20, precision="bfloat16").run()
    losses = [event.loss for event in epochs_of(events)]
    assert losses[-1] < 0.5 * losses[0]


# Both stages


def test_second_stage_goes_on_from_the_best_weights_of_the_first(training, pretend, monkeypatch):
    trainer = training.trainer(epochs=3, self_critical=training.captions_stage(2), evaluate_from_epoch=1)
    pretend([1.0, 3.0, 2.0, 0.0, 0.0])
    at_start, run_epoch = [], SelfCritical.run_epoch

    def spy(self, epoch, start=0):
        at_start.append(copy_of(trainer.decoder.state_dict()))
        return run_epoch(self, epoch, start)

    monkeypatch.setattr(SelfCritical, "run_epoch", spy)
    kept = []
    for event in trainer.run():
        if isinstance(event, EpochFinished):
            kept.append((copy_of(trainer.best_weights), copy_of(trainer.decoder.state_dict())))
    assert are_equal(at_start[0], kept[1][0])
    assert not are_equal(at_start[0], kept[2][1])
    assert are_equal(at_start[1], kept[3][1])


def test_first_stage_is_trained_with_dropout_and_the_second_without(training, monkeypatch):
    trainer = training.trainer(with_dev=False, epochs=1, self_critical=training.captions_stage(1))
    trainer.decoder.eval()
    modes = {event.stage: trainer.decoder.training for event in trainer.run() if isinstance(event, StepsFinished)}
    assert modes == {"words": True, "captions": False}


def test_second_stage_keeps_a_share_of_the_first(training):
    trainer = training.trainer(with_dev=False, epochs=1, self_critical=training.captions_stage(1, start_share=0.25))
    ends = [copy_of(trainer.best_weights) for event in trainer.run() if isinstance(event, EpochFinished)]
    # The average has no memory here, so that it is the weights as they are.
    words, kept, last = ends[0], trainer.best_weights, trainer.decoder.state_dict()
    for name, value in kept.items():
        torch.testing.assert_close(value, 0.25 * words[name] + 0.75 * last[name])
    assert not are_equal(kept, copy_of(last))


def test_epochs_and_steps_are_counted_through_both_stages(training, count_steps):
    trainer = training.trainer(with_dev=False, epochs=3, self_critical=training.captions_stage(2))
    *events, finished = trainer.run()
    counted = [(event.stage, event.epoch) for event in epochs_of(events)]
    assert counted == [("words", 1), ("words", 2), ("words", 3), ("captions", 4), ("captions", 5)]
    steps = [event for event in events if isinstance(event, StepsFinished)]
    assert [(event.stage, event.epoch, event.step) for event in steps] == [
        ("words", 1, 2),
        ("words", 2, 4),
        ("words", 3, 6),
        ("captions", 4, 9),
        ("captions", 5, 12),
    ]
    assert {event.steps for event in steps} == {trainer.steps} == {count_steps()} == {12}
    assert (finished.best_epoch, finished.reason) == (5, "all epochs are done")


@pytest.mark.parametrize(
    ("ciders", "best", "is_best"),
    [
        ([1.0, 3.0, 2.0, 2.5], 2, [True, True, False, False]),
        ([1.0, 2.0, 3.0, 2.5], 3, [True, True, True, False]),
        ([3.0, 1.0, 2.0, 4.0], 4, [True, False, False, True]),
    ],
)
def test_best_weights_of_both_stages_are_kept(training, pretend, ciders, best, is_best):
    trainer = training.trainer(epochs=2, self_critical=training.captions_stage(2), evaluate_from_epoch=1)
    pretend(ciders)
    kept = []
    for event in trainer.run():
        if isinstance(event, EpochFinished):
            kept.append((event.is_best, copy_of(trainer.best_weights)))
    assert [is_best for is_best, _ in kept] == is_best
    assert (event.best_epoch, event.scores.cider) == (best, ciders[best - 1])
    assert are_equal(trainer.best_weights, kept[best - 1][1])


def test_each_stage_has_a_patience_of_its_own(training, pretend, count_steps):
    trainer = training.trainer(epochs=9, patience=2, self_critical=training.captions_stage(9), evaluate_from_epoch=1)
    pretend([5.0, 4.0, 4.0, 4.0, 6.0, 5.0, 5.0])
    *events, finished = trainer.run()
    stages = [event.stage for event in epochs_of(events)]
    assert stages == ["words"] * 3 + ["captions"] * 4
    assert (finished.best_epoch, finished.scores.cider) == (5, 6.0)
    assert "has not risen for 2 epochs" in finished.reason
    assert count_steps() == 3 * 2 + 4 * 3


def test_steps_left_out_by_stopping_early_count_as_done(training, pretend):
    trainer = training.trainer(epochs=9, patience=1, self_critical=training.captions_stage(2), evaluate_from_epoch=1)
    pretend([5.0, 4.0, 6.0, 7.0])
    *events, finished = trainer.run()
    steps = [event for event in events if isinstance(event, StepsFinished)]
    assert [event.step for event in steps] == [2, 4, 20, 21, 24]
    assert steps[-1].step == trainer.steps == 24
    assert finished.reason == "all epochs are done"


def test_all_dev_images_are_captioned_in_all_of_the_second_stage(training):
    events = training.trainer(epochs=2, evaluate_from_epoch=9, self_critical=training.captions_stage(2)).run()
    assert [event.scores is not None for event in epochs_of(events)] == [False, True, True, True]


def test_as_many_copies_of_the_weights_are_kept_as_the_check_of_a_data_set_says(training):
    config = training.config(epochs=1, average_decay=0.9, self_critical=training.captions_stage(1, start_share=0.5))
    trainer = training.trainer(config=config, with_dev=False)
    list(trainer.run())
    size = sum(weight.numel() for weight in trainer.decoder.parameters())
    stages = [tensor for stage in trainer._course._stages for tensor in stage.state()[0].values() if tensor.dim()]
    # The output layer shares its matrix with the embeddings, so that the best weights have it under two names.
    best = sum(weight.numel() for weight in trainer.best_weights.values()) - trainer.decoder.output.weight.numel()
    kept = 2 * size + best + sum(tensor.numel() for tensor in stages)
    assert kept == training_estimate.count_copies(config) * size


def test_second_stage_is_left_out_unless_asked_for(training):
    events = list(training.trainer(with_dev=False, with_references=False, epochs=1).run())
    assert {event.stage for event in epochs_of(events)} == {"words"}


def test_second_stage_needs_references(training):
    with pytest.raises(ConfigurationError, match="reference captions"):
        training.trainer(with_references=False, self_critical=training.captions_stage(1))


def test_same_seed_gives_the_same_weights_in_both_stages(training):
    def weights(seed):
        trainer = training.trainer(
            with_dev=False, epochs=2, seed=seed, views=2, self_critical=training.captions_stage(2)
        )
        list(trainer.run())
        return trainer.best_weights

    one = weights(1)
    assert are_equal(one, weights(1))
    assert not are_equal(one, weights(2))
