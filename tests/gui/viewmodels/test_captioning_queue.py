"""What is captioned next, and how fast."""

import pytest

from captioner.worker.protocol import FoundImage
from gui.viewmodels.captioning_queue import CaptioningQueue, Progress
from gui.viewmodels.image_collection import ImageCollection, ImageState

PATHS = tuple(f"{number}.jpg" for number in range(10))


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def collection():
    collection = ImageCollection()
    collection.add([FoundImage(path, 1, 1) for path in PATHS])
    return collection


@pytest.fixture
def queue(collection, clock):
    return CaptioningQueue(collection, clock)


@pytest.fixture
def told(queue):
    told = []
    queue.changed.connect(told.append)
    return told


def states(collection):
    return [image.state for image in collection]


def caption(queue, collection, make_caption, paths):
    for path in paths:
        collection.set_caption(path, make_caption())
        queue.finish(path)


def test_images_are_handed_out_in_order_and_in_batches(queue, collection):
    queue.start_all_waiting()
    assert queue.next_batch(4) == PATHS[:4]
    assert states(collection) == [ImageState.CAPTIONING] * 4 + [ImageState.WAITING] * 6
    assert queue.next_batch(16) == PATHS[4:]
    assert queue.next_batch() == ()


def test_an_image_is_queued_once_and_only_if_it_is_there(queue, told):
    queue.enqueue([PATHS[0], PATHS[0], "unknown.jpg"])
    queue.enqueue([PATHS[0]])
    assert queue.next_batch() == (PATHS[0],)
    queue.enqueue([PATHS[0]])
    assert queue.next_batch() == ()
    assert [progress.total for progress in told] == [1]


def test_the_prioritised_image_is_next(queue):
    queue.start_all_waiting()
    queue.prioritise(PATHS[7])
    queue.prioritise("unknown.jpg")
    assert queue.next_batch(2) == (PATHS[7], PATHS[0])


def test_progress_counts_done_and_failed(queue, collection, told, make_caption):
    queue.start_all_waiting()
    queue.next_batch(4)
    caption(queue, collection, make_caption, PATHS[:2])
    collection.set_failed(PATHS[2], "It is cut short.")
    queue.finish(PATHS[2])
    queue.finish(PATHS[2])
    queue.finish(PATHS[9])
    assert told[-1] == queue.progress
    assert (queue.progress.done, queue.progress.failed, queue.progress.total) == (3, 1, 10)


def test_a_new_run_begins_after_the_last_image(queue, collection, make_caption):
    queue.enqueue(PATHS[:2])
    caption(queue, collection, make_caption, queue.next_batch())
    assert queue.progress == Progress(done=2, total=2)
    queue.enqueue(PATHS[2:5])
    assert (queue.progress.done, queue.progress.total, queue.progress.is_running) == (0, 3, True)


def test_nothing_is_begun_while_paused(queue, told):
    queue.start_all_waiting()
    queue.pause()
    queue.pause()
    assert queue.next_batch() == ()
    assert queue.progress.is_paused
    assert queue.progress.is_running
    queue.resume()
    assert queue.next_batch(1) == (PATHS[0],)
    assert len(told) == 3


def test_cancelling_leaves_every_image_as_it_was(queue, collection, make_caption):
    collection.set_caption(PATHS[0], make_caption("a dog"))
    collection.set_caption(PATHS[1], make_caption("a dog"))
    collection.set_text(PATHS[1], "my dog")
    collection.set_failed(PATHS[2], "It is cut short.")
    queue.enqueue(PATHS)
    queue.next_batch(1)
    queue.pause()
    assert queue.cancel() == PATHS
    assert states(collection) == [ImageState.DONE, ImageState.EDITED, *[ImageState.WAITING] * 8]
    assert queue.progress == Progress()
    assert queue.cancel() == ()


def test_a_caption_that_comes_after_cancelling_is_kept_but_not_counted(queue, collection, make_caption):
    queue.start_all_waiting()
    queue.next_batch(1)
    queue.cancel()
    caption(queue, collection, make_caption, PATHS[:1])
    assert collection[0].state is ImageState.DONE
    assert queue.progress.done == 0


def test_images_given_back_come_first_again_in_their_order(queue, collection, make_caption):
    queue.start_all_waiting()
    batch = queue.next_batch(3)
    caption(queue, collection, make_caption, batch[:1])
    queue.give_back(batch)
    assert states(collection)[:3] == [ImageState.DONE, ImageState.WAITING, ImageState.WAITING]
    assert queue.next_batch(3) == PATHS[1:4]


def test_removed_images_leave_the_queue(queue, collection):
    queue.start_all_waiting()
    queue.next_batch(2)
    collection.remove([PATHS[0], PATHS[5]])
    assert queue.progress.total == 8
    queue.finish(PATHS[0])
    assert queue.progress.done == 0
    collection.clear()
    assert queue.progress == Progress()


def test_what_a_hand_wrote_while_an_image_waited_is_not_overwritten(queue, collection, told):
    queue.enqueue(PATHS[:3])
    collection.set_text(PATHS[0], "my own words")
    assert queue.next_batch() == PATHS[1:3]
    assert collection[0].state is ImageState.EDITED
    assert told[-1].total == 2


def run(queue, collection, make_caption, clock, count, seconds, burst=1):
    """Caption ``count`` images, ``seconds`` for each, told ``burst`` at a time."""
    for _ in range(count // burst):
        batch = queue.next_batch(burst)
        clock.now += seconds * burst
        caption(queue, collection, make_caption, batch)


@pytest.fixture
def long_queue(clock):
    collection = ImageCollection()
    collection.add([FoundImage(f"{number}.jpg", 1, 1) for number in range(2000)])
    queue = CaptioningQueue(collection, clock)
    queue.start_all_waiting()
    return queue, collection


@pytest.mark.parametrize(("seconds", "burst"), [(0.02, 1), (0.02, 16), (0.5, 1), (0.5, 16), (8.0, 1), (8.0, 16)])
def test_rate_and_time_left(long_queue, make_caption, clock, seconds, burst):
    queue, collection = long_queue
    run(queue, collection, make_caption, clock, 160, seconds, burst)
    progress = queue.progress
    assert progress.rate == pytest.approx(1 / seconds, rel=0.02)
    assert progress.eta == pytest.approx((2000 - 160) * seconds, rel=0.02)


def test_time_left_is_not_told_before_it_is_known(long_queue, make_caption, clock):
    queue, collection = long_queue
    assert (queue.progress.rate, queue.progress.eta) == (0, None)
    run(queue, collection, make_caption, clock, 1, 1.0)
    assert queue.progress.eta is None


@pytest.mark.parametrize("jump", [8 * 3600.0, -500.0, 40.0])
def test_a_clock_that_jumps_once_changes_nothing(long_queue, make_caption, clock, jump):
    queue, collection = long_queue
    run(queue, collection, make_caption, clock, 100, 0.02)
    clock.now += jump
    run(queue, collection, make_caption, clock, 1, 0.02)
    assert queue.progress.rate == pytest.approx(50, rel=0.05)
    run(queue, collection, make_caption, clock, 100, 0.02)
    assert queue.progress.rate == pytest.approx(50, rel=0.05)


def test_a_machine_that_has_become_slow_is_believed(long_queue, make_caption, clock):
    queue, collection = long_queue
    run(queue, collection, make_caption, clock, 100, 0.02)
    run(queue, collection, make_caption, clock, 5, 20.0)
    assert queue.progress.rate == pytest.approx(0.05, rel=0.05)


def test_a_pause_does_not_count_as_slowness(long_queue, make_caption, clock):
    queue, collection = long_queue
    run(queue, collection, make_caption, clock, 100, 0.02)
    queue.pause()
    assert (queue.progress.rate, queue.progress.eta) == (0, None)
    clock.now += 4
    queue.resume()
    run(queue, collection, make_caption, clock, 100, 0.02)
    assert queue.progress.rate == pytest.approx(50, rel=0.05)
