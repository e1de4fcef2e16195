import threading

import pytest

from captioner.errors import ConfigurationError
from captioner.training.control import TrainingControl


def test_pausing_and_going_on():
    control = TrainingControl()
    assert not control.is_paused
    control.pause()
    assert control.is_paused
    control.resume()
    assert not control.is_paused


def test_stopping_ends_a_pause_and_cannot_be_taken_back():
    control = TrainingControl()
    control.pause()
    control.stop_and_save()
    control.resume()
    assert (control.is_stopping, control.is_paused) == (True, False)


def test_extensions_add_up_and_are_taken_once():
    control = TrainingControl()
    control.extend(2)
    control.extend(3)
    assert [control.take_extension(), control.take_extension()] == [5, 0]
    with pytest.raises(ConfigurationError, match="not by 0"):
        control.extend(0)


@pytest.mark.parametrize("wish", ["resume", "stop_and_save"])
def test_waiting_ends_when_another_thread_says_so(wish):
    control = TrainingControl()
    control.pause()
    timer = threading.Timer(0.05, getattr(control, wish))
    timer.start()
    control.wait_while_paused()
    assert not control.is_paused
    timer.join()


@pytest.mark.parametrize("wish", ["resume", "stop_and_save"])
def test_waiting_for_room_ends_when_another_thread_says_so(wish):
    control = TrainingControl()
    control.report_no_room()
    timer = threading.Timer(0.05, getattr(control, wish))
    timer.start()
    control.wait_for_room(60.0)
    timer.join()


@pytest.mark.parametrize("is_paused", [False, True])
def test_waiting_for_room_no_longer_than_asked_leaves_a_wish_to_pause(is_paused):
    control = TrainingControl()
    control.wait_while_paused()
    control.report_no_room()
    if is_paused:
        control.pause()
    control.wait_for_room(0.01)
    assert control.is_paused == is_paused
