"""The recurrent decoder: one word at a time, each from the words so far and from where attention looks."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from captioner.attention import Memory, build_attention
from captioner.config import DecoderConfig


class State(NamedTuple):
    """Recurrent state of K captions for each of B images: ``hidden`` and ``cell``, both (B, K, H)."""

    hidden: Tensor
    cell: Tensor

    def select(self, rows: Tensor) -> State:
        """The state of some of the images; ``rows`` (B',) int64."""
        return State(self.hidden[rows], self.cell[rows])

    def reorder(self, beams: Tensor) -> State:
        """The state after captions changed places; ``beams`` (B, K') int64 names the old place of each new one."""
        rows = torch.arange(beams.shape[0], device=beams.device).unsqueeze(1)
        return State(self.hidden[rows, beams], self.cell[rows, beams])


class WordInput(NamedTuple):
    """What a step takes of the word before, ready-made: `cell` (B, K, 4H) and `query` (B, K, A) or None."""

    cell: Tensor
    query: Tensor | None

    def at(self, position: int) -> WordInput:
        """The input at one position of T, for inputs (B, T, ...)."""
        here = slice(position, position + 1)
        return WordInput(self.cell[:, here], None if self.query is None else self.query[:, here])


class Step(NamedTuple):
    """One decoding step: the new `state`, `context` (B, K, P), `alphas` (B, K, L) and `gate` (B, K, 1 or P)."""

    state: State
    context: Tensor
    alphas: Tensor
    gate: Tensor


class DecoderOutput(NamedTuple):
    """Teacher-forced output.

    Attributes
    ----------
    logits
        (B, T, V): row t scores the word after ``token_ids[:, t]``.
    alphas
        (B, T, L) float32 attention weights with which that word was chosen.
    gates
        (B, T) float32 mean gate in [0, 1]; 1 where the decoder has none.
    """

    logits: Tensor
    alphas: Tensor
    gates: Tensor


class LSTMCell(nn.Module):
    """LSTM cell (Hochreiter and Schmidhuber 1997; forget gate of Gers et al. 2000).

    The part of its input that is known beforehand, the words, enters as ready-made sums ``from_words``, so that one
    matrix product serves all steps of a training batch; only context and state are multiplied at each step.
    """

    def __init__(self, embed_dim: int, context_dim: int, decoder_dim: int) -> None:
        super().__init__()
        self.words = nn.Linear(embed_dim, 4 * decoder_dim)
        self.recurrent = nn.Linear(context_dim + decoder_dim, 4 * decoder_dim, bias=False)

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Orthogonal recurrence (Saxe et al. 2013), and a forget gate that lets gradients through from the start."""
        decoder_dim = self.words.out_features // 4
        for block in self.recurrent.weight[:, -decoder_dim:].chunk(4):
            nn.init.orthogonal_(block)
        self.words.bias.zero_()
        self.words.bias[decoder_dim : 2 * decoder_dim] = 1

    def forward(self, from_words: Tensor, context: Tensor, state: State) -> State:
        """Advance ``state`` by one word; ``from_words`` (B, K, 4H) is `words` of its embedding."""
        sums = from_words + self.recurrent(torch.cat((context, state.hidden), -1))
        input_gate, forget_gate, output_gate, candidate = sums.float().chunk(4, -1)
        cell = forget_gate.sigmoid() * state.cell + input_gate.sigmoid() * candidate.tanh()
        return State((output_gate.sigmoid() * cell.tanh()).to(sums.dtype), cell)


class Decoder(nn.Module):
    """Attention decoder of Xu et al. 2015 (arXiv:1502.03044).

    Deviations: features are projected and layer-normalised first, so that any encoder's scale fits; ``c0`` and ``h0``
    come from one hidden layer each, as in the paper; the gate may be a scalar (paper) or a vector (as in later code);
    the output matrix may be the embedding matrix.

    Parameters
    ----------
    config
        Kinds and sizes.
    vocabulary_size
        V, special tokens included.
    """

    def __init__(self, config: DecoderConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.config = config
        embed_dim, hidden_dim = config.embed_dim, config.decoder_dim
        value_dim = config.project_dim or config.encoder_dim
        self.project: nn.Module = nn.Identity()
        if config.project_dim:
            self.project = nn.Sequential(nn.Linear(config.encoder_dim, value_dim), nn.LayerNorm(value_dim))
        self.embedding = nn.Embedding(vocabulary_size, embed_dim, _weight=torch.empty(vocabulary_size, embed_dim))
        self.attention = build_attention(config, value_dim)
        self.initial_hidden = nn.Linear(value_dim, hidden_dim)
        self.initial_cell = nn.Linear(value_dim, hidden_dim)
        gate_dim = {"scalar": 1, "vector": value_dim, "none": 0}[config.gate]
        self.gate = nn.Linear(hidden_dim, gate_dim) if gate_dim else None
        self.cell = LSTMCell(embed_dim, value_dim, hidden_dim)
        self.output_hidden = nn.Linear(hidden_dim, embed_dim)
        self.output_word = nn.Linear(embed_dim, embed_dim, bias=False) if config.deep_output else None
        self.output_context = nn.Linear(value_dim, embed_dim, bias=False) if config.deep_output else None
        self.output = nn.Linear(embed_dim, vocabulary_size)
        self.dropout = nn.Dropout(config.dropout)
        self.tie_output()
        # On the meta device there is nothing to fill, and asking for random numbers imports half of torch's compiler.
        if not self.embedding.weight.is_meta:
            self.reset_parameters()

    def reset_parameters(self) -> None:
        """Fill in the first weights of training, where torch's own are not the ones wanted."""
        nn.init.normal_(self.embedding.weight, std=self.config.embed_dim**-0.5)
        nn.init.zeros_(self.output.bias)
        self.attention.reset_parameters()
        self.cell.reset_parameters()

    def tie_output(self) -> None:
        """Let the output layer share the embedding matrix, where the configuration says so."""
        if self.config.tied_embeddings:
            self.output.weight = self.embedding.weight

    def remember(self, features: Tensor) -> Memory:
        """Project ``features`` (B, L, D) and form attention keys, once per image."""
        return self.attention.remember(self.project(features))

    def initial_state(self, memory: Memory, captions: int = 1) -> State:
        """Start ``captions`` states per image from the mean of its features (Xu et al., section 3.1.2)."""
        mean = memory.values.mean(1, keepdim=True)
        hidden = self.initial_hidden(mean).tanh().expand(-1, captions, -1)
        cell = self.initial_cell(mean).tanh().float().expand(-1, captions, -1)
        return State(hidden, cell)

    def embed(self, token_ids: Tensor) -> Tensor:
        """Embeddings (..., E) of ``token_ids`` (...)."""
        embedded: Tensor = self.dropout(self.embedding(token_ids))
        return embedded

    def word_input(self, embedded: Tensor) -> WordInput:
        """What cell and attention take of embeddings (B, K or T, E), for all words of a caption at once.

        Embeddings are small, so that they serve as the output matrix as well; here they are scaled back to unit
        variance (Vaswani et al. 2017, section 3.4). Without that the cell is nearly deaf to the words at first.
        """
        scaled = embedded * self.config.embed_dim**0.5
        word = self.attention.word
        return WordInput(self.cell.words(scaled), None if word is None else word(scaled))

    def step(self, words: WordInput, state: State, memory: Memory) -> Step:
        """Attend with the state before the word, then advance (Xu et al., eq. 1-6 and beta of section 4.2.1)."""
        context, alphas = self.attention(state.hidden, words.query, memory)
        gate = torch.ones_like(alphas[..., :1]) if self.gate is None else self.gate(state.hidden).sigmoid()
        context = gate.to(context.dtype) * context
        return Step(self.cell(words.cell, context, state), context, alphas, gate)

    def predict(self, embedded: Tensor, hidden: Tensor, context: Tensor) -> Tensor:
        """Logits (..., V) by deep output, ``L_o(L_y E y + L_h h + L_z z)`` (Xu et al., eq. 7).

        ``L_y`` is not in the paper: where ``L_o`` is the embedding matrix, a word would else speak for itself again.
        """
        deep = self.output_hidden(self.dropout(hidden))
        if self.output_context is not None and self.output_word is not None:
            deep = deep + self.output_word(embedded) + self.output_context(self.dropout(context))
        return F.linear(deep, self.output.weight, self.output.bias)

    def replay(self, memory: Memory, token_ids: Tensor) -> DecoderOutput:
        """Score the words that follow each of ``token_ids`` (B, T) int64 under teacher forcing."""
        state = self.initial_state(memory)
        embedded = self.embed(token_ids)
        words = self.word_input(embedded)
        steps = []
        for position in range(token_ids.shape[1]):
            steps.append(self.step(words.at(position), state, memory))
            state = steps[-1].state
        hidden = torch.cat([step.state.hidden for step in steps], 1)
        context = torch.cat([step.context for step in steps], 1)
        alphas = torch.cat([step.alphas for step in steps], 1)
        gates = torch.cat([step.gate.float().mean(-1) for step in steps], 1)
        return DecoderOutput(self.predict(embedded, hidden, context), alphas, gates)

    def forward(self, features: Tensor, token_ids: Tensor) -> DecoderOutput:
        """Teacher-forced output for one caption per row.

        Parameters
        ----------
        features
            (B, L, D) float, one image per caption.
        token_ids
            (B, T) int64, beginning with ``<start>``.
        """
        return self.replay(self.remember(features), token_ids)
