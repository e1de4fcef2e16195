"""The second stage: draw captions, score them by CIDEr-D, and make the better ones likelier."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.config import DecodingOptions, TrainingConfig
from captioner.constraints import Constraints
from captioner.decoder import Decoder
from captioner.decoding import DrawnCaptions, Hypothesis, beam_search, draw_captions
from captioner.metrics.bleu import bleu
from captioner.metrics.cider import CiderD
from captioner.metrics.unigram_f import unigram_f
from captioner.read_ahead import in_batches, map_ahead
from captioner.training.arithmetic import Arithmetic
from captioner.training.optimisation import Optimisation
from captioner.training.stages import ALONE, FeatureSource, StepResult, World
from captioner.vocabulary import END, PAD, SPECIAL_TOKENS, Vocabulary

END_TOKEN = SPECIAL_TOKENS[END]
_ORDER, _VIEWS, _NOISE = 2, 3, 4


class _Batch(NamedTuple):
    """Those images of a batch that are this process's, their features, and how many images are in all of it."""

    images: list[int]
    features: Tensor
    size: int


class SelfCritical:
    """Self-critical sequence training (Rennie et al. 2017, arXiv:1612.00563) on CIDEr-D, and other rewards if wanted.

    The baseline of each drawn caption is the mean reward of the others drawn for its image (Luo 2020, arXiv:2003.09971)
    or, as in the first paper, that of the greedy caption. ``<end>`` counts as a word of hypotheses and references, so
    that captions learn to end well. There is no dropout, and hard attention is the expected value.

    Parameters
    ----------
    config
        Its `self_critical` settings; seed, clipping, averaging and precision as in the first stage.
    decoder
        Trained in place, from the weights the first stage left.
    references
        Per row of ``features``, the tokenised captions of that image.
    features, views
        Where features are read, and how many extra views they have.
    vocabulary
        Of the decoder.
    world
        The processes that train together.
    """

    name = "captions"

    def __init__(
        self,
        config: TrainingConfig,
        decoder: Decoder,
        references: Mapping[int, Sequence[Sequence[str]]],
        features: FeatureSource,
        vocabulary: Vocabulary,
        *,
        views: int,
        world: World = ALONE,
    ) -> None:
        settings = config.self_critical
        self._arithmetic = Arithmetic.of(config)
        self.config, self.settings, self.world = config, settings, world
        self.decoder = self._arithmetic.take(decoder)
        self.features, self.vocabulary, self.views = features, vocabulary, views
        self.rows = np.array(list(references), np.int64)
        self.references = [[(*words, END_TOKEN) for words in texts] for texts in references.values()]
        self.rewards = CiderD(self.references)
        self.epochs = settings.epochs
        self.steps_per_epoch = -(-len(self.rows) // settings.images_per_batch)
        self.max_tokens = vocabulary.max_tokens(config.max_caption_length)
        # No minimum length and no rules of spelling: what is drawn must follow the very distribution whose logarithm
        # the loss takes.
        self._sampled = Constraints(DecodingOptions(method="sample", beam_size=settings.samples, min_length=0))
        self._greedy = Constraints(config.decoding.replace(method="beam", beam_size=1), space=vocabulary.space)
        self.optimisation = Optimisation(
            decoder,
            config,
            learning_rate=settings.learning_rate,
            weight_decay=0,
            epochs=self.epochs,
            steps_per_epoch=self.steps_per_epoch,
            start_share=settings.start_share,
            world=world,
        )

    def run_epoch(self, epoch: int, start: int = 0) -> Iterator[StepResult]:
        """See `captioner.training.stages.Stage`; the loss is minus the mean reward (CIDEr-D is 0 to 10)."""
        self.decoder.eval()
        for step, batch in enumerate(self._batches(epoch, start), start):
            numbers = self._numbers(batch.size, epoch, step)[:, self.world.rank :: self.world.size]
            with self._arithmetic.autocast():
                drawn = self._draw(batch.features, numbers)
                rewards = self._reward(batch.images, drawn.hypotheses())
                loss = self._loss(drawn, self._advantages(batch, rewards))
            norm = self.optimisation.step(loss)
            total = self.world.sum(self._arithmetic.number(rewards.sum())).item()
            captions = batch.size * self.settings.samples
            yield StepResult(-total / captions, 0.0, norm, captions)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `captioner.training.stages.Stage`."""
        return self.optimisation.state()

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """See `captioner.training.stages.Stage`."""
        self.optimisation.restore(tensors, values)

    def _batches(self, epoch: int, start: int) -> Iterator[_Batch]:
        """The batches from ``start`` on; the next is read while one is computed."""
        order = np.random.default_rng([self.config.seed, epoch, _ORDER]).permutation(len(self.rows))
        most = self.views if self.config.epochs + epoch >= self.config.views_from_epoch else 0
        views = np.random.default_rng([self.config.seed, epoch, _VIEWS]).integers(0, most + 1, len(self.rows))

        def load(batch: tuple[int, ...]) -> _Batch:
            images = list(batch[self.world.rank :: self.world.size])
            # The last batch may have fewer images than there are processes.
            read = images or list(batch[:1])
            values = self.features.read(self.rows[read], views[read])[: len(images)]
            return _Batch(images, self._arithmetic.features(values), len(batch))

        batches = itertools.islice(in_batches(order.tolist(), self.settings.images_per_batch), start, None)
        return map_ahead(load, batches, threads=1, depth=2)

    def _numbers(self, images: int, epoch: int, step: int) -> Tensor:
        """What decides the draws of a whole batch, (max_tokens, B, K, 1) in [0, 1)."""
        noise = np.random.default_rng([self.config.seed, epoch, step, _NOISE])
        return torch.from_numpy(noise.random((self.max_tokens, images, self.settings.samples, 1), np.float32))

    def _draw(self, features: Tensor, numbers: Tensor) -> DrawnCaptions:
        return draw_captions(self.decoder, self.decoder.remember(features), self._sampled, numbers)

    def _advantages(self, batch: _Batch, rewards: NDArray[np.float64]) -> NDArray[np.float64]:
        """By how much each reward (B, K) exceeds its baseline."""
        if self.settings.baseline == "leave_one_out":
            return leave_one_out_advantages(rewards)
        with torch.no_grad():
            found = beam_search(self.decoder, self.decoder.remember(batch.features), self._greedy)
        return rewards - self._reward(batch.images, [hypotheses[:1] for hypotheses in found])

    def _reward(self, images: Sequence[int], captions: Sequence[Sequence[Hypothesis]]) -> NDArray[np.float64]:
        """CIDEr-D (B, K) of K captions of each image, and whatever else is wanted of them."""
        if not images:
            return np.zeros((0, self.settings.samples))
        texts = [
            [*self.vocabulary.decode(caption.token_ids), *[END_TOKEN] * caption.is_ended]
            for caption in itertools.chain.from_iterable(captions)
        ]
        repeated = np.repeat(images, len(captions[0])).tolist()
        rewards = self.rewards.score_batch(repeated, texts)
        references = [self.references[image] for image in repeated]
        if self.settings.bleu_weight:
            rewards += self.settings.bleu_weight * bleu(texts, references).per_image.mean(1)
        if self.settings.recall_weight:
            rewards += self.settings.recall_weight * unigram_f(texts, references)
        return rewards.reshape(len(images), -1)

    def _loss(self, drawn: DrawnCaptions, advantages: NDArray[np.float64]) -> Tensor:
        """REINFORCE (Williams 1992): minus the advantage of each caption times its log-probability, per word."""
        weights = torch.from_numpy(advantages).to(drawn.log_probabilities)
        words = self.world.sum((drawn.token_ids != PAD).sum())
        return -(drawn.log_probabilities * weights).sum() / words


def leave_one_out_advantages(rewards: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how much each of the rewards (B, K), K above 1, exceeds the mean of the others of its row; rows sum to 0."""
    others: NDArray[np.float64] = (rewards.sum(1, keepdims=True) - rewards) / (rewards.shape[1] - 1)
    return rewards - others
