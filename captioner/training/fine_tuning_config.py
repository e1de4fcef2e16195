"""Settings of fine-tuning, the training of encoder and decoder together; importing this never imports torch."""

from __future__ import annotations

from dataclasses import dataclass, field

from captioner.config import (
    DecoderConfig,
    DecodingOptions,
    Device,
    HardAttentionConfig,
    Metric,
    TrainingConfig,
    TrainingPrecision,
)
from captioner.settings import Settings, require


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewConfig(Settings):
    """How a photograph is altered each time it is trained on, so that the encoder does not learn it by heart.

    Attributes
    ----------
    least_area, most_aspect
        A view shows a random part: at least this share of the photograph, its sides scaled apart by at most this
        factor. 1 and 1 show all of it.
    mirror
        Share of views that are mirrored.
    contrast
        Values are multiplied by 1 plus or minus up to this.
    brightness, colour
        Up to so many steps of 255 are added to or taken from all values, and from those of each channel.
    grey
        Share of views without colour.
    """

    least_area: float = 0.4
    most_aspect: float = 4 / 3
    mirror: float = 0.5
    contrast: float = 0.2
    brightness: float = 20.0
    colour: float = 10.0
    grey: float = 0.1

    def _check_ranges(self) -> None:
        require(0.01 <= self.least_area <= 1, f"views least_area must be 0.01 to 1, not {self.least_area}.")
        require(1 <= self.most_aspect <= 10, f"views most_aspect must be 1 to 10, not {self.most_aspect}.")
        for name in ("mirror", "contrast", "grey"):
            require(0 <= getattr(self, name) <= 1, f"views {name} must be 0 to 1, not {getattr(self, name)}.")
        for name in ("brightness", "colour"):
            require(0 <= getattr(self, name) <= 255, f"views {name} must be 0 to 255, not {getattr(self, name)}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTuningConfig(Settings):
    """How encoder and decoder of a model are trained together on photographs and captions.

    Attributes
    ----------
    seed
        Seed of order, views and dropout.
    epochs
        Passes over all photographs; training stops earlier when `patience` runs out.
    batch_size
        Photographs per step, each with all its captions.
    accumulation_steps
        Each batch is computed in so many parts, which takes less memory and gives the same step.
    learning_rate, weight_decay
        Of the decoder: peak rate of AdamW; decay of matrices, embeddings left out.
    encoder_learning_rate, encoder_weight_decay
        Those of the encoder.
    betas
        Of AdamW.
    warmup_fraction, lowest_rate
        The rates rise linearly over this share of all steps, then fall as a cosine to this share of their peaks.
    clip_norm
        Upper bound of the norm of all gradients together; 0 does not clip.
    frozen_stages
        So many stages of the encoder, from the pixels up, keep their weights; `captioner.training.frozen_layers` says
        what a stage is.
    freeze_batch_norm
        Batch norms keep the statistics they came with; else these follow the views.
    views
        How photographs are altered.
    label_smoothing
        Share of the target probability spread over all words.
    doubly_stochastic_weight
        Lambda of Xu's penalty, eq. 14; without effect where there is no attention.
    hard_attention
        Weights of the loss of hard attention.
    average_decay
        Decay per step of the running average of weights that is evaluated and kept; 0 keeps the last weights.
    max_caption_length
        Captions are cut after this many words.
    choose_by, patience, evaluate_from_epoch, device, precision
        As in `captioner.config.TrainingConfig`.
    """

    seed: int = 1
    epochs: int = 10
    batch_size: int = 32
    accumulation_steps: int = 1
    learning_rate: float = 5e-4
    weight_decay: float = 0.01
    encoder_learning_rate: float = 1.5e-4
    encoder_weight_decay: float = 0.05
    betas: tuple[float, float] = (0.9, 0.98)
    warmup_fraction: float = 0.06
    lowest_rate: float = 0.02
    clip_norm: float = 2.0
    frozen_stages: int = 0
    freeze_batch_norm: bool = True
    views: ViewConfig = field(default_factory=ViewConfig)
    label_smoothing: float = 0.1
    doubly_stochastic_weight: float = 0.05
    hard_attention: HardAttentionConfig = field(default_factory=HardAttentionConfig)
    average_decay: float = 0.998
    max_caption_length: int = 24
    choose_by: Metric = "cider"
    patience: int = 4
    evaluate_from_epoch: int = 1
    device: Device = "auto"
    precision: TrainingPrecision = "auto"

    def in_common(self, decoder: DecoderConfig, decoding: DecodingOptions) -> TrainingConfig:
        """The settings that training on features has as well, as the parts of the trainer that both use take them.

        Parameters
        ----------
        decoder, decoding
            Of the model.
        """
        return TrainingConfig(
            decoder=decoder,
            seed=self.seed,
            epochs=self.epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            betas=self.betas,
            warmup_fraction=self.warmup_fraction,
            clip_norm=self.clip_norm,
            label_smoothing=self.label_smoothing,
            doubly_stochastic_weight=self.doubly_stochastic_weight,
            hard_attention=self.hard_attention,
            average_decay=self.average_decay,
            max_caption_length=self.max_caption_length,
            choose_by=self.choose_by,
            patience=self.patience,
            evaluate_from_epoch=self.evaluate_from_epoch,
            device=self.device,
            precision=self.precision,
            decoding=decoding,
        )

    def _check_ranges(self) -> None:
        # Checks those ranges that training on features has as well.
        self.in_common(DecoderConfig(), DecodingOptions())
        require(
            1 <= self.accumulation_steps <= self.batch_size,
            f"accumulation_steps must be 1 to batch_size, {self.batch_size}, not {self.accumulation_steps}.",
        )
        require(0 < self.encoder_learning_rate <= 10, "encoder_learning_rate must be above 0 up to 10.")
        require(self.encoder_weight_decay >= 0, "encoder_weight_decay must be 0 or more.")
        require(0 <= self.lowest_rate <= 1, f"lowest_rate must be 0 to 1, not {self.lowest_rate}.")
        require(self.frozen_stages >= 0, f"frozen_stages must be 0 or more, not {self.frozen_stages}.")
