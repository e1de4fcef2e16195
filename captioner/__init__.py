"""Captions for photographs, and where the network looked while it wrote them.

>>> from captioner import Captioner
>>> caption = Captioner.load().caption("photo.jpg")
>>> print(caption.text)

Importing this package does not import torch; the first use of `Captioner` does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from captioner.errors import (
    AnnotationError,
    CaptionerError,
    ConfigurationError,
    DeviceError,
    DownloadError,
    FeatureFileError,
    ImageError,
    ModelPackageError,
    OutputError,
    TrainingMemoryError,
    TrainingRunError,
    VocabularyError,
)

if TYPE_CHECKING:
    from captioner.caption import Alternative, Caption, FeatureCaption, Word
    from captioner.captioning import Captioner, FailedImage

__all__ = [
    "Alternative",
    "AnnotationError",
    "Caption",
    "Captioner",
    "CaptionerError",
    "ConfigurationError",
    "DeviceError",
    "DownloadError",
    "FailedImage",
    "FeatureCaption",
    "FeatureFileError",
    "ImageError",
    "ModelPackageError",
    "OutputError",
    "TrainingMemoryError",
    "TrainingRunError",
    "VocabularyError",
    "Word",
    "__version__",
]

__version__ = "0.1.0"

_LAZY = {
    "Alternative": "captioner.caption",
    "Caption": "captioner.caption",
    "Captioner": "captioner.captioning",
    "FailedImage": "captioner.captioning",
    "FeatureCaption": "captioner.caption",
    "Word": "captioner.caption",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
