"""Random views of photographs for training an encoder: parts, mirrored, in other light."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from captioner.config import Fit
from captioner.training.fine_tuning_config import ViewConfig

Box = tuple[float, float, float, float]


def random_view(
    pixels: NDArray[np.uint8], size: int, fit: Fit, config: ViewConfig, random: np.random.Generator
) -> NDArray[np.uint8]:
    """A view of a photograph as a network sees it.

    Parameters
    ----------
    pixels
        (H, W, 3) RGB.
    size
        Side S of the square that the network sees.
    fit
        Of which part of the photograph the view is a part: all of it (``squeeze``), or its central square (``crop``).
    config
        How views differ.
    random
        Decides everything about this one.

    Returns
    -------
    NDArray
        (S, S, 3) uint8.
    """
    box = _random_box(_visible(pixels.shape[1], pixels.shape[0], fit), config, random)
    image = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC, box=box)
    view = np.asarray(image, np.float32)
    if random.random() < config.mirror:
        view = view[:, ::-1]
    scale = 1 + random.uniform(-config.contrast, config.contrast)
    shift = random.uniform(-config.brightness, config.brightness) + random.uniform(-config.colour, config.colour, 3)
    view = view * np.float32(scale) + shift.astype(np.float32)
    if random.random() < config.grey:
        view = np.repeat(view.mean(2, keepdims=True), 3, axis=2)
    return np.clip(np.rint(view), 0, 255).astype(np.uint8)


def _visible(width: int, height: int, fit: Fit) -> Box:
    if fit == "squeeze":
        return 0.0, 0.0, float(width), float(height)
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side


def _random_box(visible: Box, config: ViewConfig, random: np.random.Generator) -> Box:
    """A part of what is visible, whose aspect is against that of the whole, as the whole will be seen as a square."""
    area = random.uniform(config.least_area, 1)
    aspect = math.exp(random.uniform(-math.log(config.most_aspect), math.log(config.most_aspect)))
    across, down = min(1.0, math.sqrt(area * aspect)), min(1.0, math.sqrt(area / aspect))
    left, top = random.uniform(0, 1 - across), random.uniform(0, 1 - down)
    width, height = visible[2] - visible[0], visible[3] - visible[1]
    box = (left * width, top * height, (left + across) * width, (top + down) * height)
    # Rounding must not lead out of the picture, which Pillow refuses.
    return (
        visible[0] + box[0],
        visible[1] + box[1],
        min(visible[0] + box[2], visible[2]),
        min(visible[1] + box[3], visible[3]),
    )
