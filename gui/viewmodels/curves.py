"""Curves for the eye: made calmer, then thinned to what a screen can show, in this order."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
_BLOCK = 256


def smooth(values: ArrayLike, amount: float) -> Numbers:
    """Exponential moving average without the pull towards zero at its beginning (Kingma and Ba 2014, section 3).

    ``s_t = sum_i a^(t-i) x_i / sum_i a^(t-i)`` over all finite ``x_i`` up to t, where ``a`` is the amount.

    Parameters
    ----------
    values
        ``x``, (N,). Values that are not finite stay what they are, and the average passes over them.
    amount
        ``a``, in [0, 1); 0 leaves all as it is.

    Returns
    -------
    Numbers
        ``s``, (N,), between the smallest and the largest finite value so far.

    Raises
    ------
    ValueError
        If the amount is outside of [0, 1).
    """
    if not 0 <= amount < 1:
        raise ValueError(f"Curves are smoothed by 0 or more and less than 1, not by {amount}.")
    given = np.asarray(values, np.float64)
    is_finite = np.isfinite(given)
    known = np.where(is_finite, given, 0.0)
    # Scaled, so that sums of numbers near the largest there are stay finite.
    scale = max(float(np.abs(known).max(initial=0.0)), 1.0)
    sums = _decayed_sums(np.stack((known / scale, is_finite.astype(np.float64))), amount)
    means = np.clip(sums[0] / np.where(sums[1] > 0, sums[1], 1.0), -1.0, 1.0)
    return np.where(is_finite, scale * means, given)


def _decayed_sums(rows: Numbers, decay: float) -> Numbers:
    """``sum_i decay^(t-i) x_i`` up to each t, for rows (R, N): block by block, so that few steps are Python's."""
    count, length = rows.shape
    blocks = -(-length // _BLOCK)
    padded = np.zeros((count, blocks * _BLOCK))
    padded[:, :length] = rows
    age = np.arange(_BLOCK)[:, None] - np.arange(_BLOCK)
    within = padded.reshape(count, blocks, _BLOCK) @ np.where(age >= 0, decay ** np.maximum(age, 0.0), 0.0).T
    carried = decay ** np.arange(1.0, _BLOCK + 1)
    for block in range(1, blocks):
        within[:, block] += within[:, block - 1, -1:] * carried
    return within.reshape(count, -1)[:, :length]


def thin(x: ArrayLike, y: ArrayLike, most: int) -> tuple[Numbers, Numbers]:
    """Keep the points that can be told apart on a screen: the lowest and the highest of each column of pixels.

    Parameters
    ----------
    x, y
        Points (N,), ``x`` never falling. A ``y`` that is not finite is a gap.
    most
        Number of columns.

    Returns
    -------
    x, y
        Points in the same order, at most three for each column and the ends: the first and the last of all points are
        kept, and of gaps one for each column.

    Raises
    ------
    ValueError
        If there are not as many ``x`` as ``y``, or no column.
    """
    across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if across.shape != up.shape or across.ndim != 1:
        raise ValueError(f"Points need as many x as y, not {across.shape} and {up.shape}.")
    if most < 1:
        raise ValueError(f"There must be a column at least, not {most}.")
    up = np.where(np.isfinite(up), up, np.nan)
    if len(across) <= 2 * most:
        return across, up
    kept = _extremes(_columns(across, most), up)
    return across[kept], up[kept]


def _columns(across: Numbers, most: int) -> NDArray[np.int64]:
    width = float(across[-1]) - float(across[0])
    if not width > 0:
        return np.zeros(len(across), np.int64)
    columns: NDArray[np.int64] = np.minimum((across - across[0]) / width * most, most - 1).astype(np.int64)
    return columns


def _extremes(columns: NDArray[np.int64], up: Numbers) -> NDArray[np.int64]:
    """Places of the lowest and highest of each column, of a gap in it, and of both ends."""
    is_gap = np.isnan(up)
    places = np.flatnonzero(~is_gap)
    order = places[np.lexsort((up[places], columns[places]))]
    is_first = np.diff(columns[order], prepend=-1) > 0
    is_last = np.diff(columns[order], append=np.iinfo(np.int64).max) > 0
    gaps = np.flatnonzero(is_gap)
    gaps = gaps[np.diff(columns[gaps], prepend=-1) > 0]
    return np.unique(np.concatenate((order[is_first], order[is_last], gaps, [0, len(up) - 1])).astype(np.int64))
