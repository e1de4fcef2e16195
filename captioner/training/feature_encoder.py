"""Which encoder made some features: as they say themselves, as the user says, or none that anybody knows."""

from __future__ import annotations

from collections.abc import Callable

import torch

from captioner.config import EncoderConfig
from captioner.data.datasets.feature_rows import FeatureRows
from captioner.data.feature_layout import FeatureFileInfo
from captioner.encoder_registry import encoder_spec
from captioner.encoder_sources import EncoderSource, open_encoder
from captioner.encoders import Encoder
from captioner.errors import FeatureFileError
from captioner.training.run_folder import RunSources

_LARGEST_INPUT = 2048


def encoder_of(
    features: FeatureRows, sources: RunSources, on_progress: Callable[[int, int], None] | None
) -> EncoderSource | None:
    """The encoder that made ``features``, ready to travel with the model.

    Features of ``captioner extract`` name it. Of others `RunSources.encoder` may; their width and grid must then be
    what it gives, at its usual input size or at the one that has their grid.

    Returns
    -------
    EncoderSource or None
        None where neither says; the model will caption features alone.

    Raises
    ------
    FeatureFileError
        If the features were not made by the encoder, or not with these weights.
    CaptionerError
        If the weights cannot be had.
    """
    info = features.info
    if info.encoder:
        return _named_by_features(features, sources, on_progress)
    if sources.encoder is None:
        return None
    spec = encoder_spec(sources.encoder)
    if spec.dim != info.dim:
        raise _other_shape(features, spec.name, f"features that are {spec.dim} wide")
    named, weights = spec.name, sources.encoder_weights
    source = open_encoder(named, weights, model=sources.model, on_progress=on_progress)
    grid = _grid_of(source.encoder)
    if grid != info.grid and info.grid[0] == info.grid[1] and info.places > 1:
        # The usual pixels per cell, in whole strides.
        size = round(info.grid[0] * source.encoder.config.input_size / grid[0] / spec.stride) * spec.stride
        if 32 <= size <= _LARGEST_INPUT:
            source = EncoderSource(_at(size, source.encoder), source.weights_sha256)
    if _grid_of(source.encoder) != info.grid:
        raise _other_shape(features, spec.name, f"a grid of {grid[0]} x {grid[1]} places")
    return source


def _named_by_features(
    features: FeatureRows, sources: RunSources, on_progress: Callable[[int, int], None] | None
) -> EncoderSource:
    info = features.info
    if sources.encoder not in (None, info.encoder):
        raise FeatureFileError(
            f"{features.path} was extracted by {info.encoder}, not by {sources.encoder}. Leave --encoder out.",
            path=features.path,
        )
    weights, size = sources.encoder_weights, info.input_size
    source = open_encoder(info.encoder, weights, model=sources.model, input_size=size, on_progress=on_progress)
    config: EncoderConfig = source.encoder.config
    if info.encoder != config.name or info.encoder_weights_sha256 != source.weights_sha256:
        raise FeatureFileError(
            f"{features.path} was not extracted with these weights of {config.name}. "
            "Give --weights and --model as they were given to `captioner extract`.",
            path=features.path,
        )
    return source


def _at(input_size: int, encoder: Encoder) -> Encoder:
    """The same network, shown squares of another size."""
    return Encoder(encoder.config.replace(input_size=input_size), encoder.trunk).eval()


@torch.inference_mode()
def _grid_of(encoder: Encoder) -> tuple[int, int]:
    size = encoder.config.input_size
    grid: tuple[int, int] = encoder.eval()(torch.full((1, size, size, 3), 127, dtype=torch.uint8)).grid
    return grid


def _other_shape(features: FeatureRows, encoder: str, given: str) -> FeatureFileError:
    other = "Name the encoder that made it, or leave" if features.info.may_be_of_an_encoder else "Leave"
    return FeatureFileError(
        f"{features.path} holds {_shape(features.info)}, which is not what {encoder} gives here: {given}. {other} "
        "--encoder out to train a model that captions such features.",
        path=features.path,
    )


def _shape(info: FeatureFileInfo) -> str:
    if info.places == 1:
        return f"one vector of {info.dim} numbers per image"
    if 1 in info.grid:
        return f"up to {info.places} regions of {info.dim} numbers"
    return f"{info.grid[0]} x {info.grid[1]} places of {info.dim} numbers"
