"""Encoder and decoder as one captioning model."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from captioner.config import ModelConfig
from captioner.decoder import Decoder
from captioner.encoders import EncodedImages, Encoder
from captioner.errors import ConfigurationError
from captioner.vocabulary import Vocabulary


class CaptioningModel(nn.Module):
    """A captioning model: `encoder`, `decoder` and the `vocabulary` they speak.

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
        self.encoder = encoder if encoder is not None else Encoder(config.encoder)
        if self.encoder.dim != config.decoder.encoder_dim:
            raise ConfigurationError(
                f"The decoder expects features of width {config.decoder.encoder_dim}, but "
                f"{config.encoder.name} gives {self.encoder.dim}."
            )
        self.decoder = decoder if decoder is not None else Decoder(config.decoder, len(vocabulary))

    @torch.inference_mode()
    def encode(self, pixels: Tensor) -> EncodedImages:
        """Features of images (B, S, S, 3) uint8; see `captioner.encoders.Encoder`."""
        encoded: EncodedImages = self.encoder(pixels)
        return encoded
