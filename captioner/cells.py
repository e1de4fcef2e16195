"""Recurrent cells: LSTM, GRU and the vanilla RNN, each fed by words, context and its own last state."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from captioner.config import Cell
from captioner.devices import at_least_float32


class CellState(NamedTuple):
    """State of one layer: ``hidden`` (B, K, H) and ``cell`` (B, K, H), which is 0 wide in all but the LSTM."""

    hidden: Tensor
    cell: Tensor


class RecurrentCell(nn.Module):
    """What all cells share; B images with K captions each.

    The part of a cell's input that is known beforehand, the words, enters as ready-made sums ``from_words``, so that
    one matrix product serves all steps of a training batch; only context and state are multiplied at each step. In the
    layers above the first, the state of the layer below takes the place of the word.

    Parameters
    ----------
    word_dim
        Width E of what comes in as words.
    context_dim
        Width P of what attention saw; 0 where nothing enters.
    decoder_dim
        Width H of the state.
    """

    blocks: ClassVar[int]

    def __init__(self, word_dim: int, context_dim: int, decoder_dim: int) -> None:
        super().__init__()
        self.decoder_dim = decoder_dim
        self.words = nn.Linear(word_dim, self.blocks * decoder_dim)
        self.recurrent = nn.Linear(context_dim + decoder_dim, self.blocks * decoder_dim, bias=False)

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Orthogonal recurrence (Saxe et al. 2013, arXiv:1312.6120), and no bias at first."""
        for block in self.recurrent.weight[:, -self.decoder_dim :].chunk(self.blocks):
            nn.init.orthogonal_(block)
        self.words.bias.zero_()

    def forward(self, from_words: Tensor, context: Tensor, state: CellState) -> CellState:
        """Advance by one word.

        Parameters
        ----------
        from_words
            (B, K, blocks H), `words` of what comes in as words.
        context
            (B, K, P).
        state
            After the word before.
        """
        raise NotImplementedError


class LSTMCell(RecurrentCell):
    """LSTM cell (Hochreiter and Schmidhuber 1997; forget gate of Gers et al. 2000).

    ``c = f c + i tanh(g)``, ``h = o tanh(c)``; the blocks are i, f, o, g.
    """

    blocks = 4

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Besides, a forget gate that lets gradients through from the start (Jozefowicz et al. 2015)."""
        super().reset_parameters()
        self.words.bias[self.decoder_dim : 2 * self.decoder_dim] = 1

    def forward(self, from_words: Tensor, context: Tensor, state: CellState) -> CellState:
        """See `RecurrentCell.forward`."""
        sums = from_words + self.recurrent(torch.cat((context, state.hidden), -1))
        input_gate, forget_gate, output_gate, candidate = at_least_float32(sums).chunk(4, -1)
        cell = forget_gate.sigmoid() * state.cell + input_gate.sigmoid() * candidate.tanh()
        return CellState((output_gate.sigmoid() * cell.tanh()).to(sums.dtype), cell)


class GRUCell(RecurrentCell):
    """Gated recurrent unit (Cho et al. 2014, arXiv:1406.1078), its reset gate after the product as in cuDNN.

    ``n = tanh(W x + r (U h + b))``, ``h = (1 - z) n + z h``; the blocks are r, z, n. As the reset gate acts on the
    state alone, context has a matrix of its own.
    """

    blocks = 3

    def __init__(self, word_dim: int, context_dim: int, decoder_dim: int) -> None:
        super().__init__(word_dim, 0, decoder_dim)
        self.context = nn.Linear(context_dim, 3 * decoder_dim, bias=False) if context_dim else None
        self.reset_bias = nn.Parameter(torch.zeros(decoder_dim))

    def forward(self, from_words: Tensor, context: Tensor, state: CellState) -> CellState:
        """See `RecurrentCell.forward`."""
        sums = from_words if self.context is None else from_words + self.context(context)
        reset, update, candidate = at_least_float32(sums).chunk(3, -1)
        from_reset, from_update, from_candidate = at_least_float32(self.recurrent(state.hidden)).chunk(3, -1)
        candidate = torch.tanh(candidate + torch.sigmoid(reset + from_reset) * (from_candidate + self.reset_bias))
        # In float32: the state is a sum over all steps, to which bf16 would no longer add small changes.
        hidden = torch.lerp(candidate, at_least_float32(state.hidden), torch.sigmoid(update + from_update))
        return CellState(hidden, state.cell)


class RNNCell(RecurrentCell):
    """Vanilla recurrent cell (Elman 1990): ``h = tanh(W x + U h + b)``."""

    blocks = 1

    def forward(self, from_words: Tensor, context: Tensor, state: CellState) -> CellState:
        """See `RecurrentCell.forward`."""
        sums = from_words + self.recurrent(torch.cat((context, state.hidden), -1))
        return CellState(torch.tanh(sums), state.cell)


CELLS: dict[Cell, type[RecurrentCell]] = {"lstm": LSTMCell, "gru": GRUCell, "rnn": RNNCell}
