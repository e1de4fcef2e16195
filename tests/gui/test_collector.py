"""Finding photographs and adding them."""

from __future__ import annotations

import pytest

from captioner.worker.protocol import Failed, FindImages, Finished, FoundImage, ImagesFound, PathRefused
from gui.collector import CHUNK, Collector
from gui.viewmodels.image_collection import ImageCollection


@pytest.fixture
def collection():
    return ImageCollection()


@pytest.fixture
def collector(bridge, collection):
    return Collector(bridge, collection)


def find(client, count, *, first=0):
    job_id = client.last(FindImages).job_id
    images = tuple(FoundImage(f"/p/{number}.jpg", 1, 1) for number in range(first, first + count))
    client.emit(ImagesFound(job_id=job_id, images=images))


def finish(client):
    client.emit(Finished(job_id=client.last(FindImages).job_id))


def test_ten_thousand_found_images_are_added_a_few_at_a_time(qtbot, client, collector, collection):
    steps = []
    collection.inserted.connect(lambda first, count: steps.append(count))
    collector.add(["/p"])
    assert client.last(FindImages).paths == ("/p",)
    assert collector.is_searching
    find(client, 10_000)
    finish(client)
    with qtbot.waitSignal(collector.finished) as finished:
        pass
    assert max(steps) <= CHUNK
    assert finished.args[0] == len(collection) == 10_000
    assert finished.args[1] == [f"/p/{number}.jpg" for number in range(10_000)]
    assert not collector.is_searching


def test_what_is_there_already_is_not_new_and_told_where_nothing_else_is(qtbot, client, collector, collection):
    collection.add([FoundImage("/p/1.jpg", 1, 1)])
    collector.add(["/p"])
    find(client, 1, first=1)
    finish(client)
    with qtbot.waitSignal(collector.finished) as finished:
        pass
    assert finished.args == [0, ["/p/1.jpg"]]
    collector.add(["/p"])
    find(client, 3)
    finish(client)
    with qtbot.waitSignal(collector.finished) as finished:
        pass
    assert finished.args == [2, ["/p/0.jpg", "/p/2.jpg"]]


def test_how_many_were_found_is_told_as_it_goes(qtbot, client, collector):
    told = []
    collector.found.connect(told.append)
    collector.add(["/p"])
    find(client, 2 * CHUNK + 1)
    finish(client)
    with qtbot.waitSignal(collector.finished):
        pass
    assert told == [CHUNK, 2 * CHUNK, 2 * CHUNK + 1]


def test_refusals_are_told_in_the_worker_s_words(qtbot, client, collector):
    told = []
    collector.refused.connect(told.append)
    collector.add(["/p/fifo"])
    client.emit(PathRefused(job_id=client.last(FindImages).job_id, path="/p/fifo", message="fifo is a pipe."))
    finish(client)
    with qtbot.waitSignal(collector.finished) as finished:
        pass
    assert told == ["fifo is a pipe."]
    assert finished.args == [0, []]


def test_many_refusals_are_told_as_few(qtbot, client, collector):
    told = []
    collector.refused.connect(told.append)
    collector.add(["/p"])
    for number in range(500):
        refused = PathRefused(job_id=client.last(FindImages).job_id, path=f"{number}", message=f"{number} is none.")
        client.emit(refused)
    finish(client)
    with qtbot.waitSignal(collector.finished):
        pass
    assert len(told) == 4
    assert "497" in told[-1]


def test_a_search_that_fails_says_so_and_ends(qtbot, client, collector):
    collector.add(["/p"])
    with qtbot.waitSignals([collector.refused, collector.finished]):
        client.emit(Failed(job_id=client.last(FindImages).job_id, message="The engine cannot be used."))
    assert not collector.is_searching


def test_two_searches_go_on_at_a_time(qtbot, client, collector, collection):
    collector.add(["/a"])
    find(client, 2)
    finish(client)
    collector.add(["/b"])
    find(client, 2, first=2)
    finish(client)
    told = []
    collector.finished.connect(lambda new, paths: told.append((new, paths)))
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == [(2, ["/p/0.jpg", "/p/1.jpg"]), (2, ["/p/2.jpg", "/p/3.jpg"])]


def test_cancelling_keeps_what_was_added_and_adds_no_more(qtbot, client, collector, collection):
    collector.add(["/p"])
    find(client, 5000)
    collector.found.connect(lambda total: collector.cancel())
    with qtbot.waitSignal(collector.finished) as finished:
        pass
    assert finished.args[0] == len(collection) < 5000


def test_adding_nothing_asks_nothing(client, collector):
    collector.add([])
    assert client.requests == []
