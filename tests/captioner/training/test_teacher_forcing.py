import itertools
import json

import numpy as np
import pytest
import torch

from captioner.config import HardAttentionConfig, TrainingConfig
from captioner.data.batching import CaptionExamples
from captioner.errors import ConfigurationError
from captioner.training.teacher_forcing import TeacherForcing
from captioner.vocabulary import Vocabulary

CAPTIONS = [
    "a dog runs on the grass",
    "two dogs",
    "a red car",
    "the boy jumps into water",
    "a woman",
    "three birds fly",
]

KINDS = {
    "plain": {},
    "gru": {"cell": "gru", "layers": 2},
    "rnn": {"cell": "rnn", "layers": 3, "gate": "vector"},
    "hard": {"attention": "hard"},
    "none_first": {"attention": "none_first", "deep_output": False},
    "none_every": {"attention": "none_every", "tied_embeddings": False},
}
EVERYTHING = {
    "scheduled_sampling": 0.5,
    "bptt_steps": 2,
    "average_decay": 0.9,
    "optimiser": "sgd",
    "schedule": "plateau",
    "clip_norm": 0,
    "clip_value": 0.1,
}


class Features:
    """Features of one image per caption and of two views of each."""

    def __init__(self):
        self.values = np.random.default_rng(0).normal(size=(len(CAPTIONS), 3, 6, 5)).astype(np.float32)

    def read(self, rows, views=None):
        return self.values[rows, views]


def build(tiny, kind=None, *, level="word", world=None, views=2, **changes):
    references = {row: [text.split()] for row, text in enumerate(CAPTIONS)}
    vocabulary = Vocabulary.from_captions((words for [words] in references.values()), min_count=1, level=level)
    decoder = tiny.config(**({"dropout": 0.3} | (kind or {})))
    defaults = {"decoder": decoder, "precision": "float32", "batch_size": 2, "epochs": 4, "learning_rate": 0.02}
    config = TrainingConfig(**(defaults | changes))
    words = len(vocabulary) - 4
    trained = tiny.decoder(words=words, **({"dropout": config.decoder.dropout} | (kind or {}))).requires_grad_(True)
    examples = CaptionExamples.build(references, vocabulary, max_length=9)
    extra = {} if world is None else {"world": world}
    return TeacherForcing(config, trained, examples, Features(), views=views, **extra)


def weights_of(stage):
    return {name: value.clone() for name, value in stage.decoder.state_dict().items()}


def assert_equal(one, other):
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


def run(stage, *epochs):
    return [result for epoch in epochs for result in stage.run_epoch(epoch)]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize(("level", "epochs"), [("word", 15), ("char", 12)])
def test_every_kind_learns(tiny, kind, level, epochs):
    stage = build(tiny, kind, level=level, views=0, warmup_fraction=0, schedule="constant")
    losses = [np.mean([result.loss for result in stage.run_epoch(epoch)]) for epoch in range(1, epochs + 1)]
    assert losses[-1] < 0.6 * losses[0]


@pytest.mark.parametrize("changes", [{}, EVERYTHING], ids=["defaults", "everything"])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_stage_goes_on_from_any_step_bit_for_bit(tiny, kind, changes):
    whole = build(tiny, kind, **changes)
    results = run(whole, 1, 2)
    assert len(results) == 6

    first = build(tiny, kind, **changes)
    before = run(first, 1) + list(itertools.islice(first.run_epoch(2), 1))
    tensors, values = first.state()
    torch.rand(7)  # what others draw in the meantime does not matter
    second = build(tiny, kind, **changes)
    second.decoder.load_state_dict(weights_of(first))
    second.restore(tensors, json.loads(json.dumps(values)))
    assert [*before, *second.run_epoch(2, start=1)] == results
    assert_equal(weights_of(second), weights_of(whole))
    assert_equal(second.optimisation.averaged.state_dict(), whole.optimisation.averaged.state_dict())
    assert second.state()[1] == whole.state()[1]


def test_what_a_step_draws_differs_between_steps_epochs_and_seeds(tiny):
    stage = build(tiny, {"attention": "hard"})

    def drawn(*key):
        with stage._arithmetic.random_numbers(*key):
            return torch.rand(4).tolist()

    keys = [(1, 1, 0, 5, 1), (1, 1, 1, 5, 1), (1, 2, 0, 5, 1), (2, 1, 0, 5, 1), (1, 1, 0, 5, 2)]
    assert drawn(*keys[0]) == drawn(*keys[0])
    assert len({tuple(drawn(*key)) for key in keys}) == len(keys)


def test_training_leaves_the_random_numbers_of_others_alone(tiny):
    before = torch.random.get_rng_state()
    run(build(tiny), 1)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_largest_seed_is_possible(tiny):
    assert len(run(build(tiny, seed=2**63 - 1), 1)) == 3


# Several processes

SAME_WHATEVER_THE_WORLD = {"dropout": 0.0}


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("kind", [{}, {"cell": "gru", "attention": "none_every"}], ids=str)
def test_any_number_of_processes_takes_the_same_steps(tiny, in_a_world_of, size, kind):
    settings = {"precision": "float64", "batch_size": 4, "clip_norm": 0.5}
    alone = build(tiny, kind | SAME_WHATEVER_THE_WORLD, **settings)
    expected = run(alone, 1, 2)

    def make(world):
        return build(tiny, kind | SAME_WHATEVER_THE_WORLD, world=world, **settings)

    # Batches of 4 and 2 captions: with 3 or 5 processes some have none.
    for results, stage in in_a_world_of(size, make, lambda stage: (run(stage, 1, 2), stage)):
        for result, other in zip(results, expected, strict=True):
            assert tuple(result) == pytest.approx(tuple(other), rel=1e-12)
        for name, value in weights_of(alone).items():
            assert value.dtype == torch.float64
            torch.testing.assert_close(stage.decoder.state_dict()[name], value, atol=1e-12, rtol=1e-12)


# What the losses are made of


@pytest.mark.parametrize("attention", ["none_first", "none_every"])
def test_without_attention_there_is_no_penalty(tiny, attention):
    results = run(build(tiny, {"attention": attention}, doubly_stochastic_weight=5.0), 1)
    assert {result.penalty for result in results} == {0.0}


def test_baseline_of_hard_attention_follows_the_log_probability_of_words(tiny):
    settings = HardAttentionConfig(baseline_decay=0.75)
    stage = build(tiny, {"attention": "hard"}, label_smoothing=0.0, hard_attention=settings)
    expected = 0.0
    for result in run(stage, 1, 2):
        # Without smoothing, the cross-entropy is minus the log-probability of a word.
        expected = 0.75 * expected - 0.25 * result.loss
    assert stage.state()[1]["baseline"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_divergence_is_told_and_keeps_the_weights(tiny, kind):
    stage = build(tiny, kind)
    run(stage, 1)
    before = weights_of(stage)
    stage.features.values[:] = np.inf
    with pytest.raises(ConfigurationError, match="diverged"):
        run(stage, 2)
    assert_equal(weights_of(stage), before)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_training_on_a_gpu_takes_nearly_the_same_steps(tiny, kind):
    kind = kind | SAME_WHATEVER_THE_WORLD
    settings = {"epochs": 2, "views": 0} | ({"hard_attention": HardAttentionConfig(reward_weight=0)} if kind else {})
    losses = [
        np.mean([result.loss for result in run(build(tiny, kind, device=device, **settings), 1, 2)])
        for device in ("cpu", "cuda")
    ]
    assert losses[1] == pytest.approx(losses[0], rel=0.2 if kind.get("attention") == "hard" else 1e-3)
