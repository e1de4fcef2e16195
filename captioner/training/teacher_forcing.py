"""The first stage: predict each word of a reference from those before it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.config import TrainingConfig
from captioner.data.batching import CaptionExamples, length_buckets
from captioner.decoder import Decoder
from captioner.read_ahead import map_ahead
from captioner.training.arithmetic import Arithmetic
from captioner.training.hard_attention import PlacesLoss, places_loss
from captioner.training.objective import Loss, caption_loss
from captioner.training.optimisation import Optimisation
from captioner.training.scheduled_sampling import own_share, with_own_words
from captioner.training.stages import ALONE, FeatureSource, StepResult, World

_VIEWS, _STEPS = 1, 5


class _Batch(NamedTuple):
    """Those rows of a batch that are this process's, and how many `words` and `captions` are in all of it."""

    token_ids: Tensor
    features: Tensor
    words: int
    captions: int


class TeacherForcing:
    """Cross-entropy of the next word and Xu's doubly stochastic penalty; see `captioner.training.objective`.

    Parameters
    ----------
    config
        Its fields of this stage.
    decoder
        Trained in place, and moved to the device and the precision of ``config``.
    examples, features, views
        Captions, where their images' features are read, and how many extra views those have.
    world
        The processes that train together.
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
        world: World = ALONE,
    ) -> None:
        self._arithmetic = Arithmetic.of(config)
        self.config, self.decoder, self.world = config, self._arithmetic.take(decoder), world
        self.examples, self.features, self.views = examples, features, views
        self.epochs = config.epochs
        self.steps_per_epoch = -(-len(examples) // config.batch_size)
        self.optimisation = Optimisation(
            decoder,
            config,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            epochs=self.epochs,
            steps_per_epoch=self.steps_per_epoch,
            world=world,
        )
        has_attention = config.decoder.attention in ("soft", "hard")
        self._penalty_weight = config.doubly_stochastic_weight if has_attention else 0.0
        self._baseline = 0.0

    def run_epoch(self, epoch: int, start: int = 0) -> Iterator[StepResult]:
        """See `captioner.training.stages.Stage`; the loss is in nats per word, label smoothing included."""
        self.decoder.train()
        for step, batch in enumerate(self._batches(epoch, start), start):
            with self._arithmetic.random_numbers(self.config.seed, epoch, step, _STEPS, self.world.rank + 1):
                loss, places = self._losses(batch, own_share(self.config.scheduled_sampling, epoch, self.epochs))
            total = loss.total if places is None else loss.total + places.total
            norm = self.optimisation.step(total)
            yield self._result(batch, loss, places, norm)

    def _losses(self, batch: _Batch, share: float) -> tuple[Loss, PlacesLoss | None]:
        config = self.config
        inputs, targets = batch.token_ids[:, :-1], batch.token_ids[:, 1:]
        if share:
            with self._arithmetic.autocast():
                inputs = with_own_words(self.decoder, batch.features, inputs, share)
        with self._arithmetic.autocast():
            output = self.decoder(batch.features, inputs, bptt_steps=config.bptt_steps)
            loss = caption_loss(
                output,
                targets,
                label_smoothing=config.label_smoothing,
                doubly_stochastic_weight=self._penalty_weight,
                words=batch.words,
                captions=batch.captions,
            )
            if output.places is None:
                return loss, None
            settings, baseline = config.hard_attention, self._baseline
            return loss, places_loss(output, output.places, targets, settings, baseline=baseline, words=batch.words)

    def _result(self, batch: _Batch, loss: Loss, places: PlacesLoss | None, norm: float) -> StepResult:
        parts = [loss.cross_entropy, loss.penalty] + ([] if places is None else [places.log_probability])
        cross_entropy, penalty, *log_probability = self.world.sum(torch.stack(parts).detach()).tolist()
        if log_probability:
            decay = self.config.hard_attention.baseline_decay
            self._baseline = decay * self._baseline + (1 - decay) * log_probability[0]
        return StepResult(cross_entropy, penalty if self._penalty_weight else 0.0, norm, batch.captions)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `captioner.training.stages.Stage`; the baseline of hard attention is among the values."""
        tensors, values = self.optimisation.state()
        return tensors, values | {"baseline": self._baseline}

    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """See `captioner.training.stages.Stage`."""
        self.optimisation.restore(tensors, values)
        self._baseline = float(values["baseline"])

    def _batches(self, epoch: int, start: int) -> Iterator[_Batch]:
        """The batches from ``start`` on; the next is read while one is computed."""
        examples, config = self.examples, self.config
        most = self.views if epoch >= config.views_from_epoch else 0
        views = np.random.default_rng([config.seed, epoch, _VIEWS]).integers(0, most + 1, len(examples))

        def load(batch: NDArray[np.int64]) -> _Batch:
            mine = batch[self.world.rank :: self.world.size]
            longest = int(examples.lengths[batch].max()) + 1
            token_ids = torch.from_numpy(examples.token_ids[mine, :longest]).to(self._arithmetic.device)
            # The last batch may have fewer captions than there are processes.
            read = mine if len(mine) else batch[:1]
            features = self.features.read(examples.rows[read], views[read])[: len(mine)]
            return _Batch(
                token_ids, self._arithmetic.features(features), int(examples.lengths[batch].sum()), len(batch)
            )

        batches = length_buckets(examples.lengths, config.batch_size, seed=config.seed, epoch=epoch)
        return map_ahead(load, itertools.islice(batches, start, None), threads=1, depth=2)
