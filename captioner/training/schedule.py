"""The learning rate over a run."""

from __future__ import annotations

import math


def warmup_cosine(step: int, *, steps: int, warmup_steps: int) -> float:
    """Share of the peak learning rate at ``step`` (from 0): linear rise, then half a cosine down to zero at ``steps``.

    Loshchilov and Hutter 2016 (arXiv:1608.03983), without restarts.
    """
    if step < warmup_steps:
        return (step + 1) / warmup_steps
    progress = (step - warmup_steps) / max(1, steps - warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
