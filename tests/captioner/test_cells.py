import itertools

import pytest
import torch
from torch import nn

from captioner.cells import CELLS, CellState

WORD, CONTEXT, HIDDEN = 5, 4, 6


def build(kind, context_dim=CONTEXT):
    cell = CELLS[kind](WORD, context_dim, HIDDEN).double()
    with torch.no_grad():
        for weight in cell.parameters():
            weight.copy_(torch.randn_like(weight))
    return cell


def peer_of(kind, cell, context_dim):
    """Torch's cell with the same weights, its input being word and context side by side."""
    peer = {"lstm": nn.LSTMCell, "gru": nn.GRUCell, "rnn": nn.RNNCell}[kind](WORD + context_dim, HIDDEN).double()
    blocks = range(cell.blocks)
    # Torch's gates are i, f, g, o; ours i, f, o, g.
    order = {"lstm": [0, 1, 3, 2]}.get(kind, list(blocks))
    rows = torch.cat([torch.arange(HIDDEN) + HIDDEN * block for block in order])
    from_context = cell.recurrent.weight[:, :context_dim]
    if kind == "gru":
        from_context = cell.context.weight if context_dim else cell.recurrent.weight[:, :0]
    with torch.no_grad():
        peer.weight_ih.copy_(torch.cat((cell.words.weight, from_context), 1)[rows])
        peer.weight_hh.copy_(cell.recurrent.weight[:, -HIDDEN:][rows])
        peer.bias_ih.copy_(cell.words.bias[rows])
        peer.bias_hh.zero_()
        if kind == "gru":
            peer.bias_hh[2 * HIDDEN :] = cell.reset_bias
    return peer


def start(kind, *shape):
    cell = torch.randn(*shape, HIDDEN).double() if kind == "lstm" else torch.zeros(*shape, 0).double()
    return CellState(torch.randn(*shape, HIDDEN).double(), cell)


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("context_dim", [0, CONTEXT])
def test_cell_equals_that_of_torch(kind, context_dim):
    torch.manual_seed(0)
    cell = build(kind, context_dim)
    peer = peer_of(kind, cell, context_dim)
    state = start(kind, 3, 2)
    expected = state.hidden.flatten(0, 1), state.cell.flatten(0, 1)
    for _ in range(4):
        word, context = torch.randn(3, 2, WORD).double(), torch.randn(3, 2, context_dim).double()
        state = cell(cell.words(word), context, state)
        inputs = torch.cat((word, context), -1).flatten(0, 1)
        expected = peer(inputs, expected) if kind == "lstm" else (peer(inputs, expected[0]), expected[1])
        torch.testing.assert_close(state.hidden.flatten(0, 1), expected[0], atol=1e-12, rtol=1e-12)
        torch.testing.assert_close(state.cell.flatten(0, 1), expected[1], atol=1e-12, rtol=1e-12)


@pytest.mark.parametrize("kind", CELLS)
def test_gradient_is_that_of_the_difference_quotient(kind):
    torch.manual_seed(0)
    cell, state = build(kind), start(kind, 2, 1)
    word, context = torch.randn(2, 1, WORD).double(), torch.randn(2, 1, CONTEXT).double()
    weights = [weight.requires_grad_() for weight in cell.parameters()]

    def advance(*_):
        return cell(cell.words(word), context, cell(cell.words(word), context, state)).hidden

    assert torch.autograd.gradcheck(advance, weights)


@pytest.mark.parametrize("kind", CELLS)
def test_recurrence_starts_orthogonal(kind):
    cell = CELLS[kind](WORD, CONTEXT, HIDDEN)
    cell.reset_parameters()
    for block in cell.recurrent.weight[:, -HIDDEN:].chunk(cell.blocks):
        torch.testing.assert_close(block @ block.T, torch.eye(HIDDEN), atol=1e-5, rtol=0)
    bias = cell.words.bias.view(cell.blocks, HIDDEN)
    assert [set(block.tolist()) for block in bias] == [
        {1.0} if (kind, index) == ("lstm", 1) else {0.0} for index in range(cell.blocks)
    ]


@pytest.mark.parametrize("kind", CELLS)
def test_each_caption_has_a_state_of_its_own(kind):
    torch.manual_seed(0)
    cell, state = build(kind), start(kind, 2, 3)
    word, context = torch.randn(2, 3, WORD).double(), torch.randn(2, 3, CONTEXT).double()
    together = cell(cell.words(word), context, state)
    for row, column in itertools.product(range(2), range(3)):
        here = (slice(row, row + 1), slice(column, column + 1))
        alone = cell(cell.words(word[here]), context[here], CellState(state.hidden[here], state.cell[here]))
        torch.testing.assert_close(alone.hidden, together.hidden[here])
