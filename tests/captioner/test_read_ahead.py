import itertools
import threading
import time

import pytest

from captioner.read_ahead import in_batches, map_ahead


def reading_threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("depth", [1, 2, 50])
def test_results_keep_their_order(threads, depth):
    def slow_when_even(item):
        time.sleep(0.002 * (item % 2 == 0))
        return item * item

    results = list(map_ahead(slow_when_even, range(20), threads=threads, depth=depth))
    assert results == [item * item for item in range(20)]
    assert not reading_threads()


def test_items_are_drawn_only_a_little_ahead():
    drawn = []
    items = (drawn.append(item) or item for item in itertools.count())
    stream = map_ahead(str, items, threads=2, depth=4)
    assert not drawn
    assert list(itertools.islice(stream, 5)) == ["0", "1", "2", "3", "4"]
    assert len(drawn) <= 5 + 4
    stream.close()
    assert not reading_threads()


def test_error_of_the_function_comes_in_its_turn():
    stream = map_ahead(lambda item: 1 // item, [2, 1, 0, 1], threads=2, depth=3)
    assert [next(stream), next(stream)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(stream)
    assert not reading_threads()


def test_error_of_the_items_passes_through():
    def items():
        yield 1
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        list(map_ahead(str, items(), threads=1, depth=1))
    assert not reading_threads()


def test_early_close_cancels_what_has_not_begun():
    begun, may_go_on = [], threading.Event()

    def wait(item):
        begun.append(item)
        if item:
            may_go_on.wait(10)
        return item

    stream = map_ahead(wait, range(100), threads=1, depth=50)
    assert next(stream) == 0
    release = threading.Timer(0.05, may_go_on.set)
    release.start()
    stream.close()
    release.join()
    assert len(begun) <= 2
    assert not reading_threads()


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (3, [3]), (4, [4]), (9, [4, 4, 1])])
def test_batches(count, sizes):
    batches = list(in_batches(range(count), 4))
    assert [len(batch) for batch in batches] == sizes
    assert list(itertools.chain(*batches)) == list(range(count))
