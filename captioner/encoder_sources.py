"""Where the encoder of a new feature file or model comes from: a model package, torchvision, or a file of weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from captioner.encoder_registry import ENCODERS, encoder_spec, shares_weights
from captioner.encoders import Encoder, load_encoder
from captioner.errors import ConfigurationError
from captioner.model_library import find_package

BUNDLED, OFFICIAL = "bundled", "official"


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """A pretrained `encoder` in float32, and the `captioner.encoders.Encoder.digest` of its weights."""

    encoder: Encoder
    weights_sha256: str

    @classmethod
    def of(cls, encoder: Encoder) -> EncoderSource:
        """With the digest of what it holds now."""
        return cls(encoder, encoder.digest())


def open_encoder(
    name: str | None,
    weights: str,
    *,
    model: str | None = None,
    input_size: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> EncoderSource:
    """Build an encoder with pretrained weights.

    Parameters
    ----------
    name
        A registered encoder; without it the one of the model. ``bundled`` weights serve variants of that as well.
    weights
        ``bundled`` takes the weights inside the model package ``model``, ``official`` torchvision's; anything else
        is the path of a ``.safetensors`` file.
    input_size
        Side of the square it sees; its usual one when absent.
    on_progress
        Called with bytes done and bytes in all while downloading.

    Raises
    ------
    ConfigurationError
        If ``bundled`` is asked for an encoder that the model does not hold, or it holds none.
    ModelPackageError
        If the weights are missing, damaged or do not fit.
    DownloadError
        If the download fails.
    """
    if weights == BUNDLED:
        package = find_package(model)
        config = package.require_encoder()
        name = name or config.name
        if name != config.name and not (name in ENCODERS and shares_weights(name, config.name)):
            raise ConfigurationError(
                f"The model {package.name} holds {config.name}, not {name}. "
                "Add --weights official, or --weights with a file of its weights."
            )
        if name == config.name:
            encoder = package.load_encoder(input_size)
        else:
            encoder = package.load_encoder().variant(name, input_size)
        return EncoderSource.of(encoder)
    if name is None:
        raise ConfigurationError("Say with --encoder which network these weights are for.")
    config = encoder_spec(name).config(input_size)
    return EncoderSource.of(load_encoder(config, weights, on_progress=on_progress))
