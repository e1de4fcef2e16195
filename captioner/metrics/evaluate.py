"""All caption metrics of a set of images at once, with coco-caption's protocol."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from captioner.errors import AnnotationError, ConfigurationError
from captioner.metrics.bleu import bleu
from captioner.metrics.cider import cider_d
from captioner.metrics.meteor import meteor
from captioner.metrics.rouge import rouge_l
from captioner.metrics.tokenise import ptb_tokenise

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Scores of a set of captions, in percent.

    Attributes
    ----------
    bleu_1, bleu_2, bleu_3, bleu_4
        Corpus BLEU, 0 to 100.
    rouge_l
        Mean ROUGE-L, 0 to 100.
    cider
        Mean CIDEr-D times 100, 0 to 1000.
    meteor
        Corpus METEOR, 0 to 100; None where it was not asked for or could not be computed.
    images
        Number of images scored.
    """

    bleu_1: float
    bleu_2: float
    bleu_3: float
    bleu_4: float
    rouge_l: float
    cider: float
    meteor: float | None
    images: int

    def to_dict(self) -> dict[str, float | int | None]:
        """Plain names and numbers, for JSON."""
        return dataclasses.asdict(self)


def evaluate_captions(
    hypotheses: Mapping[str, str], references: Mapping[str, Sequence[str]], *, with_meteor: bool = False
) -> Scores:
    """Score one caption per image against the image's references.

    Parameters
    ----------
    hypotheses
        Caption by image name.
    references
        Captions by image name; images without a hypothesis are left out, of CIDEr's document frequencies too.
    with_meteor
        Compute METEOR as well, which needs Java and pycocoevalcap and takes seconds.

    Raises
    ------
    ConfigurationError
        If there is no hypothesis.
    AnnotationError
        If an image has no reference.
    """
    if not hypotheses:
        raise ConfigurationError("There is nothing to score: no caption was given.")
    for name in hypotheses:
        if not references.get(name):
            raise AnnotationError(f"{name} has no reference caption, so its caption cannot be scored.")
    if len(references) > len(hypotheses):
        _LOGGER.info("%d of %d images have a caption to score.", len(hypotheses), len(references))
    spoken = [ptb_tokenise(caption) for caption in hypotheses.values()]
    truths = [[ptb_tokenise(caption) for caption in references[name]] for name in hypotheses]
    bleu_scores = [100 * score for score in bleu(spoken, truths).corpus]
    meteor_score = meteor(spoken, truths) if with_meteor else None
    return Scores(
        bleu_1=bleu_scores[0],
        bleu_2=bleu_scores[1],
        bleu_3=bleu_scores[2],
        bleu_4=bleu_scores[3],
        rouge_l=100 * rouge_l(spoken, truths).mean,
        cider=100 * cider_d(spoken, truths).mean,
        meteor=None if meteor_score is None else 100 * meteor_score,
        images=len(spoken),
    )
