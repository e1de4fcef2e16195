"""Which device and which precision this machine computes with."""

from __future__ import annotations

import torch
from torch import Tensor

from captioner.config import Precision, TrainingPrecision
from captioner.errors import ConfigurationError, DeviceError

DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(name: str = "auto") -> torch.device:
    """The device called ``name``; ``auto`` takes the first of cuda, mps and cpu that is there.

    Raises
    ------
    ConfigurationError
        If the name is not known.
    DeviceError
        If this machine does not have it.
    """
    if name not in DEVICES:
        raise ConfigurationError(f"There is no device {name!r:.40}. Choose one of: {', '.join(DEVICES)}.")
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(device for device, is_present in present.items() if is_present))
    if not present[name]:
        raise DeviceError(f"This machine has no usable {name} device. Use --device cpu or auto.")
    return torch.device(name)


def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether bf16 matrix products are faster than float32 ones on ``device``."""
    if device.type == "cuda":
        # GPUs before Ampere claim bf16 as well, but only emulate it.
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return False


def choose_precision(precision: Precision, device: torch.device) -> torch.dtype:
    """The dtype of encoders: bf16 when asked for, or under ``auto`` where it is faster."""
    if precision == "auto":
        return torch.bfloat16 if has_fast_bfloat16(device) else torch.float32
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def autocast_dtype(precision: TrainingPrecision, device: torch.device | None = None) -> torch.dtype | None:
    """The dtype for autocast, or None for the plain numbers that the weights have."""
    if precision == "float64":
        return None
    dtype = choose_precision(precision, device or torch.device("cpu"))
    return None if dtype == torch.float32 else dtype


def at_least_float32(tensor: Tensor) -> Tensor:
    """``tensor`` in float32 where it is narrower; sums and exponentials need it. Float64 stays as it is."""
    return tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.float()
