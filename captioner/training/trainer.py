"""The trainer: a generator of events that teaches a decoder from features and keeps the best weights."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.config import TrainingConfig
from captioner.data.batching import CaptionExamples
from captioner.decoder import Decoder
from captioner.decoding import decode
from captioner.errors import ConfigurationError
from captioner.metrics.evaluate import Scores, evaluate_captions
from captioner.training.self_critical import SelfCritical
from captioner.training.stages import FeatureSource, Stage, StepResult
from captioner.training.teacher_forcing import TeacherForcing
from captioner.vocabulary import Vocabulary, join_words

DEV_BATCH = 50
REPORT_EVERY = 20


@dataclass(frozen=True, slots=True)
class DevSet:
    """Images held out for choosing: `rows` in their feature file, and the `references` of each."""

    features: FeatureSource
    rows: NDArray[np.int64]
    references: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class StepsFinished:
    """Training went on by some steps.

    Attributes
    ----------
    stage
        ``words`` or ``captions``.
    epoch, step, steps
        Epoch and step from 1 through all stages, and steps in all.
    loss, penalty
        Means since the last report. In the first stage cross-entropy in nats per word with label smoothing, and the
        doubly stochastic penalty; in the second, minus the mean CIDEr-D (0 to 10) of the drawn captions, and 0.
    learning_rate, gradient_norm
        Of the next step; of the last step before clipping.
    captions_per_second
        Since the last report.
    """

    stage: str
    epoch: int
    step: int
    steps: int
    loss: float
    penalty: float
    learning_rate: float
    gradient_norm: float
    captions_per_second: float


@dataclass(frozen=True, slots=True)
class EpochFinished:
    """An epoch ended; `scores` and `samples` are None and empty where dev captions were not generated."""

    stage: str
    epoch: int
    loss: float
    seconds: float
    scores: Scores | None
    is_best: bool
    samples: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for ``history.jsonl``."""
        return {key: value for key, value in asdict(self).items() if key != "samples"}


@dataclass(frozen=True, slots=True)
class TrainingFinished:
    """Training ended: the best epoch, its dev scores (None where there was no dev set), and why it ended."""

    best_epoch: int
    scores: Scores | None
    reason: str


TrainingEvent = StepsFinished | EpochFinished | TrainingFinished


class Trainer:
    """Teaches a decoder from features, one stage after the other.

    Parameters
    ----------
    config
        All options.
    examples
        Training captions and the rows of their images.
    features
        Where those rows are read.
    vocabulary
        Of the captions.
    views
        Extra views per image in ``features``.
    references
        Tokenised captions per row of ``features``; needed for the self-critical stage only.
    dev
        Images to choose the best epoch by; None keeps the last.

    Attributes
    ----------
    decoder
        The weights being trained.
    best_weights
        State of the averaged decoder at the best epoch so far.
    steps
        Steps of all stages, if none stops early.

    Raises
    ------
    ConfigurationError
        If the self-critical stage is asked for without references.
    """

    def __init__(
        self,
        config: TrainingConfig,
        examples: CaptionExamples,
        features: FeatureSource,
        vocabulary: Vocabulary,
        *,
        views: int = 0,
        references: Mapping[int, Sequence[Sequence[str]]] | None = None,
        dev: DevSet | None = None,
    ) -> None:
        torch.manual_seed(config.seed)
        self.config, self.examples, self.vocabulary, self.dev = config, examples, vocabulary, dev
        self.decoder = Decoder(config.decoder, len(vocabulary))
        used_views = views if config.use_views else 0
        self._stages: list[Stage] = [TeacherForcing(config, self.decoder, examples, features, views=used_views)]
        if config.self_critical.epochs:
            if references is None:
                raise ConfigurationError("The self-critical stage needs the reference captions of each image.")
            self._stages.append(SelfCritical(config, self.decoder, references, features, vocabulary, views=used_views))
        self.steps = sum(stage.epochs * stage.steps_per_epoch for stage in self._stages)
        self.best_weights: dict[str, Tensor] = {}
        self._best = TrainingFinished(0, None, "")
        self._step = self._epoch = 0

    def run(self) -> Generator[TrainingEvent]:
        """Train, yielding events; closing the generator stops between two steps."""
        reason = "all epochs are done"
        for stage in self._stages:
            if self._epoch:
                self.decoder.load_state_dict(self.best_weights)
            reason = yield from self._run_stage(stage)
        yield replace(self._best, reason=reason)

    def _run_stage(self, stage: Stage) -> Generator[TrainingEvent, None, str]:
        epochs_without_gain = 0
        for epoch in range(1, stage.epochs + 1):
            finished = yield from self._run_epoch(stage, epoch)
            epochs_without_gain = 0 if finished.is_best or finished.scores is None else epochs_without_gain + 1
            yield finished
            if 0 < self.config.patience <= epochs_without_gain:
                # What is left of the stage will not be run, so the progress bar must not wait for it.
                self._step += (stage.epochs - epoch) * stage.steps_per_epoch
                return f"dev CIDEr has not risen for {epochs_without_gain} epochs"
        return "all epochs are done"

    def _run_epoch(self, stage: Stage, epoch: int) -> Generator[TrainingEvent, None, EpochFinished]:
        self._epoch += 1
        started = reported = time.perf_counter()
        losses: list[float] = []
        recent: list[StepResult] = []
        for result in stage.run_epoch(epoch):
            self._step += 1
            losses.append(result.loss)
            recent.append(result)
            if self._step % REPORT_EVERY == 0 or len(losses) == stage.steps_per_epoch:
                now = time.perf_counter()
                yield self._report(stage, recent, now - reported)
                reported = now
                recent.clear()
        scores, samples = self._evaluate(stage)
        is_best = self._keep_if_best(stage, scores)
        seconds = time.perf_counter() - started
        return EpochFinished(stage.name, self._epoch, float(np.mean(losses)), seconds, scores, is_best, samples)

    def _report(self, stage: Stage, recent: Sequence[StepResult], seconds: float) -> StepsFinished:
        return StepsFinished(
            stage=stage.name,
            epoch=self._epoch,
            step=self._step,
            steps=self.steps,
            loss=float(np.mean([result.loss for result in recent])),
            penalty=float(np.mean([result.penalty for result in recent])),
            learning_rate=stage.optimisation.learning_rate,
            gradient_norm=recent[-1].gradient_norm,
            captions_per_second=sum(result.captions for result in recent) / max(1e-9, seconds),
        )

    def _keep_if_best(self, stage: Stage, scores: Scores | None) -> bool:
        best = self._best.scores
        if self.dev is not None and (scores is None or (best is not None and scores.cider <= best.cider)):
            return False
        self._best = TrainingFinished(self._epoch, scores, "")
        averaged = stage.optimisation.averaged.state_dict()
        self.best_weights = {name: value.clone() for name, value in averaged.items()}
        return True

    def _evaluate(self, stage: Stage) -> tuple[Scores | None, dict[str, str]]:
        if self.dev is None or self._epoch < min(self.config.evaluate_from_epoch, self.config.epochs):
            return None, {}
        decoder = stage.optimisation.averaged.eval()
        texts: list[str] = []
        for start in range(0, len(self.dev.rows), DEV_BATCH):
            features = torch.from_numpy(self.dev.features.read(self.dev.rows[start : start + DEV_BATCH]))
            for caption in decode(decoder, features, self.config.decoding):
                texts.append(join_words(self.vocabulary.decode(caption.best.token_ids)))
        hypotheses = dict(zip(self.dev.references, texts, strict=True))
        return evaluate_captions(hypotheses, self.dev.references), hypotheses
