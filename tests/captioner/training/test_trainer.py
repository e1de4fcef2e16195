import threading

import numpy as np
import pytest
import torch

from captioner.config import DecodingOptions, SelfCriticalConfig, TrainingConfig
from captioner.data.batching import CaptionExamples
from captioner.errors import ConfigurationError
from captioner.training.optimisation import Optimisation
from captioner.training.self_critical import SelfCritical
from captioner.training.trainer import DevSet, EpochFinished, StepsFinished, Trainer, TrainingFinished
from captioner.vocabulary import Vocabulary

CAPTIONS = [
    "a dog runs on grass",
    "two men play football",
    "a red car",
    "the boy jumps into water",
    "a woman reads",
    "three birds on a wire",
    "a man rides a horse on sand",
    "the girl laughs",
]


class Features:
    """Random features of 8 images and 2 extra views each, which remember what was read."""

    def __init__(self):
        self.values = np.random.default_rng(0).normal(size=(len(CAPTIONS), 3, 6, 5)).astype(np.float32)
        self.views_read = []

    def read(self, rows, views=None):
        views = np.zeros_like(rows) if views is None else views
        self.views_read.append(views)
        return self.values[rows, views]


def build(tiny, *, features=None, with_dev=True, with_references=True, views=0, **changes):
    defaults = {
        "decoder": tiny.config(decoder_dim=32, embed_dim=16, project_dim=16, attention_dim=8, dropout=0),
        "epochs": 60,
        "batch_size": 4,
        "learning_rate": 0.02,
        "average_decay": 0,
        "label_smoothing": 0,
        "min_word_count": 1,
        "patience": 0,
        "evaluate_from_epoch": 1000,
        "precision": "float32",
        "decoding": DecodingOptions(beam_size=2, max_length=9),
    }
    features = features or Features()
    words = [caption.split() for caption in CAPTIONS]
    vocabulary = Vocabulary.from_captions(words, min_count=1)
    references = {row: [text] for row, text in enumerate(words)}
    dev_references = {f"{row}.jpg": [caption] for row, caption in enumerate(CAPTIONS)}
    return Trainer(
        TrainingConfig(**(defaults | changes)),
        CaptionExamples.build(references, vocabulary, max_length=9),
        features,
        vocabulary,
        views=views,
        references=references if with_references else None,
        dev=DevSet(features, np.arange(len(CAPTIONS)), dev_references) if with_dev else None,
    )


def captions_stage(epochs, **changes):
    return SelfCriticalConfig(**({"epochs": epochs, "samples": 2, "images_per_batch": 3} | changes))


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
    """``pretend(trainer, [1.0, 2.0])``: the epochs of ``trainer`` get these dev scores."""

    class Scores:
        def __init__(self, cider):
            self.cider = cider

    def replace(trainer, ciders):
        scores = map(Scores, ciders)
        monkeypatch.setattr(trainer, "_evaluate", lambda stage: (next(scores), {}))

    return replace


def test_it_learns_eight_captions_by_heart(tiny):
    *events, finished = build(tiny).run()
    epochs = epochs_of(events)
    assert epochs[0].loss > 1
    assert epochs[-1].loss < 0.1
    assert list(epochs[-1].samples.values()) == CAPTIONS
    assert isinstance(finished, TrainingFinished)
    assert finished.best_epoch == 60
    assert finished.scores.bleu_4 == pytest.approx(100, abs=0.1)
    assert finished.reason == "all epochs are done"


def test_same_seed_gives_the_same_weights_bit_for_bit(tiny):
    def weights(seed):
        trainer = build(tiny, with_dev=False, epochs=3, seed=seed, views=2)
        trainer.decoder.dropout.p = 0.5
        list(trainer.run())
        return trainer.best_weights

    one, same, other = weights(1), weights(1), weights(2)
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_best_weights_are_kept_and_training_stops_when_patience_runs_out(tiny, pretend):
    kept = []
    trainer = build(tiny, epochs=9, patience=2)
    pretend(trainer, [1.0, 3.0, 2.0, 3.0])
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


def test_without_dev_images_the_last_weights_are_kept(tiny):
    trainer = build(tiny, with_dev=False, epochs=2)
    *_, finished = trainer.run()
    assert (finished.best_epoch, finished.scores) == (2, None)
    assert torch.equal(trainer.best_weights["output.bias"], trainer.decoder.output.bias)


def test_dev_captions_are_generated_from_the_epoch_asked_for(tiny):
    events = list(build(tiny, epochs=4, evaluate_from_epoch=3).run())
    scores = [event.scores for event in epochs_of(events)]
    assert [score is not None for score in scores] == [False, False, True, True]


@pytest.mark.parametrize(("use_views", "expected"), [(True, {0, 1, 2}), (False, {0})])
def test_views_are_used_only_when_asked(tiny, use_views, expected):
    features = Features()
    list(build(tiny, features=features, with_dev=False, epochs=5, views=2, use_views=use_views).run())
    assert set(np.concatenate(features.views_read).tolist()) == expected


def test_events_tell_of_every_step(tiny):
    events = list(build(tiny, with_dev=False, epochs=30, batch_size=3).run())
    steps = [event for event in events if isinstance(event, StepsFinished)]
    # Every 20 steps, and at the end of each epoch of 3.
    assert [event.step for event in steps] == sorted({20, 40, 60, 80} | set(range(3, 91, 3)))
    assert [event.epoch for event in steps] == [-(-event.step // 3) for event in steps]
    assert {event.steps for event in steps} == {90}
    assert all(event.gradient_norm > 0 and event.captions_per_second > 0 for event in steps)
    assert steps[0].learning_rate > steps[-2].learning_rate > 0


def test_reports_of_an_epoch_add_up_to_it(tiny):
    events = list(build(tiny, with_dev=False, epochs=3, batch_size=1).run())
    steps = [event for event in events if isinstance(event, StepsFinished)]
    assert [event.step for event in steps] == [8, 16, 20, 24]
    assert [steps[0].loss, steps[1].loss, (steps[2].loss + steps[3].loss) / 2] == pytest.approx(
        [epoch.loss for epoch in epochs_of(events)]
    )


@pytest.mark.parametrize("stage", ["words", "captions"])
def test_closing_stops_between_two_steps(tiny, count_steps, stage):
    changes = {"epochs": 6, "batch_size": 1}
    if stage == "captions":
        changes = {"epochs": 1, "batch_size": 8, "self_critical": captions_stage(5, images_per_batch=1)}
    trainer = build(tiny, with_dev=False, **changes)
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


def test_bfloat16_learns_as_well(tiny):
    *events, _ = build(tiny, with_dev=False, epochs=20, precision="bfloat16").run()
    losses = [event.loss for event in epochs_of(events)]
    assert losses[-1] < 0.5 * losses[0]


# Both stages


def test_second_stage_goes_on_from_the_best_weights_of_the_first(tiny, pretend, monkeypatch):
    trainer = build(tiny, epochs=3, self_critical=captions_stage(2))
    pretend(trainer, [1.0, 3.0, 2.0, 0.0, 0.0])
    at_start, run_epoch = [], SelfCritical.run_epoch

    def spy(self, epoch):
        at_start.append(copy_of(trainer.decoder.state_dict()))
        return run_epoch(self, epoch)

    monkeypatch.setattr(SelfCritical, "run_epoch", spy)
    kept = []
    for event in trainer.run():
        if isinstance(event, EpochFinished):
            kept.append((copy_of(trainer.best_weights), copy_of(trainer.decoder.state_dict())))
    assert are_equal(at_start[0], kept[1][0])
    assert not are_equal(at_start[0], kept[2][1])
    assert are_equal(at_start[1], kept[3][1])


def test_first_stage_is_trained_with_dropout_and_the_second_without(tiny, monkeypatch):
    trainer = build(tiny, with_dev=False, epochs=1, self_critical=captions_stage(1))
    trainer.decoder.eval()
    modes = {event.stage: trainer.decoder.training for event in trainer.run() if isinstance(event, StepsFinished)}
    assert modes == {"words": True, "captions": False}


def test_epochs_and_steps_are_counted_through_both_stages(tiny, count_steps):
    trainer = build(tiny, with_dev=False, epochs=3, self_critical=captions_stage(2))
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
def test_best_weights_of_both_stages_are_kept(tiny, pretend, ciders, best, is_best):
    trainer = build(tiny, epochs=2, self_critical=captions_stage(2))
    pretend(trainer, ciders)
    kept = []
    for event in trainer.run():
        if isinstance(event, EpochFinished):
            kept.append((event.is_best, copy_of(trainer.best_weights)))
    assert [is_best for is_best, _ in kept] == is_best
    assert (event.best_epoch, event.scores.cider) == (best, ciders[best - 1])
    assert are_equal(trainer.best_weights, kept[best - 1][1])


def test_each_stage_has_a_patience_of_its_own(tiny, pretend, count_steps):
    trainer = build(tiny, epochs=9, patience=2, self_critical=captions_stage(9))
    pretend(trainer, [5.0, 4.0, 4.0, 4.0, 6.0, 5.0, 5.0])
    *events, finished = trainer.run()
    stages = [event.stage for event in epochs_of(events)]
    assert stages == ["words"] * 3 + ["captions"] * 4
    assert (finished.best_epoch, finished.scores.cider) == (5, 6.0)
    assert "has not risen for 2 epochs" in finished.reason
    assert count_steps() == 3 * 2 + 4 * 3


def test_steps_left_out_by_stopping_early_count_as_done(tiny, pretend):
    trainer = build(tiny, epochs=9, patience=1, self_critical=captions_stage(2))
    pretend(trainer, [5.0, 4.0, 6.0, 7.0])
    *events, finished = trainer.run()
    steps = [event for event in events if isinstance(event, StepsFinished)]
    assert [event.step for event in steps] == [2, 4, 20, 21, 24]
    assert steps[-1].step == trainer.steps == 24
    assert finished.reason == "all epochs are done"


def test_dev_captions_are_generated_in_all_of_the_second_stage(tiny):
    events = build(tiny, epochs=2, evaluate_from_epoch=9, self_critical=captions_stage(2)).run()
    assert [event.scores is not None for event in epochs_of(events)] == [False, True, True, True]


def test_second_stage_is_left_out_unless_asked_for(tiny):
    events = list(build(tiny, with_dev=False, with_references=False, epochs=1).run())
    assert {event.stage for event in epochs_of(events)} == {"words"}


def test_second_stage_needs_references(tiny):
    with pytest.raises(ConfigurationError, match="reference captions"):
        build(tiny, with_references=False, self_critical=captions_stage(1))


def test_same_seed_gives_the_same_weights_in_both_stages(tiny):
    def weights(seed):
        trainer = build(tiny, with_dev=False, epochs=2, seed=seed, views=2, self_critical=captions_stage(2))
        list(trainer.run())
        return trainer.best_weights

    one = weights(1)
    assert are_equal(one, weights(1))
    assert not are_equal(one, weights(2))
