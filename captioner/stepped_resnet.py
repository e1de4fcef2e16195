"""The encoder this project trains itself: ResNet-18's blocks in three stages joined by narrow linear interfaces."""

from __future__ import annotations

import torch
from torch import Tensor, nn

STAGE8_CHANNELS, STAGE16_CHANNELS, STAGE32_CHANNELS = 32, 96, 320
WIDTHS = (32, 64, 128, 256, 512)
SMALL_WIDTHS = (16, 32, 64, 128, 224)
"""With these 2.9 M parameters are left of 13.1 M: 5.7 MB in float16."""


class BasicBlock(nn.Module):
    """Residual block of He et al. 2015 (arXiv:1512.03385), with torchvision's parameter names.

    It is written out here, and not taken from torchvision, because importing torchvision costs a third of the time
    that captioning one photograph takes.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, dilation, dilation, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, dilation, dilation, bias=False)
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


def _conv3(in_channels: int, out_channels: int, stride: int = 2) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class SteppedResNet18(nn.Module):
    """A 13.1 M parameter CNN whose stages meet at linear interfaces of 32, 96 and 320 channels.

    The interfaces have the widths of MobileNetV2's linear bottlenecks, so that each stage can be taught on its own
    from that network's features. Input: RGB (B, 3, H, W) in [-1, 1], H and W multiples of 32. Output:
    (B, 320, H/32, W/32), linear (no activation), about zero mean and unit variance per channel.

    Parameters
    ----------
    is_dilated
        The last stage does not halve the grid; its further convolutions are dilated by 2 instead (Yu and Koltun 2015,
        arXiv:1511.07122). The same weights then give (B, 320, H/16, W/16), H and W multiples of 16, every second row
        and column of which are the features without dilation.
    widths
        Channels inside the stages: of the stem's two convolutions, of stage 8, 16 and 32. The interfaces stay.
    """

    def __init__(self, *, is_dilated: bool = False, widths: tuple[int, int, int, int, int] = WIDTHS) -> None:
        super().__init__()
        stride, dilation = (1, 2) if is_dilated else (2, 1)
        stem, stem4, wide8, wide16, wide32 = widths
        self.stage8 = nn.Sequential(
            _conv3(3, stem),
            _conv3(stem, stem4),
            BasicBlock(stem4, stem4),
            BasicBlock(stem4, wide8, stride=2),
            BasicBlock(wide8, wide8),
            nn.Conv2d(wide8, STAGE8_CHANNELS, 1),
        )
        self.stage16 = nn.Sequential(
            _conv3(STAGE8_CHANNELS, wide16),
            BasicBlock(wide16, wide16),
            BasicBlock(wide16, wide16),
            nn.Conv2d(wide16, STAGE16_CHANNELS, 1),
        )
        self.stage32 = nn.Sequential(
            _conv3(STAGE16_CHANNELS, wide32, stride),
            BasicBlock(wide32, wide32, dilation=dilation),
            BasicBlock(wide32, wide32, dilation=dilation),
            nn.Conv2d(wide32, STAGE32_CHANNELS, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Encode ``images`` (B, 3, H, W) to features (B, 320, h, w)."""
        features: Tensor = self.stage32(self.stage16(self.stage8(images)))
        return features
