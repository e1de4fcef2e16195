import itertools

import pytest
import torch

from captioner.config import HardAttentionConfig
from captioner.decoder import DecoderOutput
from captioner.training.hard_attention import places_loss
from captioner.training.objective import caption_loss
from captioner.vocabulary import END, PAD, START

PLAIN = HardAttentionConfig(entropy_weight=0.0)
INPUTS = torch.tensor([[START, 5]])
TARGETS = torch.tensor([[5, END]])


@pytest.fixture
def decoder(tiny):
    """Float64, always in training, and with so few places that all ways to look can be added up."""
    decoder = tiny.decoder(attention="hard", dropout=0.0).double().requires_grad_(True).train()
    decoder.attention.expected_share = 0.0
    return decoder


def gradient(decoder, loss):
    """With respect to what decides where to look; all others see the loss of the words alone."""
    weights = list(decoder.attention.parameters())
    parts = torch.autograd.grad(loss, weights, allow_unused=True)
    return torch.cat(
        [
            (torch.zeros_like(weight) if part is None else part).flatten()
            for weight, part in zip(weights, parts, strict=True)
        ]
    )


def loss_of(decoder, features, captions, *, baseline=0.0, settings=PLAIN):
    """The estimate of the loss from one draw for each of so many copies of the caption."""
    output = decoder(features.expand(captions, -1, -1), INPUTS.expand(captions, -1))
    targets = TARGETS.expand(captions, -1)
    words = caption_loss(output, targets, label_smoothing=0.0, doubly_stochastic_weight=0.0)
    places = places_loss(output, output.places, targets, settings, baseline=baseline, words=words.words)
    return words.total + places.total


def ways_to_look(decoder, features, monkeypatch):
    """Output of the decoder, and probability, for each way to draw a place per word."""
    for ways in itertools.product(range(features.shape[1]), repeat=TARGETS.shape[1]):
        remaining = list(ways)
        with monkeypatch.context() as patch:
            patch.setattr(decoder.attention, "draw", lambda alphas, left=remaining: torch.tensor([[left.pop(0)]]))
            output = decoder(features, INPUTS)
        yield output, output.alphas[0, range(len(ways)), list(ways)].prod()


def exact_gradient(decoder, features, monkeypatch):
    """Of the loss of the words in expectation over all ways to look."""
    total = 0.0
    for output, probability in ways_to_look(decoder, features, monkeypatch):
        nats = caption_loss(output, TARGETS, label_smoothing=0.0, doubly_stochastic_weight=0.0).total
        total = total + probability * nats
    return gradient(decoder, total)


@pytest.mark.parametrize("baseline", [0.0, -2.0, 5.0])
def test_gradient_is_that_of_the_expected_loss_over_all_ways_to_look(tiny, decoder, monkeypatch, baseline):
    features, mean = tiny.features(1)[:, :4].double(), 0.0
    for output, probability in ways_to_look(decoder, features, monkeypatch):
        words = caption_loss(output, TARGETS, label_smoothing=0.0, doubly_stochastic_weight=0.0)
        places = places_loss(output, output.places, TARGETS, PLAIN, baseline=baseline, words=words.words)
        mean = mean + probability.detach() * gradient(decoder, words.total + places.total)
    torch.testing.assert_close(mean, exact_gradient(decoder, features, monkeypatch), atol=1e-12, rtol=1e-9)
    assert mean.norm() > 0.01


def test_gradient_of_many_draws_approaches_that_of_the_expected_loss(tiny, decoder, monkeypatch):
    features = tiny.features(1)[:, :3].double()
    exact = exact_gradient(decoder, features, monkeypatch)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        estimates = torch.stack([gradient(decoder, loss_of(decoder, features, 4000, baseline=-6.0)) for _ in range(10)])
    error = (estimates.std(0) / 10**0.5).norm()
    assert exact.norm() > 4 * error
    assert (estimates.mean(0) - exact).norm() < 2 * error


def test_baseline_near_the_log_probability_lowers_the_variance(tiny, decoder):
    features = tiny.features(1)[:, :3].double()

    def spread(baseline):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return (
                torch.stack([gradient(decoder, loss_of(decoder, features, 50, baseline=baseline)) for _ in range(30)])
                .var(0)
                .sum()
            )

    with torch.no_grad():
        output = decoder(features.expand(500, -1, -1), INPUTS.expand(500, -1))
        loss = places_loss(output, output.places, TARGETS.expand(500, -1), PLAIN, baseline=0.0, words=1000)
    assert spread(float(loss.log_probability)) < 0.8 * spread(20.0)


def by_hand(output, targets, settings, baseline):
    total = entropy = 0.0
    for row, column in itertools.product(*map(range, targets.shape)):
        if targets[row, column] == PAD:
            continue
        alphas, place = output.alphas[row, column], int(output.places[row, column])
        entropy -= float((alphas * alphas.log()).sum())
        if place >= 0:
            gain = sum(
                float(output.logits[row, later].log_softmax(0)[targets[row, later]]) - baseline
                for later in range(column, targets.shape[1])
                if targets[row, later] != PAD
            )
            total += gain * float(alphas[place].log())
    return -(settings.reward_weight * total + settings.entropy_weight * entropy) / 7


def test_loss_equals_one_written_by_hand():
    torch.manual_seed(0)
    targets = torch.tensor([[4, 5, END, PAD], [8, END, PAD, PAD], [4, 4, 5, END]])
    places = torch.tensor([[0, 3, 1, 2], [4, 4, 0, 0], [-1, -1, -1, -1]])
    output = DecoderOutput(torch.randn(3, 4, 9), torch.randn(3, 4, 5).softmax(-1), torch.ones(3, 4), places)
    settings = HardAttentionConfig(reward_weight=0.7, entropy_weight=0.3)
    loss = places_loss(output, places, targets, settings, baseline=-1.5, words=7)
    assert loss.total.item() == pytest.approx(by_hand(output, targets, settings, -1.5), rel=1e-5)
    nats = caption_loss(output, targets, label_smoothing=0.0, doubly_stochastic_weight=0.0, words=7).cross_entropy
    assert loss.log_probability.item() == pytest.approx(-nats.item(), rel=1e-5)


def test_probability_of_zero_has_a_finite_loss_and_gradient():
    alphas = torch.tensor([[[1.0, 0.0, 0.0]]], requires_grad=True)
    places = torch.tensor([[0]])
    output = DecoderOutput(torch.randn(1, 1, 9), alphas, torch.ones(1, 1), places)
    loss = places_loss(output, places, torch.tensor([[4]]), HardAttentionConfig(), baseline=0.0, words=1)
    loss.total.backward()
    assert torch.isfinite(loss.total)
    assert torch.isfinite(alphas.grad).all()


def test_entropy_alone_flattens_attention(tiny):
    decoder = tiny.decoder(attention="hard").requires_grad_(True).train()
    settings = HardAttentionConfig(reward_weight=0.0, entropy_weight=1.0)
    optimiser, features, entropies = torch.optim.SGD(decoder.parameters(), lr=0.3), tiny.features(1), []
    for _ in range(20):
        output = decoder(features, INPUTS)
        loss = places_loss(output, output.places, TARGETS, settings, baseline=0.0, words=2).total
        entropies.append(-loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert entropies[-1] > entropies[0] + 0.1
