"""Curves are made calmer without moving them, and thinned without hiding anything."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.viewmodels.curves import smooth, thin

FINITE = st.floats(-1e6, 1e6, allow_nan=False)
ANY = st.floats(allow_nan=True, allow_infinity=True)


def smoothed_slowly(values, amount):
    """The definition, one number at a time."""
    total = weight = 0.0
    result = []
    for value in values:
        total, weight = amount * total, amount * weight
        if math.isfinite(value):
            total, weight = total + value, weight + 1
            result.append(total / weight)
        else:
            result.append(value)
    return result


@settings(deadline=None, max_examples=50)
@given(st.lists(FINITE | st.sampled_from([math.nan, math.inf]), max_size=40), st.floats(0, 0.99))
def test_smoothing_is_what_its_definition_says(values, amount):
    repeated = values * 20  # over several blocks
    np.testing.assert_allclose(smooth(repeated, amount), smoothed_slowly(repeated, amount), rtol=1e-9, atol=1e-6)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30), st.floats(0, 0.999))
def test_smoothed_values_stay_between_those_they_come_from(values, amount):
    result = smooth(values, amount)
    slack = 1e-9 * max(map(abs, values)) + 1e-300
    assert np.isfinite(result).all()
    assert min(values) - slack <= result.min()
    assert result.max() <= max(values) + slack


def test_a_flat_curve_stays_flat_from_its_first_point_on():
    np.testing.assert_allclose(smooth(np.full(1000, 3.5), 0.95), 3.5)


def test_no_smoothing_changes_nothing():
    values = [1.0, math.nan, -2.0, math.inf, 5.0]
    np.testing.assert_array_equal(smooth(values, 0.0), values)
    assert smooth([], 0.5).shape == (0,)


@pytest.mark.parametrize("amount", [-0.1, 1.0, math.nan])
def test_an_amount_that_cannot_be_is_refused(amount):
    with pytest.raises(ValueError, match="smoothed"):
        smooth([1.0], amount)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.floats(0, 100), ANY), max_size=300), st.integers(1, 40))
def test_thinning_keeps_the_ends_the_order_and_every_extreme(points, most):
    points.sort(key=lambda point: point[0])
    x, y = np.array([point[0] for point in points]), np.array([point[1] for point in points])
    kept_x, kept_y = thin(x, y, most)

    assert len(kept_x) == len(kept_y) <= max(2 * most, 3 * most + 2)
    assert (np.diff(kept_x) >= 0).all()
    given_pairs = {(one, other) for one, other in zip(x, y, strict=True) if math.isfinite(other)}
    assert {pair for pair in zip(kept_x, kept_y, strict=True) if math.isfinite(pair[1])} <= given_pairs
    finite = y[np.isfinite(y)]
    if len(finite):
        assert np.nanmin(kept_y) == finite.min()
        assert np.nanmax(kept_y) == finite.max()
    if len(x):
        assert (kept_x[0], kept_x[-1]) == (x[0], x[-1])


def test_a_single_spike_among_many_points_is_kept():
    y = np.zeros(100_000)
    y[54_321] = 9.0
    x, thinned = thin(np.arange(100_000), y, 500)
    assert len(x) <= 1502
    assert x[thinned.argmax()] == 54_321


def test_a_gap_stays_a_gap():
    y = np.ones(1000)
    y[400:600] = np.nan
    _, thinned = thin(np.arange(1000), y, 50)
    assert np.isnan(thinned).sum() >= 10
    assert len(thinned) <= 152


def test_few_points_are_all_kept():
    x, y = thin([1, 2, 3], [4, math.inf, 6], 2)
    np.testing.assert_array_equal(x, [1, 2, 3])
    np.testing.assert_array_equal(y, [4, math.nan, 6])


@pytest.mark.parametrize(("x", "y", "most"), [([1, 2], [1], 5), ([1], [1], 0)])
def test_points_that_do_not_fit_are_refused(x, y, most):
    with pytest.raises(ValueError, match=r"column|as many"):
        thin(x, y, most)
