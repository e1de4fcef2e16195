"""The model card that a training run writes: facts only, with blanks named as such."""

from __future__ import annotations

from collections.abc import Mapping

from captioner.config import TrainingConfig
from captioner.model import CaptioningModel
from captioner.training.trainer import EpochFinished


def write_model_card(
    name: str,
    model: CaptioningModel,
    config: TrainingConfig,
    sources: Mapping[str, str],
    best: EpochFinished | None,
) -> str:
    """Markdown text that says what was trained on what, with which dev scores."""
    decoder, encoder = model.config.decoder, model.config.encoder
    lines = [
        f"# {name}",
        "",
        f"An image captioning model: {encoder.name} at {encoder.input_size} pixels, "
        f"{decoder.cell.upper()} {decoder.decoder_dim} with {decoder.attention} attention, "
        f"{len(model.vocabulary):,} tokens.",
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
        "It describes what its training captions describe, in their words. "
        "It has not been tested beyond the dev images.",
        "",
    ]
    return "\n".join(lines)


def _score_lines(config: TrainingConfig, best: EpochFinished | None) -> list[str]:
    if best is None or best.scores is None:
        return ["None: the model was trained without dev images."]
    scores, epochs = best.scores, config.epochs + config.self_critical.epochs
    return [
        f"Epoch {best.epoch} of {epochs}, beam size {config.decoding.beam_size}, length penalty "
        f"{config.decoding.length_penalty}; {scores.images} images that also chose the epoch.",
        "",
        "| BLEU-1 | BLEU-2 | BLEU-3 | BLEU-4 | ROUGE-L | CIDEr |",
        "|---|---|---|---|---|---|",
        f"| {scores.bleu_1:.1f} | {scores.bleu_2:.1f} | {scores.bleu_3:.1f} | {scores.bleu_4:.1f} "
        f"| {scores.rouge_l:.1f} | {scores.cider:.1f} |",
    ]
