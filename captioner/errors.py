"""Every error that the engine raises on purpose; each message names the file or value at fault and what to do.

The tree::

    CaptionerError
    ├── ImageError                an image file that cannot or must not be decoded
    ├── ModelPackageError         a model package that is missing, damaged or does not fit together
    │   └── VocabularyError       a vocabulary that is malformed or does not fit its weights
    ├── AnnotationError           a captions or split file that cannot be read
    ├── FeatureFileError          an HDF5 feature file that is damaged, unsafe or does not fit
    ├── ConfigurationError        an option outside its range, or options that contradict each other
    ├── DeviceError               a device that this machine does not have
    ├── TrainingRunError          a training run that is in use, damaged, or cannot go on
    │   └── TrainingMemoryError   a training run for whose batches there is not enough memory
    ├── DownloadError             a download that was refused, cut short or failed its hash
    └── OutputError               a result that cannot be written where it was asked for
"""

from __future__ import annotations

import os
from pathlib import Path


class CaptionerError(Exception):
    """Base of all errors of this project.

    Parameters
    ----------
    message
        One or two plain sentences: what happened, to which file, what to do. Shown to users as it stands.
    path
        The file or folder at fault, where there is one.
    """

    def __init__(self, message: str, *, path: str | os.PathLike[str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = None if path is None else Path(path)


class ImageError(CaptionerError):
    """An image file that cannot or must not be decoded."""


class ModelPackageError(CaptionerError):
    """A model package that is missing, damaged or does not fit together."""


class VocabularyError(ModelPackageError):
    """A vocabulary that is malformed or does not fit its weights."""


class AnnotationError(CaptionerError):
    """A captions or split file that cannot be read."""


class FeatureFileError(CaptionerError):
    """An HDF5 feature file that is damaged, unsafe or does not fit what it is used with."""


class ConfigurationError(CaptionerError):
    """An option outside its range, or options that contradict each other."""


class DeviceError(CaptionerError):
    """A device that this machine does not have."""


class TrainingRunError(CaptionerError):
    """A training run that is in use, damaged, or cannot go on."""


class TrainingMemoryError(TrainingRunError):
    """A training run for whose batches there is not enough memory.

    Parameters
    ----------
    message
        As of `CaptionerError`.
    batch_size
        A smaller size of batches, to resume the run with.
    """

    def __init__(self, message: str, *, batch_size: int) -> None:
        super().__init__(message)
        self.batch_size = batch_size


class DownloadError(CaptionerError):
    """A download that was refused, cut short or failed its hash."""


class OutputError(CaptionerError):
    """A result that cannot be written where it was asked for."""
