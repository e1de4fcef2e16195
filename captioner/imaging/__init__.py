"""The one door for untrusted images: found, opened safely, turned upright, and fitted to what a network sees."""

from captioner.imaging.photograph import (
    Geometry,
    Photograph,
    Rectangle,
    fit_to_square,
    open_photograph,
    photograph_from,
)
from captioner.imaging.search import IMAGE_EXTENSIONS, find_images

__all__ = [
    "IMAGE_EXTENSIONS",
    "Geometry",
    "Photograph",
    "Rectangle",
    "find_images",
    "fit_to_square",
    "open_photograph",
    "photograph_from",
]
