"""torchvision's published weights: downloaded when asked for, checked by hash, and kept as safetensors."""

from __future__ import annotations

import logging
import pickle
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import torch
from safetensors.torch import save_file
from torch import Tensor

from captioner.atomic_file import atomic_path
from captioner.download import download_file
from captioner.encoder_registry import official_weights_folder
from captioner.errors import ConfigurationError, ModelPackageError
from captioner.weight_files import read_weights

logger = logging.getLogger(__name__)

# DenseNet was published when torch still allowed names such as "norm.1"; its layers are called "norm1" today.
_OLD_DENSENET_NAME = re.compile(r"^(.*denselayer\d+\.(?:norm|conv))\.([12]\.\w+)$")


def fetch_official_weights(
    name: str,
    *,
    on_progress: Callable[[int, int], None] | None = None,
    should_cancel: Callable[[], bool] | None = None,
) -> dict[str, Tensor]:
    """Weights that torchvision publishes for one of its networks, downloaded only the first time.

    Parameters
    ----------
    name
        torchvision's name of the network. Its default weights, the most accurate, are taken.
    on_progress
        Called with bytes done and bytes in all while downloading.
    should_cancel
        Asked before every block of the download.

    Returns
    -------
    dict of str to Tensor
        The whole network's state, classifier included, floating point as float32.

    Raises
    ------
    ConfigurationError
        If torchvision publishes no weights of that name.
    DownloadError
        If the download fails, is cancelled or has another hash than its name says.
    ModelPackageError
        If the download is not a dictionary of tensors.
    OutputError
        If the cache folder cannot be written.
    """
    url, sha256_prefix = published_weights(name)
    download = official_weights_folder() / PurePosixPath(urlsplit(url).path).name
    cached = download.with_suffix(".safetensors")
    if cached.is_file():
        try:
            return read_weights(cached)
        except ModelPackageError as error:
            logger.warning("%s It is downloaded again.", error)
    download_file(url, download, sha256_prefix=sha256_prefix, on_progress=on_progress, should_cancel=should_cancel)
    try:
        weights = _read_published_pickle(download)
        with atomic_path(cached) as temporary:
            save_file(weights, temporary)
    finally:
        download.unlink(missing_ok=True)
    return read_weights(cached)


def published_weights(name: str) -> tuple[str, str]:
    """Address of torchvision's default weights for ``name``, and the beginning of their SHA-256 that it carries.

    Raises
    ------
    ConfigurationError
        If torchvision publishes none.
    """
    # Imported here because importing torchvision takes as long as torch.
    from torchvision.models import get_model_weights  # noqa: PLC0415

    try:
        url = str(get_model_weights(name).DEFAULT.url)
    except (ValueError, AttributeError) as error:
        raise ConfigurationError(
            f"torchvision publishes no weights for {name!r:.60}. Give a .safetensors file of its weights instead."
        ) from error
    digits = re.search(r"-([0-9a-f]{8,64})\.pth$", url)
    if digits is None:
        raise ConfigurationError(f"The weights of {name} at {url} carry no hash, so they cannot be checked.")
    return url, digits[1]


def _read_published_pickle(path: Path) -> dict[str, Tensor]:
    """Read torchvision's own file format once, to convert it."""
    # The only pickled file this project ever opens. torchvision publishes nothing else; the file has just been held
    # against the hash that torchvision itself carries; it comes from no user; and weights_only replaces the unpickler
    # by one that rebuilds tensors and containers and calls nothing else. It is deleted right after.
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, LookupError, ValueError, TypeError) as error:
        raise ModelPackageError(f"{path.name} is not a file of weights. Update torchvision.", path=path) from error
    return _plain_tensors(state, path)


def _plain_tensors(state: Any, path: Path) -> dict[str, Tensor]:
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) and value.layout == torch.strided and not value.is_quantized
        for name, value in state.items()
    ):
        raise ModelPackageError(f"{path.name} is not a dictionary of tensors. Update torchvision.", path=path)
    # Copies, because safetensors refuses tensors that share memory.
    return {
        _OLD_DENSENET_NAME.sub(r"\1\2", name): value.detach().clone(memory_format=torch.contiguous_format)
        for name, value in state.items()
    }
