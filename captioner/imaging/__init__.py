"""The one door for untrusted images: found, opened safely, turned upright, and fitted to what a network sees."""

from captioner.geometry import Geometry, Rectangle
from captioner.imaging.photograph import Photograph, fit_to_square, open_photograph, photograph_from
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
