"""EfficientNet-Lite, which torchvision does not have: EfficientNets without what small machines are slow at."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

_EPSILON = 1e-3
_STEM, _HEAD = 32, 1280


class _Stage(NamedTuple):
    """Blocks of the same width in EfficientNet-B0: how many, their kernel, and what the first of them does."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    width: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)
_SCALES = {"efficientnet_lite0": (1.0, 1.0), "efficientnet_lite1": (1.0, 1.1), "efficientnet_lite2": (1.1, 1.2)}
LITE_ENCODERS = tuple(_SCALES)


class EfficientNetLite(nn.Module):
    """EfficientNet (Tan and Le 2019, arXiv:1905.11946) in the Lite variants that Google published in 2020.

    There is no squeeze-and-excitation, activations are ReLU6, and stem, head, and the number of blocks of the first and
    the last stage do not grow. Convolutions with a stride pad as TensorFlow does, where published weights come from.
    Input: RGB (B, 3, H, W) in [-1, 1], H and W multiples of 32; output: class scores (B, classes). The layer
    ``features`` gives (B, 1280, H/32, W/32).

    Parameters
    ----------
    name
        One of `LITE_ENCODERS`.
    classes
        Number of class scores.
    """

    def __init__(self, name: str, classes: int = 1000) -> None:
        super().__init__()
        width_scale, depth_scale = _SCALES[name]
        width = _STEM
        layers: list[nn.Module] = [_convolution(3, width, 3, stride=2)]
        for index, stage in enumerate(_STAGES):
            is_outermost = index in (0, len(_STAGES) - 1)
            blocks = stage.blocks if is_outermost else math.ceil(stage.blocks * depth_scale)
            new_width = _scaled(stage.width, width_scale)
            for block in range(blocks):
                stride = 1 if block else stage.stride
                layers.append(_Block(width, new_width, stage.kernel, stride, stage.expansion))
                width = new_width
        self.features = nn.Sequential(*layers, _convolution(width, _HEAD, 1))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(_HEAD, classes)

    def forward(self, images: Tensor) -> Tensor:
        """Class scores (B, classes) of ``images`` (B, 3, H, W)."""
        scores: Tensor = self.classifier(torch.flatten(self.pool(self.features(images)), 1))
        return scores


class _Block(nn.Module):
    """Inverted residual of Sandler et al. 2018 (arXiv:1801.04381): widen, filter each channel, narrow linearly."""

    def __init__(self, width: int, new_width: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = width * expansion
        layers = [_convolution(width, inner, 1)] if expansion > 1 else []
        layers.append(_convolution(inner, inner, kernel, stride=stride, groups=inner))
        layers.append(nn.Sequential(nn.Conv2d(inner, new_width, 1, bias=False), nn.BatchNorm2d(new_width, _EPSILON)))
        self.layers = nn.Sequential(*layers)
        self.is_residual = stride == 1 and width == new_width

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H/stride, W/stride)."""
        narrowed: Tensor = self.layers(x)
        return x + narrowed if self.is_residual else narrowed


def _convolution(width: int, new_width: int, kernel: int, *, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution, batch norm and ReLU6."""
    # TensorFlow's SAME puts what is odd right and below, where the stride divides the input.
    odd = (kernel - stride) // 2
    padding = nn.ZeroPad2d((odd, kernel - stride - odd) * 2) if stride > 1 else nn.Identity()
    inside = 0 if stride > 1 else kernel // 2
    return nn.Sequential(
        padding,
        nn.Conv2d(width, new_width, kernel, stride, inside, groups=groups, bias=False),
        nn.BatchNorm2d(new_width, _EPSILON),
        nn.ReLU6(inplace=True),
    )


def _scaled(width: int, scale: float) -> int:
    """The multiple of 8 nearest to the scaled width, at most a tenth below it."""
    scaled = width * scale
    nearest = max(8, int(scaled + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * scaled else nearest
