import itertools
import json
from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from captioner.config import MAX_SEED, DecodingOptions, SelfCriticalConfig, TrainingConfig
from captioner.data.batching import CaptionExamples
from captioner.decoder import Decoder
from captioner.decoding import Hypothesis, decode, word_log_probabilities
from captioner.errors import ConfigurationError
from captioner.metrics.bleu import bleu
from captioner.metrics.cider import cider_d
from captioner.metrics.unigram_f import unigram_f
from captioner.training.self_critical import SelfCritical, _Batch, leave_one_out_advantages
from captioner.training.stages import ALONE
from captioner.training.teacher_forcing import TeacherForcing
from captioner.vocabulary import END, START, Vocabulary

IMAGES = 7
WORDS = [f"word{index}" for index in range(8)]
# In an order other than that of the rows; each image has captions of its own.
REFERENCES = {
    row: [[WORDS[(row + step * turn) % 8] for step in range(3 + turn)] for turn in (1, 2, 3)]
    for row in (3, 0, 6, 1, 5, 2, 4)
}


class Features:
    """Features of the images, their views offset by whole numbers, which remember what was read."""

    def __init__(self, tiny):
        self.values = tiny.features(IMAGES).numpy()
        self.read_rows, self.read_views = [], []

    def read(self, rows, views=None):
        self.read_rows += rows.tolist()
        self.read_views += views.tolist()
        return self.values[rows] + views[:, None, None].astype(np.float32)


STAGE = SelfCriticalConfig(epochs=1, samples=3, images_per_batch=3, learning_rate=0.01)


def configure(**changes):
    stage = STAGE.replace(**{name: changes.pop(name) for name in set(changes) & set(STAGE.to_dict())})
    defaults = {"precision": "float32", "average_decay": 0, "max_caption_length": 6, "clip_norm": 0}
    return TrainingConfig(self_critical=stage, **(defaults | changes))


def build(
    tiny, decoder=None, *, features=None, references=REFERENCES, vocabulary=None, views=0, world=ALONE, **changes
):
    decoder = decoder or tiny.decoder().requires_grad_(True)
    features, vocabulary = features or Features(tiny), vocabulary or tiny.vocabulary()
    return SelfCritical(configure(**changes), decoder, references, features, vocabulary, views=views, world=world)


def caption(*token_ids, is_ended=True):
    return Hypothesis(token_ids, is_ended, 0.0, 0.0)


def weights_of(stage):
    return {name: value.clone() for name, value in stage.decoder.state_dict().items()}


def record(monkeypatch, stage):
    """What each step of ``stage`` draws."""
    drawn, draw = [], stage._draw
    monkeypatch.setattr(stage, "_draw", lambda *arguments: drawn.append(draw(*arguments)) or drawn[-1])
    return drawn


def captions_of(drawn):
    return list(itertools.chain.from_iterable(drawn.hypotheses()))


def texts_of(stage, drawn):
    tokens = stage.vocabulary.tokens
    return [[tokens[i] for i in item.token_ids] + ["<end>"] * item.is_ended for item in captions_of(drawn)]


def log_probability(decoder, features, hypothesis):
    """Of a caption of the one image in ``features``, word by word."""
    memory, total = decoder.remember(features), 0.0
    state = decoder.initial_state(memory)
    words = (*hypothesis.token_ids, END) if hypothesis.is_ended else hypothesis.token_ids
    for previous, word in itertools.pairwise((START, *words)):
        embedded = decoder.embed(torch.tensor([[previous]]))
        step = decoder.step(decoder.word_input(embedded), state, memory)
        state = step.state
        total += word_log_probabilities(decoder.predict(embedded, state.hidden, step.context))[0, 0, word]
    return total


# Rewards


def test_rewards_are_cider_d_with_the_end_as_a_word(tiny):
    stage = build(tiny, samples=2)
    drawn = [[caption(4, 5, 6, 7), caption(4, 5, 6, 7, is_ended=False)], [caption(7, 7), caption()]]
    rewards = stage._reward([1, 4], drawn)  # places in the references: rows 0 and 5
    references = [[[*words, "<end>"] for words in texts] for texts in REFERENCES.values()]
    texts = [[*WORDS[:4], "<end>"], WORDS[:4], ["word3", "word3", "<end>"], ["<end>"]]
    # The corpus decides the weights, so each caption stands in a whole corpus of captions.
    for place, text, reward in zip((1, 1, 4, 4), texts, rewards.flatten(), strict=True):
        hypotheses = [text if place == other else [] for other in range(IMAGES)]
        assert reward == pytest.approx(cider_d(hypotheses, references).per_image[place])
    assert rewards.shape == (2, 2)
    assert rewards[0, 0] > rewards[0, 1] > 0


def test_loss_is_minus_the_mean_reward_of_what_was_drawn(tiny, monkeypatch):
    stage = build(tiny, images_per_batch=IMAGES)
    drawn = record(monkeypatch, stage)
    order = np.random.default_rng([stage.config.seed, 1, 2]).permutation(IMAGES)
    (result,) = stage.run_epoch(1)
    references = [[[*words, "<end>"] for words in REFERENCES[list(REFERENCES)[place]]] for place in order]
    texts = texts_of(stage, drawn[0])
    scores = [cider_d(texts[turn::3], references).per_image for turn in range(3)]
    assert result.loss == pytest.approx(-np.mean(scores))
    assert (result.penalty, result.captions) == (0, 3 * IMAGES)


rewards_of_images = st.lists(st.lists(st.floats(0, 10), min_size=4, max_size=4).map(tuple), min_size=1, max_size=5).map(
    np.array
)


@given(rewards=rewards_of_images)
def test_advantages_compare_a_caption_with_the_others_and_sum_to_zero(rewards):
    advantages = leave_one_out_advantages(rewards)
    assert advantages.shape == rewards.shape
    np.testing.assert_allclose(advantages.sum(1), 0, atol=1e-12)
    for row, column in np.ndindex(rewards.shape):
        others = np.delete(rewards[row], column)
        assert advantages[row, column] == pytest.approx(rewards[row, column] - others.mean(), abs=1e-12)


# The loss

REWARDS = np.array([[1.0, 0.0, 0.25], [2.0, 5.0, 0.5]])


def draw(stage, features):
    """Three captions for each of the images in ``features``: some that end early, and some that are cut."""
    with torch.no_grad():
        stage.decoder.output.bias[END] += 6
    return stage._draw(features, stage._numbers(len(features), 1, 0))


def test_loss_equals_reinforce_written_by_hand(tiny):
    stage, features = build(tiny), tiny.features(2, seed=1)
    drawn = draw(stage, features)
    captions = captions_of(drawn)
    assert len({len(item.token_ids) for item in captions}) > 2
    assert {item.is_ended for item in captions} == {True, False}
    expected, words = 0.0, 0
    for index, (hypothesis, reward) in enumerate(zip(captions, REWARDS.flatten(), strict=True)):
        image = index // 3
        advantage = reward - (REWARDS[image].sum() - reward) / 2
        expected -= advantage * log_probability(stage.decoder, features[image : image + 1], hypothesis)
        words += len(hypothesis.token_ids) + hypothesis.is_ended
    loss = stage._loss(drawn, leave_one_out_advantages(REWARDS))
    torch.testing.assert_close(loss, expected / words)
    weights = list(stage.decoder.parameters())
    by_hand = torch.autograd.grad(expected / words, weights)
    torch.testing.assert_close(torch.autograd.grad(loss, weights), by_hand, atol=1e-5, rtol=1e-4)


def test_captions_all_alike_in_reward_teach_nothing(tiny):
    stage = build(tiny)
    drawn = draw(stage, tiny.features(2))
    stage._loss(drawn, leave_one_out_advantages(np.full((2, 3), 3.0))).backward()
    assert all(not weight.grad.any() for weight in stage.decoder.parameters())


@pytest.mark.parametrize("best", range(3))
def test_step_makes_the_better_caption_likelier_and_the_others_less(tiny, best):
    stage, features = build(tiny, learning_rate=1e-3), tiny.features(1)
    drawn = draw(stage, features)
    captions = captions_of(drawn)
    assert len(set(captions)) == 3
    before = [log_probability(stage.decoder, features, item).item() for item in captions]
    stage.optimisation.step(stage._loss(drawn, leave_one_out_advantages(np.eye(3)[best : best + 1])))
    after = [log_probability(stage.decoder, features, item).item() for item in captions]
    assert after[best] > before[best]
    assert sum(after) - after[best] < sum(before) - before[best]


def test_gradient_reaches_every_weight_in_bfloat16_too(tiny):
    for precision in ("float32", "bfloat16"):
        stage = build(tiny, precision=precision)
        next(iter(stage.run_epoch(1)))
        for name, weight in stage.decoder.named_parameters():
            assert weight.grad is not None, name
            # The softmax over the places does not see what all their scores share.
            assert weight.grad.any() or name.startswith("attention."), name
            assert weight.dtype == torch.float32


# What is drawn


@torch.no_grad()
def test_captions_are_as_frequent_as_the_loss_takes_them_to_be(tiny):
    stage, features = build(tiny, samples=50, max_caption_length=2), tiny.features(1)
    stage.decoder.output.bias[END] += 8
    drawn = captions_of(stage._draw(features.expand(40, -1, -1), stage._numbers(40, 1, 0)))
    counts = Counter((item.token_ids, item.is_ended) for item in drawn)
    assert ((), True) in counts
    for (token_ids, is_ended), count in counts.items():
        item = caption(*token_ids, is_ended=is_ended)
        expected = log_probability(stage.decoder, features, item).exp().item() * len(drawn)
        assert abs(count - expected) < 1 + 4 * expected**0.5, item


def test_captions_that_were_cut_have_no_end(tiny, monkeypatch):
    decoder = tiny.decoder().requires_grad_(True)
    decoder.output.bias.data[END] = -1000
    stage = build(tiny, decoder)
    drawn, scored, score = record(monkeypatch, stage), [], stage.rewards.score_batch
    monkeypatch.setattr(stage.rewards, "score_batch", lambda *pair: scored.append(pair[1]) or score(*pair))
    results = list(stage.run_epoch(1))
    captions = [item for step in drawn for item in captions_of(step)]
    assert len(captions) == IMAGES * 3
    assert all(len(item.token_ids) == 6 and not item.is_ended for item in captions)
    assert all(len(words) == 6 and "<end>" not in words for words in itertools.chain(*scored))
    assert not any((step.token_ids == END).any() for step in drawn)
    # The end is all but impossible, so that a loss with its logarithm would have a far steeper slope.
    assert 0 < max(result.gradient_norm for result in results) < 1000


def test_all_images_are_seen_once_in_an_order_of_each_epoch(tiny):
    features = Features(tiny)
    stage = build(tiny, features=features, epochs=2)
    assert (stage.epochs, stage.steps_per_epoch) == (2, 3)
    assert [result.captions for result in stage.run_epoch(1)] == [9, 9, 3]
    list(stage.run_epoch(2))
    first, second = features.read_rows[:IMAGES], features.read_rows[IMAGES:]
    assert sorted(first) == sorted(second) == list(range(IMAGES))
    assert first != second


@pytest.mark.parametrize(("views", "expected"), [(0, {0}), (2, {0, 1, 2})])
def test_views_are_drawn_where_there_are_any(tiny, views, expected):
    features = Features(tiny)
    stage = build(tiny, features=features, views=views, epochs=3)
    for epoch in (1, 2, 3):
        list(stage.run_epoch(epoch))
    assert set(features.read_views) == expected


def test_views_wait_for_their_epoch_which_counts_on_from_the_first_stage(tiny):
    features = Features(tiny)
    stage = build(tiny, features=features, views=2, views_from_epoch=configure().epochs + 2)
    list(stage.run_epoch(1))
    assert set(features.read_views) == {0}
    for epoch in (2, 3, 4):
        list(stage.run_epoch(epoch))
    assert set(features.read_views) == {0, 1, 2}


def test_rewards_are_of_the_image_whose_features_were_read(tiny, monkeypatch):
    features = Features(tiny)
    stage = build(tiny, features=features, images_per_batch=1)
    scored, score = [], stage.rewards.score_batch
    monkeypatch.setattr(stage.rewards, "score_batch", lambda *pair: scored.append(pair[0]) or score(*pair))
    list(stage.run_epoch(1))
    places = list(REFERENCES)
    assert [[places[index] for index in indices] for indices in scored] == [[row] * 3 for row in features.read_rows]


# Runs


def test_same_seed_gives_the_same_weights_bit_for_bit(tiny):
    def weights(seed):
        stage = build(tiny, epochs=2, seed=seed, views=1)
        results = [*stage.run_epoch(1), *stage.run_epoch(2)]
        return results, stage.decoder.state_dict()

    (results, one), (same_results, same), (_, other) = weights(1), weights(1), weights(2)
    assert results == same_results
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_largest_seed_is_possible(tiny):
    assert len(list(build(tiny, seed=MAX_SEED).run_epoch(1))) == 3


def test_reward_rises_clearly_from_a_trained_start(tiny):
    features, vocabulary = Features(tiny), tiny.vocabulary()
    config = configure(samples=6, images_per_batch=7, learning_rate=0.02, epochs=40, batch_size=7)
    config = config.replace(epochs=20, learning_rate=0.01)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        decoder = Decoder(tiny.config(decoder_dim=24, embed_dim=16, dropout=0), len(vocabulary))
    examples = CaptionExamples.build(REFERENCES, vocabulary, max_length=6)
    first = TeacherForcing(config, decoder, examples, features, views=0)
    for epoch in range(1, 21):
        list(first.run_epoch(epoch))
    second = SelfCritical(config, decoder, REFERENCES, features, vocabulary, views=0)
    rewards = [-np.mean([result.loss for result in second.run_epoch(epoch)]) for epoch in range(1, 41)]
    assert rewards[0] > 1
    assert np.mean(rewards[-5:]) > 1.4 * np.mean(rewards[:5])


def test_there_is_no_dropout(tiny):
    decoder = tiny.decoder(dropout=0.5).requires_grad_(True).train()
    list(build(tiny, decoder).run_epoch(1))
    assert not decoder.training


def test_features_that_are_not_numbers_end_it_and_leave_the_weights(tiny):
    features = Features(tiny)
    features.values[:, 0, 0] = np.nan
    stage = build(tiny, features=features)
    before = {name: value.clone() for name, value in stage.decoder.state_dict().items()}
    with pytest.raises(ConfigurationError, match="diverged"):
        list(stage.run_epoch(1))
    assert all(torch.equal(value, before[name]) for name, value in stage.decoder.state_dict().items())


def test_image_without_references_is_refused(tiny):
    with pytest.raises(ConfigurationError, match="reference"):
        build(tiny, references=REFERENCES | {0: []})


def test_bleu_joins_the_reward_by_its_weight(tiny):
    plain, mixed = build(tiny), build(tiny, bleu_weight=2.0)
    drawn = plain._draw(tiny.features(2), plain._numbers(2, 1, 0))
    captions = drawn.hypotheses()
    references = [plain.references[image] for image in np.repeat([0, 1], plain.settings.samples)]
    by_hand = bleu(texts_of(plain, drawn), references).per_image.mean(1).reshape(2, -1)
    assert by_hand.any()
    np.testing.assert_allclose(mixed._reward([0, 1], captions) - plain._reward([0, 1], captions), 2 * by_hand)


def test_recall_joins_the_reward_by_its_weight(tiny):
    plain, mixed = build(tiny), build(tiny, recall_weight=3.0)
    drawn = plain._draw(tiny.features(2), plain._numbers(2, 1, 0))
    captions = drawn.hypotheses()
    references = [plain.references[image] for image in np.repeat([0, 1], plain.settings.samples)]
    by_hand = unigram_f(texts_of(plain, drawn), references).reshape(2, -1)
    assert by_hand.any()
    np.testing.assert_allclose(mixed._reward([0, 1], captions) - plain._reward([0, 1], captions), 3 * by_hand)


def test_greedy_baseline_is_the_reward_of_the_greedy_caption(tiny, monkeypatch):
    stage = build(tiny, samples=1, baseline="greedy", images_per_batch=IMAGES)
    greedy = decode(stage.decoder, torch.from_numpy(stage.features.values), DecodingOptions(beam_size=1))
    rows = list(REFERENCES)
    rewards = np.array([[float(row)] for row in rows])
    batch = _Batch(list(range(IMAGES)), torch.from_numpy(stage.features.values[rows]), IMAGES)
    expected = rewards - stage._reward(batch.images, [[greedy[row].best] for row in rows])
    np.testing.assert_allclose(stage._advantages(batch, rewards), expected)
    assert np.ptp(rewards - expected) > 0
    (result,) = stage.run_epoch(1)
    assert result.captions == IMAGES


def test_stage_goes_on_from_any_step_bit_for_bit(tiny):
    settings = {"epochs": 2, "views": 1, "average_decay": 0.9}
    whole = build(tiny, **settings)
    results = [*whole.run_epoch(1), *whole.run_epoch(2)]
    first = build(tiny, **settings)
    before = [*first.run_epoch(1), *itertools.islice(first.run_epoch(2), 2)]
    tensors, values = first.state()
    second = build(tiny, **settings)
    second.decoder.load_state_dict(first.decoder.state_dict())
    second.restore(tensors, json.loads(json.dumps(values)))
    assert [*before, *second.run_epoch(2, start=2)] == results
    for one, other in ((second.decoder, whole.decoder), (second.optimisation.averaged, whole.optimisation.averaged)):
        assert all(torch.equal(value, other.state_dict()[name]) for name, value in one.state_dict().items())


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("baseline", ["leave_one_out", "greedy"])
def test_any_number_of_processes_takes_the_same_steps(tiny, in_a_world_of, size, baseline):
    settings = {"precision": "float64", "images_per_batch": 4, "baseline": baseline, "views": 1, "bleu_weight": 1.0}
    alone = build(tiny, **settings)
    expected = list(alone.run_epoch(1))

    def make(world):
        return build(tiny, world=world, **settings)

    # The last batch has three images, so one of four processes has none.
    for results, weights in in_a_world_of(size, make, lambda stage: (list(stage.run_epoch(1)), weights_of(stage))):
        assert [result.captions for result in results] == [12, 9]
        for result, other in zip(results, expected, strict=True):
            assert tuple(result) == pytest.approx(tuple(other), rel=1e-12)
        for name, value in weights_of(alone).items():
            torch.testing.assert_close(weights[name], value, atol=1e-12, rtol=1e-12)


def test_models_that_spell_are_rewarded_for_words(tiny):
    vocabulary = Vocabulary.from_captions((words for texts in REFERENCES.values() for words in texts), level="char")
    decoder = tiny.decoder(words=len(vocabulary) - 4).requires_grad_(True)
    stage = build(tiny, decoder, vocabulary=vocabulary, max_caption_length=5)
    words = REFERENCES[0][0]
    spelled = [caption(*vocabulary.encode(words)), caption(*vocabulary.encode([word[:-1] for word in words]))]
    good, bad = stage._reward([list(REFERENCES).index(0)], [spelled])[0]
    assert good > 1
    assert bad < 0.5
    drawn = stage._draw(tiny.features(2), stage._numbers(2, 1, 0))
    assert max(len(item.token_ids) for item in captions_of(drawn)) > 5
    assert len(list(stage.run_epoch(1))) == 3
