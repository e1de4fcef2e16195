"""Encoders: CNNs that turn images into grids of features."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from captioner.config import EncoderConfig
from captioner.devices import at_least_float32
from captioner.efficientnet_lite import LITE_ENCODERS, EfficientNetLite
from captioner.encoder_registry import (
    DILATED_ENCODER,
    OWN_ENCODERS,
    SMALL_DILATED_ENCODER,
    SMALL_ENCODER,
    encoder_spec,
    shares_weights,
)
from captioner.errors import ConfigurationError, ModelPackageError
from captioner.stepped_resnet import SMALL_WIDTHS, WIDTHS, SteppedResNet18
from captioner.weight_files import compact, read_weights

BATCH_COUNTER = "num_batches_tracked"


class EncodedImages(NamedTuple):
    """Features of a batch: `features` (B, L, D), row by row over `grid` (rows, columns), L = rows x columns.

    They are float32, or float64 where the encoder computes in that.
    """

    features: Tensor
    grid: tuple[int, int]


def build_trunk(name: str) -> nn.Module:
    """The registered network up to its feature layer, randomly initialised, mapping (B, 3, H, W) to (B, D, h, w)."""
    spec = encoder_spec(name)
    if name in OWN_ENCODERS:
        is_small = name in (SMALL_ENCODER, SMALL_DILATED_ENCODER)
        is_dilated = name in (DILATED_ENCODER, SMALL_DILATED_ENCODER)
        return SteppedResNet18(is_dilated=is_dilated, widths=SMALL_WIDTHS if is_small else WIDTHS)
    # Imported here because the bundled model does not need torchvision, and importing it takes as long as torch.
    from torchvision.models.feature_extraction import create_feature_extractor  # noqa: PLC0415

    trunk: nn.Module = create_feature_extractor(build_network(name), {spec.node: "features"})
    return trunk


def build_network(name: str) -> nn.Module:
    """The registered network with everything that follows its feature layer, randomly initialised."""
    if name in OWN_ENCODERS:
        return build_trunk(name)
    if name in LITE_ENCODERS:
        return EfficientNetLite(name)
    from torchvision.models import get_model  # noqa: PLC0415

    network: nn.Module = get_model(name, weights=None, **dict(encoder_spec(name).options))
    return network


def build_empty_trunk(name: str) -> nn.Module:
    """The same network without memory behind its weights, to be filled by `Encoder.load_trunk`."""
    if name.startswith("regnet"):  # which compute with tensors, to find their widths, while they are built
        return build_trunk(name).to("meta")
    with torch.device("meta"):
        return build_trunk(name)


class Encoder(nn.Module):
    """A CNN with its preprocessing.

    Parameters
    ----------
    config
        Which network, and how images are prepared for it.
    trunk
        The network; built from the registry when absent.

    Raises
    ------
    ConfigurationError
        If the encoder is unknown or the input size is not a multiple of its stride.
    """

    def __init__(self, config: EncoderConfig, trunk: nn.Module | None = None) -> None:
        super().__init__()
        spec = encoder_spec(config.name)
        if config.input_size % spec.stride:
            nearest = max(1, round(config.input_size / spec.stride)) * spec.stride
            raise ConfigurationError(
                f"The input size of {config.name} must be a multiple of {spec.stride}, "
                f"not {config.input_size}. The nearest is {nearest}."
            )
        self.config = config
        self.dim = spec.dim
        self.trunk = trunk if trunk is not None else build_trunk(config.name)
        # Not part of the weights: both come from the configuration.
        self.register_buffer("mean", torch.tensor(config.mean).view(3, 1, 1) * 255, persistent=False)
        self.register_buffer("std", torch.tensor(config.std).view(3, 1, 1) * 255, persistent=False)
        self.mean: Tensor
        self.std: Tensor

    @property
    def precision(self) -> torch.dtype:
        """The dtype in which the network computes."""
        return next(self.trunk.parameters()).dtype

    def forward(self, pixels: Tensor) -> EncodedImages:
        """Encode images.

        Parameters
        ----------
        pixels
            (B, S, S, 3) uint8 RGB, S the configured input size (other multiples of the stride work as well).
        """
        # The permuted view of channels-last pixels is channels-last itself: nothing is copied twice.
        images = pixels.permute(0, 3, 1, 2).to(torch.float32).sub(self.mean).div(self.std)
        output = self.trunk(images.to(self.precision))
        maps: Tensor = output["features"] if isinstance(output, dict) else output
        features = at_least_float32(maps.flatten(2).transpose(1, 2)).contiguous()
        return EncodedImages(features, (maps.shape[2], maps.shape[3]))

    def load_trunk(self, weights: Mapping[str, Tensor], *, source: str) -> None:
        """Load weights of the network; entries that the trunk does not have (a classifier, say) are left out.

        Raises
        ------
        ModelPackageError
            If a weight is missing or has another shape; ``source`` is named.
        """
        own = self.trunk.state_dict()
        for name, tensor in own.items():
            if name not in weights and not name.endswith(BATCH_COUNTER):
                raise ModelPackageError(
                    f"{source} does not hold weights of {self.config.name}: {name} is missing. "
                    "Choose the encoder that the file was made for."
                )
            if name in weights and weights[name].shape != tensor.shape:
                raise ModelPackageError(
                    f"{source} does not fit {self.config.name}: {name} is {tuple(weights[name].shape)}, "
                    f"not {tuple(tensor.shape)}. Choose the encoder that the file was made for."
                )
        counters = {name: torch.zeros((), dtype=torch.int64) for name in own if name not in weights}
        # Assigning, not copying, lets a trunk that was built on the meta device cost nothing before this.
        self.trunk.load_state_dict({name: weights.get(name, counters.get(name)) for name in own}, assign=True)

    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the names and values of the weights, as packages keep them.

        It is the same wherever the weights came from, and whatever decoder they share a package with. Folding the batch
        norms (`optimise_for_inference`) changes it.
        """
        found = hashlib.sha256()
        for name, value in sorted(self.trunk.state_dict().items()):
            if not name.endswith(BATCH_COUNTER):
                kept = compact(value)
                found.update(f"{name} {kept.dtype} {tuple(kept.shape)}\n".encode())
                found.update(kept.cpu().numpy().tobytes())
        return found.hexdigest()

    def variant(self, name: str, input_size: int | None = None) -> Encoder:
        """The encoder ``name`` with this one's weights and preprocessing, at another input size if one is given.

        Raises
        ------
        ConfigurationError
            If they do not share weights, or the input size is not a multiple of the new encoder's stride.
        """
        if not shares_weights(name, self.config.name):
            raise ConfigurationError(f"{name} cannot have the weights of {self.config.name}. Choose another encoder.")
        other = Encoder(self.config.replace(name=name, input_size=input_size), build_empty_trunk(name))
        other.load_trunk(self.trunk.state_dict(), source=self.config.name)
        return other.train(self.training)

    def optimise_for_inference(self, precision: torch.dtype) -> Encoder:
        """Fold batch norms into convolutions, lay weights out channels-last, and compute in ``precision`` from now on.

        The encoder cannot be trained afterwards.
        """
        self.eval()
        fold_batch_norms(self.trunk)
        self.trunk.to(dtype=precision, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return self


def fold_batch_norms(network: nn.Module) -> None:
    """Replace each convolution that is followed by a batch norm with their product, in place.

    Recognised are neighbours in a `torch.nn.Sequential` and attributes named ``convN`` and ``bnN``; others stay.
    """
    for module in network.modules():
        for conv_name, norm_name in _conv_norm_pairs(module):
            conv, norm = getattr(module, conv_name), getattr(module, norm_name)
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, conv_name, fuse_conv_bn_eval(conv, norm))
                setattr(module, norm_name, nn.Identity())


def _conv_norm_pairs(module: nn.Module) -> list[tuple[str, str]]:
    names = [name for name, _ in module.named_children()]
    if isinstance(module, nn.Sequential):
        return list(itertools.pairwise(names))
    return [(name, f"bn{name[4:]}") for name in names if name.startswith("conv") and f"bn{name[4:]}" in names]


def load_encoder(
    config: EncoderConfig,
    weights: str | os.PathLike[str] | None = None,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Encoder:
    """Build an encoder with pretrained weights.

    Parameters
    ----------
    config
        Which network.
    weights
        A ``.safetensors`` file, or ``"official"`` for torchvision's published weights, which are downloaded once,
        checked against the hash in their name and kept in the user's cache folder. None leaves random weights.
    on_progress
        Called with bytes done and bytes in all while downloading.

    Raises
    ------
    ConfigurationError
        If the encoder is unknown or has no published weights.
    ModelPackageError
        If the weights do not fit.
    DownloadError
        If the download fails.
    """
    if weights is None:
        return Encoder(config)
    encoder = Encoder(config, build_empty_trunk(config.name))
    if weights == "official":
        from captioner.official_weights import fetch_official_weights  # noqa: PLC0415

        encoder.load_trunk(fetch_official_weights(config.name, on_progress=on_progress), source="The download")
    else:
        encoder.load_trunk(read_weights(Path(weights)), source=str(weights))
    return encoder


def stack_pixels(images: list[NDArray[np.uint8]]) -> Tensor:
    """Stack B images (S, S, 3) uint8 into one tensor (B, S, S, 3)."""
    return torch.from_numpy(np.stack(images))
