"""Training that was broken off anywhere ends with the very weights of one that was not."""

import json

import pytest
import torch

from captioner.errors import ConfigurationError, TrainingMemoryError, TrainingRunError
from captioner.training.control import TrainingControl
from captioner.training.events import (
    CheckpointSaved,
    EpochFinished,
    StepsFinished,
    TrainingExtended,
    TrainingFinished,
    TrainingPaused,
    TrainingResumed,
    TrainingStopped,
)
from captioner.training.optimisation import Optimisation
from captioner.training.self_critical import SelfCritical
from captioner.training.teacher_forcing import TeacherForcing


class MemoryRecorder:
    """Keeps states as they would come back from a file."""

    def __init__(self):
        self.states, self.epochs = [], []

    def add_epoch(self, epoch):
        self.epochs.append(epoch)

    def save_best(self, weights):
        self.best = weights

    def save_checkpoint(self, step, tensors, values):
        copies = {name: value.clone() for name, value in tensors.items()}
        self.states.append((copies, json.loads(json.dumps(values))))
        return len(self.states) - 1


def are_equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def outcome(trainer):
    """What must not depend on interruptions."""
    best = trainer.best
    return copies(trainer.decoder.state_dict()), copies(trainer.best_weights), (best.epoch, best.loss, best.dev_loss)


def copies(weights):
    return {name: value.clone() for name, value in weights.items()}


def same(one, other):
    return are_equal(one[0], other[0]) and are_equal(one[1], other[1]) and one[2] == other[2]


@pytest.fixture(scope="module")
def changes(training):
    decoder = training.decoder.replace(dropout=0.3)
    stage = training.captions_stage(2, start_share=0.5)
    return {
        "decoder": decoder,
        "epochs": 3,
        "self_critical": stage,
        "average_decay": 0.9,
        "evaluate_from_epoch": 2,
        "schedule": "plateau",
        "decay_epochs": 1,
        "scheduled_sampling": 0.3,
        "views": 2,
    }


@pytest.fixture(scope="module")
def uninterrupted(training, changes):
    """Every state that a run goes through, and its outcome."""
    recorder = MemoryRecorder()
    trainer = training.trainer(**changes, how={"recorder": recorder, "save_every": 0.0})
    list(trainer.run())
    return recorder, outcome(trainer)


def test_from_every_state_training_ends_with_the_same_weights(training, changes, uninterrupted):
    recorder, expected = uninterrupted
    assert len(recorder.states) == 3 * 2 + 2 * 3 + 5 + 1  # at the start, after each step, and after each epoch
    for tensors, values in recorder.states:
        trainer = training.trainer(**changes)
        trainer.restore(tensors, values)
        list(trainer.run())
        assert same(outcome(trainer), expected), values["position"]


def test_history_goes_on_as_if_nothing_had_been(training, changes, uninterrupted):
    recorder, _ = uninterrupted
    tensors, values = recorder.states[4]
    again = MemoryRecorder()
    trainer = training.trainer(**changes, how={"recorder": again})
    trainer.restore(tensors, values)
    list(trainer.run())

    def told(epochs):
        return [(e.stage, e.epoch, e.loss, e.dev_loss, e.scores, e.samples, e.is_best) for e in epochs]

    assert told(again.epochs) == told(recorder.epochs)[-len(again.epochs) :]
    assert 0 < len(again.epochs) < len(recorder.epochs)


def test_stopping_saves_and_can_be_resumed(training, changes, uninterrupted):
    _, expected = uninterrupted
    stopped_at = []
    recorder = MemoryRecorder()
    for _ in range(100):
        control = TrainingControl()
        trainer = training.trainer(**changes, how={"recorder": recorder, "control": control})
        if recorder.states:
            trainer.restore(*recorder.states[-1])
        events = []
        for event in trainer.run():
            events.append(event)
            if len(events) == 3:
                control.stop_and_save()
        if isinstance(events[-1], TrainingFinished):
            break
        assert isinstance(events[-1], TrainingStopped)
        assert events[-1].checkpoint == len(recorder.states) - 1
        stopped_at.append(events[-1].step)
    assert len(set(stopped_at)) > 3
    assert same(outcome(trainer), expected)


def test_stopping_while_dev_images_are_captioned(training, changes, uninterrupted, monkeypatch):
    control, recorder = TrainingControl(), MemoryRecorder()
    trainer = training.trainer(**changes, how={"recorder": recorder, "control": control})
    events = trainer.run()
    for event in events:
        if isinstance(event, StepsFinished) and event.step == 4:
            # The last step of the epoch is behind us: what follows is the evaluation.
            monkeypatch.setattr(trainer._evaluation, "run", lambda *_, is_stopping, **__: control.stop_and_save())
    assert isinstance(event, TrainingStopped)
    assert (event.step, len(recorder.epochs)) == (4, 1)
    trainer = training.trainer(**changes)
    trainer.restore(*recorder.states[-1])
    assert next(event for event in trainer.run() if isinstance(event, EpochFinished)).epoch == 2


def test_pausing_saves_and_waits(training, changes, uninterrupted):
    _, expected = uninterrupted
    control, recorder, seen = TrainingControl(), MemoryRecorder(), []
    trainer = training.trainer(**changes, how={"recorder": recorder, "control": control})
    for event in trainer.run():
        if isinstance(event, StepsFinished) and event.step == 4:
            control.pause()
        if isinstance(event, TrainingPaused):
            control.resume()
        seen.append(type(event))
    at = seen.index(TrainingPaused)
    assert seen[at - 1 : at + 2] == [CheckpointSaved, TrainingPaused, TrainingResumed]
    assert same(outcome(trainer), expected)


def test_running_twice_is_refused(training):
    trainer = training.trainer(epochs=1, with_dev=False)
    list(trainer.run())
    with pytest.raises(ConfigurationError, match="has run already"):
        next(trainer.run())


def test_resuming_what_has_ended_says_so_again(training, changes, uninterrupted):
    recorder, expected = uninterrupted
    trainer = training.trainer(**changes)
    trainer.restore(*recorder.states[-1])
    (finished,) = trainer.run()
    assert isinstance(finished, TrainingFinished)
    assert finished.reason == "all epochs are done"
    assert same(outcome(trainer), expected)


def test_state_of_another_decoder_is_refused(training, changes, uninterrupted):
    recorder, _ = uninterrupted
    smaller = changes | {"decoder": training.decoder.replace(decoder_dim=16)}
    with pytest.raises(ConfigurationError, match="another decoder"):
        training.trainer(**smaller).restore(*recorder.states[3])


# Extending


def steps_of(events):
    return [event.step for event in events if isinstance(event, StepsFinished)]


def test_run_that_is_extended_before_its_first_step_is_a_longer_run(training):
    def train(epochs, more):
        control = TrainingControl()
        trainer = training.trainer(epochs=epochs, evaluate_from_epoch=1, how={"control": control})
        if more:
            control.extend(more)
        return list(trainer.run()), outcome(trainer)

    events, extended = train(2, 3)
    assert isinstance(events[0], TrainingExtended)
    assert (events[0].epochs, events[0].steps) == (5, 10)
    longer, expected = train(5, 0)
    assert steps_of(events) == steps_of(longer)
    assert same(extended, expected)


@pytest.mark.parametrize("stage", ["words", "captions"])
def test_the_stage_in_progress_is_extended(training, stage):
    control = TrainingControl()
    trainer = training.trainer(
        epochs=2, self_critical=training.captions_stage(2), with_dev=False, how={"control": control}
    )
    stages = []
    for event in trainer.run():
        if isinstance(event, StepsFinished) and event.stage == stage and not stages.count("asked"):
            stages.append("asked")
            control.extend(2)
        if isinstance(event, EpochFinished):
            stages.append(event.stage)
    counted = [stages.count("words"), stages.count("captions")]
    assert counted == ([4, 2] if stage == "words" else [2, 4])
    assert trainer.position.steps_done == trainer.steps


def test_an_ended_run_is_extended_with_the_rate_of_a_longer_one(training):
    recorder = MemoryRecorder()
    list(training.trainer(epochs=3, with_dev=False, how={"recorder": recorder}).run())
    control = TrainingControl()
    trainer = training.trainer(epochs=3, with_dev=False, how={"control": control})
    trainer.restore(*recorder.states[-1])
    control.extend(2)
    events = list(trainer.run())
    assert steps_of(events) == [8, 10]
    assert trainer.config.epochs == 5
    whole = list(training.trainer(epochs=5, with_dev=False).run())
    rates = [[e.learning_rate for e in run if isinstance(e, StepsFinished)] for run in (events, whole)]
    assert rates[0] == rates[1][-2:]


def test_extending_a_run_that_lost_patience_adds_to_the_epochs_it_had(training, monkeypatch):
    recorder = MemoryRecorder()
    changes = {"epochs": 9, "patience": 1, "choose_by": "loss", "learning_rate": 1.0, "evaluate_from_epoch": 100}
    *_, finished = training.trainer(**changes, how={"recorder": recorder}).run()
    epochs = len(recorder.epochs)
    assert "the dev loss has not fallen for 1 epochs" in finished.reason
    assert epochs < 9
    control = TrainingControl()
    trainer = training.trainer(**changes, how={"control": control})
    trainer.restore(*recorder.states[-1])
    control.extend(1)
    extended, *events = trainer.run()
    assert extended.epochs == epochs + 1
    assert [event.epoch for event in events if isinstance(event, EpochFinished)] == [epochs + 1]
    assert steps_of(events) == [2 * epochs + 2]


def test_extension_is_part_of_the_state(training):
    control, recorder = TrainingControl(), MemoryRecorder()
    control.extend(2)
    events = training.trainer(epochs=1, with_dev=False, how={"control": control, "recorder": recorder}).run()
    next(events)
    next(events)
    events.close()
    _, values = recorder.states[-1]
    assert values["config"]["epochs"] == 3


# Batches of another size


def test_with_smaller_batches_the_epoch_begins_again(training, changes, uninterrupted):
    recorder, _ = uninterrupted
    for tensors, values in (recorder.states[1], recorder.states[5]):
        trainer = training.trainer(**changes | {"batch_size": 2})
        trainer.restore(tensors, values)
        assert trainer.position.step == 0
        epoch = values["position"]["epoch"]
        assert trainer.position.steps_done == 4 * (epoch - 1)
        assert [event.epoch for event in trainer.run() if isinstance(event, EpochFinished)] == list(range(epoch, 6))
        assert trainer.position.steps_done == trainer.steps


# Memory


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")]
)
def test_memory_that_runs_out_saves_and_offers_smaller_batches(training, changes, monkeypatch, error):
    losses, calls = TeacherForcing._losses, []

    def fail(self, *arguments):
        calls.append(1)
        if len(calls) == 4:
            raise error
        return losses(self, *arguments)

    recorder = MemoryRecorder()
    trainer = training.trainer(**changes, how={"recorder": recorder})
    monkeypatch.setattr(TeacherForcing, "_losses", fail)
    with pytest.raises(TrainingMemoryError, match=r"batches of 4\. Resume the run with --batch-size 2") as refused:
        list(trainer.run())
    assert refused.value.batch_size == 2
    assert recorder.states[-1][1]["position"]["steps_done"] == 3


def test_memory_that_runs_out_in_the_second_stage_offers_fewer_images(training, monkeypatch):
    def fail(self, *arguments):
        raise MemoryError

    trainer = training.trainer(epochs=0, self_critical=training.captions_stage(1, images_per_batch=6))
    monkeypatch.setattr(SelfCritical, "run_epoch", fail)
    with pytest.raises(TrainingMemoryError, match="batches of 6") as refused:
        list(trainer.run())
    assert refused.value.batch_size == 3


def test_weights_that_are_halfway_through_a_change_are_not_saved(training, monkeypatch):
    def fail(self):
        raise MemoryError

    recorder = MemoryRecorder()
    trainer = training.trainer(epochs=1, how={"recorder": recorder})
    monkeypatch.setattr(Optimisation, "_update_average", fail)
    with pytest.raises(TrainingRunError, match="not enough memory"):
        list(trainer.run())
    assert recorder.states == []


def test_other_errors_pass_through(training, monkeypatch):
    def fail(self):
        raise RuntimeError("a bug")

    monkeypatch.setattr(Optimisation, "_update_average", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        list(training.trainer(epochs=1).run())
