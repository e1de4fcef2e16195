"""From features to captions: greedy, beam and sampled decoding, batched over images."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.attention import Memory
from captioner.config import DecodingOptions
from captioner.constraints import IMPOSSIBLE, NEVER_EMITTED, Constraints
from captioner.decoder import Decoder, State
from captioner.devices import at_least_float32
from captioner.errors import ModelPackageError
from captioner.vocabulary import END, PAD, SPECIAL_TOKENS, START


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A caption as the search found it.

    Attributes
    ----------
    token_ids
        Ids of the words, special tokens left out.
    is_ended
        Whether ``<end>`` was chosen; False where the maximum length cut the caption.
    log_probability
        Sum over the words and, when ended, ``<end>``.
    score
        `log_probability` over the number of summands to the power of the length penalty.
    """

    token_ids: tuple[int, ...]
    is_ended: bool
    log_probability: float
    score: float

    @classmethod
    def build(cls, token_ids: Sequence[int], is_ended: bool, log_probability: float, penalty: float) -> Hypothesis:
        """Make a hypothesis, its score normalised by length."""
        summands = max(1, len(token_ids) + is_ended)
        return cls(tuple(token_ids), is_ended, log_probability, log_probability / summands**penalty)


@dataclass(frozen=True, slots=True, eq=False)
class DecodedCaption:
    """A caption with everything the network said while it wrote it; T words over L places.

    Where a model spells its words, those of a word are: the sum of the log-probabilities of its characters and of the
    space behind it, the means of their attention and gates, and no alternatives.

    Attributes
    ----------
    best
        The tokens.
    others
        What the search found besides, best first.
    log_probabilities
        (T,) float32, natural logarithm of each word's probability among the words that may be emitted.
    alphas
        (T, L) float32 attention weights, each row summing to 1.
    gates
        (T,) float32 mean gate in [0, 1].
    alternatives
        Per word, the most likely words in its place: ids and log-probabilities, best first.
    """

    best: Hypothesis
    others: tuple[Hypothesis, ...]
    log_probabilities: NDArray[np.float32]
    alphas: NDArray[np.float32]
    gates: NDArray[np.float32]
    alternatives: tuple[tuple[tuple[int, float], ...], ...]


@torch.inference_mode()
def decode(
    decoder: Decoder,
    features: Tensor,
    options: DecodingOptions,
    *,
    prefix: Sequence[int] = (),
    space: int | None = None,
) -> list[DecodedCaption]:
    """Caption a batch of images.

    The result for an image does not depend on what else is in the batch.

    Parameters
    ----------
    decoder
        In evaluation mode.
    features
        (B, L, D), floating point.
    options
        How words are chosen.
    prefix
        Ids with which every caption begins, such as the words a user has settled on.
    space
        `captioner.vocabulary.Vocabulary.space` of the model: None where its tokens are words.

    Raises
    ------
    ConfigurationError
        If the prefix is longer than the maximum length or holds an id that is not a word's.
    ModelPackageError
        If the model's numbers overflow, as those of damaged weights do.
    """
    constraints = Constraints(options, tuple(prefix), space)
    constraints.check_prefix(decoder.embedding.num_embeddings)
    if not len(features):
        return []
    memory = decoder.remember(features.to(decoder.embedding.weight))
    search = beam_search if options.method == "beam" else sample
    found = search(decoder, memory, constraints)
    if not all(hypotheses and math.isfinite(hypotheses[0].log_probability) for hypotheses in found):
        raise ModelPackageError("The model gives probabilities that are not numbers. Install the model again.")
    described = describe(decoder, memory, found, options)
    return described if space is None else [_by_word(caption, space) for caption in described]


def beam_search(decoder: Decoder, memory: Memory, constraints: Constraints) -> list[list[Hypothesis]]:
    """Search each image's most likely captions.

    At each step the best continuations of all beams compete; one that ends is set aside, and its place goes to the
    next best. An image leaves the batch when ``beam_size`` captions have ended. With a beam size of 1 this is greedy
    decoding. Captions that have not ended at the maximum length are returned as they stand, after those that have.

    Returns
    -------
    list
        Per image at least one and at most ``beam_size`` hypotheses, best first.
    """
    beams = _Beams(decoder, memory, constraints)
    for _ in range(constraints.max_tokens):
        if not beams.images:
            break
        beams.advance(beams.next_log_probabilities())
    beams.give_up()
    return [sorted(found, key=_rank) for found in beams.found]


def _rank(hypothesis: Hypothesis) -> tuple[bool, float]:
    # A caption that was cut has not paid for its end, so its score does not compare.
    return not hypothesis.is_ended, -hypothesis.score


class _Beams:
    """The unfinished captions of the images still in the batch: A images with K beams each."""

    def __init__(self, decoder: Decoder, memory: Memory, constraints: Constraints) -> None:
        count, size = memory.values.shape[0], constraints.options.beam_size
        device = memory.values.device
        self.decoder, self.memory, self.constraints = decoder, memory, constraints
        self.options = constraints.options
        self.images = list(range(count))
        self.state = decoder.initial_state(memory, size)
        self.token_ids = torch.full((count, size, 1), START, device=device)
        # All beams start alike, so only the first may be continued at the first step.
        self.scores = torch.full((count, size), IMPOSSIBLE, device=device)
        self.scores[:, 0] = 0
        self.found: list[list[Hypothesis]] = [[] for _ in range(count)]

    def next_log_probabilities(self) -> Tensor:
        """Advance the decoder by one step: (A, K, V) log-probabilities of the next word."""
        logits, self.state = _next_logits(self.decoder, self.token_ids[..., -1], self.state, self.memory)
        return self.constraints.apply(word_log_probabilities(logits), self.token_ids)

    def advance(self, log_probabilities: Tensor) -> None:
        """Extend the beams by their best continuations, set ended captions aside, drop finished images."""
        size, vocabulary_size = self.scores.shape[1], log_probabilities.shape[2]
        totals = (self.scores.unsqueeze(2) + log_probabilities).flatten(1)
        # Each beam can end once, so among twice as many candidates enough go on.
        totals, candidates = totals.topk(2 * size)
        beams, words = candidates // vocabulary_size, candidates % vocabulary_size
        is_end = words == END
        self._set_aside(totals[:, :size].tolist(), beams.tolist(), is_end.tolist())
        self._keep_stuck(totals[:, 0] == IMPOSSIBLE)
        scores, order = totals.masked_fill(is_end, IMPOSSIBLE).topk(size)
        beams, words = beams.gather(1, order), words.gather(1, order)
        rows = torch.arange(len(self.images), device=beams.device).unsqueeze(1)
        self.scores = scores
        self.token_ids = torch.cat((self.token_ids[rows, beams], words.unsqueeze(2)), 2)
        self.state = self.state.reorder(beams)
        self._drop_finished(size)

    def _set_aside(self, totals: list[list[float]], beams: list[list[int]], is_end: list[list[bool]]) -> None:
        for row, image in enumerate(self.images):
            for total, beam, ends in zip(totals[row], beams[row], is_end[row], strict=False):
                if ends and total > IMPOSSIBLE and len(self.found[image]) < self.options.beam_size:
                    self._add(image, self.token_ids[row, beam], True, total)

    def _keep_stuck(self, is_stuck: Tensor) -> None:
        """Return as they stand the captions of images in which no word may follow any beam."""
        for row in is_stuck.nonzero().flatten().tolist():
            self._add_unended(row)
            self.scores[row] = IMPOSSIBLE

    def _drop_finished(self, size: int) -> None:
        alive = self.scores[:, 0] > IMPOSSIBLE
        full = torch.tensor([len(self.found[image]) >= size for image in self.images], device=alive.device)
        keep = (alive & ~full).nonzero().flatten()
        if len(keep) < len(self.images):
            self.images = [self.images[row] for row in keep.tolist()]
            self.memory, self.state = self.memory.select(keep), self.state.select(keep)
            self.token_ids, self.scores = self.token_ids[keep], self.scores[keep]

    def give_up(self) -> None:
        """Return what is left at the maximum length as it stands."""
        for row in range(len(self.images)):
            self._add_unended(row)

    def _add_unended(self, row: int) -> None:
        image = self.images[row]
        for beam, score in enumerate(self.scores[row].tolist()):
            if score > IMPOSSIBLE and len(self.found[image]) < self.options.beam_size:
                self._add(image, self.token_ids[row, beam], False, score)

    def _add(self, image: int, token_ids: Tensor, is_ended: bool, log_probability: float) -> None:
        words = token_ids[1:].tolist()
        penalty = self.options.length_penalty
        self.found[image].append(Hypothesis.build(words, is_ended, log_probability, penalty))


@dataclass(frozen=True, slots=True, eq=False)
class DrawnCaptions:
    """K captions for each of B images, in the order in which they were drawn.

    Attributes
    ----------
    token_ids
        (B, K, T) int64: words, ``<end>`` where a caption was not cut, and ``<pad>``.
    log_probabilities
        (B, K), sums over words and ``<end>`` of what the unfiltered model says, through which gradients go.
    """

    token_ids: Tensor
    log_probabilities: Tensor

    def hypotheses(self, length_penalty: float = 0) -> list[list[Hypothesis]]:
        """The captions of each image, scored with this penalty."""
        totals = self.log_probabilities.tolist()
        return [
            [_drawn(ids, total, length_penalty) for ids, total in zip(captions, sums, strict=True)]
            for captions, sums in zip(self.token_ids.tolist(), totals, strict=True)
        ]


def _drawn(token_ids: list[int], total: float, penalty: float) -> Hypothesis:
    words = list(itertools.takewhile(lambda token: token not in (END, PAD), token_ids))
    return Hypothesis.build(words, END in token_ids, total, penalty)


def sample(
    decoder: Decoder, memory: Memory, constraints: Constraints, *, numbers: Tensor | None = None
) -> list[list[Hypothesis]]:
    """Draw ``beam_size`` captions per image; see `draw_captions`.

    The random numbers depend on the seed, the position and the place of the caption alone, so an image gets the same
    captions whatever else is in the batch; or they are given as ``numbers``.

    Returns
    -------
    list
        Per image ``beam_size`` hypotheses, best first and cut ones last; probabilities are those of the unfiltered
        model.
    """
    options = constraints.options
    if numbers is None:
        generator = torch.Generator().manual_seed(options.seed)
        numbers = torch.rand((constraints.max_tokens, 1, options.beam_size, 1), generator=generator)
    drawn = draw_captions(decoder, memory, constraints, numbers)
    return [sorted(found, key=_rank) for found in drawn.hypotheses(options.length_penalty)]


def draw_captions(decoder: Decoder, memory: Memory, constraints: Constraints, numbers: Tensor) -> DrawnCaptions:
    """Draw ``beam_size`` captions per image with temperature, top-k and nucleus (top-p) filtering.

    Nucleus sampling: Holtzman et al. 2019 (arXiv:1904.09751).

    Parameters
    ----------
    decoder, memory, constraints
        As for `beam_search`.
    numbers
        (N, B or 1, K, 1) in [0, 1) decide the words, N being the most tokens of a caption.
    """
    count, size = memory.values.shape[0], constraints.options.beam_size
    device = memory.values.device
    state = decoder.initial_state(memory, size)
    token_ids = torch.full((count, size, 1), START, device=device)
    totals = torch.zeros((count, size), device=device)
    is_over = torch.zeros((count, size), dtype=torch.bool, device=device)
    for drawn_numbers in numbers.to(device):
        logits, state = _next_logits(decoder, token_ids[..., -1], state, memory)
        log_probabilities = word_log_probabilities(logits)
        allowed = constraints.apply(log_probabilities.detach(), token_ids)
        # A caption that no word may follow is returned as it stands.
        is_over = is_over | (allowed.amax(-1) == IMPOSSIBLE)
        words = draw_tokens(filter_log_probabilities(allowed, constraints.options), drawn_numbers)
        words = words.masked_fill(is_over, PAD)
        drawn = log_probabilities.gather(2, words.unsqueeze(2)).squeeze(2)
        totals = torch.where(is_over, totals, totals + drawn)
        token_ids = torch.cat((token_ids, words.unsqueeze(2)), 2)
        is_over = is_over | (words == END)
        if bool(is_over.all()):
            break
    return DrawnCaptions(token_ids[..., 1:], totals)


def filter_log_probabilities(log_probabilities: Tensor, options: DecodingOptions) -> Tensor:
    """Apply temperature, then top-k, then top-p to (..., V) log-probabilities; what is filtered out becomes -inf."""
    scaled = log_probabilities
    if options.temperature != 1:
        scaled = (scaled / options.temperature).log_softmax(-1)
    if 0 < options.top_k < scaled.shape[-1]:
        least = scaled.topk(options.top_k).values[..., -1:]
        scaled = scaled.masked_fill(scaled < least, IMPOSSIBLE)
    if options.top_p < 1:
        ordered, places = scaled.softmax(-1).sort(-1, descending=True)
        # A word stays if those before it have not reached p, so at least one always stays.
        is_beyond = ordered.cumsum(-1) - ordered >= options.top_p
        scaled = scaled.masked_fill(torch.zeros_like(is_beyond).scatter(-1, places, is_beyond), IMPOSSIBLE)
    return scaled


def draw_tokens(log_probabilities: Tensor, numbers: Tensor) -> Tensor:
    """Draw from (A, K, V) log-probabilities by inverting their cumulative distribution.

    ``numbers`` (A or 1, K, 1) are in [0, 1). Returns (A, K) int64.
    """
    cumulative = log_probabilities.double().exp().cumsum(-1)
    targets = (numbers * cumulative[..., -1:]).contiguous()
    words = torch.searchsorted(cumulative, targets, right=True)
    last_possible = log_probabilities.shape[-1] - 1 - (log_probabilities > IMPOSSIBLE).flip(-1).int().argmax(-1)
    return torch.minimum(words.squeeze(-1), last_possible)


def _next_logits(decoder: Decoder, words: Tensor, state: State, memory: Memory) -> tuple[Tensor, State]:
    embedded = decoder.embed(words)
    step = decoder.step(decoder.word_input(embedded), state, memory)
    return decoder.predict(embedded, step.state.hidden, step.context), step.state


def word_log_probabilities(logits: Tensor) -> Tensor:
    """Log-probabilities (..., V), at least float32, among the tokens that may be emitted; the others are -inf."""
    never = torch.tensor(NEVER_EMITTED, device=logits.device)
    return at_least_float32(logits).index_fill(-1, never, IMPOSSIBLE).log_softmax(-1)


def describe(
    decoder: Decoder, memory: Memory, found: list[list[Hypothesis]], options: DecodingOptions
) -> list[DecodedCaption]:
    """Run the best caption of each image through the decoder once more and record all it says.

    One batched pass over the chosen captions is cheaper than carrying weights, gates and alternatives of every beam
    through the search.
    """
    captions = [hypotheses[0].token_ids for hypotheses in found]
    length = max(1, *map(len, captions)) if captions else 0
    inputs = torch.full((len(captions), length), PAD)
    for row, caption in enumerate(captions):
        inputs[row, : len(caption)] = torch.tensor((START, *caption[:-1]))[: len(caption)]
    output = decoder.replay(memory, inputs.to(memory.values.device))
    log_probabilities = word_log_probabilities(output.logits)
    log_probabilities[..., END] = IMPOSSIBLE
    top = log_probabilities.topk(min(options.word_alternatives, log_probabilities.shape[-1] - len(SPECIAL_TOKENS)))
    values, indices = top.values.tolist(), top.indices.tolist()
    log_probabilities, alphas, gates = (
        numbers.float().cpu() for numbers in (log_probabilities, output.alphas, output.gates)
    )
    results = []
    for row, hypotheses in enumerate(found):
        steps = range(len(captions[row]))
        chosen = log_probabilities[row, list(steps), list(captions[row])]
        results.append(
            DecodedCaption(
                best=hypotheses[0],
                others=tuple(hypotheses[1:]),
                log_probabilities=chosen.numpy(),
                alphas=alphas[row, : len(steps)].numpy(),
                gates=gates[row, : len(steps)].numpy(),
                alternatives=tuple(tuple(zip(indices[row][t], values[row][t], strict=True)) for t in steps),
            )
        )
    return results


def _by_word(caption: DecodedCaption, space: int) -> DecodedCaption:
    """Gather what was said of characters by the words they spell; see `DecodedCaption`."""
    token_ids = np.array((*caption.best.token_ids, space))
    ends = np.flatnonzero(token_ids == space)
    spans = [(start, end) for start, end in zip((0, *ends[:-1] + 1), ends, strict=True) if start < end]
    log_probabilities = [caption.log_probabilities[start : end + 1].sum() for start, end in spans]
    places = caption.alphas.shape[1]
    return replace(
        caption,
        log_probabilities=np.array(log_probabilities, np.float32),
        alphas=np.array([caption.alphas[start:end].mean(0) for start, end in spans], np.float32).reshape(-1, places),
        gates=np.array([caption.gates[start:end].mean() for start, end in spans], np.float32),
        alternatives=((),) * len(spans),
    )
