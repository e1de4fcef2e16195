"""What a decoder makes of dev images: its captions of them, and how likely it holds those of their references."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from captioner.config import TrainingConfig
from captioner.data.batching import CaptionExamples
from captioner.decoder import Decoder
from captioner.decoding import DecodedCaption, decode
from captioner.training.arithmetic import Arithmetic
from captioner.training.objective import caption_loss
from captioner.training.sample_attention import Places, SampleAttention, sampled_positions
from captioner.training.stages import ALONE, FeatureSource, World
from captioner.vocabulary import PAD, Vocabulary, join_words, tokenise_words

IMAGES_PER_BATCH = 50


@dataclass(frozen=True, slots=True)
class DevSet:
    """Images held out for choosing.

    Attributes
    ----------
    features
        Where they are read.
    rows
        Of each image.
    references
        Captions of each by its name, in the order of the rows.
    places
        Where the places of their features lie, for the attention of samples; None keeps none.
    """

    features: FeatureSource
    rows: NDArray[np.int64]
    references: Mapping[str, Sequence[str]]
    places: Places | None = None


class DevResult(NamedTuple):
    """What came of an evaluation.

    Attributes
    ----------
    loss
        In nats per word, without label smoothing.
    captions
        By image: of all images, or of the sampled ones.
    attention
        Of the sampled images, by image; empty where there is nothing to see.
    """

    loss: float
    captions: dict[str, str]
    attention: dict[str, SampleAttention]


class DevEvaluation:
    """Evaluates decoders on a dev set; in a world each process takes its share of every batch.

    Parameters
    ----------
    dev
        The images.
    vocabulary
        Of the decoders.
    config
        Its decoding options, precision and device.
    world
        The processes that evaluate together; all get the whole result.
    """

    def __init__(self, dev: DevSet, vocabulary: Vocabulary, config: TrainingConfig, world: World = ALONE) -> None:
        self.dev, self.vocabulary, self.config, self.world = dev, vocabulary, config, world
        self._arithmetic = Arithmetic.of(config)
        texts = {
            image: [tokenise_words(caption) for caption in captions]
            for image, captions in enumerate(dev.references.values())
        }
        self._examples = CaptionExamples.build(texts, vocabulary, max_length=config.max_caption_length)
        self._most_tokens = vocabulary.max_tokens(config.decoding.max_length)
        self._sampled = sampled_positions(len(dev.rows))
        is_seen = dev.places is not None and dev.places.count > 1 and config.decoder.attention in ("soft", "hard")
        self._places = dev.places if is_seen else None

    def run(
        self, decoder: Decoder, *, with_all_captions: bool, is_stopping: Callable[[], bool] = lambda: False
    ) -> DevResult | None:
        """Evaluate ``decoder``; None where ``is_stopping``, asked before each batch, becomes true.

        Without all captions only the few sampled images are captioned.
        """
        decoder.eval()
        captioned = range(len(self.dev.rows)) if with_all_captions else self._sampled
        token_ids = torch.full((len(self.dev.rows), self._most_tokens), PAD)
        alphas = torch.zeros(len(self._sampled), self._most_tokens, self._places.count if self._places else 0)
        # Of the process's own images: the sum of cross-entropies, and the number of words they are of.
        sums = torch.zeros(2, dtype=torch.float64)
        for images in self._batches():
            if is_stopping():
                return None
            if not len(images):
                continue
            features = self._arithmetic.features(self.dev.features.read(self.dev.rows[images]))
            sums += self._cross_entropy(decoder, features, images)
            mine = np.flatnonzero(np.isin(images, captioned))
            for image, caption in zip(images[mine].tolist(), self._decode(decoder, features[mine]), strict=True):
                token_ids[image, : len(caption.best.token_ids)] = torch.tensor(caption.best.token_ids)
                if self._places and image in self._sampled:
                    alphas[self._sampled.index(image), : len(caption.alphas)] = torch.from_numpy(caption.alphas)
        total, words = self.world.sum(sums).tolist()
        spoken = [self.vocabulary.decode(caption) for caption in self.world.sum(token_ids).tolist()]
        names = list(self.dev.references)
        captions = {names[image]: join_words(spoken[image]) for image in captioned}
        return DevResult(total / max(1.0, words), captions, self._attention(spoken, self.world.sum(alphas)))

    def _batches(self) -> Iterator[NDArray[np.int64]]:
        """Images of each batch that are of this process; all have as many batches, of which the last may be empty."""
        together = IMAGES_PER_BATCH * self.world.size
        for start in range(0, len(self.dev.rows), together):
            images = np.arange(start, min(start + together, len(self.dev.rows)))
            yield images[self.world.rank :: self.world.size]

    @torch.no_grad()
    def _cross_entropy(self, decoder: Decoder, features: Tensor, images: NDArray[np.int64]) -> Tensor:
        """Sum over all words of the references, and the number of words, (2,) float64."""
        mine = np.flatnonzero(np.isin(self._examples.rows, images))
        if not len(mine):
            return torch.zeros(2, dtype=torch.float64)
        longest = int(self._examples.lengths[mine].max()) + 1
        token_ids = torch.from_numpy(self._examples.token_ids[mine, :longest]).to(features.device)
        rows = torch.from_numpy(np.searchsorted(images, self._examples.rows[mine])).to(features.device)
        with self._arithmetic.autocast():
            # The features of an image are projected once for all its references.
            output = decoder.replay(decoder.remember(features), token_ids[:, :-1], images=rows)
            loss = caption_loss(output, token_ids[:, 1:], label_smoothing=0, doubly_stochastic_weight=0)
        return torch.tensor([loss.cross_entropy.double().item() * loss.words, loss.words], dtype=torch.float64)

    def _decode(self, decoder: Decoder, features: Tensor) -> list[DecodedCaption]:
        if not len(features):
            return []
        return decode(decoder, features, self.config.decoding, space=self.vocabulary.space)

    def _attention(self, spoken: Sequence[Sequence[str]], alphas: Tensor) -> dict[str, SampleAttention]:
        """Of the sampled images by name, from their weights (S, T, L) and the words of all images."""
        if self._places is None:
            return {}
        names = list(self.dev.references)
        attention = {}
        for number, (image, weights) in enumerate(zip(self._sampled, alphas.numpy(), strict=True)):
            words = tuple(spoken[image])
            about = self._places.of_sample(number)
            reference = next(iter(self.dev.references[names[image]]), "")
            attention[names[image]] = SampleAttention.of(words, weights[: len(words)], reference=reference, **about)
        return attention
