"""Lines of equal weight: closed, in place, and around cells along their borders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gui.caption.contours import level_lines

GRIDS = arrays(np.float32, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.sampled_from([0.0, 0.5, 1.0]))


def area(loop):
    """Signed area of a polygon."""
    x, y = loop.T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def test_a_round_hill_has_a_round_line_around_its_top() -> None:
    y, x = np.mgrid[0:80, 0:100]
    hill = np.exp(-((x - 60) ** 2 + (y - 30) ** 2) / 200).astype(np.float32)
    (loop,) = level_lines(hill, 0.5)
    radius = np.hypot(loop[:, 0] - 60.5, loop[:, 1] - 30.5)
    assert radius == pytest.approx(np.sqrt(200 * np.log(2)), abs=0.05)


def test_nothing_high_has_no_line() -> None:
    assert level_lines(np.zeros((4, 5), np.float32), 0.5) == []


@given(GRIDS)
@settings(deadline=None, max_examples=60)
def test_lines_around_cells_enclose_exactly_the_high_cells(values) -> None:
    loops = level_lines(values, 0.5, around_cells=True)
    assert abs(sum(map(area, loops))) == np.count_nonzero(values >= 0.5)
    for loop in loops:
        steps = np.abs(np.roll(loop, -1, axis=0) - loop)
        assert np.all(np.sort(steps, axis=1) == (0, 1))


@given(GRIDS)
@settings(deadline=None, max_examples=60)
def test_lines_stay_inside_and_use_every_crossing_once(values) -> None:
    loops = level_lines(values, 0.4)
    padded = np.pad(values >= 0.4, 1)
    crossings = np.count_nonzero(padded[1:] != padded[:-1]) + np.count_nonzero(padded[:, 1:] != padded[:, :-1])
    assert sum(map(len, loops)) == crossings
    for loop in loops:
        assert loop.min() >= 0
        assert np.all(loop.max(axis=0) <= values.shape[::-1])


def test_high_corners_hang_together_where_the_middle_is_high() -> None:
    apart = np.array([[1, 0], [0, 1]], np.float32)
    together = np.array([[1, 0.4], [0.4, 1]], np.float32)
    assert len(level_lines(apart, 0.6)) == 2
    assert len(level_lines(together, 0.6)) == 1
