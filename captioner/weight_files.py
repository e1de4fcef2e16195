"""Reading weights safely: safetensors only, shapes and values checked before anything is used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from captioner.errors import ModelPackageError
from captioner.quantisation import (
    Quantised,
    QuantisedForm,
    dequantise,
    forms_from_json,
    forms_to_json,
    is_worth_quantising,
    quantise,
)

MAX_FILE_BYTES = 4 * 2**30
MAX_HEADER_BYTES = 2**20
"""Room for ten thousand tensors; a header takes several times its length in memory before anything can be checked."""

HALF_BITS = 16
"""As many as a number of float16 has: nothing is quantised."""
_FORMS = "quantised"
_CODES, _SCALES = ".codes", ".scales"


def read_weights(path: Path, *, prefix: str = "") -> dict[str, Tensor]:
    """Read a ``.safetensors`` file as float32 tensors, those that are quantised in it as well.

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
            forms = _forms(file, path)
            for name in _names(file, forms, prefix):
                tensor = _dequantised(file, name, forms[name], path) if name in forms else file.get_tensor(name)
                weights[name.removeprefix(prefix)] = _checked(tensor, name, path)
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ModelPackageError(
            f"{path} is not a complete safetensors file. Copy it again; pickled .pt and .pth files are never opened.",
            path=path,
        ) from error
    return weights


def read_shapes(path: Path, *, prefix: str = "") -> dict[str, list[int]]:
    """Shapes of the tensors that `read_weights` gives, by name, from the header of the file alone.

    Raises
    ------
    ModelPackageError
        If the file cannot be read, is not safetensors, or tells of quantised tensors what cannot be.
    """
    require_modest_header(path)
    try:
        with safe_open(path, framework="pt") as file:
            forms = _forms(file, path)
            return {
                name.removeprefix(prefix): list(forms[name].shape)
                if name in forms
                else file.get_slice(name).get_shape()
                for name in _names(file, forms, prefix)
            }
    except (SafetensorError, OSError) as error:
        raise _damaged(path, "it is not a complete safetensors file") from error


def write_weights(weights: Mapping[str, Tensor], path: Path, *, bits: int = HALF_BITS) -> None:
    """Write a ``.safetensors`` file: float16, or matrices and kernels in so many ``bits`` per number.

    A quantised tensor NAME is kept as ``NAME.codes`` and ``NAME.scales``, and its shape in the file's metadata; see
    `captioner.quantisation`.

    Raises
    ------
    OSError, SafetensorError
        If the file cannot be written.
    """
    kept: dict[str, Tensor] = {}
    forms: dict[str, QuantisedForm] = {}
    for name, tensor in weights.items():
        if bits < HALF_BITS and is_worth_quantising(tensor):
            quantised = quantise(tensor, bits)
            kept |= {f"{name}{_CODES}": quantised.codes, f"{name}{_SCALES}": quantised.scales}
            forms[name] = quantised.form
        else:
            kept[name] = compact(tensor)
    # One entry only: safetensors writes several in changing order, and equal models shall give equal files.
    save_file(kept, path, metadata={_FORMS: forms_to_json(forms)} if forms else {"format": "pt"})


def _forms(file: Any, path: Path) -> dict[str, QuantisedForm]:
    """The quantised tensors of an open file, whose parts are there and as long as they must be."""
    try:
        forms = forms_from_json((file.metadata() or {}).get(_FORMS, "{}"))
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    names = set(file.keys())
    for name, form in forms.items():
        for part, shape in ((f"{name}{_CODES}", [form.code_bytes]), (f"{name}{_SCALES}", [form.rows])):
            if part not in names or file.get_slice(part).get_shape() != shape or name in names:
                raise _damaged(path, f"the quantised {name} is not whole")
    return forms


def _names(file: Any, forms: Mapping[str, QuantisedForm], prefix: str) -> Iterator[str]:
    parts = {f"{name}{ending}" for name in forms for ending in (_CODES, _SCALES)}
    for name in (*file.keys(), *forms):
        if name not in parts and name.startswith(prefix):
            yield name


def _dequantised(file: Any, name: str, form: QuantisedForm, path: Path) -> Tensor:
    codes, scales = file.get_tensor(f"{name}{_CODES}"), file.get_tensor(f"{name}{_SCALES}")
    if codes.dtype != torch.uint8 or not scales.is_floating_point():
        raise _damaged(path, f"the quantised {name} holds {codes.dtype} and {scales.dtype}")
    return dequantise(Quantised(codes, scales.float(), form))


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
            raise _damaged(path, f"{name} holds {tensor.dtype}, not real numbers")
        return tensor
    tensor = tensor.to(torch.float32)
    if not torch.isfinite(tensor).all():
        raise _damaged(path, f"{name} holds values that are not finite")
    return tensor


def compact(tensor: Tensor) -> Tensor:
    """What packages keep of a weight: float16, unless that makes a value infinite."""
    half = tensor.half() if tensor.is_floating_point() else tensor
    return (half if torch.isfinite(half).all() else tensor).contiguous()


def _damaged(path: Path, reason: str) -> ModelPackageError:
    return ModelPackageError(f"{path} is damaged: {reason}. Copy it again.", path=path)
