"""What a word of a sample looked at, as it is laid over the photograph: cells of a grid, or boxes of regions."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPainter, QPixmap

from captioner.geometry import visible_part
from captioner.training.sample_attention import SampleAttention
from gui.caption.overlay_item import OverlayItem
from gui.caption.overlay_painting import Layer
from gui.training.region_item import Region, RegionItem
from gui.viewmodels.overlay_style import OverlayStyle

_SMALL_UNIT = 0.6
"""Lines on a small picture, as shares of their width on a large one."""


def layer_of(attention: SampleAttention, word: int, size: tuple[float, float], style: OverlayStyle) -> Layer:
    """The weights of a word over the cells of the grid, for a photograph of this (width, height)."""
    weights = attention.alphas[word].reshape(attention.grid)
    full = max(attention.peaks) if style.is_scale_shared else attention.peaks[word]
    return Layer(weights, visible_part(*size, attention.fit), full)


def regions_of(attention: SampleAttention, word: int, style: OverlayStyle) -> tuple[Region, ...]:
    """The regions of an image, each once, as strong as a word looked at them."""
    # An image with fewer regions than others repeats them in turn.
    boxes, owners = np.unique(np.array(attention.boxes), axis=0, return_inverse=True)
    weights = np.zeros((len(attention.words), len(boxes)), np.float32)
    np.add.at(weights.T, owners.ravel(), attention.alphas.T)
    full = float(weights.max() if style.is_scale_shared else weights[word].max())
    strengths = np.clip(weights[word] / max(full, 1e-30), 0, 1)
    pairs = zip(boxes.tolist(), strengths.tolist(), strict=True)
    return tuple(Region(left, top, right, bottom, strength) for (left, top, right, bottom), strength in pairs)


def with_attention(pixmap: QPixmap, attention: SampleAttention, word: int, style: OverlayStyle) -> QPixmap:
    """A copy of a small picture of the whole photograph, with what a word looked at laid over it."""
    copy = QPixmap(pixmap)
    size = pixmap.deviceIndependentSize()
    width, height = size.width(), size.height()
    painter = QPainter(copy)
    if attention.boxes:
        boxes = RegionItem()
        boxes.set_size(width, height)
        boxes.set_regions(regions_of(attention, word, style), style)
        boxes.draw(painter, _SMALL_UNIT)
    else:
        cells = OverlayItem()
        cells.set_size(width, height)
        cells.set_style(style)
        cells.set_layers([layer_of(attention, word, (width, height), style)], is_faded=False)
        cells.draw(painter)
    painter.end()
    return copy
