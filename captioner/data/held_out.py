"""Images held out to choose the best epoch by, where nothing says which these are."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

LEAST_IMAGES = 10
"""With fewer, none is held out: each is needed to learn from."""
MOST_HELD_OUT = 1000


def held_out(names: Collection[str], share: float, seed: int) -> frozenset[str]:
    """Names of the images that are not trained on: the same ones wherever, in whatever order, it is asked again.

    Parameters
    ----------
    names
        Of all images, each once.
    share
        Of the images: so many are held out, but one at least and `MOST_HELD_OUT` at most; none when it is 0, or there
        are fewer than `LEAST_IMAGES`.
    seed
        Another one holds out others.
    """
    if not share or len(names) < LEAST_IMAGES:
        return frozenset()
    count = min(max(round(share * len(names)), 1), MOST_HELD_OUT)
    # Drawn by what each is called, so that nothing depends on the order of files or on Python's own hashes.
    return frozenset(sorted(names, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).digest())[:count])
