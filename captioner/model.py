"""Encoder and decoder as one captioning model."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from captioner.config import ModelConfig
from captioner.decoder import Decoder
from captioner.encoders import EncodedImages, Encoder
from captioner.errors import ConfigurationError
from captioner.vocabulary import Vocabulary


def features_only(name: str) -> ConfigurationError:
    """What to tell somebody who shows a photograph to a model without an encoder."""
    return ConfigurationError(
        f"The model {name} captions features, not photographs, because it does not know what made the features it "
        "learned from. Give it features with `captioner caption --features`, or choose another model."
    )


class CaptioningModel(nn.Module):
    """A captioning model: `encoder`, `decoder` and the `vocabulary` they speak.

    Where the configuration names no encoder, `encoder` is None, and the model captions features alone.

    Parameters
    ----------
    config
        Of encoder, decoder and decoding.
    vocabulary
        Its size is the decoder's output size.
    encoder
        A ready encoder; built with random weights when absent.
    decoder
        A ready decoder; likewise.

    Raises
    ------
    ConfigurationError
        If the decoder expects features of another width than the encoder gives.
    """

    def __init__(
        self,
        config: ModelConfig,
        vocabulary: Vocabulary,
        encoder: Encoder | None = None,
        decoder: Decoder | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = vocabulary
        if encoder is None and config.encoder is not None:
            encoder = Encoder(config.encoder)
        if encoder is not None and encoder.dim != config.decoder.encoder_dim:
            raise ConfigurationError(
                f"The decoder expects features of width {config.decoder.encoder_dim}, but "
                f"{encoder.config.name} gives {encoder.dim}."
            )
        self.encoder = encoder
        self.decoder = decoder if decoder is not None else Decoder(config.decoder, len(vocabulary))

    @torch.inference_mode()
    def encode(self, pixels: Tensor) -> EncodedImages:
        """Features of images (B, S, S, 3) uint8; see `captioner.encoders.Encoder`.

        Raises
        ------
        ConfigurationError
            If the model has no encoder.
        """
        if self.encoder is None:
            raise features_only("in memory")
        encoded: EncodedImages = self.encoder(pixels)
        return encoded
