"""Where the places of a network's grid lie on the photograph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A rectangle in pixels of the upright original; x to the right, y down, (0, 0) the outer corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Geometry:
    """What the network's square input shows of a photograph: the way back from its grid to the original.

    Attributes
    ----------
    width, height
        Size in pixels of the upright original.
    visible
        The part that the network sees: everything when squeezed, the central square when cropped.
    """

    width: int
    height: int
    visible: Rectangle

    def cell(self, row: int, column: int, grid: tuple[int, int]) -> Rectangle:
        """Where a cell of a (rows, columns) grid laid over the network's input lies on the original.

        Neighbours share their edges exactly, and the cells together fill `visible` exactly.

        Raises
        ------
        IndexError
            When the grid has no such cell.
        """
        rows, columns = grid
        if not (0 <= row < rows and 0 <= column < columns):
            raise IndexError(f"A grid of {rows} x {columns} has no cell ({row}, {column}).")
        seen = self.visible
        return Rectangle(
            _edge(seen.left, seen.right, column, columns),
            _edge(seen.top, seen.bottom, row, rows),
            _edge(seen.left, seen.right, column + 1, columns),
            _edge(seen.top, seen.bottom, row + 1, rows),
        )


def visible_part(width: float, height: float, fit: Literal["squeeze", "crop"]) -> Rectangle:
    """What a network sees of a photograph: all of it when squeezed, the central square when cropped."""
    if fit == "crop":
        left, top, side = max(width - height, 0) / 2, max(height - width, 0) / 2, min(width, height)
        return Rectangle(left, top, left + side, top + side)
    return Rectangle(0.0, 0.0, float(width), float(height))


def _edge(low: float, high: float, index: int, count: int) -> float:
    # The last edge is taken as it is, because low + (high - low) may round to something else.
    return high if index == count else low + (high - low) * index / count
