import pytest
import torch

from captioner.decoder import Decoder
from captioner.vocabulary import PAD, START

KINDS = [
    {"attend_to_words": True},
    {"attend_to_words": False},
    {"gate": "vector"},
    {"gate": "none"},
    {"deep_output": False},
    {"tied_embeddings": False},
    {"project_dim": 0},
]


def captions(rows, length, seed=0):
    words = torch.randint(4, 12, (rows, length), generator=torch.Generator().manual_seed(seed))
    words[:, 0] = START
    return words


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_teacher_forcing_equals_step_by_step(tiny, kind):
    decoder, features, words = tiny.decoder(**kind), tiny.features(3), captions(3, 5)
    output = decoder(features, words)
    memory = decoder.remember(features)
    state = decoder.initial_state(memory)
    for position in range(5):
        embedded = decoder.embed(words[:, position : position + 1])
        step = decoder.step(decoder.word_input(embedded), state, memory)
        state = step.state
        logits = decoder.predict(embedded, state.hidden, step.context)
        torch.testing.assert_close(output.logits[:, position], logits[:, 0])
        torch.testing.assert_close(output.alphas[:, position], step.alphas[:, 0])
        torch.testing.assert_close(output.gates[:, position], step.gate[:, 0].mean(-1))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_shapes_and_ranges(tiny, kind):
    output = tiny.decoder(**kind)(tiny.features(3), captions(3, 5))
    assert output.logits.shape == (3, 5, 12)
    assert output.alphas.shape == (3, 5, 6)
    assert output.gates.shape == (3, 5)
    torch.testing.assert_close(output.alphas.sum(-1), torch.ones(3, 5))
    assert (output.alphas >= 0).all()
    assert ((output.gates >= 0) & (output.gates <= 1)).all()


@pytest.mark.parametrize(("gate", "width"), [("scalar", 1), ("vector", 8), ("none", 1)])
def test_gate_has_the_width_of_its_kind(tiny, gate, width):
    decoder = tiny.decoder(gate=gate)
    memory = decoder.remember(tiny.features(2))
    embedded = decoder.embed(torch.full((2, 3), START))
    step = decoder.step(decoder.word_input(embedded), decoder.initial_state(memory, 3), memory)
    assert step.gate.shape == (2, 3, width)
    assert (gate == "none") == bool((step.gate == 1).all())


def test_a_shut_gate_hides_the_image(tiny):
    decoder = tiny.decoder()
    decoder.gate.bias.fill_(-1000)
    memory = decoder.remember(tiny.features(1))
    words = decoder.word_input(decoder.embed(torch.tensor([[START]])))
    step = decoder.step(words, decoder.initial_state(memory), memory)
    assert not step.context.any()


def test_permuted_places_permute_attention_and_change_nothing_else(tiny):
    decoder, features, words = tiny.decoder(), tiny.features(3), captions(3, 5)
    order = torch.tensor([4, 2, 0, 5, 1, 3])
    one, other = decoder(features, words), decoder(features[:, order], words)
    torch.testing.assert_close(other.logits, one.logits, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(other.alphas, one.alphas[..., order], atol=1e-5, rtol=1e-4)


def test_what_comes_after_changes_nothing_before(tiny):
    decoder, features, words = tiny.decoder(), tiny.features(2), captions(2, 7)
    padded = words.clone()
    padded[:, 4:] = PAD
    torch.testing.assert_close(decoder(features, padded).logits[:, :4], decoder(features, words[:, :4]).logits)


def test_each_caption_sees_its_own_image_alone(tiny):
    decoder, features, words = tiny.decoder(), tiny.features(3), captions(3, 4)
    changed = features.clone()
    changed[1] += 1
    one, other = decoder(features, words).logits, decoder(changed, words).logits
    torch.testing.assert_close(other[[0, 2]], one[[0, 2]])
    assert not torch.allclose(other[1], one[1])


def test_tied_embeddings_share_their_memory(tiny):
    tied, untied = Decoder(tiny.config(), 12), Decoder(tiny.config(tied_embeddings=False), 12)
    assert tied.output.weight is tied.embedding.weight
    assert untied.output.weight is not untied.embedding.weight
    assert len(list(tied.parameters())) == len(list(untied.parameters())) - 1


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_gradients_reach_every_parameter(tiny, kind):
    decoder = tiny.decoder(**kind).requires_grad_(True).train()
    output = decoder(tiny.features(3), captions(3, 5))
    (output.logits.logsumexp(-1).sum() + output.alphas.square().sum()).backward()
    for name, parameter in decoder.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name


def test_dropout_acts_only_in_training(tiny):
    decoder, features, words = tiny.decoder(dropout=0.5), tiny.features(2), captions(2, 4)
    assert torch.equal(decoder(features, words).logits, decoder(features, words).logits)
    decoder.train()
    assert not torch.equal(decoder(features, words).logits, decoder(features, words).logits)


def test_bfloat16_autocast_keeps_attention_and_cell_in_float32(tiny):
    decoder, features, words = tiny.decoder(), tiny.features(2), captions(2, 4)
    with torch.autocast("cpu", torch.bfloat16):
        output = decoder(features, words)
        memory = decoder.remember(features)
        state = decoder.initial_state(memory)
    assert output.alphas.dtype == output.gates.dtype == state.cell.dtype == torch.float32
    torch.testing.assert_close(output.alphas.sum(-1), torch.ones(2, 4))
    plain = decoder(features, words)
    torch.testing.assert_close(output.alphas, plain.alphas, atol=0.1, rtol=0)
    torch.testing.assert_close(output.logits.float(), plain.logits, atol=0.5, rtol=0.1)


def test_initial_state_depends_on_the_mean_alone(tiny):
    decoder = tiny.decoder(project_dim=0)
    features = tiny.features(1)
    one = decoder.initial_state(decoder.remember(features), 3)
    other = decoder.initial_state(decoder.remember(features.mean(1, keepdim=True).expand(-1, 6, -1)), 3)
    torch.testing.assert_close(one.hidden, other.hidden)
    torch.testing.assert_close(one.cell, other.cell)
    assert one.hidden.shape == (1, 3, 9)
