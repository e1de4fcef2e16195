import pytest
import torch

from captioner.decoder import Decoder
from captioner.vocabulary import END, PAD, START

KINDS = [
    {"attend_to_words": True},
    {"attend_to_words": False},
    {"gate": "vector"},
    {"gate": "none"},
    {"deep_output": False},
    {"tied_embeddings": False},
    {"project_dim": 0},
    {"cell": "gru"},
    {"cell": "rnn"},
    {"layers": 2},
    {"cell": "gru", "layers": 4},
    {"cell": "rnn", "layers": 3, "attention": "none_every", "gate": "vector"},
    {"attention": "hard"},
    {"attention": "none_first"},
    {"attention": "none_first", "cell": "gru", "layers": 2, "deep_output": False},
    {"attention": "none_every", "tied_embeddings": False},
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


def of_any_length():
    """Captions of no, two, five and one words, the third of which was cut."""
    words = captions(4, 6)
    for row, length in enumerate((0, 2, 6, 1)):
        words[row, length + 1 :] = PAD
        words[row, length + 1 : length + 2] = END
    return words


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_captions_of_any_length_get_what_each_gets_alone(tiny, kind):
    decoder, words = tiny.decoder(**kind), of_any_length()
    memory, images = decoder.remember(tiny.features(3)), torch.tensor([2, 0, 0, 1])
    output = decoder.replay(memory, words, images=images)
    for row, (ids, image) in enumerate(zip(words, images, strict=True)):
        length = int((ids >= 4).sum()) + 1
        alone = decoder.replay(memory.select(image[None]), ids[None, :length])
        for together, one in zip(output[:3], alone[:3], strict=True):
            torch.testing.assert_close(together[row, :length], one[0])
            assert not together[row, length:].any()


@pytest.mark.parametrize("bptt_steps", [0, 2])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_gradients_of_captions_together_are_the_sum_of_those_of_each(tiny, kind, bptt_steps):
    decoder = tiny.decoder(**kind).double().requires_grad_(True)
    features, words = tiny.features(4).double(), of_any_length()

    def gradients(rows):
        output = decoder(features[rows], words[rows], bptt_steps=bptt_steps)
        is_fed = (words[rows] == START) | (words[rows] >= 4)
        (output.logits.square().mean(-1) * is_fed).sum().backward()
        found = {name: weight.grad for name, weight in decoder.named_parameters() if weight.grad is not None}
        decoder.zero_grad()
        return found

    together, apart = gradients([0, 1, 2, 3]), [gradients([row]) for row in range(4)]
    for name, gradient in together.items():
        torch.testing.assert_close(gradient, sum(part[name] for part in apart))


def test_hard_attention_draws_no_place_after_the_end(tiny):
    decoder, words = tiny.decoder(attention="hard").train(), of_any_length()
    memory = decoder.remember(tiny.features(4))._replace(is_expected=torch.zeros(4, dtype=torch.bool))
    is_fed = (words == START) | (words >= 4)
    places = decoder.replay(memory, words).places
    assert (places[is_fed] >= 0).all()
    assert (places[~is_fed] == -1).all()


def test_nothing_is_said_of_no_captions(tiny):
    decoder = tiny.decoder()
    output = decoder(tiny.features(2)[:0], captions(0, 5))
    assert output.logits.shape == (0, 5, 12)
    assert output.alphas.shape == (0, 5, 6)


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
        state = decoder.initial_state(memory).layers[0]
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
    torch.testing.assert_close(one.layers[0].cell, other.layers[0].cell)
    assert one.hidden.shape == (1, 3, 9)


# Kinds


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("precision", [torch.float64, torch.bfloat16])
def test_other_precisions_say_nearly_the_same(tiny, kind, precision):
    decoder, features, words = tiny.decoder(**kind), tiny.features(2), captions(2, 4)
    plain = decoder(features, words)
    if precision == torch.float64:
        output = decoder.double()(features.double(), words)
        assert {output.logits.dtype, output.alphas.dtype, output.gates.dtype} == {torch.float64}
        torch.testing.assert_close(output.logits.float(), plain.logits, atol=1e-4, rtol=1e-4)
    else:
        with torch.autocast("cpu", precision):
            output = decoder(features, words)
        torch.testing.assert_close(output.logits.float(), plain.logits, atol=1.0, rtol=0.2)
        assert output.alphas.dtype == output.gates.dtype == torch.float32


@pytest.mark.parametrize("attention", ["none_first", "none_every"])
def test_without_attention_all_places_weigh_alike_and_only_their_mean_counts(tiny, attention):
    decoder, features, words = tiny.decoder(attention=attention, project_dim=0), tiny.features(2), captions(2, 4)
    output = decoder(features, words)
    assert (output.alphas == torch.tensor(1 / 6)).all()
    mean = features.mean(1, keepdim=True)
    torch.testing.assert_close(decoder(mean, words).logits, output.logits)
    assert not torch.allclose(decoder(mean + 1, words).logits, output.logits)


def test_image_enters_every_step_or_the_first_state_alone(tiny):
    """Given the same state, the next step looks at the image only under ``none_every``."""
    for attention, enters in (("none_first", False), ("none_every", True)):
        decoder = tiny.decoder(attention=attention)
        one, other = (decoder.remember(tiny.features(1, seed)) for seed in (1, 2))
        words, state = decoder.word_input(decoder.embed(torch.tensor([[START]]))), decoder.initial_state(one)
        steps = [decoder.step(words, state, memory) for memory in (one, other)]
        assert torch.equal(steps[0].state.hidden, steps[1].state.hidden) != enters
        assert steps[0].context.shape[-1] == (8 if enters else 0)
        assert (decoder.gate is not None) == enters


def test_layers_are_fed_by_the_one_below_alone(tiny):
    decoder = tiny.decoder(layers=3)
    memory = decoder.remember(tiny.features(1))
    words, state = decoder.word_input(decoder.embed(torch.tensor([[5]]))), decoder.initial_state(memory)
    before = decoder.step(words, state, memory).state.layers
    decoder.upper_cells[1].words.weight.mul_(2)
    after = decoder.step(words, state, memory).state.layers
    changed = [not torch.equal(one.hidden, other.hidden) for one, other in zip(before, after, strict=True)]
    assert changed == [False, False, True]


def test_dropout_acts_between_layers(tiny):
    decoder = tiny.decoder(layers=2)
    memory = decoder.remember(tiny.features(1))
    words, state = decoder.word_input(decoder.embed(torch.tensor([[5]]))), decoder.initial_state(memory)
    decoder.dropout.p = 0.5
    plain = decoder.step(words, state, memory).state.layers
    dropped = decoder.train().step(words, state, memory).state.layers
    assert torch.equal(plain[0].hidden, dropped[0].hidden)
    assert not torch.equal(plain[1].hidden, dropped[1].hidden)


def test_names_of_weights_stay_those_of_bundled_models(tiny):
    names = set(Decoder(tiny.config(), 12).state_dict())
    assert {"cell.words.weight", "cell.words.bias", "cell.recurrent.weight", "initial_cell.weight"} <= names
    assert not any(name.startswith("upper_cells") for name in names)


# Truncated back-propagation


def gradients(decoder, features, words, **options):
    decoder.requires_grad_(True).zero_grad()
    output = decoder(features, words, **options)
    (output.logits.logsumexp(-1) - output.logits[..., 5]).sum().backward()
    return {name: weight.grad.clone() for name, weight in decoder.named_parameters()}, output


@pytest.mark.parametrize(
    "kind", [{}, {"cell": "gru", "layers": 2}, {"cell": "rnn", "attention": "none_first"}], ids=str
)
@pytest.mark.parametrize("bptt_steps", [0, 6, 7, 100])
def test_truncation_at_or_beyond_the_end_changes_nothing(tiny, kind, bptt_steps):
    decoder, features, words = tiny.decoder(**kind), tiny.features(2), captions(2, 6)
    (full, _), (cut, _) = (
        gradients(decoder, features, words),
        gradients(decoder, features, words, bptt_steps=bptt_steps),
    )
    assert all(torch.equal(full[name], cut[name]) for name in full)


def test_truncated_gradient_is_the_sum_of_those_of_its_parts(tiny):
    decoder, features, words = tiny.decoder().double(), tiny.features(2).double(), captions(2, 5)
    cut, output = gradients(decoder, features, words, bptt_steps=2)
    assert torch.equal(output.logits, decoder(features, words).logits)
    decoder.zero_grad()
    for first in (0, 2, 4):
        memory = decoder.remember(features)
        state = decoder.initial_state(memory)
        for position in range(min(first + 2, 5)):
            if position == first:
                state = state.detach() if first else state
            embedded = decoder.embed(words[:, position : position + 1])
            step = decoder.step(decoder.word_input(embedded), state, memory)
            state = step.state
            if position >= first:
                logits = decoder.predict(embedded, state.hidden, step.context)
                (logits.logsumexp(-1) - logits[..., 5]).sum().backward(retain_graph=True)
    for name, weight in decoder.named_parameters():
        torch.testing.assert_close(weight.grad, cut[name], msg=name)
