import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.cells import CellState
from captioner.config import DecodingOptions
from captioner.constraints import IMPOSSIBLE, NEVER_EMITTED, Constraints
from captioner.decoder import State
from captioner.decoding import (
    Hypothesis,
    beam_search,
    decode,
    filter_log_probabilities,
    sample,
    word_log_probabilities,
)
from captioner.errors import ConfigurationError, ModelPackageError
from captioner.vocabulary import END, PAD, START, UNK

SEEDS = range(6)
GREEDY = DecodingOptions(beam_size=1, max_length=12)


def next_log_probabilities(decoder, memory, words):
    """Natural logarithms (V,) of the word after ``words``, step by step from the start of the caption."""
    state = decoder.initial_state(memory)
    for word in (START, *words):
        embedded = decoder.embed(torch.tensor([[word]]))
        step = decoder.step(decoder.word_input(embedded), state, memory)
        state = step.state
    logits = decoder.predict(embedded, state.hidden, step.context)[0, 0].clone()
    logits[[PAD, START, UNK]] = -math.inf
    return logits.log_softmax(-1)


def naive_greedy(decoder, features, min_length, max_length):
    memory, words = decoder.remember(features), []
    while len(words) < max_length:
        scores = next_log_probabilities(decoder, memory, words)
        if len(words) < min_length:
            scores[END] = -math.inf
        best = int(scores.argmax())
        if best == END:
            break
        words.append(best)
    return tuple(words)


def naive_beam_search(decoder, features, size, max_length):
    """Plain lists instead of tensors; one image."""
    memory, beams, found = decoder.remember(features), [((), 0.0)], []
    for _ in range(max_length):
        candidates = [
            (words, word, total + score)
            for words, total in beams
            for word, score in enumerate(next_log_probabilities(decoder, memory, words).tolist())
            if score > -math.inf
        ]
        candidates.sort(key=lambda candidate: -candidate[2])
        ended = [(words, True, total) for words, word, total in candidates[:size] if word == END]
        found += ended[: size - len(found)]
        beams = [((*words, word), total) for words, word, total in candidates if word != END][:size]
        if len(found) == size:
            return found
    return found + [(words, False, total) for words, total in beams][: size - len(found)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("min_length", [0, 4])
def test_beam_of_one_is_greedy(tiny, seed, min_length):
    decoder, features = tiny.decoder(seed), tiny.features(3, seed)
    captions = decode(decoder, features, GREEDY.replace(min_length=min_length))
    for row, caption in enumerate(captions):
        assert caption.best.token_ids == naive_greedy(decoder, features[row : row + 1], min_length, 12)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("eagerness", [0, 3])
def test_search_equals_a_naive_one(tiny, seed, size, eagerness):
    decoder, features = tiny.decoder(seed), tiny.features(2, seed)
    decoder.output.bias[END] += eagerness  # several beams end at once
    options = DecodingOptions(beam_size=size, min_length=0, max_length=7)
    for row, found in enumerate(beam_search(decoder, decoder.remember(features), Constraints(options))):
        expected = naive_beam_search(decoder, features[row : row + 1], size, 7)
        assert {(item.token_ids, item.is_ended) for item in found} == {item[:2] for item in expected}
        assert sorted(item.log_probability for item in found) == pytest.approx(
            sorted(item[2] for item in expected), abs=1e-4
        )


@pytest.mark.parametrize("penalty", [0.0, 1.0, 2.0])
def test_search_wide_enough_for_everything_is_exhaustive(tiny, penalty):
    decoder, features = tiny.decoder(3, words=3), tiny.features(1)
    options = DecodingOptions(beam_size=50, min_length=0, max_length=3, length_penalty=penalty)
    memory = decoder.remember(features)
    expected = {}
    for length in range(4):
        for words in itertools.product((4, 5, 6), repeat=length):
            total = sum(float(next_log_probabilities(decoder, memory, words[:i])[w]) for i, w in enumerate(words))
            end = 0.0 if length == 3 else float(next_log_probabilities(decoder, memory, words)[END])
            expected[words] = (total + end) / max(1, length + (length < 3)) ** penalty
    found = beam_search(decoder, memory, Constraints(options))[0]
    assert {item.token_ids: item.score for item in found} == pytest.approx(expected, abs=1e-4)
    assert found[0].score == max(item.score for item in found if item.is_ended)


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("method", ["beam", "sample"])
def test_batch_equals_one_by_one(tiny, size, method):
    options = DecodingOptions(method=method, beam_size=size, max_length=10, seed=size)
    for seed in range(8):
        decoder, features = tiny.decoder(seed), tiny.features(5, seed)
        together = decode(decoder, features, options)
        for row, caption in enumerate(together):
            alone = decode(decoder, features[row : row + 1], options)[0]
            assert caption.best.token_ids == alone.best.token_ids
            assert caption.best.score == pytest.approx(alone.best.score, abs=1e-4)
            assert [other.token_ids for other in caption.others] == [other.token_ids for other in alone.others]
            np.testing.assert_allclose(caption.alphas, alone.alphas, atol=1e-5)
            np.testing.assert_allclose(caption.gates, alone.gates, atol=1e-5)


options_of_any_kind = st.builds(
    lambda low, extra, **others: DecodingOptions(min_length=low, max_length=max(1, low + extra), **others),
    low=st.integers(0, 6),
    extra=st.integers(0, 6),
    method=st.sampled_from(["beam", "sample"]),
    beam_size=st.integers(1, 5),
    length_penalty=st.floats(-2, 2),
    no_repeat_ngram_size=st.integers(0, 4),
    temperature=st.floats(0.01, 100),
    top_k=st.integers(0, 9),
    top_p=st.floats(0.001, 1),
    seed=st.integers(0, 2**63 - 1),
    word_alternatives=st.integers(0, 50),
)


@settings(deadline=None, max_examples=80)
@given(options=options_of_any_kind, seed=st.integers(0, 50), words=st.integers(1, 8))
def test_every_caption_keeps_the_rules(tiny, options, seed, words):
    decoder, features = tiny.decoder(seed, words=words), tiny.features(2, seed)
    for caption in decode(decoder, features, options):
        assert len(caption.others) < options.beam_size
        for hypothesis in (caption.best, *caption.others):
            ids = hypothesis.token_ids
            assert not set(ids) & {PAD, START, END, UNK}
            assert len(ids) <= options.max_length
            assert len(ids) < options.max_length or not hypothesis.is_ended
            if hypothesis.is_ended:
                assert len(ids) >= options.min_length
            size = options.no_repeat_ngram_size
            ngrams = [ids[i : i + size] for i in range(len(ids) - size + 1)] if size else []
            assert len(ngrams) == len(set(ngrams))
            assert math.isfinite(hypothesis.score)
        ranks = [(item.is_ended, item.score) for item in (caption.best, *caption.others)]
        assert ranks == sorted(ranks, reverse=True)
        count = len(caption.best.token_ids)
        assert caption.alphas.shape == (count, features.shape[1])
        np.testing.assert_allclose(caption.alphas.sum(1), 1, atol=1e-5)
        assert caption.gates.shape == (count,)
        assert ((caption.gates >= 0) & (caption.gates <= 1)).all()
        assert [len(step) for step in caption.alternatives] == [min(options.word_alternatives, words)] * count


@pytest.mark.parametrize("method", ["beam", "sample"])
def test_log_probabilities_sum_to_that_of_the_caption(tiny, method):
    options = DecodingOptions(method=method, beam_size=2, max_length=10, min_length=0)
    for seed in range(8):
        decoder, features = tiny.decoder(seed), tiny.features(3, seed)
        for row, caption in enumerate(decode(decoder, features, options)):
            memory = decoder.remember(features[row : row + 1])
            end = float(next_log_probabilities(decoder, memory, caption.best.token_ids)[END])
            total = caption.log_probabilities.sum() + (end if caption.best.is_ended else 0)
            assert caption.best.log_probability == pytest.approx(total, abs=1e-3)


def test_alternatives_are_sorted_and_lead_with_the_greedy_choice(tiny):
    decoder, features = tiny.decoder(2), tiny.features(4)
    for caption in decode(decoder, features, GREEDY):
        assert caption.best.token_ids
        for word, score, alternatives in zip(
            caption.best.token_ids, caption.log_probabilities, caption.alternatives, strict=True
        ):
            values = [value for _, value in alternatives]
            assert values == sorted(values, reverse=True)
            assert alternatives[0] == (word, pytest.approx(score))
            assert len({token_id for token_id, _ in alternatives}) == 5


@pytest.mark.parametrize("seed", SEEDS)
def test_greedy_caption_follows_from_each_of_its_beginnings(tiny, seed):
    decoder, features = tiny.decoder(seed), tiny.features(1, seed)
    full = decode(decoder, features, GREEDY)[0]
    for length in range(len(full.best.token_ids) + 1):
        again = decode(decoder, features, GREEDY, prefix=full.best.token_ids[:length])[0]
        assert again.best.token_ids == full.best.token_ids
        np.testing.assert_allclose(again.log_probabilities, full.log_probabilities, atol=1e-5)


@pytest.mark.parametrize("method", ["beam", "sample"])
def test_prefix_opens_every_caption(tiny, method):
    options = DecodingOptions(method=method, beam_size=4, max_length=6)
    for caption in decode(tiny.decoder(), tiny.features(3), options, prefix=(9, 4, 4)):
        assert all(item.token_ids[:3] == (9, 4, 4) for item in (caption.best, *caption.others))


@pytest.mark.parametrize("prefix", [(END,), (PAD,), (START,), (UNK,), (-1,), (12,), (4,) * 13])
def test_impossible_prefix_is_refused(tiny, prefix):
    with pytest.raises(ConfigurationError, match="beginning"):
        decode(tiny.decoder(), tiny.features(1), GREEDY, prefix=prefix)


@pytest.mark.parametrize("method", ["beam", "sample"])
def test_caption_that_no_word_may_follow_is_returned_as_it_stands(tiny, method):
    options = DecodingOptions(method=method, beam_size=2, min_length=9, max_length=9, no_repeat_ngram_size=1)
    caption = decode(tiny.decoder(words=3), tiny.features(1), options)[0]
    assert sorted(caption.best.token_ids) == [4, 5, 6]
    assert not caption.best.is_ended


def test_beams_that_never_end_are_returned(tiny):
    decoder = tiny.decoder(1)
    decoder.output.bias[END] = -1000
    caption = decode(decoder, tiny.features(1), DecodingOptions(beam_size=3, max_length=5))[0]
    hypotheses = (caption.best, *caption.others)
    assert len(hypotheses) == 3
    assert all(len(item.token_ids) == 5 and not item.is_ended for item in hypotheses)


@pytest.mark.parametrize("method", ["beam", "sample"])
def test_captions_that_ended_come_before_likelier_ones_that_were_cut(tiny, method):
    options = DecodingOptions(method=method, beam_size=8, max_length=3)
    overtaken = 0
    for seed in range(12):
        caption = decode(tiny.decoder(seed), tiny.features(1, seed), options)[0]
        hypotheses = (caption.best, *caption.others)
        ended, cut = ([item.score for item in hypotheses if item.is_ended is wanted] for wanted in (True, False))
        assert [item.is_ended for item in hypotheses] == [True] * len(ended) + [False] * len(cut)
        assert ended == sorted(ended, reverse=True)
        assert cut == sorted(cut, reverse=True)
        overtaken += bool(ended and cut and cut[0] > ended[0])
    assert overtaken > 0


def test_empty_caption_is_possible_only_without_a_minimum(tiny):
    decoder = tiny.decoder(1)
    decoder.output.bias[END] = 1000
    none, one = (decode(decoder, tiny.features(1), GREEDY.replace(min_length=n))[0] for n in (0, 1))
    assert none.best.token_ids == ()
    assert none.alphas.shape == (0, 6)
    assert len(one.best.token_ids) == 1


def test_no_images_give_no_captions(tiny):
    assert decode(tiny.decoder(), tiny.features(0), GREEDY) == []


@pytest.mark.parametrize("method", ["beam", "sample"])
def test_numbers_that_are_not_finite_are_refused(tiny, method):
    features = tiny.features(2)
    features[1, 0, 0] = math.nan
    with pytest.raises(ModelPackageError, match="not numbers"):
        decode(tiny.decoder(), features, DecodingOptions(method=method))


@pytest.mark.parametrize("method", ["beam", "sample"])
def test_features_are_never_copied_per_beam(tiny, method):
    decoder, features = tiny.decoder(), tiny.features(4)
    seen = []
    decoder.attention.register_forward_pre_hook(lambda _, inputs: seen.append((inputs[0].shape, inputs[-1])))
    decode(decoder, features, DecodingOptions(method=method, beam_size=5, min_length=3))
    assert seen[0][0][:2] == (4, 5)
    assert all(len(memory.values) == len(memory.keys) == shape[0] <= 4 for shape, memory in seen)
    assert len({memory.values.data_ptr() for _, memory in seen[:3]}) == 1


def test_state_reorder_moves_captions_within_their_image():
    values = torch.arange(12.0).view(2, 3, 2)
    state = State((CellState(10 * values, values[..., :0]), CellState(values, -values)))
    moved = state.reorder(torch.tensor([[2, 2, 0], [1, 0, 0]]))
    assert moved.hidden[:, :, 0].tolist() == [[4, 4, 0], [8, 6, 6]]
    assert torch.equal(moved.layers[1].cell, -moved.hidden)
    assert torch.equal(moved.layers[0].hidden, 10 * moved.hidden)
    assert moved.layers[0].cell.shape == (2, 3, 0)


def test_state_select_takes_whole_images():
    values = torch.arange(12.0).view(2, 3, 2)
    chosen = State((CellState(values, -values),)).select(torch.tensor([1]))
    assert torch.equal(chosen.hidden, values[1:])
    assert torch.equal(chosen.layers[0].cell, -values[1:])


def test_score_counts_the_end_among_the_summands():
    assert Hypothesis.build((5, 6), True, -6.0, 1.0).score == pytest.approx(-2)
    assert Hypothesis.build((5, 6), False, -6.0, 1.0).score == pytest.approx(-3)
    assert Hypothesis.build((5, 6), True, -6.0, 0.0).score == -6


def test_word_log_probabilities_leave_their_input_and_forbid_special_tokens():
    logits = torch.randn(2, 9)
    kept = logits.clone()
    result = word_log_probabilities(logits)
    assert torch.equal(logits, kept)
    assert (result[:, list(NEVER_EMITTED)] == IMPOSSIBLE).all()
    torch.testing.assert_close(result.exp().sum(-1), torch.ones(2))


# Sampling


def sampled(tiny, seed, **options):
    return decode(tiny.decoder(4), tiny.features(2), DecodingOptions(method="sample", seed=seed, **options))


def test_sampling_repeats_with_its_seed_and_differs_without(tiny):
    captions = [[c.best.token_ids for c in sampled(tiny, seed, beam_size=1, min_length=6)] for seed in (1, 1, 2, 3)]
    assert captions[0] == captions[1]
    assert len({str(caption) for caption in captions}) == 3


def draw_by_hand(decoder, features, numbers):
    """One caption of one image, each word found by adding up probabilities until they pass the next number."""
    memory, words = decoder.remember(features), []
    for number in numbers:
        passed = next_log_probabilities(decoder, memory, words).double().exp().cumsum(0) > number
        word = int(passed.int().argmax())
        if word == END:
            return tuple(words), True
        words.append(word)
    return tuple(words), False


@pytest.mark.parametrize("seed", SEEDS)
def test_each_caption_is_drawn_with_the_numbers_given_for_it(tiny, seed):
    decoder, features = tiny.decoder(seed), tiny.features(3, seed)
    options = DecodingOptions(method="sample", beam_size=4, min_length=0, max_length=7)
    numbers = torch.rand((7, 3, 4, 1), generator=torch.Generator().manual_seed(seed))
    found = sample(decoder, decoder.remember(features), Constraints(options), numbers=numbers)
    for image, hypotheses in enumerate(found):
        expected = [
            draw_by_hand(decoder, features[image : image + 1], numbers[:, image, column, 0].tolist())
            for column in range(4)
        ]
        assert sorted((item.token_ids, item.is_ended) for item in hypotheses) == sorted(expected)


def test_numbers_given_take_the_place_of_the_seed(tiny):
    decoder, memory = tiny.decoder(4), tiny.decoder(4).remember(tiny.features(2))
    options = DecodingOptions(method="sample", beam_size=3, min_length=4, max_length=6, seed=5)
    numbers = torch.rand((6, 3, 1), generator=torch.Generator().manual_seed(5)).unsqueeze(1).expand(-1, 2, -1, -1)
    one, other = Constraints(options), Constraints(options.replace(seed=9))
    assert sample(decoder, memory, other, numbers=numbers) == sample(decoder, memory, one)
    assert sample(decoder, memory, other) != sample(decoder, memory, one)


@pytest.mark.parametrize("options", [{"top_k": 1}, {"temperature": 0.01}, {"top_p": 1e-9}])
def test_sampling_the_likeliest_word_is_greedy(tiny, options):
    for seed in SEEDS:
        decoder, features = tiny.decoder(seed), tiny.features(3, seed)
        decoder.output.weight.data *= 10  # no near ties, in which even a low temperature may draw the second word
        greedy = decode(decoder, features, GREEDY)
        drawn = decode(decoder, features, GREEDY.replace(method="sample", seed=seed, **options))
        assert [c.best.token_ids for c in drawn] == [c.best.token_ids for c in greedy]


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
def test_sampled_words_are_as_frequent_as_the_model_says(tiny, temperature):
    decoder, features = tiny.decoder(0), tiny.features(1)
    first = next_log_probabilities(decoder, decoder.remember(features), ())
    expected = (first / temperature).softmax(-1).numpy()
    counts = np.zeros(len(expected))
    for seed in range(40):
        options = DecodingOptions(
            method="sample", beam_size=50, max_length=1, min_length=0, seed=seed, temperature=temperature
        )
        caption = decode(decoder, features, options)[0]
        for item in (caption.best, *caption.others):
            counts[item.token_ids[0] if item.token_ids else END] += 1
    assert counts[expected == 0].sum() == 0
    expected, counts = expected[expected > 0] * counts.sum(), counts[expected > 0]
    # Chi-square with 8 degrees of freedom: above 27 in one of 1,400 cases, and the seeds are fixed.
    assert ((counts - expected) ** 2 / expected).sum() < 27


finite_logits = st.lists(st.sampled_from([-1e4, -30.0, -2.0, -1.0, 0.0, 0.5, 3.0, 40.0, 1e4]), min_size=1, max_size=12)


@settings(deadline=None)
@given(
    logits=finite_logits,
    temperature=st.floats(0.01, 100),
    top_k=st.integers(0, 20),
    top_p=st.floats(1e-6, 1, exclude_min=False),
)
def test_filters_keep_the_likeliest_words(logits, temperature, top_k, top_p):
    log_probabilities = torch.tensor(logits).log_softmax(-1)
    options = DecodingOptions(temperature=temperature, top_k=top_k, top_p=top_p)
    result = filter_log_probabilities(log_probabilities, options)
    is_kept = result > IMPOSSIBLE
    assert not result.isnan().any()
    assert is_kept[log_probabilities.argmax()] or log_probabilities[is_kept].max() == log_probabilities.max()
    if not is_kept.all():
        assert log_probabilities[is_kept].min() >= log_probabilities[~is_kept].max()
    if top_k:
        strictly_above = (log_probabilities[:, None] < log_probabilities).sum(1)
        assert (strictly_above[is_kept] < top_k).all()


@settings(deadline=None)
@given(logits=st.lists(st.floats(-5, 5), min_size=2, max_size=10, unique=True), top_p=st.floats(0.05, 0.95))
def test_nucleus_is_the_smallest_set_that_reaches_p(logits, top_p):
    probabilities = torch.tensor(logits).softmax(-1)
    result = filter_log_probabilities(probabilities.log(), DecodingOptions(top_p=top_p))
    kept = probabilities[result > IMPOSSIBLE]
    assert kept.sum() >= top_p - 1e-5
    assert kept.sum() - kept.min() < top_p + 1e-5


def test_filters_leave_everything_by_default():
    log_probabilities = torch.randn(2, 3, 9).log_softmax(-1)
    torch.testing.assert_close(filter_log_probabilities(log_probabilities, DecodingOptions()), log_probabilities)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
@pytest.mark.parametrize("method", ["beam", "sample"])
def test_cuda_finds_what_the_cpu_finds(tiny, method):
    options = DecodingOptions(method=method, no_repeat_ngram_size=2, max_length=9)
    for seed in SEEDS:
        decoder, features = tiny.decoder(seed), tiny.features(5, seed)
        expected = decode(decoder, features, options)
        found = decode(decoder.cuda(), features.cuda(), options)
        assert [c.best.token_ids for c in found] == [c.best.token_ids for c in expected]
