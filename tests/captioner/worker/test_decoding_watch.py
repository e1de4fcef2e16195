"""A file that takes too long is noticed; a machine that slept is not."""

import pytest

from captioner.worker.decoding_watch import DecodingWatch


@pytest.fixture
def watch():
    return DecodingWatch(limit=10, interval=0.5)


def tick(watch, *times):
    return [watch.tick(time) for time in times]


def test_too_long_is_noticed_once_it_is(watch):
    watch.tick(100.0)
    watch.start("a.jpg")
    assert not any(tick(watch, *(100 + step / 2 for step in range(1, 21))))
    assert watch.tick(110.5)
    assert watch.path == "a.jpg"


def test_each_file_has_its_own_time(watch):
    watch.tick(0.0)
    for index in range(40):
        watch.start(f"{index}.jpg")
        assert not watch.tick(index / 2)
        watch.finish()


def test_nothing_is_noticed_while_nothing_is_decoded(watch):
    watch.start("a.jpg")
    watch.finish()
    assert not any(tick(watch, *range(100)))


def test_sleep_of_the_machine_does_not_count(watch):
    watch.tick(0.0)
    watch.start("a.jpg")
    assert tick(watch, 0.5, 3600.0, 3600.5) == [False] * 3
    assert any(tick(watch, *(3600.5 + step / 2 for step in range(20))))
