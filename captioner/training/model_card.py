"""What a training run says of its model, as a card and in short: facts only, with blanks named as such."""

from __future__ import annotations

from collections.abc import Mapping

from captioner.config import TrainingConfig
from captioner.file_names import printable
from captioner.metrics.evaluate import Scores
from captioner.model import CaptioningModel
from captioner.model_about import PackageAbout
from captioner.training.events import EpochFinished

LICENCE = "The licence of the data is not recorded."
LIMITS = (
    "It describes what its training captions describe, in their words. It has not been tested beyond the dev images."
)
FEATURES_ONLY = (
    "It captions features, not photographs, because the features it learned from do not say what made them. "
)
_COLUMNS = {
    "BLEU-1": "bleu_1",
    "BLEU-2": "bleu_2",
    "BLEU-3": "bleu_3",
    "BLEU-4": "bleu_4",
    "ROUGE-L": "rouge_l",
    "CIDEr": "cider",
}


def write_model_card(
    name: str,
    model: CaptioningModel,
    config: TrainingConfig,
    sources: Mapping[str, str],
    best: EpochFinished | None,
) -> str:
    """Markdown text that says what was trained on what, with which dev scores."""
    decoder, encoder = model.config.decoder, model.config.encoder
    seen = f"features {decoder.encoder_dim} wide"
    if encoder is not None:
        seen = f"{encoder.name} at {encoder.input_size} pixels"
    lines = [
        f"# {name}",
        "",
        f"An image captioning model: {seen}, {decoder.summary}, "
        f"a vocabulary of {len(model.vocabulary):,} {model.vocabulary.level}s.",
        "",
        "## Data",
        "",
        *(f"- {key.replace('_', ' ')}: {value}" for key, value in sources.items() if value),
        "- licence of the data: not recorded; add it here before you share the model",
        "",
        "## Dev scores",
        "",
        *_score_lines(config, best),
        "",
        "## Limits",
        "",
        LIMITS if encoder is not None else FEATURES_ONLY + LIMITS,
        "",
    ]
    return "\n".join(lines)


def _score_lines(config: TrainingConfig, best: EpochFinished | None) -> list[str]:
    if best is None or (best.dev_loss is None and best.scores is None):
        return ["None: the model was trained without dev images."]
    if best.scores is None:
        of = f"epoch {best.epoch} of {config.epochs + config.self_critical.epochs}"
        return [f"A dev loss of {best.dev_loss:.3f} nats per word chose {of}. Its captions were not scored."]
    values = (f"{value:.1f}" for _, value in _scores(best.scores))
    return [
        _protocol(config, best, best.scores),
        "",
        f"| {' | '.join(_COLUMNS)} |",
        "|---" * len(_COLUMNS) + "|",
        f"| {' | '.join(values)} |",
    ]


def _protocol(config: TrainingConfig, best: EpochFinished, scores: Scores) -> str:
    return (
        f"Epoch {best.epoch} of {config.epochs + config.self_critical.epochs}, beam size {config.decoding.beam_size}, "
        f"length penalty {config.decoding.length_penalty}; {scores.images} images that also chose the epoch."
    )


def _scores(scores: Scores) -> tuple[tuple[str, float], ...]:
    return tuple((name, getattr(scores, field)) for name, field in _COLUMNS.items())


def summarise_training(
    config: TrainingConfig,
    sources: Mapping[str, str],
    captions: int,
    best: EpochFinished | None,
    *,
    has_encoder: bool = True,
) -> PackageAbout:
    """The same in short, for lists of models.

    Parameters
    ----------
    config
        All options of the run.
    sources
        Names of its files, ``captions`` among them.
    captions
        How many it was trained on.
    best
        The epoch whose weights were kept; None where no dev images chose it.
    has_encoder
        Whether the model can caption photographs.
    """
    limits = LIMITS if has_encoder else FEATURES_ONLY + LIMITS
    data = f"{captions:,} captions of {printable(sources['captions'])}."
    if best is None or best.scores is None:
        return PackageAbout(data=data, licence=LICENCE, limits=limits)
    scores = tuple((name, round(value, 1)) for name, value in _scores(best.scores))
    return PackageAbout(data, LICENCE, limits, scores, _protocol(config, best, best.scores))
