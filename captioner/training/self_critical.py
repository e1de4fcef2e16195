"""The second stage: draw captions, score them by CIDEr-D, and make the better ones likelier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.config import DecodingOptions, TrainingConfig
from captioner.decoder import Decoder
from captioner.decoding import Hypothesis, sample, word_log_probabilities
from captioner.devices import autocast_dtype
from captioner.metrics.bleu import bleu
from captioner.metrics.cider import CiderD
from captioner.read_ahead import in_batches, map_ahead
from captioner.training.optimisation import Optimisation
from captioner.training.stages import FeatureSource, StepResult
from captioner.vocabulary import END, PAD, SPECIAL_TOKENS, START, Vocabulary

END_TOKEN = SPECIAL_TOKENS[END]


class SelfCritical:
    """Self-critical sequence training (Rennie et al. 2017, arXiv:1612.00563) on CIDEr-D, and BLEU where that is wanted.

    The baseline of each drawn caption is the mean reward of the others drawn for its image, not that of the greedy
    caption (Luo 2020, arXiv:2003.09971). ``<end>`` counts as a word of hypotheses and references, so that captions
    learn to end well. There is no dropout.

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
    ) -> None:
        settings = config.self_critical
        self.config, self.settings, self.decoder = config, settings, decoder
        self.features, self.vocabulary, self.views = features, vocabulary, views
        self.rows = np.array(list(references), np.int64)
        self.references = [[(*words, END_TOKEN) for words in texts] for texts in references.values()]
        self.rewards = CiderD(self.references)
        self.epochs = settings.epochs
        self.steps_per_epoch = -(-len(self.rows) // settings.images_per_batch)
        # No minimum length: what is drawn must follow the very distribution whose logarithm the loss takes.
        self.options = DecodingOptions(
            method="sample",
            beam_size=settings.samples,
            min_length=0,
            max_length=config.max_caption_length,
            word_alternatives=0,
        )
        self.optimisation = Optimisation.for_stage(
            config,
            decoder,
            learning_rate=settings.learning_rate,
            weight_decay=0,
            steps=self.epochs * self.steps_per_epoch,
        )
        self._autocast_dtype = autocast_dtype(config.precision)

    def run_epoch(self, epoch: int) -> Iterator[StepResult]:
        """See `captioner.training.stages.Stage`; the loss is minus the mean reward (CIDEr-D is 0 to 10)."""
        self.decoder.eval()
        order = np.random.default_rng([self.config.seed, epoch, 2]).permutation(len(self.rows))
        views = np.random.default_rng([self.config.seed, epoch, 3]).integers(0, self.views + 1, len(self.rows))
        noise = np.random.default_rng([self.config.seed, epoch, 4])

        def read(batch: tuple[int, ...]) -> tuple[list[int], Tensor]:
            images = list(batch)
            return images, torch.from_numpy(self.features.read(self.rows[images], views[images]))

        batches = in_batches(order.tolist(), self.settings.images_per_batch)
        for images, features in map_ahead(read, batches, threads=1, depth=2):
            # Two contexts: autocast keeps the weights it has cast, and those cast while drawing have no gradient.
            with self._autocast():
                drawn = self._draw(features, noise)
            rewards = self._reward(images, drawn)
            with self._autocast():
                loss = self._loss(features, drawn, rewards)
            norm = self.optimisation.step(loss)
            yield StepResult(-float(rewards.mean()), 0.0, norm, rewards.size)

    def _autocast(self) -> torch.autocast:
        return torch.autocast("cpu", self._autocast_dtype, enabled=self._autocast_dtype is not None)

    @torch.no_grad()
    def _draw(self, features: Tensor, noise: np.random.Generator) -> list[Hypothesis]:
        """B x K captions, those of one image side by side."""
        shape = (self.options.max_length, len(features), self.settings.samples, 1)
        memory = self.decoder.remember(features)
        numbers = torch.from_numpy(noise.random(shape, np.float32))
        found = sample(self.decoder, memory, self.options, numbers=numbers)
        return [hypothesis for hypotheses in found for hypothesis in hypotheses]

    def _reward(self, images: Sequence[int], drawn: Sequence[Hypothesis]) -> NDArray[np.float64]:
        """CIDEr-D (B, K) of the drawn captions, and BLEU if that is wanted."""
        tokens = self.vocabulary.tokens
        texts = [[tokens[index] for index in (*caption.token_ids, *_end_of(caption))] for caption in drawn]
        repeated = np.repeat(images, self.settings.samples).tolist()
        rewards = self.rewards.score_batch(repeated, texts)
        if self.settings.bleu_weight:
            rewards += self.settings.bleu_weight * bleu(texts, [self.references[i] for i in repeated]).per_image.mean(1)
        return rewards.reshape(len(images), -1)

    def _loss(self, features: Tensor, drawn: Sequence[Hypothesis], rewards: NDArray[np.float64]) -> Tensor:
        """REINFORCE (Williams 1992): minus the advantage of each caption times its log-probability, per word."""
        advantages = torch.from_numpy(leave_one_out_advantages(rewards)).float().reshape(-1, 1)
        longest = max(len(caption.token_ids) for caption in drawn) + 2
        token_ids = torch.full((len(drawn), longest), PAD)
        for row, caption in enumerate(drawn):
            ids = (START, *caption.token_ids, *_end_of(caption))
            token_ids[row, : len(ids)] = torch.tensor(ids)
        memory = self.decoder.remember(features)
        memory = memory.select(torch.arange(len(features)).repeat_interleave(self.settings.samples))
        output = self.decoder.replay(memory, token_ids[:, :-1])
        targets = token_ids[:, 1:]
        chosen = word_log_probabilities(output.logits).gather(2, targets.unsqueeze(2)).squeeze(2)
        is_word = targets != PAD
        return -(torch.where(is_word, chosen, 0) * advantages).sum() / is_word.sum()


def leave_one_out_advantages(rewards: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how much each of the rewards (B, K), K above 1, exceeds the mean of the others of its row; rows sum to 0."""
    others: NDArray[np.float64] = (rewards.sum(1, keepdims=True) - rewards) / (rewards.shape[1] - 1)
    return rewards - others


def _end_of(caption: Hypothesis) -> tuple[int, ...]:
    return (END,) if caption.is_ended else ()
