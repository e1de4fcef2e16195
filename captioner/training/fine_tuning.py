"""Fine-tuning: encoder and decoder trained together to predict each word of a caption from those before it."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.config import TrainingConfig
from captioner.encoders import Encoder
from captioner.model import CaptioningModel, features_only
from captioner.read_ahead import map_ahead
from captioner.training.arithmetic import Arithmetic
from captioner.training.fine_tuning_config import FineTuningConfig
from captioner.training.fine_tuning_data import CaptionedPhotographs
from captioner.training.frozen_layers import FrozenLayers
from captioner.training.hard_attention import places_loss
from captioner.training.objective import caption_loss
from captioner.training.optimisation import Optimisation, Part
from captioner.training.photographs import reading_threads
from captioner.training.stages import ALONE, StepResult, World

_STEPS = 13
_BATCHES_AHEAD = 2


class _Batch(NamedTuple):
    """Those photographs of a batch that are this process's and can be read: `pixels` of each, by its index."""

    images: list[int]
    pixels: list[NDArray[np.uint8]]


class FineTuning:
    """A stage (see `captioner.training.stages.Stage`) that trains a whole model.

    Its loss is that of `captioner.training.teacher_forcing.TeacherForcing`. A batch is so many photographs, each with
    all of its captions, so that it is encoded once for all of them.

    Parameters
    ----------
    config
        All options, but for the number of epochs and the size of batches.
    common
        Those two, and the other settings of `FineTuningConfig.in_common`.
    model
        Trained in place, and moved to the device and the precision of ``config``.
    data
        What it is trained on.
    world
        The processes that train together.
    """

    name = "words"

    def __init__(
        self,
        config: FineTuningConfig,
        common: TrainingConfig,
        model: CaptioningModel,
        data: CaptionedPhotographs,
        world: World = ALONE,
    ) -> None:
        self.config, self.common, self.model, self.data, self.world = config, common, model, data, world
        self.encoder = require_encoder(model)
        self._arithmetic = Arithmetic.of(common)
        model.to(self._arithmetic.device, self._arithmetic.dtype).requires_grad_(True)
        self.encoder.trunk.to(memory_format=torch.channels_last)
        self._frozen = FrozenLayers(self.encoder, config.frozen_stages, keep_statistics=config.freeze_batch_norm)
        self.epochs = common.epochs
        self.steps_per_epoch = -(-len(data) // common.batch_size)
        self.optimisation = Optimisation(
            model,
            common,
            learning_rate=config.learning_rate,
            weight_decay=config.weight_decay,
            epochs=self.epochs,
            steps_per_epoch=self.steps_per_epoch,
            lowest_rate=config.lowest_rate,
            part=Part(self.encoder, config.encoder_learning_rate, config.encoder_weight_decay),
            world=world,
        )
        has_attention = common.decoder.attention in ("soft", "hard")
        self._penalty_weight = config.doubly_stochastic_weight if has_attention else 0.0
        self._baseline = 0.0

    def run_epoch(self, epoch: int, start: int = 0) -> Iterator[StepResult]:
        """See `captioner.training.stages.Stage`; the loss is in nats per word, label smoothing included."""
        self.model.train()
        self._frozen.train()
        for step, batch in enumerate(self._batches(epoch, start), start):
            with self._arithmetic.random_numbers(self.config.seed, epoch, step, _STEPS, self.world.rank + 1):
                yield self._step(batch)

    def _step(self, batch: _Batch) -> StepResult:
        indices, _ = self.data.captions_of(batch.images)
        counts = torch.tensor([int(self.data.examples.lengths[indices].sum()), len(indices)])
        words, captions = self.world.sum(counts).tolist()
        told = torch.zeros(3, dtype=torch.float64)

        def losses() -> Iterator[Tensor]:
            for part in self._parts(batch):
                loss, parts = self._loss(part, max(1, words), max(1, captions))
                told.add_(torch.stack(parts).detach().to("cpu", torch.float64))
                yield loss

        norm = self.optimisation.step_in_parts(losses())
        self._share_statistics()
        cross_entropy, penalty, log_probability = self.world.sum(told).tolist()
        decay = self.config.hard_attention.baseline_decay
        self._baseline = decay * self._baseline + (1 - decay) * log_probability
        return StepResult(cross_entropy, penalty if self._penalty_weight else 0.0, norm, captions)

    def _parts(self, batch: _Batch) -> Iterator[_Batch]:
        """The batch in so many parts as it is to be computed in."""
        # Of a whole batch, so that all processes have parts of the same size.
        size = -(-self.common.batch_size // (self.config.accumulation_steps * self.world.size))
        for start in range(0, len(batch.images), size):
            yield _Batch(batch.images[start : start + size], batch.pixels[start : start + size])

    def _loss(self, batch: _Batch, words: int, captions: int) -> tuple[Tensor, list[Tensor]]:
        """What is minimised; and cross-entropy, penalty and, of hard attention, the log-probability of the words."""
        examples, arithmetic = self.data.examples, self._arithmetic
        indices, places = self.data.captions_of(batch.images)
        longest = int(examples.lengths[indices].max()) + 1
        token_ids = torch.from_numpy(examples.token_ids[indices, :longest]).to(arithmetic.device)
        inputs, targets = token_ids[:, :-1], token_ids[:, 1:]
        pixels = torch.from_numpy(np.stack(batch.pixels)).to(arithmetic.device)
        with arithmetic.autocast():
            features = self.encoder(pixels).features
            memory, images = self.model.decoder.remember(features), torch.from_numpy(places).to(arithmetic.device)
            output = self.model.decoder.replay(memory, inputs, images=images)
            loss = caption_loss(
                output,
                targets,
                label_smoothing=self.config.label_smoothing,
                doubly_stochastic_weight=self._penalty_weight,
                words=words,
                captions=captions,
            )
            if output.places is None:
                return loss.total, [loss.cross_entropy, loss.penalty, torch.zeros_like(loss.penalty)]
            settings, baseline = self.config.hard_attention, self._baseline
            drawn = places_loss(output, output.places, targets, settings, baseline=baseline, words=words)
            return loss.total + drawn.total, [loss.cross_entropy, loss.penalty, drawn.log_probability]

    def _batches(self, epoch: int, start: int) -> Iterator[_Batch]:
        """The batches from ``start`` on; photographs of the next are read while one is computed."""
        size, config = self.common.batch_size, self.config
        order = np.random.default_rng([config.seed, epoch]).permutation(len(self.data))
        batches = [order[first : first + size] for first in range(start * size, len(order), size)]
        mine = [batch[self.world.rank :: self.world.size].tolist() for batch in batches]

        def read(index: int) -> NDArray[np.uint8] | None:
            return self.data.photographs.view(index, config.views, seed=config.seed, epoch=epoch)

        depth = max(1, _BATCHES_AHEAD * size // self.world.size)
        views = map_ahead(read, itertools.chain.from_iterable(mine), threads=reading_threads(), depth=depth)
        with contextlib.closing(views):
            for images in mine:
                read_now = [(image, view) for image in images if (view := next(views)) is not None]
                yield _Batch([image for image, _ in read_now], [view for _, view in read_now])

    @torch.no_grad()
    def _share_statistics(self) -> None:
        """Let all processes have the mean of their statistics, where batch norms take them from what they see."""
        if self.world.size == 1 or self.config.freeze_batch_norm:
            return
        for network in (self.model, self.optimisation.averaged):
            for buffer in _kept_buffers(network).values():
                if buffer.is_floating_point():
                    buffer.copy_(self.world.sum(buffer) / self.world.size)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """See `captioner.training.stages.Stage`; statistics of batch norms are among the tensors."""
        tensors, values = self.optimisation.state()
        kept = {name: value.detach().to("cpu", copy=True) for name, value in _kept_buffers(self.model).items()}
        return tensors | {f"buffer.{name}": value for name, value in kept.items()}, values | {
            "baseline": self._baseline
        }

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """See `captioner.training.stages.Stage`."""
        self.optimisation.restore({name: tensors[name] for name in tensors if not name.startswith("buffer.")}, values)
        for network in (self.model, self.optimisation.averaged):
            for name, buffer in _kept_buffers(network).items():
                buffer.copy_(tensors[f"buffer.{name}"])
        self._baseline = float(values["baseline"])


def require_encoder(model: CaptioningModel) -> Encoder:
    """The encoder of ``model``.

    Raises
    ------
    ConfigurationError
        If it has none.
    """
    if model.encoder is None:
        raise features_only("in memory")
    return model.encoder


def _kept_buffers(network: torch.nn.Module) -> dict[str, Tensor]:
    """Buffers that are part of the weights, and not made from the configuration."""
    kept = network.state_dict().keys()
    return {name: buffer for name, buffer in network.named_buffers() if name in kept}
