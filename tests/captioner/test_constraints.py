import itertools

import numpy as np
import pytest
import torch

from captioner.config import DecodingOptions
from captioner.constraints import IMPOSSIBLE, Constraints
from captioner.decoding import decode, word_log_probabilities
from captioner.errors import ConfigurationError
from captioner.vocabulary import CHARACTERS_PER_WORD, END, START

SPACE = 4
A, B, C = 5, 6, 7
SEEDS = range(6)


def possible(constraints, *token_ids):
    """Tokens that may follow, of the nine that the model knows, all of which are likely."""
    allowed = constraints.apply(torch.zeros(1, 1, 9), torch.tensor([[[START, *token_ids]]]))
    return {index for index, value in enumerate(allowed.flatten().tolist()) if value > IMPOSSIBLE}


def spelled(prefix=(), **changes):
    return Constraints(DecodingOptions(**changes), tuple(prefix), SPACE)


def words_of(token_ids):
    groups = itertools.groupby(token_ids, lambda token_id: token_id == SPACE)
    return [tuple(group) for is_space, group in groups if not is_space]


EVERYTHING = set(range(9))


@pytest.mark.parametrize(
    ("constraints", "token_ids", "forbidden"),
    [
        (spelled(min_length=1), (), {END, SPACE}),
        (spelled(min_length=0), (), {SPACE}),
        (spelled(min_length=1), (A,), set()),
        (spelled(min_length=2), (A,), {END}),
        (spelled(min_length=2), (A, SPACE), {END, SPACE}),
        (spelled(min_length=2), (A, SPACE, B), set()),
        (spelled(max_length=2), (A, SPACE, B), {SPACE}),
        (spelled(no_repeat_ngram_size=1), (A, B, SPACE, A), set()),
        (spelled(no_repeat_ngram_size=1), (A, B, SPACE, A, B), {END, SPACE}),
        (spelled(no_repeat_ngram_size=2), (A, SPACE, B, SPACE, A, SPACE, B), {END, SPACE}),
        (spelled(no_repeat_ngram_size=2), (A, SPACE, B, SPACE, A, SPACE, C), set()),
        (spelled(prefix=(A, B)), (), EVERYTHING - {A}),
        (spelled(prefix=(A, B)), (A,), EVERYTHING - {B}),
        (spelled(prefix=(A, B)), (A, B), EVERYTHING - {SPACE, END}),
        (spelled(prefix=(A, B), max_length=1), (A, B), EVERYTHING - {END}),
        (spelled(prefix=(A, B), min_length=2), (A, B), EVERYTHING - {SPACE}),
        (spelled(prefix=(A, B)), (A, B, SPACE), {SPACE, END}),
        (Constraints(DecodingOptions(min_length=2)), (A,), {END}),
        (Constraints(DecodingOptions(min_length=2)), (A, B), set()),
        (Constraints(DecodingOptions(no_repeat_ngram_size=1)), (A, B), {A, B}),
        (Constraints(DecodingOptions(no_repeat_ngram_size=2)), (A, B, A), {B}),
        (Constraints(DecodingOptions(), (A, B)), (A,), EVERYTHING - {B}),
    ],
)
def test_what_may_follow(constraints, token_ids, forbidden):
    assert possible(constraints, *token_ids) == EVERYTHING - forbidden


def test_input_is_left_as_it_was():
    log_probabilities = torch.zeros(1, 1, 9)
    spelled(min_length=3, no_repeat_ngram_size=1).apply(log_probabilities, torch.tensor([[[START, A]]]))
    assert not log_probabilities.any()


def test_captions_have_room_for_their_words():
    assert Constraints(DecodingOptions(max_length=7)).max_tokens == 7
    assert spelled(max_length=7).max_tokens == 7 * CHARACTERS_PER_WORD
    assert spelled(prefix=(A,) * 50, max_length=1).max_tokens > 50


@pytest.mark.parametrize("prefix", [(A, SPACE, B, SPACE, C), (A, 9), (A, END)])
def test_impossible_beginning_is_refused(prefix):
    with pytest.raises(ConfigurationError, match="beginning"):
        spelled(prefix, max_length=2).check_prefix(9)


def test_a_long_word_is_a_short_beginning():
    spelled((A,) * 30, max_length=1).check_prefix(9)


# Whole captions


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("method", ["beam", "sample"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"min_length": 3, "max_length": 4}, {"no_repeat_ngram_size": 1}, {"no_repeat_ngram_size": 2, "beam_size": 1}],
    ids=str,
)
@pytest.mark.parametrize("prefix", [(), (A, B, SPACE, C)], ids=["free", "given"])
def test_spelled_captions_keep_the_rules(tiny, seed, method, changes, prefix):
    options = DecodingOptions(method=method, **({"max_length": 5} | changes))
    decoder, features = tiny.decoder(seed), tiny.features(3, seed)
    for caption in decode(decoder, features, options, prefix=prefix, space=SPACE):
        for hypothesis in (caption.best, *caption.others):
            token_ids = hypothesis.token_ids
            words = words_of(token_ids)
            assert len(words) <= options.max_length
            assert token_ids[0] != SPACE
            assert (SPACE, SPACE) not in itertools.pairwise(token_ids)
            assert words[: len(words_of(prefix))] == words_of(prefix)
            if hypothesis.is_ended:
                assert len(words) >= options.min_length
                assert token_ids[-1] != SPACE
                size = options.no_repeat_ngram_size
                ngrams = [tuple(words[start : start + size]) for start in range(len(words) - size + 1)] if size else []
                assert len(set(ngrams)) == len(ngrams)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_said_of_a_word_is_gathered_from_its_characters(tiny, seed):
    decoder, features = tiny.decoder(seed), tiny.features(1, seed)
    # Hot enough for words of a few characters.
    options = DecodingOptions(method="sample", beam_size=1, temperature=50, min_length=3, max_length=4)
    (caption,) = decode(decoder, features, options, space=SPACE)
    token_ids = caption.best.token_ids
    output = decoder(features, torch.tensor([[START, *token_ids]]))
    said = word_log_probabilities(output.logits)[0]
    by_word, start = [], 0
    for word in words_of(token_ids):
        places = range(start, start + len(word))
        # The space behind a word says that it is over; the end of the caption is nobody's.
        spoken = [*word, *token_ids[places.stop : places.stop + 1]]
        by_word.append(
            (
                sum(said[start + index, token_id].item() for index, token_id in enumerate(spoken)),
                output.alphas[0, list(places)].mean(0).numpy(),
                output.gates[0, list(places)].mean().item(),
            )
        )
        start += len(word) + 1
    assert len(by_word) >= 3
    np.testing.assert_allclose(caption.log_probabilities, [item[0] for item in by_word], atol=1e-4)
    np.testing.assert_allclose(caption.alphas, [item[1] for item in by_word], atol=1e-5)
    np.testing.assert_allclose(caption.gates, [item[2] for item in by_word], atol=1e-5)
    np.testing.assert_allclose(caption.alphas.sum(1), 1, atol=1e-5)
    assert caption.alternatives == ((),) * len(by_word)
    end = said[len(token_ids), END].item() if caption.best.is_ended else 0.0
    assert caption.log_probabilities.sum() + end == pytest.approx(caption.best.log_probability, abs=1e-3)


def test_empty_caption_has_no_words(tiny):
    decoder = tiny.decoder()
    decoder.output.bias[END] += 1000
    (caption,) = decode(decoder, tiny.features(1), DecodingOptions(min_length=0), space=SPACE)
    assert caption.best.token_ids == ()
    assert (caption.log_probabilities.shape, caption.alphas.shape, caption.gates.shape) == ((0,), (0, 6), (0,))
