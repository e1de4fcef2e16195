import itertools
import json
import math

import pytest
import torch

from captioner.config import TrainingConfig
from captioner.errors import ConfigurationError
from captioner.training.optimisation import Optimisation
from captioner.training.stages import ALONE


@pytest.fixture
def decoder(tiny):
    return tiny.decoder().requires_grad_(True)


def optimise(decoder, *, learning_rate=0.1, weight_decay=0.0, start_share=0.0, world=ALONE, **changes):
    """An optimisation of one epoch of 20 steps."""
    defaults = {"warmup_fraction": 0.2, "clip_norm": 0, "average_decay": 0}
    config = TrainingConfig(**(defaults | changes))
    lengths = {"epochs": 1, "steps_per_epoch": 20}
    rates = {"learning_rate": learning_rate, "weight_decay": weight_decay, "start_share": start_share}
    return Optimisation(decoder, config, world=world, **rates, **lengths)


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


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_result_has_a_share_of_the_weights_at_the_first_step(decoder, share):
    optimisation = optimise(decoder, start_share=share, average_decay=0.9)
    with torch.no_grad():
        # Stages are made together, so that what one of them begins with is there only at its first step.
        decoder.output.bias.add_(1)
    before = weights_of(decoder)
    for _ in range(3):
        optimisation.step(slope(decoder))
    averaged, result = weights_of(optimisation.averaged), weights_of(optimisation.result())
    for name, value in result.items():
        torch.testing.assert_close(value, share * before[name] + (1 - share) * averaged[name])
    assert not torch.equal(result["output.bias"], averaged["output.bias"])
    assert_equal(weights_of(optimisation.averaged), averaged)


def test_result_without_a_share_of_the_start_is_the_average(decoder):
    optimisation = optimise(decoder, average_decay=0.9)
    for _ in range(3):
        optimisation.step(slope(decoder))
    assert optimisation.result() is optimisation.averaged


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


# Optimisers

OPTIMISERS = {
    "adamw": {"optimiser": "adamw"},
    "adam": {"optimiser": "adam"},
    "sgd": {"optimiser": "sgd", "momentum": 0.9},
    "plain sgd": {"optimiser": "sgd", "momentum": 0.0},
}
optimisers = pytest.mark.parametrize("kind", OPTIMISERS.values(), ids=OPTIMISERS)


def test_sgd_is_nesterov_momentum_by_hand(decoder):
    optimisation = optimise(decoder, optimiser="sgd", momentum=0.5, schedule="constant", warmup_fraction=0)
    expected, velocity = decoder.output.bias.detach().clone(), 0.0
    for _ in range(4):
        optimisation.step(slope(decoder, 3.0))
        velocity = 0.5 * velocity + 3
        expected -= 0.1 * (3 + 0.5 * velocity)
        torch.testing.assert_close(decoder.output.bias.detach(), expected)


def test_decay_of_adam_is_part_of_the_gradient_and_that_of_adamw_is_not(tiny):
    moved = {}
    for name in ("adam", "adamw"):
        decoder = tiny.decoder().requires_grad_(True)
        before = decoder.attention.key.weight.detach().clone()
        optimise(decoder, optimiser=name, weight_decay=0.5, warmup_fraction=0).step(slope(decoder, 0.0))
        moved[name] = before - decoder.attention.key.weight
    torch.testing.assert_close(moved["adamw"], 0.1 * 0.5 * before)
    # Adam divides the gradient, here the decay alone, by its own size.
    torch.testing.assert_close(moved["adam"], 0.1 * before.sign(), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("schedule", "expected"), [("constant", 0.1), ("plateau", 0.025)])
def test_plateau_alone_listens_to_scores(decoder, schedule, expected):
    optimisation = optimise(decoder, schedule=schedule, warmup_fraction=0, decay_epochs=1, decay_factor=0.5)
    for score in (1.0, 0.5, 0.9):
        optimisation.observe(score)
    assert optimisation.learning_rate == pytest.approx(expected)


def test_gradient_is_clipped_by_value_and_its_norm_told_as_it_was(decoder):
    optimisation = optimise(decoder, clip_value=0.25)
    count = sum(weight.numel() for weight in decoder.parameters())
    bias = decoder.output.bias.numel()
    loss = slope(decoder, 3.0) - 2.9 * decoder.output.bias.sum()
    norm = optimisation.step(loss)
    assert norm == pytest.approx(math.sqrt(9 * (count - bias) + 0.01 * bias), rel=1e-4)
    for name, weight in decoder.named_parameters():
        torch.testing.assert_close(weight.grad, torch.full_like(weight, 0.1 if name == "output.bias" else 0.25))


# Its state


def steps(optimisation, count, decoder):
    for index in range(count):
        optimisation.step(slope(decoder, 1.0 + index) + decoder.output.weight.square().sum())


@optimisers
@pytest.mark.parametrize("start_share", [0, 0.5])
def test_restored_optimisation_goes_on_bit_for_bit(tiny, kind, start_share):
    settings = {"average_decay": 0.9, "schedule": "plateau", "decay_epochs": 1, "weight_decay": 0.1, **kind}
    settings["start_share"] = start_share
    decoder = tiny.decoder().requires_grad_(True)
    optimisation = optimise(decoder, **settings)
    steps(optimisation, 3, decoder)
    for score in (2.0, 1.0):
        optimisation.observe(score)
    tensors, values = optimisation.state()
    values = json.loads(json.dumps(values))

    other = tiny.decoder(seed=5).requires_grad_(True)
    other.load_state_dict(decoder.state_dict())
    resumed = optimise(other, **settings)
    resumed.restore(tensors, values)
    assert resumed.learning_rate == optimisation.learning_rate
    for one, which in ((optimisation, decoder), (resumed, other)):
        steps(one, 3, which)
        one.observe(0.5)
    assert_equal(weights_of(decoder), weights_of(other))
    assert_equal(weights_of(optimisation.averaged), weights_of(resumed.averaged))
    assert_equal(weights_of(optimisation.result()), weights_of(resumed.result()))
    assert resumed.learning_rate == optimisation.learning_rate
    assert resumed.state()[1] == optimisation.state()[1]


def test_stage_whose_first_epoch_begins_again_keeps_its_start(tiny):
    optimisation = optimise(tiny.decoder().requires_grad_(True), start_share=0.5)
    start = weights_of(optimisation.network)
    steps(optimisation, 2, optimisation.network)
    tensors, values = optimisation.state()
    tensors = {name: value for name, value in tensors.items() if not name.startswith("optimiser.")}
    again = optimise(tiny.decoder(seed=5).requires_grad_(True), start_share=0.5)
    again.restore(tensors, values | {"steps_taken": 0})
    steps(again, 1, again.network)
    for name, value in weights_of(again.result()).items():
        torch.testing.assert_close(value, (start[name] + weights_of(again.averaged)[name]) / 2)


@optimisers
@pytest.mark.parametrize("count", [0, 2])
def test_state_is_plain_tensors_and_values(decoder, kind, count):
    optimisation = optimise(decoder, start_share=0.5, **kind)
    steps(optimisation, count, decoder)
    tensors, values = optimisation.state()
    assert json.loads(json.dumps(values)) == values
    assert all(type(value) is torch.Tensor and not value.requires_grad for value in tensors.values())
    assert len({value.data_ptr() for value in tensors.values()}) == len(tensors)
    before = {name: value.clone() for name, value in tensors.items()}
    steps(optimisation, 1, decoder)
    assert_equal(tensors, before)


@pytest.mark.parametrize(
    "damage",
    [
        lambda tensors: tensors.pop("average.output.bias"),
        lambda tensors: tensors.pop("optimiser.output.bias.exp_avg"),
        lambda tensors: tensors.update({"optimiser.output.bias.momentum_buffer": torch.zeros(12)}),
        lambda tensors: tensors.update({"average.output.bias": torch.zeros(13)}),
        lambda tensors: tensors.update({"optimiser.output.bias.exp_avg": torch.zeros(13)}),
        lambda tensors: tensors.pop("start.output.bias"),
        lambda tensors: tensors.update({"start.output.bias": torch.zeros(13)}),
    ],
    ids=[
        *("no average", "no moment", "of another optimiser", "another shape", "moment of another shape"),
        *("no start", "start of another shape"),
    ],
)
def test_state_that_does_not_fit_is_refused(decoder, damage):
    optimisation = optimise(decoder, start_share=0.5)
    steps(optimisation, 2, decoder)
    tensors, values = optimisation.state()
    damage(tensors)
    with pytest.raises(ConfigurationError, match="does not fit this run"):
        optimisation.restore(tensors, values)


# Several processes


class Doubled:
    """A world in which the other process has the same gradients."""

    rank, size = 0, 2

    def sum(self, value):
        return 2 * value


def test_gradients_of_all_processes_are_added_before_they_are_clipped(decoder):
    optimisation = optimise(decoder, world=Doubled(), clip_norm=0.5)
    count = sum(weight.numel() for weight in decoder.parameters())
    assert optimisation.step(slope(decoder, 3.0)) == pytest.approx(6 * math.sqrt(count))
    torch.testing.assert_close(decoder.output.bias.grad, torch.full((12,), 0.5 / math.sqrt(count)))


def test_a_loss_of_another_process_that_is_not_a_number_ends_all(decoder):
    class Broken(Doubled):
        def sum(self, value):
            return value + torch.tensor([math.nan] + [0.0] * (len(value) - 1))

    before = weights_of(decoder)
    with pytest.raises(ConfigurationError, match="diverged"):
        optimise(decoder, world=Broken()).step(slope(decoder))
    assert_equal(weights_of(decoder), before)
