"""Models in a third of their size: weights in a few bits each, and captions that are nearly as good."""

from __future__ import annotations

import os
from pathlib import Path

from captioner.derived_models import save_derived
from captioner.errors import ConfigurationError
from captioner.model_library import ModelPackage, find_package
from captioner.quantisation import LEAST_BITS, MOST_BITS


def quantise_package(model: str | os.PathLike[str] | None, output: Path, bits: int = 5) -> ModelPackage:
    """Package ``model`` with so many ``bits`` per weight as the new model ``output``.

    Only the package is smaller. Once loaded, weights are float32 again, and captions take the same time.

    Parameters
    ----------
    model
        Name or folder of a model; None for the bundled one.
    output
        New folder; its name is the name of the model.
    bits
        4 to 8 for each number of matrices and kernels; all else, a hundredth of the whole, stays as it is.

    Raises
    ------
    ConfigurationError
        If there are to be more or fewer bits.
    ModelPackageError
        If there is no such model, or it is damaged.
    OutputError
        If the folder exists already or cannot be written.
    """
    if not LEAST_BITS <= bits <= MOST_BITS:
        raise ConfigurationError(f"Weights can have {LEAST_BITS} to {MOST_BITS} bits, not {bits}.")
    package = find_package(model)
    said = f"Its weights are those of {package.name}, quantised to {bits} bits."
    return save_derived(package.load(), [package], output, said, bits=bits)
