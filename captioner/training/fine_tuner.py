"""The trainer of whole models: fine-tuning as a course, and dev photographs seen by the encoder as it is by then."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from captioner.config import TrainingConfig
from captioner.encoders import Encoder
from captioner.errors import TrainingRunError
from captioner.file_names import printable
from captioner.model import CaptioningModel
from captioner.read_ahead import map_ahead
from captioner.training.arithmetic import Arithmetic
from captioner.training.control import TrainingControl
from captioner.training.course import Course
from captioner.training.course_trainer import CourseTrainer
from captioner.training.dev_evaluation import DevEvaluation, DevResult, DevSet
from captioner.training.fine_tuning import FineTuning, require_encoder
from captioner.training.fine_tuning_config import FineTuningConfig
from captioner.training.fine_tuning_data import CaptionedPhotographs, FineTuningData
from captioner.training.keeping import SAVE_EVERY, Recorder
from captioner.training.photographs import Photographs, reading_threads
from captioner.training.sample_attention import Places
from captioner.training.stages import ALONE, Stage, World


class FineTuner(CourseTrainer):
    """Trains encoder and decoder of a model together.

    Parameters
    ----------
    config
        All options.
    model
        Trained in place.
    data
        What it is trained on and chosen by.
    control, recorder, save_every, world
        As of `captioner.training.course_trainer.CourseTrainer`.

    Attributes
    ----------
    model
        The weights being trained.

    Raises
    ------
    ConfigurationError
        If the model has no encoder, or all of it is to be frozen.
    """

    def __init__(
        self,
        config: FineTuningConfig,
        model: CaptioningModel,
        data: FineTuningData,
        *,
        control: TrainingControl | None = None,
        recorder: Recorder | None = None,
        save_every: float = SAVE_EVERY,
        world: World = ALONE,
    ) -> None:
        self.model = model

        def build(common: TrainingConfig) -> list[Stage]:
            return [FineTuning(config, common, model, data.train, world)]

        common = config.in_common(model.config.decoder, model.config.decoding)
        course = Course(common, model, build)
        evaluation = None if data.dev is None else PhotographEvaluation(data.dev, model, common, world)
        super().__init__(course, evaluation, control=control, recorder=recorder, save_every=save_every, world=world)


class PhotographEvaluation:
    """Evaluates models on dev photographs (see `captioner.training.course_trainer.Evaluation`).

    Parameters
    ----------
    dev
        The photographs.
    model
        Of the same sizes and words as those that are evaluated.
    config
        Its decoding options, precision and device.
    world
        The processes that evaluate together.
    """

    def __init__(
        self, dev: CaptionedPhotographs, model: CaptioningModel, config: TrainingConfig, world: World = ALONE
    ) -> None:
        self._features = EncodedPhotographs(dev.photographs, Arithmetic.of(config))
        encoder = require_encoder(model)
        places = Places(self._features.grid_of(encoder), encoder.config.fit)
        self.dev = DevSet(self._features, np.arange(len(dev)), dev.references, places)
        self._evaluation = DevEvaluation(self.dev, model.vocabulary, config, world)

    def run(
        self, model: CaptioningModel, /, *, with_all_captions: bool, is_stopping: Callable[[], bool] = lambda: False
    ) -> DevResult | None:
        """Evaluate ``model``; see `captioner.training.dev_evaluation.DevEvaluation.run`."""
        self._features.encoder = require_encoder(model).eval()
        return self._evaluation.run(model.decoder, with_all_captions=with_all_captions, is_stopping=is_stopping)


class EncodedPhotographs:
    """Features of photographs, made when they are asked for (a `captioner.training.stages.FeatureSource`).

    Attributes
    ----------
    encoder
        Makes them.
    """

    encoder: Encoder

    def __init__(self, photographs: Photographs, arithmetic: Arithmetic) -> None:
        self._photographs, self._arithmetic = photographs, arithmetic

    def read(self, rows: NDArray[np.int64], views: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """Features (B, L, D) float32 of the photographs with these indices.

        Raises
        ------
        TrainingRunError
            If one cannot be read any more.
        """
        threads = reading_threads()
        read = map_ahead(self._photographs.plain, rows.tolist(), threads=threads, depth=2 * threads)
        pixels = [self._require(row, one) for row, one in zip(rows.tolist(), read, strict=True)]
        return self._encode(self.encoder, np.stack(pixels))

    def grid_of(self, encoder: Encoder) -> tuple[int, int]:
        """Rows and columns of the features that ``encoder`` makes."""
        side = encoder.config.input_size
        was_training = encoder.training
        pixels = torch.zeros((1, side, side, 3), dtype=torch.uint8, device=encoder.mean.device)
        with torch.no_grad():
            grid: tuple[int, int] = encoder.eval()(pixels).grid
        encoder.train(was_training)
        return grid

    def _require(self, row: int, pixels: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
        if pixels is None:
            name = printable(self._photographs.folder / self._photographs.names[row])
            raise TrainingRunError(f"{name} cannot be read any more. Put it back, and resume the run.")
        return pixels

    @torch.no_grad()
    def _encode(self, encoder: Encoder, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        with self._arithmetic.autocast():
            features = encoder(torch.from_numpy(pixels).to(self._arithmetic.device)).features
        values: NDArray[np.float32] = features.float().cpu().numpy()
        return values
