"""Lines of equal weight over a grid of samples, by marching squares (Lorensen and Cline 1987, in the plane)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Corners of a square go clockwise from the top left, as bits 0 to 3; side k leads from corner k to the next. Lines run
# from a side where the way around the square leaves the high ground to one where it comes back.
_CORNERS = ((0, 0), (0, 1), (1, 1), (1, 0))
_SEGMENTS = {
    0b0001: ((0, 3),),
    0b0010: ((1, 0),),
    0b0011: ((1, 3),),
    0b0100: ((2, 1),),
    0b0101: ((0, 3), (2, 1)),
    0b0110: ((2, 0),),
    0b0111: ((2, 3),),
    0b1000: ((3, 2),),
    0b1001: ((0, 2),),
    0b1010: ((1, 0), (3, 2)),
    0b1011: ((1, 2),),
    0b1100: ((3, 1),),
    0b1101: ((0, 1),),
    0b1110: ((3, 0),),
}
# Where two opposite corners are high and so is the middle, the high ground hangs together.
_JOINED = {0b0101: ((0, 1), (2, 3)), 0b1010: ((1, 2), (3, 0))}


def level_lines(values: NDArray[np.float32], level: float, *, around_cells: bool = False) -> list[NDArray[np.float64]]:
    """Closed lines around everything that is at least ``level``.

    Parameters
    ----------
    values
        (rows, columns) samples, each at the centre of its square of side 1; outside of them is 0.
    level
        Above 0.
    around_cells
        Follow the borders between the squares instead of interpolating between their centres.

    Returns
    -------
    lines
        Each (n, 2) float64, the corners (x, y) of a polygon in [0, columns] x [0, rows].
    """
    padded = np.pad(values.astype(np.float64), 1)
    starts, ends, points = _segments(padded, level, around_cells)
    points = np.clip(points, 0, (values.shape[1], values.shape[0]))
    return [points[loop] for loop in _loops(starts, ends)]


def _segments(
    padded: NDArray[np.float64], level: float, around_cells: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """All pieces of lines: the numbers of the sides where they start and end, and (n, 2) a point of each."""
    high = padded >= level
    codes = high[:-1, :-1] + 2 * high[:-1, 1:] + 4 * high[1:, 1:] + 8 * high[1:, :-1]
    middle = (padded[:-1, :-1] + padded[:-1, 1:] + padded[1:, 1:] + padded[1:, :-1]) / 4 >= level
    starts, ends, points = [], [], []
    for code, apart in _SEGMENTS.items():
        joined = _JOINED.get(code)
        found = codes == code
        ways = ((found, apart),) if joined is None else ((found & ~middle, apart), (found & middle, joined))
        for where, segments in ways:
            rows, columns = np.nonzero(where)
            for start, end in segments:
                starts.append(_side_number(rows, columns, start, padded.shape[1]))
                ends.append(_side_number(rows, columns, end, padded.shape[1]))
                points.append(
                    np.stack([columns, rows], axis=1).astype(np.float64)
                    if around_cells
                    else _crossing(padded, rows, columns, start, level)
                )
    return np.concatenate(starts), np.concatenate(ends), np.concatenate(points)


def _side_number(rows: NDArray[Any], columns: NDArray[Any], side: int, width: int) -> NDArray[np.int64]:
    """A number for a side of each square, the same for both squares that share it: even where it is level."""
    row_offset, column_offset = ((0, 0), (0, 1), (1, 0), (0, 0))[side]
    numbers: NDArray[np.int64] = 2 * ((rows + row_offset) * width + columns + column_offset) + side % 2
    return numbers


def _crossing(
    padded: NDArray[np.float64], rows: NDArray[Any], columns: NDArray[Any], side: int, level: float
) -> NDArray[np.float64]:
    """(n, 2) points (x, y) on a side of each square where the value is ``level``."""
    (row0, column0), (row1, column1) = _CORNERS[side], _CORNERS[(side + 1) % 4]
    value0, value1 = padded[rows + row0, columns + column0], padded[rows + row1, columns + column1]
    share = (level - value0) / (value1 - value0)
    x = columns + column0 + share * (column1 - column0)
    y = rows + row0 + share * (row1 - row0)
    # The first sample stands behind one of padding, half a unit from its square's border.
    return np.stack([x, y], axis=1) - 0.5


def _loops(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[list[int]]:
    """Put pieces together, each after the one that ends where it starts; padding closes every line."""
    following = {int(side): index for index, side in enumerate(starts)}
    loops, left = [], set(range(len(starts)))
    while left:
        index = left.pop()
        loop = [index]
        while (index := following[int(ends[index])]) in left:
            left.remove(index)
            loop.append(index)
        loops.append(loop)
    return loops
