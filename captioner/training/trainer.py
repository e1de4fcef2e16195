"""The trainer: a generator of events that teaches a decoder from features and keeps the best weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from captioner.config import TrainingConfig
from captioner.data.batching import CaptionExamples
from captioner.decoder import Decoder
from captioner.errors import ConfigurationError
from captioner.training.control import TrainingControl
from captioner.training.course import Course
from captioner.training.course_trainer import CourseTrainer
from captioner.training.dev_evaluation import DevEvaluation, DevSet
from captioner.training.keeping import SAVE_EVERY, Recorder
from captioner.training.self_critical import SelfCritical
from captioner.training.stages import ALONE, FeatureSource, Stage, World
from captioner.training.starting_point import StartingPoint
from captioner.training.teacher_forcing import TeacherForcing
from captioner.vocabulary import Vocabulary


class Trainer(CourseTrainer):
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
    control
        Through which others pause, stop or extend training.
    recorder
        Where epochs and checkpoints are kept; None keeps nothing.
    save_every
        Seconds between checkpoints. There is one after each epoch besides.
    world
        The processes that train together. Each has a trainer of its own; one of them has the recorder.
    start
        The model whose weights the decoder begins with; ``vocabulary`` begins with the tokens of its own. Random
        weights when None.

    Attributes
    ----------
    decoder
        The weights being trained.

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
        control: TrainingControl | None = None,
        recorder: Recorder | None = None,
        save_every: float = SAVE_EVERY,
        world: World = ALONE,
        start: StartingPoint | None = None,
    ) -> None:
        torch.manual_seed(config.seed)
        self.decoder = Decoder(config.decoder, len(vocabulary))
        if start is not None:
            start.fill(self.decoder)

        def build(config: TrainingConfig) -> list[Stage]:
            used = views if config.use_views else 0
            stages: list[Stage] = []
            if config.epochs:
                stages.append(TeacherForcing(config, self.decoder, examples, features, views=used, world=world))
            if config.self_critical.epochs:
                if references is None:
                    raise ConfigurationError("The self-critical stage needs the reference captions of each image.")
                stages.append(
                    SelfCritical(config, self.decoder, references, features, vocabulary, views=used, world=world)
                )
            return stages

        evaluation = None if dev is None else DevEvaluation(dev, vocabulary, config, world)
        super().__init__(
            Course(config, self.decoder, build),
            evaluation,
            control=control,
            recorder=recorder,
            save_every=save_every,
            world=world,
        )
