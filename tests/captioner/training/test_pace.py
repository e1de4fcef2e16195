import pytest

from captioner.training.pace import Pace


def test_nothing_is_known_at_first():
    assert Pace().seconds_left({"words": 100}, 3) == 0


def test_each_stage_goes_by_its_own_steps():
    pace = Pace()
    pace.add_step("words", 0.1)
    assert pace.seconds_left({"words": 10, "captions": 20}, 0) == pytest.approx(3)
    pace.add_step("captions", 1.0)
    assert pace.seconds_left({"words": 10, "captions": 20}, 0) == pytest.approx(21)
    pace.add_evaluation(5)
    assert pace.seconds_left({"captions": 20}, 2) == pytest.approx(30)


def test_a_night_of_sleep_does_not_count():
    pace = Pace()
    for _ in range(10):
        pace.add_step("words", 0.1)
    pace.add_step("words", 8 * 3600)
    assert pace.seconds_left({"words": 10}, 0) == pytest.approx(1)
