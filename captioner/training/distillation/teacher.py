"""The teacher: a pretrained network that is asked at several depths, and its head."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from captioner.encoder_registry import HALVES, OWN_ENCODERS, encoder_spec
from captioner.encoder_sources import OFFICIAL
from captioner.encoders import BATCH_COUNTER, Encoder, build_empty_trunk, build_network, fold_batch_norms
from captioner.errors import ConfigurationError
from captioner.model_library import sha256_of
from captioner.official_weights import fetch_official_weights
from captioner.training.distillation.config import DistillationConfig
from captioner.training.distillation.layers import Depth, Layer, cut_head, find_layers, layer_at, pad_like_tensorflow
from captioner.weight_files import read_weights

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TeacherSource:
    """Which network, and its weights: ``official``, or a ``.safetensors`` file."""

    name: str
    weights: str = OFFICIAL

    @property
    def sha256(self) -> str:
        """Of the file; empty for official weights, which carry their own."""
        return "" if self.weights == OFFICIAL else sha256_of(Path(self.weights))


class Teacher(nn.Module):
    """A frozen network.

    Parameters
    ----------
    network
        The whole network with its weights, in evaluation mode.
    layers
        Where it is asked, by depth.
    has_head
        Whether the network ends in class scores whose weights were there.
    mean, std
        Normalisation that it expects of RGB in [0, 1].

    Attributes
    ----------
    layers
        See there.
    head
        Maps features of the last layer to class scores (B, classes); None where there is none.
    """

    def __init__(
        self,
        network: nn.Module,
        layers: Sequence[Layer],
        *,
        has_head: bool,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        super().__init__()
        # Imported here because importing torchvision takes as long as torch.
        from torchvision.models.feature_extraction import create_feature_extractor  # noqa: PLC0415

        network.requires_grad_(False)
        self.layers = tuple(layers)
        self.head: nn.Module | None = cut_head(network, layers[-1].name) if has_head else None
        names = {layer.name: str(index) for index, layer in enumerate(layers)}
        self.trunk = create_feature_extractor(network, names).eval()
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1) * 255)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1) * 255)
        self.mean: Tensor
        self.std: Tensor

    @property
    def precision(self) -> torch.dtype:
        """The dtype in which it computes."""
        weight: Tensor = next(self.trunk.parameters())
        return weight.dtype

    def compute_in(self, precision: torch.dtype) -> Teacher:
        """Compute in ``precision`` from now on, channels-last."""
        for part in (self.trunk, self.head):
            if part is not None:
                part.to(dtype=precision, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return self

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """Features (B, C, h, w) of ``pixels`` (B, 3, H, W), RGB from 0 to 255, at each depth."""
        images = pixels.sub(self.mean).div(self.std).to(self.precision)
        features = self.trunk(images)
        return [features[str(index)] for index in range(len(self.layers))]

    def scores(self, features: Tensor) -> Tensor:
        """Class scores (B, classes) of features of the last layer."""
        if self.head is None:
            raise ConfigurationError("This teacher has no head, so there are no class scores to learn from.")
        scores: Tensor = self.head(features.to(self.precision))
        return scores.float()


def open_teacher(
    source: TeacherSource,
    depths: Sequence[Depth],
    config: DistillationConfig,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> Teacher:
    """Build a teacher for a student that is taught at ``depths``.

    At each depth it is asked at the last of its layers with that stride; where the student is linear there, at the last
    one that has the student's width, if there is any.

    Parameters
    ----------
    source
        The network.
    depths
        From the lowest to the last.
    config
        Names of layers, padding and normalisation.
    on_progress
        Called with bytes done and bytes in all while downloading.

    Raises
    ------
    ConfigurationError
        If the network is unknown, has no published weights, or no layer for one of the depths.
    ModelPackageError
        If the weights do not fit.
    DownloadError
        If the download fails.
    """
    spec = encoder_spec(source.name)
    if source.weights == OFFICIAL:
        weights, where = fetch_official_weights(source.name, on_progress=on_progress), "The download"
    else:
        weights, where = read_weights(Path(source.weights)), source.weights
    # Whatever is wrong with them is said as for encoders.
    Encoder(spec.config(), build_empty_trunk(source.name)).load_trunk(weights, source=where)
    network = build_network(source.name).eval()
    has_head = _load(network, weights) and source.name not in OWN_ENCODERS
    is_folded = has_folded_norms(network)
    if is_folded:
        logger.info("The teacher's batch norms are folded into its convolutions, as converters leave them.")
    fold_batch_norms(network)
    if config.teacher_padding == "tensorflow" or (config.teacher_padding == "auto" and is_folded):
        pad_like_tensorflow(network)
    is_halves = config.teacher_normalisation == "halves" or (config.teacher_normalisation == "auto" and is_folded)
    mean, std = (HALVES, HALVES) if is_halves else (spec.mean, spec.std)
    layers = choose_layers(network, source.name, depths, config)
    return Teacher(network, layers, has_head=has_head, mean=mean, std=std)


def _load(network: nn.Module, weights: Mapping[str, Tensor]) -> bool:
    """Load ``weights``; returns whether they were there for the whole network."""
    own = network.state_dict()
    fitting = {name: value for name, value in weights.items() if name in own and value.shape == own[name].shape}
    network.load_state_dict(fitting, strict=False)
    missing = [name for name in own if name not in fitting and not name.endswith(BATCH_COUNTER)]
    if missing:
        logger.info("The teacher's weights have no %s, so its class scores are not used.", missing[0])
    return not missing


def has_folded_norms(network: nn.Module) -> bool:
    """Whether batch norms do nothing but add their biases: all else is in the convolutions before them."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    return any(norm.bias.any() for norm in norms) and all(map(_only_adds, norms))


def _only_adds(norm: nn.BatchNorm2d) -> bool:
    scale, mean, variance = norm.weight, norm.running_mean, norm.running_var
    if mean is None or variance is None:
        return False
    return bool((scale == 1).all() and (mean == 0).all() and ((variance - 1).abs() < 1e-3).all())


def choose_layers(
    network: nn.Module, name: str, depths: Sequence[Depth], config: DistillationConfig
) -> tuple[Layer, ...]:
    """Where ``network`` is asked at each of ``depths``.

    Raises
    ------
    ConfigurationError
        If there is no layer at a depth, or none of a given name.
    """
    found = find_layers(network)
    if config.teacher_layers:
        given = dict(zip(config.strides, config.teacher_layers, strict=True))
        return tuple(_named(network, given.get(depth.stride, config.teacher_layers[-1])) for depth in depths)
    layers = []
    for depth in depths:
        layer = layer_at(found, depth.stride, depth.channels if depth.is_linear else None)
        if layer is None and depth is depths[-1]:
            layer = Layer(encoder_spec(name).node, depth.stride, encoder_spec(name).dim)
        if layer is None:
            raise ConfigurationError(
                f"{name} has no layer with {depth.stride} pixels per cell. Leave {depth.stride} out of the recipe's "
                "strides, or name its teacher_layers."
            )
        layers.append(layer)
    return tuple(layers)


def _named(network: nn.Module, name: str) -> Layer:
    module = dict(network.named_modules()).get(name)
    if module is None:
        raise ConfigurationError(f"The teacher has no layer {name!r:.60}. Name one of its modules.")
    shapes: list[tuple[int, ...]] = []
    hook = module.register_forward_hook(lambda _module, _inputs, output: shapes.append(tuple(output.shape)))
    try:
        with torch.inference_mode():
            network(torch.zeros(1, 3, 256, 256))
    finally:
        hook.remove()
    if not shapes or len(shapes[0]) != 4:
        raise ConfigurationError(f"The teacher's layer {name} gives no grid of features. Name another layer.")
    return Layer(name, 256 // shapes[0][2], shapes[0][1])
