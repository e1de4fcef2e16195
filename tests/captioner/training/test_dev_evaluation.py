import functools

import numpy as np
import pytest
import torch

from captioner.decoding import decode
from captioner.training import dev_evaluation
from captioner.training.dev_evaluation import DevEvaluation, DevSet
from captioner.training.sample_attention import Places
from captioner.vocabulary import Vocabulary, join_words

CELLS = Places((2, 3))
CAPTIONS = [["a dog runs", "the dog"], ["two men"], ["a red car", "a car", "one red car on grass"]]


class Half:
    """One of two processes; `others` is what the other one would send."""

    size = 2

    def __init__(self, rank, others=None):
        self.rank, self.sent, self.others = rank, [], list(others or [])

    def sum(self, value):
        self.sent.append(value.clone())
        return value + self.others.pop(0) if self.others else value


class Features:
    values = np.random.default_rng(0).normal(size=(9, 6, 5)).astype(np.float32)

    def read(self, rows, views=None):
        return self.values[rows]


@pytest.fixture
def evaluate(training, tiny):
    words = [caption.split() for captions in CAPTIONS for caption in captions]
    vocabulary = Vocabulary.from_captions(words, min_count=1)
    decoder = tiny.decoder(words=len(vocabulary) - 4)
    references = {f"{row}.jpg": texts for row, texts in enumerate(CAPTIONS)}

    def run(world=None, places=CELLS, **options):
        dev = DevSet(Features(), np.array([4, 0, 7]), references, places)
        config = training.config(decoder=decoder.config)
        evaluation = DevEvaluation(dev, vocabulary, config, *[] if world is None else [world])
        return evaluation.run(decoder, **{"with_all_captions": True} | options)

    run.decoder, run.vocabulary = decoder, vocabulary
    return run


def test_loss_is_the_mean_over_the_words_of_all_references(evaluate):
    total = words = 0.0
    for row, texts in zip([4, 0, 7], CAPTIONS, strict=True):
        for text in texts:
            ids = torch.tensor([[1, *evaluate.vocabulary.encode(text.split()), 2]])
            logits = evaluate.decoder(torch.from_numpy(Features.values[[row]]), ids[:, :-1]).logits
            total -= logits.log_softmax(-1).gather(2, ids[:, 1:, None]).sum().item()
            words += ids.shape[1] - 1
    assert evaluate().loss == pytest.approx(total / words, rel=1e-5)


def test_captions_are_those_of_each_image(evaluate):
    captions = evaluate().captions
    assert list(captions) == ["0.jpg", "1.jpg", "2.jpg"]
    assert all(captions.values())


@pytest.mark.parametrize("places", [CELLS, None])
def test_without_all_captions_the_sampled_images_alone_are_captioned(evaluate, monkeypatch, places):
    decoded = []

    def spy(decoder, features, *rest, **options):
        decoded.append(len(features))
        return decode(decoder, features, *rest, **options)

    monkeypatch.setattr(dev_evaluation, "decode", spy)
    monkeypatch.setattr(dev_evaluation, "sampled_positions", lambda images: [0, 2])
    every, few = evaluate(places=places), evaluate(places=places, with_all_captions=False)
    assert decoded == [3, 2]
    assert few.captions == {name: every.captions[name] for name in ("0.jpg", "2.jpg")}
    assert list(few.attention) == list(every.attention) == (["0.jpg", "2.jpg"] if places else [])
    for name, sample in few.attention.items():
        assert (sample.words, sample.reference) == (every.attention[name].words, every.attention[name].reference)
        assert np.allclose(sample.alphas, every.attention[name].alphas, atol=2e-3)
    assert few.loss == every.loss


# Where one image is sampled, the other process has nothing to decode.
@pytest.mark.parametrize(("with_all", "sampled"), [(True, [0, 1, 2]), (False, [0, 1, 2]), (False, [1])])
def test_processes_share_the_images_and_have_the_same_result(evaluate, monkeypatch, with_all, sampled):
    monkeypatch.setattr(dev_evaluation, "sampled_positions", lambda images: sampled)
    evaluate = functools.partial(evaluate, with_all_captions=with_all)
    alone = evaluate()
    first, second = Half(0), Half(1)
    evaluate(first)
    evaluate(second)
    one, other = evaluate(Half(0, second.sent)), evaluate(Half(1, first.sent))
    assert one == other
    assert one.captions == alone.captions
    assert one.attention.keys() == alone.attention.keys()
    assert all(
        np.allclose(one.attention[name].alphas, alone.attention[name].alphas, atol=1e-3) for name in one.attention
    )
    assert one.loss == pytest.approx(alone.loss, rel=1e-6)


def test_attention_is_that_of_each_word(evaluate):
    result = evaluate()
    for row, (name, texts) in zip([4, 0, 7], zip(result.captions, CAPTIONS, strict=True), strict=True):
        sample = result.attention[name]
        assert join_words(sample.words) == result.captions[name]
        assert (sample.grid, sample.fit, sample.boxes, sample.reference) == ((2, 3), "squeeze", (), texts[0])
        ids = torch.tensor([[1, *evaluate.vocabulary.encode(sample.words)]])
        alphas = evaluate.decoder(torch.from_numpy(Features.values[[row]]), ids).alphas[0, : len(sample.words)]
        assert np.allclose(sample.alphas, alphas.detach().numpy(), atol=2e-3)


def test_each_sample_has_its_own_boxes(evaluate):
    boxes = np.random.default_rng(2).uniform(0, 1, (3, 6, 4)).astype(np.float32)
    attention = evaluate(places=Places((1, 6), boxes=boxes)).attention
    assert np.allclose([sample.boxes for sample in attention.values()], boxes, atol=1e-4)


@pytest.mark.parametrize("places", [None, Places((1, 1))])
def test_where_there_is_nothing_to_see_no_attention_is_kept(evaluate, places):
    assert evaluate(places=places).attention == {}


def test_it_stops_between_two_batches(evaluate):
    assert evaluate(is_stopping=lambda: True) is None
