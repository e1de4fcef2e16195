"""Reports of steps become arrays that grow, and shrink when steps are taken back."""

import numpy as np
import pytest

from gui.viewmodels.step_series import StepSeries


@pytest.fixture
def series():
    return StepSeries()


def test_columns_hold_what_was_reported_however_many_there_are(series, made_up):
    for step in range(1, 1001):
        series.append(made_up.step(step, loss=step / 2))
    assert len(series) == 1000
    np.testing.assert_array_equal(series.step, np.arange(1, 1001))
    np.testing.assert_array_equal(series.loss, series.step / 2)


def test_nobody_can_write_into_it(series, made_up):
    series.append(made_up.step(1))
    with pytest.raises(ValueError, match="read-only"):
        series.loss[0] = 0


def test_a_step_that_is_told_again_takes_the_place_of_what_came_after(series, made_up):
    for step in (10, 20, 30):
        series.append(made_up.step(step))
    series.append(made_up.step(15, loss=1.0))
    np.testing.assert_array_equal(series.step, [10, 15])
    assert series.loss[-1] == 1.0


def test_positions_count_epochs_with_their_fraction(series, made_up):
    for step in (5, 10, 15, 20, 25):
        series.append(made_up.step(step))
    np.testing.assert_allclose(series.position, [0.5, 1.0, 1.5, 2.0, 2.5])


def test_the_first_epoch_is_as_long_as_epochs_are_on_average(series, made_up):
    series.append(made_up.step(5))
    np.testing.assert_allclose(series.position, [0.5])


def test_a_run_that_was_resumed_goes_on_where_it_was(series, made_up):
    for step in (26, 30, 35):
        series.append(made_up.step(step))
    np.testing.assert_allclose(series.position, [2.6, 3.0, 3.5])


def test_steps_that_an_early_stop_left_out_make_no_epoch_longer(series, made_up):
    for step in (5, 10):
        series.append(made_up.step(step))
    for step in (35, 40):
        series.append(made_up.step(step, stage="captions", epoch=2))
    np.testing.assert_allclose(series.position, [0.5, 1.0, 1.5, 2.0])
    assert series.is_captions.tolist() == [False, False, True, True]


def test_positions_always_grow(series, made_up):
    for step in range(3, 40, 3):
        series.append(made_up.step(step))
    assert (np.diff(series.position) > 0).all()
    assert (np.ceil(series.position) == series.epoch).all()


def test_without_reports_there_are_no_positions(series):
    assert series.position.shape == series.step.shape == (0,)
