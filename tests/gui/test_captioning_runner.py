"""Captioning what is in the queue."""

from __future__ import annotations

import pytest

from captioner.config import DecodingOptions
from captioner.worker.protocol import CaptionImages, Failed, Finished, FoundImage, ImageCaptioned, ImageFailed
from gui.captioning_runner import FIRST_BATCH, IN_FLIGHT, CaptioningRunner
from gui.viewmodels.captioning_queue import CaptioningQueue
from gui.viewmodels.image_collection import ImageCollection, ImageState


@pytest.fixture
def collection():
    collection = ImageCollection()
    collection.add(FoundImage(path(number), 1, 1) for number in range(40))
    return collection


@pytest.fixture
def queue(collection):
    return CaptioningQueue(collection)


@pytest.fixture
def runner(bridge, collection, queue):
    return CaptioningRunner(bridge, collection, queue)


def path(number):
    return f"/p/{number}.jpg"


def requests(client):
    return [request for request in client.requests if isinstance(request, CaptionImages)]


def states(collection):
    return [image.state for image in collection]


@pytest.fixture
def answer(client, make_caption):
    def answer(request, text="a dog runs"):
        for name in request.paths:
            client.emit(ImageCaptioned(job_id=request.job_id, path=name, caption=make_caption(text, path=name)))
        client.emit(Finished(job_id=request.job_id))

    return answer


def test_two_batches_are_in_flight_and_everything_is_captioned(qtbot, client, collection, queue, runner, answer):
    captioned = []
    runner.image_captioned.connect(captioned.append)
    queue.start_all_waiting()
    qtbot.waitUntil(lambda: len(requests(client)) == IN_FLIGHT)
    assert [len(request.paths) for request in requests(client)] == [FIRST_BATCH] * IN_FLIGHT
    assert collection.count(ImageState.CAPTIONING) == IN_FLIGHT * FIRST_BATCH
    done = 0
    while queue.progress.is_running:
        qtbot.waitUntil(lambda done=done: len(requests(client)) > done)
        assert len(requests(client)) - done <= IN_FLIGHT
        answer(requests(client)[done])
        done += 1
        qtbot.waitUntil(lambda done=done: queue.progress.done == sum(len(r.paths) for r in requests(client)[:done]))
    assert set(states(collection)) == {ImageState.DONE}
    assert captioned == [path(number) for number in range(40)]
    asked = [name for request in requests(client) for name in request.paths]
    assert asked == captioned


def test_options_and_model_go_with_each_batch(qtbot, client, queue, runner, answer):
    runner.options, runner.model = DecodingOptions(beam_size=5), "captioner-small"
    queue.enqueue([path(0)])
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    assert requests(client)[0].options.beam_size == 5
    assert requests(client)[0].model == "captioner-small"


def test_captioned_images_are_skipped(qtbot, client, collection, queue, runner, make_caption):
    collection.set_caption(path(0), make_caption())
    collection.set_text(path(1), "my own words")
    queue.start_all_waiting()
    qtbot.waitUntil(lambda: len(requests(client)) == 2)
    assert requests(client)[0].paths[0] == path(2)
    assert collection[1].text == "my own words"


def test_an_image_that_fails_says_why_and_can_be_tried_again(qtbot, client, collection, queue, runner, answer):
    queue.enqueue([path(0), path(1)])
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    job_id = requests(client)[0].job_id
    client.emit(ImageFailed(job_id=job_id, path=path(0), message="0.jpg is cut short. Copy it again."))
    qtbot.waitUntil(lambda: collection[0].state is ImageState.FAILED)
    assert collection[0].message == "0.jpg is cut short. Copy it again."
    assert queue.progress.failed == 1
    queue.enqueue([path(0)])
    qtbot.waitUntil(lambda: len(requests(client)) == 2)
    answer(requests(client)[1])
    qtbot.waitUntil(lambda: collection[0].state is ImageState.DONE)
    assert collection[0].message == ""


def test_cancelling_gives_every_image_back_at_once(qtbot, client, collection, queue, runner, answer):
    queue.start_all_waiting()
    qtbot.waitUntil(lambda: len(requests(client)) == 2)
    first, second = requests(client)
    left = runner.cancel()
    assert sorted(left) == sorted(path(number) for number in range(40))
    assert set(states(collection)) == {ImageState.WAITING}
    assert client.cancelled == [first.job_id, second.job_id]
    answer(first)  # what the worker still says is stale
    qtbot.wait(20)
    assert set(states(collection)) == {ImageState.WAITING}
    assert len(requests(client)) == 2


def test_a_pause_stops_at_once_and_goes_on_where_it_was(qtbot, client, collection, queue, runner):
    queue.start_all_waiting()
    qtbot.waitUntil(lambda: len(requests(client)) == 2)
    runner.pause()
    assert set(states(collection)) == {ImageState.WAITING}
    qtbot.wait(20)
    assert len(requests(client)) == 2
    runner.resume()
    qtbot.waitUntil(lambda: len(requests(client)) == 4)
    assert requests(client)[2].paths == requests(client)[0].paths


def test_a_prioritised_image_is_in_the_next_batch(qtbot, client, queue, runner, answer):
    queue.start_all_waiting()
    qtbot.waitUntil(lambda: len(requests(client)) == 2)
    queue.prioritise(path(39))
    answer(requests(client)[0])
    qtbot.waitUntil(lambda: len(requests(client)) == 3)
    assert requests(client)[2].paths[0] == path(39)


def test_a_worker_that_can_caption_nothing_stops_the_run_once(qtbot, client, collection, queue, runner):
    told = []
    runner.stopped.connect(told.append)
    queue.start_all_waiting()
    qtbot.waitUntil(lambda: len(requests(client)) == 2)
    for request in requests(client):
        client.emit(Failed(job_id=request.job_id, message="The model is damaged. Choose another."))
    qtbot.waitUntil(lambda: bool(told))
    qtbot.wait(20)
    assert told == ["The model is damaged. Choose another."]
    assert queue.progress.is_paused
    assert set(states(collection)) == {ImageState.WAITING}
    assert len(requests(client)) == 2


def test_an_image_left_without_an_answer_fails_and_the_run_ends(qtbot, client, collection, queue, runner):
    queue.enqueue([path(0)])
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    client.emit(Finished(job_id=requests(client)[0].job_id))
    qtbot.waitUntil(lambda: collection[0].state is ImageState.FAILED)
    assert collection[0].message
    assert not queue.progress.is_running


def test_an_image_that_is_removed_under_way_stays_removed(qtbot, client, collection, queue, runner, answer):
    queue.enqueue([path(0), path(1)])
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    collection.remove([path(0)])
    answer(requests(client)[0])
    qtbot.waitUntil(lambda: not queue.progress.is_running)
    assert collection.row_of(path(0)) is None
    assert collection[0].state is ImageState.DONE


def test_words_written_by_hand_meanwhile_stay(qtbot, client, collection, queue, runner, answer):
    queue.enqueue([path(0)])
    qtbot.waitUntil(lambda: len(requests(client)) == 1)
    collection.set_text(path(0), "my own words")
    answer(requests(client)[0])
    qtbot.waitUntil(lambda: not queue.progress.is_running)
    assert collection[0].text == "my own words"


@pytest.mark.parametrize(("per_second", "expected"), [(2, 2), (20, 10), (40, 16)])
def test_batches_are_half_a_second_s_work(qtbot, bridge, client, collection, per_second, expected):
    now = [0.0]
    queue = CaptioningQueue(collection, clock=lambda: now[0])
    runner = CaptioningRunner(bridge, collection, queue)
    queue.enqueue([path(number) for number in range(24)])
    queue.next_batch(24)
    for number in range(24):
        now[0] += 1 / per_second
        collection.set_state(path(number), ImageState.DONE)
        queue.finish(path(number))
        if number == 20:
            queue.enqueue([path(number) for number in range(24, 40)])
    qtbot.waitUntil(lambda: len(requests(client)) >= 1)
    assert abs(len(requests(client)[0].paths) - expected) <= 1
    assert runner is not None
