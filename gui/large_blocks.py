"""The memory of photographs goes back to the system as soon as they are no longer shown."""

from __future__ import annotations

import sys

BYTES = 1 << 20
_M_MMAP_THRESHOLD = -3  # of malloc.h


def return_large_blocks() -> None:
    """Let each large block of memory be asked of the system by itself, and be given back by itself.

    glibc begins so, but takes the first photograph that is given back as a sign to keep blocks of its size for later.
    Between what lives longer, such as captions, 10 MB of them are lost in the course of a thousand photographs.
    """
    if sys.platform != "linux":
        return
    import ctypes  # noqa: PLC0415 (takes a while)

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries have none
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, BYTES)
