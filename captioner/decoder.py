"""The recurrent decoder: one word at a time, each from the words so far and from where attention looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from captioner.attention import Memory, build_attention
from captioner.cells import CELLS, CellState, RecurrentCell
from captioner.config import DecoderConfig
from captioner.devices import at_least_float32
from captioner.vocabulary import END, PAD


class State(NamedTuple):
    """Recurrent state of K captions for each of B images: that of each of the `layers`, from the words up."""

    layers: tuple[CellState, ...]

    @property
    def hidden(self) -> Tensor:
        """Of the topmost layer, (B, K, H): what attends, opens the gate and predicts."""
        return self.layers[-1].hidden

    def select(self, rows: Tensor | slice) -> State:
        """The state of some of the images; ``rows`` (B',) int64, or a slice, which copies nothing."""
        return State(tuple(CellState(layer.hidden[rows], layer.cell[rows]) for layer in self.layers))

    def reorder(self, beams: Tensor) -> State:
        """The state after captions changed places; ``beams`` (B, K') int64 names the old place of each new one."""
        rows = torch.arange(beams.shape[0], device=beams.device).unsqueeze(1)
        return State(tuple(CellState(layer.hidden[rows, beams], layer.cell[rows, beams]) for layer in self.layers))

    def detach(self) -> State:
        """The same state without a gradient to what came before."""
        return State(tuple(CellState(layer.hidden.detach(), layer.cell.detach()) for layer in self.layers))


class WordInput(NamedTuple):
    """What a step takes of the word before, ready-made: `cell` (B, K, blocks H) and `query` (B, K, A) or None."""

    cell: Tensor
    query: Tensor | None

    def split(self, sizes: Sequence[int]) -> list[WordInput]:
        """Inputs of so many images each, one after the other."""
        cells = torch.split(self.cell, list(sizes))
        queries = [None] * len(sizes) if self.query is None else torch.split(self.query, list(sizes))
        return [WordInput(*parts) for parts in zip(cells, queries, strict=True)]


class Step(NamedTuple):
    """One decoding step: the new `state`, gated `context` (B, K, P or 0), `gate` (B, K, 1 or P), and what was seen.

    `alphas` (B, K, L) and `places` (B, K) or None are those of `captioner.attention.Glance`.
    """

    state: State
    context: Tensor
    alphas: Tensor
    gate: Tensor
    places: Tensor | None


class DecoderOutput(NamedTuple):
    """Teacher-forced output.

    Attributes
    ----------
    logits
        (B, T, V): row t scores the word after ``token_ids[:, t]``.
    alphas
        (B, T, L), at least float32: attention weights with which that word was chosen.
    gates
        (B, T), at least float32: mean gate in [0, 1]; 1 where the decoder has none.
    places
        (B, T) int64, the places that training hard attention drew, -1 where it took the expected value. Else None.
    """

    logits: Tensor
    alphas: Tensor
    gates: Tensor
    places: Tensor | None = None


class Decoder(nn.Module):
    """Attention decoder of Xu et al. 2015 (arXiv:1502.03044).

    Deviations: features are projected and layer-normalised first, so that any encoder's scale fits; there may be other
    cells, more layers, and no attention; the gate may be a scalar (paper) or a vector (as in later code); the output
    matrix may be the embedding matrix.

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
        context_dim = 0 if config.attention == "none_first" else value_dim
        cell = CELLS[config.cell]
        self.embedding = nn.Embedding(vocabulary_size, embed_dim, _weight=torch.empty(vocabulary_size, embed_dim))
        self.attention = build_attention(config, value_dim)
        self.initial_hidden = nn.Linear(value_dim, config.layers * hidden_dim)
        self.initial_cell = nn.Linear(value_dim, config.layers * hidden_dim) if config.cell == "lstm" else None
        gate_dim = {"scalar": 1, "vector": value_dim, "none": 0}[config.gate] if context_dim else 0
        self.gate = nn.Linear(hidden_dim, gate_dim) if gate_dim else None
        self.cell = cell(embed_dim, context_dim, hidden_dim)
        self.upper_cells = nn.ModuleList(cell(hidden_dim, 0, hidden_dim) for _ in range(config.layers - 1))
        self.output_hidden = nn.Linear(hidden_dim, embed_dim)
        self.output_word = nn.Linear(embed_dim, embed_dim, bias=False) if config.deep_output else None
        has_context = config.deep_output and context_dim
        self.output_context = nn.Linear(context_dim, embed_dim, bias=False) if has_context else None
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
        for cell in (self.cell, *self.upper_cells):
            cell.reset_parameters()

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
        layers = self.config.layers
        hidden = self.initial_hidden(mean).tanh().expand(-1, captions, -1).chunk(layers, -1)
        if self.initial_cell is None:
            return State(tuple(CellState(part, part[..., :0]) for part in hidden))
        cell = at_least_float32(self.initial_cell(mean).tanh()).expand(-1, captions, -1).chunk(layers, -1)
        return State(tuple(map(CellState, hidden, cell)))

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
        context, alphas, places = self.attention(state.hidden, words.query, memory)
        gate = torch.ones_like(alphas[..., :1]) if self.gate is None else self.gate(state.hidden).sigmoid()
        context = gate.to(context.dtype) * context
        return Step(self._advance(words, context, state), context, alphas, gate, places)

    def _advance(self, words: WordInput, context: Tensor, state: State) -> State:
        layers = [self.cell(words.cell, context, state.layers[0])]
        for cell, layer in zip(cast(Iterable[RecurrentCell], self.upper_cells), state.layers[1:], strict=True):
            below = self.dropout(layers[-1].hidden)
            layers.append(cell(cell.words(below), below[..., :0], layer))
        return State(tuple(layers))

    def predict(self, embedded: Tensor, hidden: Tensor, context: Tensor) -> Tensor:
        """Logits (..., V) by deep output, ``L_o(L_y E y + L_h h + L_z z)`` (Xu et al., eq. 7).

        ``L_y`` is not in the paper: where ``L_o`` is the embedding matrix, a word would else speak for itself again.
        """
        deep = self.output_hidden(self.dropout(hidden))
        if self.output_word is not None:
            deep = deep + self.output_word(embedded)
        if self.output_context is not None:
            deep = deep + self.output_context(self.dropout(context))
        return F.linear(deep, self.output.weight, self.output.bias)

    def replay(
        self, memory: Memory, token_ids: Tensor, *, images: Tensor | None = None, bptt_steps: int = 0
    ) -> DecoderOutput:
        """Score the words that follow each of ``token_ids`` (B, T) int64 under teacher forcing.

        Captions that have ended take part in no further step: at ``<end>`` and ``<pad>`` all output is 0 and
        `DecoderOutput.places` -1.

        Parameters
        ----------
        memory
            Of the images.
        token_ids
            Beginning with ``<start>``; no words after ``<end>`` or ``<pad>``.
        images
            (B,) int64, which image each caption is of; without it they are one of each, in the same order.
        bptt_steps
            No gradient goes through the states across every so many positions; 0 lets all through.
        """
        captions, positions = token_ids.shape
        lengths = ((token_ids != PAD) & (token_ids != END)).sum(1).clamp_min(1)
        order = lengths.argsort(descending=True, stable=True)
        if images is not None or bool((order[1:] < order[:-1]).any()):
            memory = memory.select(order if images is None else images[order])
        # All first words, then all second words, and so on, each time of the longest captions first.
        is_word = torch.arange(positions, device=lengths.device).unsqueeze(1) < lengths[order]
        position, place = is_word.nonzero(as_tuple=True)
        where = order[place] * positions + position
        embedded = self.embed(token_ids.flatten()[where].unsqueeze(1))
        sizes = [size for size in is_word.sum(1).tolist() if size] or [0]
        steps = self._steps(memory, self.word_input(embedded), sizes, bptt_steps)
        hidden = torch.cat([step.state.hidden for step in steps])
        context = torch.cat([step.context for step in steps])

        def put_back(values: Tensor, elsewhere: float = 0) -> Tensor:
            padded = values.new_full((captions * positions, *values.shape[2:]), elsewhere)
            padded = padded.index_copy(0, where, values.squeeze(1))
            return padded.view(captions, positions, *values.shape[2:])

        places = [step.places for step in steps if step.places is not None]
        return DecoderOutput(
            put_back(self.predict(embedded, hidden, context)),
            put_back(torch.cat([step.alphas for step in steps])),
            put_back(torch.cat([at_least_float32(step.gate).mean(-1) for step in steps])),
            put_back(torch.cat(places), -1) if places else None,
        )

    def _steps(self, memory: Memory, words: WordInput, sizes: Sequence[int], bptt_steps: int) -> list[Step]:
        """Steps of captions of falling length, ``sizes`` of which have a word at each position."""
        state = self.initial_state(memory)
        steps: list[Step] = []
        for position, word in enumerate(words.split(sizes)):
            if sizes[position] < len(memory.values):
                unfinished = slice(sizes[position])
                memory, state = memory.select(unfinished), state.select(unfinished)
            if bptt_steps and position and position % bptt_steps == 0:
                state = state.detach()
            steps.append(self.step(word, state, memory))
            state = steps[-1].state
        return steps

    def forward(self, features: Tensor, token_ids: Tensor, *, bptt_steps: int = 0) -> DecoderOutput:
        """Teacher-forced output for one caption per row.

        Parameters
        ----------
        features
            (B, L, D) float, one image per caption.
        token_ids
            (B, T) int64, beginning with ``<start>``.
        bptt_steps
            See `replay`.
        """
        return self.replay(self.remember(features), token_ids, bptt_steps=bptt_steps)
