"""Model packages as a window shows them."""

from __future__ import annotations

import functools
import os

import torch

from captioner.config import DecoderConfig, EncoderConfig
from captioner.encoder_registry import OWN_ENCODERS, encoder_spec
from captioner.encoders import Encoder, build_empty_trunk
from captioner.errors import CaptionerError
from captioner.model_library import VOCABULARY, ModelPackage, package_folders, read_package
from captioner.vocabulary import Vocabulary
from captioner.worker.protocol import ModelDetails


def details_of(package: ModelPackage) -> ModelDetails:
    """Describe a package without reading its weights.

    Raises
    ------
    ModelPackageError
        If one of its small files is missing or damaged.
    """
    about, encoder = package.about, package.config.encoder
    return ModelDetails(
        name=package.name,
        description=package.description,
        origin=package.origin,
        path=os.fspath(package.path),
        size=package.bytes,
        encoder="" if encoder is None else _encoder_line(encoder),
        decoder=_decoder_line(package.config.decoder),
        grid=(0, 0) if encoder is None else grid_of(encoder.name, encoder.input_size),
        vocabulary=len(Vocabulary.from_file(package.path / VOCABULARY)),
        decoding=package.config.decoding,
        data=about.data,
        licence=about.licence,
        limits=about.limits,
        scores=about.scores,
        protocol=about.protocol,
        card=package.card,
    )


def all_details() -> tuple[tuple[ModelDetails, ...], tuple[str, ...]]:
    """All bundled and installed models by name, and a sentence for each that cannot be read.

    An installed model hides a bundled namesake.
    """
    found: dict[str, ModelDetails] = {}
    problems = []
    for path, origin in package_folders():
        try:
            found[path.name] = details_of(read_package(path, origin=origin))
        except CaptionerError as error:
            problems.append(error.message)
        except OSError as error:  # it was removed at this moment
            problems.append(f"{path} cannot be read: {error.strerror}.")
    return tuple(found[name] for name in sorted(found)), tuple(problems)


@functools.cache
def grid_of(encoder: str, input_size: int) -> tuple[int, int]:
    """Rows and columns of an encoder's features, found without computing any."""
    if encoder in OWN_ENCODERS:  # whose strides divide its input exactly
        side = input_size // encoder_spec(encoder).stride
        return side, side
    with torch.device("meta"), torch.inference_mode():
        network = Encoder(encoder_spec(encoder).config(input_size), build_empty_trunk(encoder)).eval()
        encoded = network(torch.empty(1, input_size, input_size, 3, dtype=torch.uint8))
    grid: tuple[int, int] = encoded.grid
    return grid


def _encoder_line(config: EncoderConfig) -> str:
    return f"{config.name} at {config.input_size} x {config.input_size}"


def _decoder_line(config: DecoderConfig) -> str:
    return f"{config.cell} {config.decoder_dim}, {config.attention} attention"
