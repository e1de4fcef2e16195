"""Numbers in four to eight bits each: each row of a matrix on a scale of its own, in steps of equal size."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

LEAST_BITS, MOST_BITS = 4, 8
LEAST_NUMBERS = 1024
"""Smaller tensors, such as biases, are not worth it."""
_CLIP_SHARES = tuple(np.linspace(0.3, 1, 36).tolist())
_TOGETHER = 8
_Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class QuantisedForm:
    """How a tensor was before: its `shape`, and the `bits` that are kept of each number."""

    bits: int
    shape: tuple[int, ...]

    @property
    def rows(self) -> int:
        """Numbers of a row share their scale: the weights of one neuron, or the kernel of one channel."""
        return self.shape[0]

    @property
    def code_bytes(self) -> int:
        """Bytes of all codes, packed without gaps."""
        return -(-math.prod(self.shape) // _TOGETHER) * self.bits


@dataclass(frozen=True, slots=True, eq=False)
class Quantised:
    """A quantised tensor: `codes` (`QuantisedForm.code_bytes`,) uint8, `scales` (rows,) float32, and its `form`."""

    codes: Tensor
    scales: Tensor
    form: QuantisedForm


def is_worth_quantising(tensor: Tensor) -> bool:
    """Whether a tensor is a matrix or kernel of some size."""
    return tensor.is_floating_point() and tensor.dim() > 1 and tensor.numel() >= LEAST_NUMBERS


def quantise(tensor: Tensor, bits: int) -> Quantised:
    """Round each number to the nearest of ``2 ** bits`` steps, which lie evenly on both sides of zero.

    Each row's steps are as large as makes its mean squared error least: the largest numbers may be clipped for the
    sake of the many small ones.

    Parameters
    ----------
    tensor
        (R, ...) floating point, finite.
    bits
        4 to 8.

    Raises
    ------
    ValueError
        If there are to be more or fewer bits.
    """
    if not LEAST_BITS <= bits <= MOST_BITS:
        raise ValueError(f"bits must be {LEAST_BITS} to {MOST_BITS}, not {bits}")
    rows = tensor.detach().float().flatten(1)
    middle = (2**bits - 1) / 2
    widest = rows.abs().amax(1, keepdim=True) / middle
    least = torch.full_like(widest, torch.inf)
    scales = widest
    for share in _CLIP_SHARES:
        narrower = widest * share
        error = (_values(_codes(rows, narrower, middle), narrower, middle) - rows).square().sum(1, keepdim=True)
        scales = torch.where(error < least, narrower, scales)
        least = torch.minimum(error, least)
    codes = _codes(rows, scales, middle).to(torch.uint8).flatten().numpy()
    return Quantised(torch.from_numpy(_packed(codes, bits)), scales.flatten(), QuantisedForm(bits, (*tensor.shape,)))


def dequantise(quantised: Quantised) -> Tensor:
    """The numbers as they were rounded, float32 in their old shape."""
    form = quantised.form
    codes = _unpacked(quantised.codes.numpy(), form.bits)[: math.prod(form.shape)]
    rows = torch.from_numpy(codes).view(form.rows, -1)
    return _values(rows.float(), quantised.scales.unsqueeze(1), (2**form.bits - 1) / 2).view(form.shape)


def _codes(rows: Tensor, scales: Tensor, middle: float) -> Tensor:
    # A row of zeros has no scale; any code stands for zero there.
    return (rows / scales.clamp_min(torch.finfo(torch.float32).tiny) + middle).round().clamp(0, 2 * middle)


def _values(codes: Tensor, scales: Tensor, middle: float) -> Tensor:
    return (codes - middle) * scales


def _packed(codes: _Bytes, bits: int) -> _Bytes:
    """Eight codes at a time into as many bytes as a code has bits, the first in the lowest bits."""
    padded = np.zeros((-(-len(codes) // _TOGETHER), _TOGETHER), np.uint8)
    padded.ravel()[: len(codes)] = codes
    words = np.zeros(len(padded), "<u8")
    for place in range(_TOGETHER):
        words |= padded[:, place].astype("<u8") << np.uint64(place * bits)
    return np.ascontiguousarray(words.view(np.uint8).reshape(-1, 8)[:, :bits]).ravel()


def _unpacked(packed: _Bytes, bits: int) -> _Bytes:
    padded = np.zeros((len(packed) // bits, 8), np.uint8)
    padded[:, :bits] = packed.reshape(-1, bits)
    words = padded.view("<u8").ravel()
    codes = np.empty((len(words), _TOGETHER), np.uint8)
    for place in range(_TOGETHER):
        codes[:, place] = (words >> np.uint64(place * bits)) & np.uint64(2**bits - 1)
    return codes.ravel()


def forms_to_json(forms: Mapping[str, QuantisedForm]) -> str:
    """The forms of quantised tensors by name, as a weight file tells them; equal forms give equal text."""
    return json.dumps({name: asdict(form) for name, form in sorted(forms.items())}, separators=(",", ":"))


def forms_from_json(text: str) -> dict[str, QuantisedForm]:
    """Read what `forms_to_json` wrote.

    Raises
    ------
    ValueError
        If it is anything else, or a form cannot be one.
    """
    try:
        told = json.loads(text)
        forms = {str(name): QuantisedForm(form["bits"], tuple(form["shape"])) for name, form in told.items()}
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("the forms of quantised tensors cannot be read") from error
    for name, form in forms.items():
        numbers = (form.bits, *form.shape)
        if not all(type(number) is int and number > 0 for number in numbers) or len(form.shape) < 2:
            raise ValueError(f"{name} has no form")
        if not LEAST_BITS <= form.bits <= MOST_BITS:
            raise ValueError(f"{name} has {form.bits} bits")
    return forms
