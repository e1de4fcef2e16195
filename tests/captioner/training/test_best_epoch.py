import dataclasses
import json

import pytest
import torch

from captioner.metrics.evaluate import evaluate_captions
from captioner.training.best_epoch import BestEpoch
from captioner.training.events import EpochFinished

SCORES = evaluate_captions({"a.jpg": "a dog"}, {"a.jpg": ["a dog runs"]})


def epoch(number, *, dev_loss=None, **scores):
    found = dataclasses.replace(SCORES, **scores) if scores else None
    return EpochFinished("words", number, 1.0, 1.0, found, False, {"a.jpg": "a dog"}, dev_loss)


@pytest.mark.parametrize("choose_by", ["cider", "bleu_4", "rouge_l"])
def test_the_highest_score_wins_and_the_first_of_equals(tiny, choose_by):
    best = BestEpoch(choose_by, has_dev=True)
    values = [None, 2.0, 3.0, 3.0, 1.0]
    epochs = [epoch(number, **({} if value is None else {choose_by: value})) for number, value in enumerate(values)]
    assert [best.consider(one, tiny.decoder()).is_best for one in epochs] == [False, True, True, False, False]
    assert (best.epoch.epoch, dict(best.epoch.samples)) == (2, {})


def test_the_lowest_loss_wins(tiny):
    best = BestEpoch("loss", has_dev=True)
    losses = [2.0, 1.0, 1.5, 0.5]
    found = [best.consider(epoch(number, dev_loss=loss), tiny.decoder()) for number, loss in enumerate(losses)]
    assert [one.is_best for one in found] == [True, True, False, True]


def test_without_dev_images_the_last_wins(tiny):
    best = BestEpoch("cider", has_dev=False)
    assert all(best.consider(epoch(number), tiny.decoder(number)).is_best for number in range(3))
    assert torch.equal(best.weights["output.bias"], tiny.decoder(2).output.bias)


def test_its_weights_are_its_own(tiny):
    best, decoder = BestEpoch("cider", has_dev=False), tiny.decoder()
    best.consider(epoch(1), decoder)
    before = best.weights["output.bias"].clone()
    decoder.output.bias.add_(1)
    assert torch.equal(best.weights["output.bias"], before)


@pytest.mark.parametrize("has_any", [True, False])
def test_it_comes_back_from_json(tiny, has_any):
    best, other = (BestEpoch("cider", has_dev=True) for _ in range(2))
    if has_any:
        best.consider(epoch(3, cider=7.0), tiny.decoder())
    tensors, values = best.state()
    other.restore(tensors, json.loads(json.dumps(values)))
    assert other.epoch == best.epoch
    assert other.weights.keys() == best.weights.keys()
