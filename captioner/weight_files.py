"""Reading weights safely: safetensors only, shapes and values checked before anything is used."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from captioner.errors import ModelPackageError

MAX_FILE_BYTES = 4 * 2**30
MAX_HEADER_BYTES = 2**20
"""Room for ten thousand tensors; a header takes several times its length in memory before anything can be checked."""


def read_weights(path: Path, *, prefix: str = "") -> dict[str, Tensor]:
    """Read a ``.safetensors`` file as float32 tensors.

    Parameters
    ----------
    path
        The file.
    prefix
        Only names that begin with it are read; it is cut off.

    Raises
    ------
    ModelPackageError
        If the file is missing, is not safetensors (pickled ``.pt`` and ``.pth`` files among them), is cut short,
        or holds a value that is not finite.
    """
    if not path.is_file():
        raise ModelPackageError(f"{path} does not exist or is not a file. Check the name.", path=path)
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ModelPackageError(f"{path} is larger than {MAX_FILE_BYTES // 2**30} GB and is refused.", path=path)
    require_modest_header(path)
    weights = {}
    try:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 (not a mapping)
                if name.startswith(prefix):
                    weights[name.removeprefix(prefix)] = _checked(file.get_tensor(name), name, path)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ModelPackageError(
            f"{path} is not a complete safetensors file. Copy it again; pickled .pt and .pth files are never opened.",
            path=path,
        ) from error
    return weights


def require_modest_header(path: Path) -> None:
    """Refuse a ``.safetensors`` file whose list of tensors is longer than that of any model, before it is read.

    Raises
    ------
    ModelPackageError
        If the file says that its header is longer than 1 MB, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise ModelPackageError(f"{path} cannot be read: {reason}. Check its permissions.", path=path) from error
    if length > MAX_HEADER_BYTES:
        message = "is not a complete safetensors file. Copy it again; pickled .pt and .pth files are never opened."
        raise ModelPackageError(f"{path} {message}", path=path)


def _checked(tensor: Tensor, name: str, path: Path) -> Tensor:
    if not tensor.is_floating_point():
        # The only whole numbers among weights are the counters of batch norms.
        if tensor.dtype != torch.int64 or tensor.dim():
            raise ModelPackageError(f"{path} is damaged: {name} holds {tensor.dtype}, not real numbers.", path=path)
        return tensor
    tensor = tensor.to(torch.float32)
    if not torch.isfinite(tensor).all():
        raise ModelPackageError(f"{path} is damaged: {name} holds values that are not finite.", path=path)
    return tensor


def compact(tensor: Tensor) -> Tensor:
    """What packages keep of a weight: float16, unless that makes a value infinite."""
    half = tensor.half() if tensor.is_floating_point() else tensor
    return (half if torch.isfinite(half).all() else tensor).contiguous()
