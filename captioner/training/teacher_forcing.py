"""The first stage: predict each word of a reference from those before it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.config import TrainingConfig
from captioner.data.batching import CaptionExamples, length_buckets
from captioner.decoder import Decoder
from captioner.devices import autocast_dtype
from captioner.read_ahead import map_ahead
from captioner.training.objective import caption_loss
from captioner.training.optimisation import Optimisation
from captioner.training.stages import FeatureSource, StepResult


class TeacherForcing:
    """Cross-entropy of the next word and Xu's doubly stochastic penalty; see `captioner.training.objective`.

    Parameters
    ----------
    config
        Its fields of this stage.
    decoder
        Trained in place.
    examples, features, views
        Captions, where their images' features are read, and how many extra views those have.
    """

    name = "words"

    def __init__(
        self,
        config: TrainingConfig,
        decoder: Decoder,
        examples: CaptionExamples,
        features: FeatureSource,
        *,
        views: int,
    ) -> None:
        self.config, self.decoder, self.examples, self.features, self.views = config, decoder, examples, features, views
        self.epochs = config.epochs
        self.steps_per_epoch = -(-len(examples) // config.batch_size)
        self.optimisation = Optimisation.for_stage(
            config,
            decoder,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            steps=self.epochs * self.steps_per_epoch,
        )
        self._autocast_dtype = autocast_dtype(config.precision)

    def run_epoch(self, epoch: int) -> Iterator[StepResult]:
        """See `captioner.training.stages.Stage`; the loss is in nats per word, label smoothing included."""
        self.decoder.train()
        for token_ids, features in self._batches(epoch):
            with torch.autocast("cpu", self._autocast_dtype, enabled=self._autocast_dtype is not None):
                output = self.decoder(features, token_ids[:, :-1])
                loss = caption_loss(
                    output,
                    token_ids[:, 1:],
                    label_smoothing=self.config.label_smoothing,
                    doubly_stochastic_weight=self.config.doubly_stochastic_weight,
                )
            norm = self.optimisation.step(loss.total)
            yield StepResult(loss.cross_entropy.item(), loss.penalty.item(), norm, len(token_ids))

    def _batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Token ids and features of each batch; the next batch is read while this one is computed."""
        examples, config = self.examples, self.config
        generator = np.random.default_rng([config.seed, epoch, 1])

        def read(drawn: tuple[NDArray[np.int64], NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
            batch, views = drawn
            longest = int(examples.lengths[batch].max()) + 1
            features = self.features.read(examples.rows[batch], views)
            return torch.from_numpy(examples.token_ids[batch, :longest]), torch.from_numpy(features)

        batches = length_buckets(examples.lengths, config.batch_size, seed=config.seed, epoch=epoch)
        drawn = ((batch, generator.integers(0, self.views + 1, len(batch))) for batch in batches)
        return map_ahead(read, drawn, threads=1, depth=2)
