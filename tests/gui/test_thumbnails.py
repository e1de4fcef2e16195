"""Small pictures: asked for, dropped, kept within bounds, drawn."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from captioner.worker.protocol import Failed, Finished, ImageFailed, MakeThumbnails, ThumbnailMade
from gui.thumbnails import SIDE, Thumbnails


@pytest.fixture
def thumbnails(bridge):
    return Thumbnails(bridge)


def requests(client):
    return [request for request in client.requests if isinstance(request, MakeThumbnails)]


def answer(client, request, paths=None, size=(12, 8), colour=(200, 10, 10)):
    pixels = np.broadcast_to(np.uint8(colour), (size[1], size[0], 3)).copy()
    for path in request.paths if paths is None else paths:
        client.emit(ThumbnailMade(job_id=request.job_id, path=path, width=1200, height=800, pixels=pixels))
    client.emit(Finished(job_id=request.job_id))


def test_a_picture_is_asked_for_once_and_arrives(qtbot, client, thumbnails):
    assert thumbnails.pixmap("a.jpg") is None
    assert thumbnails.pixmap("a.jpg") is None
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    assert requests(client)[0].paths == ("a.jpg",)
    assert requests(client)[0].side == SIDE
    with qtbot.waitSignal(thumbnails.thumbnail_arrived) as arrived:
        answer(client, requests(client)[0])
    assert arrived.args == ["a.jpg"]
    pixmap = thumbnails.pixmap("a.jpg")
    assert (pixmap.width(), pixmap.height()) == (12, 8)
    assert pixmap.toImage().pixelColor(5, 5) == QColor(200, 10, 10)


def test_the_newest_wish_goes_first_and_few_are_in_flight(qtbot, client, thumbnails):
    for number in range(30):
        thumbnails.pixmap(f"{number}.jpg")
    qtbot.waitUntil(lambda: len(requests(client)) == 2)
    first, second = requests(client)
    assert first.paths[0] == "29.jpg"
    asked = first.paths + second.paths
    assert len(asked) == len(set(asked)) < 20
    answer(client, first)
    qtbot.waitUntil(lambda: len(requests(client)) == 3)


def test_what_was_scrolled_past_is_never_asked_for(qtbot, client, thumbnails):
    for number in range(5000):
        thumbnails.pixmap(f"{number}.jpg")
    qtbot.waitUntil(lambda: bool(requests(client)))
    answered = 0
    while answered < len(requests(client)):
        answer(client, requests(client)[answered])
        answered += 1
        qtbot.wait(5)
    asked = {path for request in requests(client) for path in request.paths}
    assert 0 < len(asked) <= 64
    assert "4999.jpg" in asked
    assert "100.jpg" not in asked


def test_a_batch_that_was_scrolled_past_is_dropped(qtbot, client, thumbnails):
    thumbnails.pixmap("old.jpg")
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    for number in range(64):
        thumbnails.pixmap(f"{number}.jpg")
    qtbot.waitUntil(lambda: client.cancelled == [requests(client)[0].job_id])
    assert "63.jpg" in requests(client)[1].paths


def test_a_picture_of_a_dropped_batch_is_not_taken(qtbot, client, thumbnails):
    test_a_batch_that_was_scrolled_past_is_dropped(qtbot, client, thumbnails)
    arrived = []
    thumbnails.thumbnail_arrived.connect(arrived.append)
    answer(client, requests(client)[0])
    answer(client, requests(client)[1])
    qtbot.waitUntil(lambda: "63.jpg" in arrived)
    assert "old.jpg" not in arrived


def test_a_broken_photograph_is_not_asked_for_again_until_it_is_forgotten(qtbot, client, thumbnails):
    thumbnails.pixmap("a.jpg")
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    with qtbot.waitSignal(thumbnails.thumbnail_arrived):
        client.emit(ImageFailed(job_id=requests(client)[0].job_id, path="a.jpg", message="a.jpg is damaged."))
        client.emit(Finished(job_id=requests(client)[0].job_id))
    assert thumbnails.is_broken("a.jpg")
    assert thumbnails.pixmap("a.jpg") is None
    qtbot.wait(40)
    assert len(requests(client)) == 1
    thumbnails.forget("a.jpg")
    thumbnails.pixmap("a.jpg")
    qtbot.waitUntil(lambda: len(requests(client)) == 2)


def test_a_worker_that_fails_is_not_asked_in_a_loop(qtbot, client, thumbnails):
    thumbnails.pixmap("a.jpg")
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    client.emit(Failed(job_id=requests(client)[0].job_id, message="The engine cannot be used."))
    qtbot.wait(60)
    assert len(requests(client)) == 1
    assert not thumbnails.is_broken("a.jpg")
    thumbnails.pixmap("a.jpg")
    qtbot.waitUntil(lambda: len(requests(client)) == 2)


def test_the_least_recently_used_leave_first(qtbot, client, bridge):
    thumbnails = Thumbnails(bridge, cache_bytes=3 * 12 * 8 * 4)
    for number in range(4):
        thumbnails.pixmap(f"{number}.jpg")
        qtbot.waitUntil(lambda number=number: len(requests(client)) == number + 1)
        with qtbot.waitSignal(thumbnails.thumbnail_arrived):
            answer(client, requests(client)[number])
        thumbnails.pixmap("0.jpg")
    assert [thumbnails.pixmap(f"{number}.jpg") is not None for number in range(4)] == [True, False, True, True]


def test_a_finer_screen_gets_a_finer_picture_and_sees_the_coarse_one_meanwhile(qtbot, client, thumbnails):
    thumbnails.pixmap("a.jpg", 1.0)
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    with qtbot.waitSignal(thumbnails.thumbnail_arrived):
        answer(client, requests(client)[0])
    assert thumbnails.pixmap("a.jpg", 2.0) is not None
    qtbot.waitUntil(lambda: len(requests(client)) == 2)
    assert requests(client)[1].side == 2 * SIDE
    with qtbot.waitSignal(thumbnails.thumbnail_arrived):
        answer(client, requests(client)[1], size=(24, 16))
    assert thumbnails.pixmap("a.jpg", 2.0).devicePixelRatio() == 2.0
