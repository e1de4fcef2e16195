import math

import pytest
import torch

from captioner.decoder import DecoderOutput
from captioner.training.objective import caption_loss
from captioner.vocabulary import PAD


def reference_loss(output, targets, smoothing):
    """The loss word by word, as the papers write it."""
    nats, penalties = [], []
    for row in range(targets.shape[0]):
        seen = [0.0] * output.alphas.shape[2]
        for position in range(targets.shape[1]):
            word = int(targets[row, position])
            if word == PAD:
                continue
            scores = output.logits[row, position].tolist()
            norm = math.log(sum(map(math.exp, scores)))
            wanted = [smoothing / len(scores) + (1 - smoothing) * (index == word) for index in range(len(scores))]
            nats.append(-sum(share * (score - norm) for share, score in zip(wanted, scores, strict=True)))
            seen = [a + b for a, b in zip(seen, output.alphas[row, position].tolist(), strict=True)]
        penalties += [(1 - total) ** 2 for total in seen]
    return sum(nats) / len(nats), sum(penalties) / len(penalties)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("weight", [0.0, 1.0, 2.5])
def test_loss_equals_one_written_by_hand(smoothing, weight):
    torch.manual_seed(1)
    output = DecoderOutput(torch.randn(3, 4, 9), torch.randn(3, 4, 5).softmax(-1), torch.ones(3, 4))
    targets = torch.tensor([[4, 5, 2, PAD], [8, 2, PAD, PAD], [4, 4, 3, 2]])
    loss = caption_loss(output, targets, label_smoothing=smoothing, doubly_stochastic_weight=weight)
    cross_entropy, penalty = reference_loss(output, targets, smoothing)
    assert loss.cross_entropy.item() == pytest.approx(cross_entropy, rel=1e-5)
    assert loss.penalty.item() == pytest.approx(penalty, rel=1e-5)
    assert loss.total.item() == pytest.approx(cross_entropy + weight * penalty, rel=1e-5)


def test_what_is_predicted_after_the_end_counts_for_nothing():
    targets = torch.tensor([[4, 2, PAD]])
    logits, alphas = torch.randn(1, 3, 9, requires_grad=True), torch.rand(1, 3, 5, requires_grad=True)
    output = DecoderOutput(logits, alphas, torch.ones(1, 3))
    caption_loss(output, targets, label_smoothing=0.1, doubly_stochastic_weight=1).total.backward()
    assert logits.grad[:, :2].abs().sum() > 0
    assert alphas.grad[:, :2].abs().sum() > 0
    assert not logits.grad[:, 2].any()
    assert not alphas.grad[:, 2].any()


def test_attention_that_sees_every_place_once_costs_nothing():
    output = DecoderOutput(torch.randn(2, 5, 9), torch.eye(5).expand(2, -1, -1), torch.ones(2, 5))
    loss = caption_loss(output, torch.full((2, 5), 4), label_smoothing=0, doubly_stochastic_weight=1)
    assert loss.penalty.item() == 0
