"""Encoder and decoder trained together: exact when interrupted, divided or computed in parts."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from captioner.config import DecodingOptions, EncoderConfig, ModelConfig
from captioner.data.batching import CaptionExamples
from captioner.encoders import Encoder
from captioner.errors import ConfigurationError, ImageError, TrainingRunError
from captioner.model import CaptioningModel
from captioner.training.control import TrainingControl
from captioner.training.events import EpochFinished, StepsFinished, TrainingFinished, TrainingStopped
from captioner.training.fine_tuner import FineTuner
from captioner.training.fine_tuning_config import FineTuningConfig, ViewConfig
from captioner.training.fine_tuning_data import CaptionedPhotographs, FineTuningData
from captioner.training.photographs import Photographs
from captioner.vocabulary import Vocabulary

TEXTS = ("a red dog", "two men play here", "a car", "the boy jumps high", "a woman reads", "three birds", "a horse")
ENCODER = EncoderConfig(input_size=64)


class MemoryRecorder:
    """Keeps states as they would come back from a file."""

    def __init__(self):
        self.states, self.epochs = [], []

    def add_epoch(self, epoch):
        self.epochs.append(epoch)

    def save_best(self, weights):
        self.best = weights

    def save_checkpoint(self, step, tensors, values):
        self.states.append(({name: value.clone() for name, value in tensors.items()}, json.loads(json.dumps(values))))
        return len(self.states) - 1


def tiny_trunk():
    """Three stages, to a grid of 2 x 2 with the width of the project's own encoder."""
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 4, 4, 4, bias=False), nn.BatchNorm2d(4), nn.ReLU()),
        nn.Sequential(nn.Conv2d(4, 6, 4, 4, bias=False), nn.BatchNorm2d(6), nn.ReLU()),
        nn.Conv2d(6, 320, 2, 2),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Seven photographs to train on and two to choose by."""
    folder = tmp_path_factory.mktemp("photographs")
    random = np.random.default_rng(0)
    for index in range(len(TEXTS) + 2):
        corners = random.integers(0, 256, (3, 4, 3), np.uint8)
        Image.fromarray(corners).resize((80, 60), Image.Resampling.BILINEAR).save(folder / f"{index}.png")
    return folder


@pytest.fixture
def data(folder):
    vocabulary = Vocabulary.from_captions([text.split() for text in TEXTS], min_count=1)

    def join(indices):
        references = {f"{index}.png": [TEXTS[index % 7], TEXTS[(index + 3) % 7]] for index in indices}
        words = {row: [text.split() for text in texts] for row, texts in enumerate(references.values())}
        examples = CaptionExamples.build(words, vocabulary, max_length=9)
        return CaptionedPhotographs(Photographs(folder, list(references), ENCODER), references, examples)

    return SimpleNamespace(vocabulary=vocabulary, data=FineTuningData(join(range(7)), join((7, 8))))


@pytest.fixture
def fine_tuner(tiny, data):
    """``fine_tuner(**settings)``: a trainer of a model that is the same each time."""

    def make(*, how=(), attention="soft", dropout=0.3, **changes):
        config = ModelConfig(
            encoder=ENCODER,
            decoder=tiny.config(encoder_dim=320, attention=attention, dropout=dropout),
            decoding=DecodingOptions(beam_size=2, max_length=6),
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            model = CaptioningModel(config, data.vocabulary, Encoder(ENCODER, tiny_trunk()))
        defaults = {"epochs": 2, "batch_size": 3, "average_decay": 0.9, "precision": "float64", "device": "cpu"}
        return FineTuner(FineTuningConfig(**(defaults | changes)), model, data.data, **dict(how))

    return make


def copies(weights):
    return {name: value.detach().clone() for name, value in weights.items()}


def largest_difference(one, other):
    assert one.keys() == other.keys()
    return max(float((one[name].double() - value.double()).abs().max()) for name, value in other.items())


def finish(trainer):
    """Train to the end: all weights, the best ones, and what was told of each epoch."""
    told = [event for event in trainer.run() if isinstance(event, EpochFinished)]
    return copies(trainer.model.state_dict()), dict(trainer.best_weights), told


# Interruption


@pytest.mark.parametrize("changes", [{}, {"freeze_batch_norm": False, "attention": "hard", "frozen_stages": 1}])
def test_from_every_state_training_ends_with_the_same_weights(fine_tuner, changes):
    recorder = MemoryRecorder()
    weights, best, _ = finish(fine_tuner(**changes, how={"recorder": recorder, "save_every": 0.0}))
    assert len(recorder.states) == 1 + 2 * 3 + 2  # at the start, after each step, after each epoch
    for tensors, values in recorder.states[1::2]:
        trainer = fine_tuner(**changes)
        with torch.no_grad():
            for value in trainer.model.state_dict().values():
                value.zero_()  # all comes from the checkpoint
        trainer.restore(tensors, values)
        again, best_again, _ = finish(trainer)
        assert largest_difference(again, weights) == 0, values["position"]
        assert largest_difference(best_again, best) == 0


def test_a_stop_is_heeded_after_the_step_and_saved(fine_tuner):
    control, recorder = TrainingControl(), MemoryRecorder()
    trainer = fine_tuner(how={"control": control, "recorder": recorder})
    for event in trainer.run():
        if isinstance(event, StepsFinished):
            control.stop_and_save()
    assert isinstance(event, TrainingStopped)
    assert event.step == recorder.states[-1][1]["position"]["steps_done"] == 3


def test_with_other_batches_the_epoch_begins_again(fine_tuner):
    recorder = MemoryRecorder()
    finish(fine_tuner(how={"recorder": recorder, "save_every": 0.0}))
    trainer = fine_tuner(batch_size=2)
    trainer.restore(*recorder.states[2])
    assert trainer.position.step == 0
    finish(trainer)
    assert trainer.position.steps_done == trainer.steps == 8


# What a step is


def test_a_batch_in_parts_makes_the_same_step(fine_tuner):
    whole = finish(fine_tuner(dropout=0))
    parts = finish(fine_tuner(dropout=0, accumulation_steps=3))
    assert largest_difference(parts[0], whole[0]) < 1e-12


class World:
    """One of two processes, in a thread of this one."""

    size = 2

    def __init__(self, rank, messages, barrier):
        self.rank, self._messages, self._barrier = rank, messages, barrier

    def sum(self, value):
        self._messages[self.rank] = value.detach().clone()
        self._barrier.wait(60)
        total = self._messages[0] + self._messages[1]
        self._barrier.wait(60)
        return total


def test_two_processes_take_the_steps_of_one(fine_tuner):
    weights, best, told = finish(fine_tuner(dropout=0))
    messages, barrier = [None, None], threading.Barrier(2)
    trainers = [fine_tuner(dropout=0, how={"world": World(rank, messages, barrier)}) for rank in range(2)]
    with ThreadPoolExecutor(2) as pool:
        (first, best_too, told_too), (second, *_) = pool.map(finish, trainers)
    assert largest_difference(first, second) == 0
    assert largest_difference(first, weights) < 1e-12
    assert largest_difference(best_too, best) < 1e-12
    for here, there in zip(told_too, told, strict=True):
        assert (here.samples, here.is_best) == (there.samples, there.is_best)
        assert [here.loss, here.dev_loss] == pytest.approx([there.loss, there.dev_loss], rel=1e-6)


def test_rates_of_encoder_and_decoder_are_their_own(fine_tuner):
    trainer = fine_tuner(encoder_learning_rate=1e-30, encoder_weight_decay=0, learning_rate=0.01, epochs=1)
    before = copies(trainer.model.state_dict())
    after, _, _ = finish(trainer)
    changed = {name for name, value in after.items() if not torch.allclose(value, before[name], atol=1e-12, rtol=0)}
    assert changed
    assert all(name.startswith("decoder.") for name in changed)


def test_rates_end_at_their_lowest_share(fine_tuner):
    trainer = fine_tuner(learning_rate=0.5, lowest_rate=0.1, epochs=3)
    rates = [event.learning_rate for event in trainer.run() if isinstance(event, StepsFinished)]
    assert rates[-1] == pytest.approx(0.05)


def test_it_learns(fine_tuner):
    rates = {"learning_rate": 0.03, "encoder_learning_rate": 3e-3}
    trainer = fine_tuner(dropout=0, epochs=14, evaluate_from_epoch=14, patience=0, **rates)
    losses = [event.loss for event in trainer.run() if isinstance(event, EpochFinished)]
    assert losses[-1] < 0.75 * losses[0]


# What is left as it is


def test_frozen_stages_keep_their_weights_and_the_others_do_not(fine_tuner):
    trainer = fine_tuner(frozen_stages=2, freeze_batch_norm=False)
    before = copies(trainer.model.state_dict())
    after, _, _ = finish(trainer)
    for name, value in after.items():
        is_kept = name.startswith(("encoder.trunk.0.", "encoder.trunk.1."))
        assert torch.equal(value, before[name]) == is_kept, name


@pytest.mark.parametrize("is_frozen", [True, False])
def test_statistics_of_batch_norms_are_kept_or_follow(fine_tuner, is_frozen):
    trainer = fine_tuner(freeze_batch_norm=is_frozen, average_decay=0, epochs=1)
    before = copies(trainer.model.state_dict())
    after, best, _ = finish(trainer)
    for name in ("encoder.trunk.0.1.running_mean", "encoder.trunk.1.1.running_var"):
        assert torch.equal(after[name], before[name]) == is_frozen
        assert torch.equal(after[name], best[name])
    assert not torch.equal(after["encoder.trunk.0.1.weight"], before["encoder.trunk.0.1.weight"])


def test_freezing_everything_is_refused(fine_tuner):
    with pytest.raises(ConfigurationError, match="has 3 stages, of which 3 cannot be frozen"):
        fine_tuner(frozen_stages=3)


# Damaged photographs


def broken(folder, name, monkeypatch):
    """Let one photograph be found damaged from now on."""
    from captioner.training import photographs

    real = photographs.open_photograph

    def opening(path, **options):
        if path.name == name:
            raise ImageError(f"{name} is damaged.", path=path)
        return real(path, **options)

    monkeypatch.setattr(photographs, "open_photograph", opening)


def test_a_damaged_photograph_is_told_once_and_left_out(fine_tuner, data, folder, monkeypatch, caplog):
    broken(folder, "2.png", monkeypatch)
    trainer = fine_tuner()
    *_, finished = trainer.run()
    assert isinstance(finished, TrainingFinished)
    assert data.data.train.photographs.left_out == {"2.png"}
    assert caplog.messages == ["2.png is damaged. It is left out."]


def test_dev_photographs_that_vanish_stop_the_run(fine_tuner, folder, monkeypatch):
    broken(folder, "8.png", monkeypatch)
    with pytest.raises(TrainingRunError, match=r"8\.png cannot be read any more"):
        finish(fine_tuner())


# Settings


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"epochs": 0}, "epochs must be 1"),
        ({"batch_size": 2, "accumulation_steps": 3}, "accumulation_steps must be 1 to batch_size, 2"),
        ({"encoder_learning_rate": 0}, "encoder_learning_rate"),
        ({"encoder_weight_decay": -1}, "encoder_weight_decay"),
        ({"lowest_rate": 2}, "lowest_rate"),
        ({"frozen_stages": -1}, "frozen_stages"),
        ({"label_smoothing": 1}, "label_smoothing"),
        ({"views": {"least_area": 0}}, "least_area"),
        ({"views": {"grey": 2}}, "grey"),
        ({"views": {"brightness": 300}}, "brightness"),
        ({"views": {"most_aspect": 0.5}}, "most_aspect"),
        ({"rate": 1}, "'rate' is not known"),
    ],
)
def test_settings_that_cannot_be(changes, reason):
    with pytest.raises(ConfigurationError, match=reason):
        FineTuningConfig.from_dict(changes)


def test_settings_go_through_json():
    config = FineTuningConfig(frozen_stages=2, views=ViewConfig(grey=0), device="cuda", betas=(0.5, 0.6))
    assert FineTuningConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
