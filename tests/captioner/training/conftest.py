"""Trainers of eight captions that finish an epoch in milliseconds."""

import numpy as np
import pytest

CAPTIONS = (
    "a dog runs on grass",
    "two men play football",
    "a red car",
    "the boy jumps into water",
    "a woman reads",
    "three birds on a wire",
    "a man rides a horse on sand",
    "the girl laughs",
)


class Features:
    """Random features of 8 images and 2 extra views each, which remember what was read."""

    def __init__(self):
        self.values = np.random.default_rng(0).normal(size=(len(CAPTIONS), 3, 6, 5)).astype(np.float32)
        self.views_read = []

    def read(self, rows, views=None):
        views = np.zeros_like(rows) if views is None else views
        self.views_read.append(views)
        return self.values[rows, views]


class TinyTraining:
    """Makes trainers."""

    captions = CAPTIONS
    features = staticmethod(Features)

    def __init__(self, decoder):
        self.decoder = decoder

    def config(self, **changes):
        from captioner.config import DecodingOptions, TrainingConfig

        defaults = {
            "decoder": self.decoder,
            "epochs": 60,
            "batch_size": 4,
            "learning_rate": 0.02,
            "average_decay": 0,
            "label_smoothing": 0,
            "min_word_count": 1,
            "patience": 0,
            "evaluate_from_epoch": 1000,
            "precision": "float32",
            "decoding": DecodingOptions(beam_size=2, max_length=9),
        }
        return TrainingConfig(**(defaults | changes))

    def captions_stage(self, epochs, **changes):
        from captioner.config import SelfCriticalConfig

        return SelfCriticalConfig(**({"epochs": epochs, "samples": 2, "images_per_batch": 3} | changes))

    def trainer(self, *, config=None, features=None, with_dev=True, with_references=True, views=0, how=(), **changes):
        """A trainer; ``how`` has its control, recorder and the like, ``changes`` its configuration."""
        from captioner.data.batching import CaptionExamples
        from captioner.training.dev_evaluation import DevSet
        from captioner.training.trainer import Trainer
        from captioner.vocabulary import Vocabulary

        features = features or Features()
        words = [caption.split() for caption in CAPTIONS]
        vocabulary = Vocabulary.from_captions(words, min_count=1)
        references = {row: [text] for row, text in enumerate(words)}
        dev_references = {f"{row}.jpg": [caption] for row, caption in enumerate(CAPTIONS)}
        return Trainer(
            config or self.config(**changes),
            CaptionExamples.build(references, vocabulary, max_length=9),
            features,
            vocabulary,
            views=views,
            references=references if with_references else None,
            dev=DevSet(features, np.arange(len(CAPTIONS)), dev_references) if with_dev else None,
            **dict(how),
        )


@pytest.fixture(scope="session")
def training(tiny):
    return TinyTraining(tiny.config(decoder_dim=32, embed_dim=16, project_dim=16, attention_dim=8, dropout=0))
