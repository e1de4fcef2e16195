"""Counts, times and sizes as people read them."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Such as ``1 image`` or ``6,000 images``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def duration(seconds: float) -> str:
    """Such as ``1 second``, ``40 seconds``, ``12.5 minutes`` or ``3.0 hours``."""
    for size, name in ((3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return counted(max(round(seconds), 1), "second")


def byte_size(size: int) -> str:
    """Such as ``114 kB`` or ``2.5 MB``, in powers of ten."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1000:.0f} kB"
