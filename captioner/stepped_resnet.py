"""The encoder this project trains itself: ResNet-18's blocks in three stages joined by narrow linear interfaces."""

from __future__ import annotations

import torch
from torch import Tensor, nn

STAGE8_CHANNELS, STAGE16_CHANNELS, STAGE32_CHANNELS = 32, 96, 320


class BasicBlock(nn.Module):
    """Residual block of He et al. 2015 (arXiv:1512.03385), with torchvision's parameter names.

    It is written out here, and not taken from torchvision, because importing torchvision costs a third of the time
    that captioning one photograph takes.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.downsample: nn.Sequential | None = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to (B, C', H/stride, W/stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return torch.relu_(out + shortcut)


def _conv3(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, 2, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class SteppedResNet18(nn.Module):
    """A 13.1 M parameter CNN whose stages meet at linear interfaces of 32, 96 and 320 channels.

    The interfaces have the widths of MobileNetV2's linear bottlenecks, so that each stage can be taught on its own
    from that network's features. Input: RGB (B, 3, H, W) in [-1, 1], H and W multiples of 32. Output:
    (B, 320, H/32, W/32), linear (no activation), about zero mean and unit variance per channel.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stage8 = nn.Sequential(
            _conv3(3, 32),
            _conv3(32, 64),
            BasicBlock(64, 64),
            BasicBlock(64, 128, stride=2),
            BasicBlock(128, 128),
            nn.Conv2d(128, STAGE8_CHANNELS, 1),
        )
        self.stage16 = nn.Sequential(
            _conv3(STAGE8_CHANNELS, 256),
            BasicBlock(256, 256),
            BasicBlock(256, 256),
            nn.Conv2d(256, STAGE16_CHANNELS, 1),
        )
        self.stage32 = nn.Sequential(
            _conv3(STAGE16_CHANNELS, 512),
            BasicBlock(512, 512),
            BasicBlock(512, 512),
            nn.Conv2d(512, STAGE32_CHANNELS, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Encode ``images`` (B, 3, H, W) to features (B, 320, H/32, W/32)."""
        features: Tensor = self.stage32(self.stage16(self.stage8(images)))
        return features
