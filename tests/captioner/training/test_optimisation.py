import itertools
import math

import pytest
import torch

from captioner.errors import ConfigurationError
from captioner.training.optimisation import Optimisation


@pytest.fixture
def decoder(tiny):
    return tiny.decoder().requires_grad_(True)


def optimise(decoder, **changes):
    defaults = {
        "learning_rate": 0.1,
        "weight_decay": 0,
        "betas": (0.9, 0.98),
        "steps": 20,
        "warmup_fraction": 0.2,
        "clip_norm": 0,
        "average_decay": 0,
    }
    return Optimisation(decoder, **(defaults | changes))


def slope(decoder, factor=1.0):
    """A loss whose gradient is ``factor`` for every single weight."""
    return factor * sum(weight.sum() for weight in decoder.parameters())


def weights_of(decoder):
    return {name: value.detach().clone() for name, value in decoder.named_parameters()}


def assert_equal(one, other):
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("decay", [0.2, 0.9])
def test_average_is_the_running_mean_with_a_memory_that_grows(decoder, decay):
    optimisation = optimise(decoder, average_decay=decay)
    optimisation.step(slope(decoder))
    expected = weights_of(decoder)
    for count in range(1, 6):
        optimisation.step(slope(decoder))
        kept = min(decay, (1 + count) / (10 + count))
        expected = {name: kept * expected[name] + (1 - kept) * now for name, now in weights_of(decoder).items()}
    averaged = weights_of(optimisation.averaged)
    for name, value in expected.items():
        torch.testing.assert_close(averaged[name], value)
    assert not torch.equal(averaged["output.bias"], decoder.output.bias)


def test_average_without_memory_is_the_last_weights(decoder):
    optimisation = optimise(decoder)
    for _ in range(3):
        optimisation.step(slope(decoder))
        assert_equal(weights_of(optimisation.averaged), weights_of(decoder))


def test_average_is_a_decoder_of_its_own(decoder):
    optimisation = optimise(decoder)
    assert not {weight.data_ptr() for weight in decoder.parameters()} & {
        weight.data_ptr() for weight in optimisation.averaged.parameters()
    }
    assert optimisation.averaged.output.weight is optimisation.averaged.embedding.weight


@pytest.mark.parametrize(("clip_norm", "share"), [(0, 1), (0.5, 0.5), (2, 2), (1e9, 1e9)])
def test_gradient_is_clipped_by_its_norm(decoder, clip_norm, share):
    optimisation = optimise(decoder, clip_norm=clip_norm)
    count = sum(weight.numel() for weight in decoder.parameters())
    assert optimisation.step(slope(decoder, 3.0)) == pytest.approx(3 * math.sqrt(count))
    expected = 3.0 if clip_norm in (0, 1e9) else share / math.sqrt(count)
    for weight in decoder.parameters():
        torch.testing.assert_close(weight.grad, torch.full_like(weight, expected))


@pytest.mark.parametrize(
    "diverge",
    [
        lambda decoder: slope(decoder) * math.nan,
        lambda decoder: slope(decoder) * math.inf,
        lambda decoder: slope(decoder, 0.0).sqrt(),
        lambda decoder: slope(decoder) + (decoder.output.bias[:1] * 0).sqrt().sum(),
    ],
    ids=["loss not a number", "loss infinite", "gradient not a number", "one gradient not a number"],
)
@pytest.mark.parametrize("clip_norm", [0, 1])
def test_step_that_diverges_is_refused_and_changes_nothing(decoder, diverge, clip_norm):
    optimisation = optimise(decoder, clip_norm=clip_norm, average_decay=0.5)
    for _ in range(2):
        optimisation.step(slope(decoder))
    before, averaged, rate = weights_of(decoder), weights_of(optimisation.averaged), optimisation.learning_rate
    with pytest.raises(ConfigurationError, match="Lower the learning rate"):
        optimisation.step(diverge(decoder))
    assert_equal(weights_of(decoder), before)
    assert_equal(weights_of(optimisation.averaged), averaged)
    assert optimisation.learning_rate == rate


@pytest.mark.parametrize("warmup_fraction", [0, 0.2, 0.5])
def test_weights_move_by_the_rate_of_the_schedule(decoder, warmup_fraction):
    # With betas of 0 and a gradient of 1, AdamW moves each weight by the learning rate itself.
    optimisation = optimise(decoder, betas=(0.0, 0.0), warmup_fraction=warmup_fraction)
    warmup = max(1, round(20 * warmup_fraction))
    for step in range(20):
        rising, falling = (step + 1) / warmup, 0.5 + 0.5 * math.cos(math.pi * (step - warmup) / (20 - warmup))
        expected = 0.1 * (rising if step < warmup else falling)
        assert optimisation.learning_rate == pytest.approx(expected)
        before = decoder.output.bias.detach().clone()
        optimisation.step(slope(decoder))
        torch.testing.assert_close(
            before - decoder.output.bias, torch.full_like(before, expected), atol=2e-6, rtol=1e-4
        )
    assert optimisation.learning_rate == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("is_tied", [True, False])
def test_weight_decay_leaves_biases_norms_and_embeddings_alone(tiny, is_tied):
    decoder = tiny.decoder(tied_embeddings=is_tied).requires_grad_(True)
    before = weights_of(decoder)
    optimise(decoder, weight_decay=0.5, warmup_fraction=0).step(slope(decoder, 0.0))
    shrunk = {name for name, value in weights_of(decoder).items() if not torch.equal(value, before[name])}
    assert shrunk == {name for name, value in before.items() if value.dim() == 2 and name != "embedding.weight"}
    for name in shrunk:
        torch.testing.assert_close(decoder.get_parameter(name).detach(), before[name] * (1 - 0.1 * 0.5))


def test_every_weight_is_optimised_once(decoder):
    before = weights_of(decoder)
    optimise(decoder, betas=(0.0, 0.0), warmup_fraction=0).step(slope(decoder))
    for name, value in weights_of(decoder).items():
        torch.testing.assert_close(before[name] - value, torch.full_like(value, 0.1), atol=1e-5, rtol=1e-4)


def test_gradients_do_not_pile_up(decoder):
    optimisation = optimise(decoder)
    norms = [optimisation.step(slope(decoder)) for _ in range(3)]
    assert all(one == pytest.approx(other) for one, other in itertools.pairwise(norms))
