"""The student: a registered encoder, random or trained before, with what it takes to compare it with a teacher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from captioner.encoder_registry import OWN_ENCODERS, EncoderSpec, encoder_spec
from captioner.encoders import Encoder, build_network, build_trunk
from captioner.errors import ConfigurationError
from captioner.stepped_resnet import STAGE8_CHANNELS, STAGE16_CHANNELS, SteppedResNet18
from captioner.training.distillation.config import DistillationConfig
from captioner.training.distillation.layers import Depth, find_layers, layer_at, resized
from captioner.weight_files import read_weights

_STAGE_STRIDES = (8, 16, 32)


class Student(nn.Module):
    """An encoder that gives its features at several depths, on the teacher's scale and at its widths.

    Parameters
    ----------
    spec
        The encoder's entry of the registry.
    trunk
        Maps images to features by depth (``"0"``, ``"1"``...), or is a chain of `stages`.
    depths
        Where it is taught.

    Attributes
    ----------
    depths
        See there.
    adapters
        1x1 convolutions from the student's to the teacher's widths; left behind when the encoder is done.
    """

    def __init__(self, spec: EncoderSpec, trunk: nn.Module, depths: Sequence[Depth]) -> None:
        super().__init__()
        self.spec, self.trunk, self.depths = spec, trunk, tuple(depths)
        self.adapters = nn.ModuleList(nn.Identity() for _ in depths)
        self.register_buffer("mean", torch.tensor(spec.mean).view(3, 1, 1) * 255, persistent=False)
        self.register_buffer("std", torch.tensor(spec.std).view(3, 1, 1) * 255, persistent=False)
        self.mean: Tensor
        self.std: Tensor

    @property
    def stages(self) -> list[nn.Module]:
        """Networks from each depth to the next, where the trunk is a chain of such; else nothing."""
        trunk = self.trunk
        return [trunk.stage8, trunk.stage16, trunk.stage32] if isinstance(trunk, SteppedResNet18) else []

    @property
    def can_be_fed(self) -> bool:
        """Whether each stage can be given the teacher's features in the place of those of the stage before."""
        is_direct = all(isinstance(adapter, nn.Identity) for adapter in self.adapters[:-1])
        return is_direct and len(self.stages) == len(self.depths)

    def adapt_to(self, widths: Sequence[int]) -> Student:
        """Add the adapters that a teacher of these ``widths`` asks for."""
        for index, (depth, width) in enumerate(zip(self.depths, widths, strict=True)):
            if width != depth.channels or not depth.is_linear:
                self.adapters[index] = nn.Conv2d(depth.channels, width, 1)
        return self

    def forward(self, pixels: Tensor) -> list[Tensor]:
        """Features (B, C, h, w) of ``pixels`` (B, 3, H, W), RGB from 0 to 255, at each depth."""
        images = self._normalised(pixels)
        if not self.stages:
            features = self.trunk(images)
            return [adapter(features[str(index)]) for index, adapter in enumerate(self.adapters)]
        found = {}
        for stage, stride in zip(self.stages, _STAGE_STRIDES, strict=True):
            found[stride] = images = stage(images)
        return [adapter(found[depth.stride]) for depth, adapter in zip(self.depths, self.adapters, strict=True)]

    def forward_fed(self, pixels: Tensor, targets: Sequence[Tensor]) -> list[Tensor]:
        """The same, each stage after the first fed the target of the stage before."""
        # A teacher that sees larger images has larger grids.
        grids = (pixels.shape[2] // depth.stride for depth in self.depths[:-1])
        inputs = [self._normalised(pixels), *map(resized, targets[:-1], grids)]
        return [adapter(stage(given)) for stage, adapter, given in zip(self.stages, self.adapters, inputs, strict=True)]

    def _normalised(self, pixels: Tensor) -> Tensor:
        return pixels.sub(self.mean).div(self.std)

    def encoder_weights(self) -> dict[str, Tensor]:
        """Weights of the encoder alone, by the names under which the registry's encoder loads them."""
        return {name: value.detach().to("cpu", copy=True) for name, value in self.trunk.state_dict().items()}


def build_student(name: str, config: DistillationConfig, start_from: Path | None = None) -> Student:
    """Build a student, its weights random by the configuration's seed or read from ``start_from``.

    Raises
    ------
    ConfigurationError
        If there is no such encoder, or it borrows its weights from another.
    ModelPackageError
        If the weights do not fit.
    """
    spec = encoder_spec(name)
    if spec.weights_of:
        raise ConfigurationError(f"{name} has the weights of {spec.weights_of}. Teach that one instead.")
    torch.manual_seed(config.seed)
    student = _build_own(spec, config) if name in OWN_ENCODERS else _build_traced(spec, config)
    if start_from is not None:
        encoder = Encoder(spec.config(), build_trunk(name))
        encoder.load_trunk(read_weights(start_from), source=str(start_from))
        student.trunk.load_state_dict(encoder.trunk.state_dict())
    return student


def _build_own(spec: EncoderSpec, config: DistillationConfig) -> Student:
    widths = dict(zip(_STAGE_STRIDES, (STAGE8_CHANNELS, STAGE16_CHANNELS, spec.dim), strict=True))
    strides = [stride for stride in widths if stride in config.strides or stride == spec.stride]
    depths = [Depth(_name(stride), stride, widths[stride], is_linear=True) for stride in strides]
    return Student(spec, build_trunk(spec.name), depths)


def _build_traced(spec: EncoderSpec, config: DistillationConfig) -> Student:
    from torchvision.models.feature_extraction import create_feature_extractor  # noqa: PLC0415

    network = build_network(spec.name).eval()
    found = find_layers(network)
    below = [layer_at(found, stride) for stride in config.strides if stride < spec.stride]
    layers = [layer for layer in below if layer is not None]
    depths = [Depth(_name(layer.stride), layer.stride, layer.channels, is_linear=False) for layer in layers]
    depths.append(Depth(_name(spec.stride), spec.stride, spec.dim, is_linear=False))
    nodes = {name: str(index) for index, name in enumerate((*(layer.name for layer in layers), spec.node))}
    return Student(spec, create_feature_extractor(network, nodes), depths)


def _name(stride: int) -> str:
    return f"stride {stride}"
