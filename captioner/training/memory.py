"""How much memory this process has used, and whether an error says that there is no more."""

from __future__ import annotations

import sys

import torch

if sys.platform != "win32":
    import resource


def peak_memory(device: torch.device) -> int:
    """Bytes that this process has had in memory at most: on ``device`` if that is a GPU, else in all; 0 if unknown."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if sys.platform == "win32":
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def is_out_of_memory(error: BaseException) -> bool:
    """Whether ``error`` says that memory ran out; torch raises a plain `RuntimeError` where the CPU's did."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(
        words in str(error) for words in ("not enough memory", "can't allocate memory", "out of memory")
    )
