from __future__ import annotations

import threading

import pytest

from captioner.worker.protocol import (
    Cancelled,
    Failed,
    FindImages,
    Finished,
    ImagesFound,
    ListModels,
    WorkerDied,
    WorkerReady,
    WorkerUnusable,
)
from gui.engine_bridge import EngineBridge, WorkerState


@pytest.fixture
def heard():
    return []


def listen(job, heard):
    job.event_received.connect(heard.append)
    job.ended.connect(heard.append)


def test_answers_reach_their_own_job(bridge, client, qtbot, heard):
    first, second = bridge.submit(FindImages, paths=("a",)), bridge.submit(ListModels)
    listen(second, heard)
    client.emit(ImagesFound(job_id=first.request.job_id, images=()))
    client.emit(Finished(job_id=second.request.job_id))
    qtbot.waitUntil(lambda: bool(heard))
    assert [type(event) for event in heard] == [Finished]
    assert [job.request for job in bridge.open_jobs] == [first.request]


def test_job_ids_are_never_used_twice(bridge, client):
    ids = {bridge.submit(ListModels).request.job_id for _ in range(50)}
    assert len(ids) == 50
    assert [request.job_id for request in client.requests] == sorted(ids)


def test_events_of_a_dropped_job_are_stale_but_its_end_is_told(bridge, client, qtbot, heard):
    job = bridge.submit(FindImages, paths=("a",))
    listen(job, heard)
    job_id = job.request.job_id
    client.emit(ImagesFound(job_id=job_id, images=()))  # on its way when the job is dropped
    job.drop()
    qtbot.waitUntil(lambda: bool(heard))
    assert client.cancelled == [job_id]
    assert [type(event) for event in heard] == [Cancelled]


def test_events_of_unknown_jobs_are_ignored(bridge, client, qtbot):
    client.emit(Finished(job_id=999))
    client.emit(WorkerReady(job_id=0, seconds=1.0))
    qtbot.waitUntil(lambda: bridge.state is WorkerState.READY)


def test_events_from_another_thread_arrive_on_the_windows(bridge, client, qtbot):
    job = bridge.submit(ListModels)
    threads = []
    job.ended.connect(lambda event: threads.append(threading.current_thread()))
    other = threading.Thread(target=client.emit, args=(Finished(job_id=job.request.job_id),))
    other.start()
    other.join()
    assert not threads
    qtbot.waitUntil(lambda: bool(threads))
    assert threads == [threading.main_thread()]


def test_requests_before_the_start_are_sent_at_the_start(qapp, client):
    bridge = EngineBridge()
    client.on_event = bridge.take_event
    job = bridge.submit(ListModels)
    assert not client.requests
    bridge.start(client)
    assert client.is_started
    assert client.requests == [job.request]
    bridge.close()


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (WorkerReady(job_id=0, seconds=1.0), WorkerState.READY),
        (WorkerDied(job_id=0, message="It ended."), WorkerState.RESTARTING),
        (WorkerUnusable(job_id=0, message="Install torch.", details="trace"), WorkerState.UNUSABLE),
    ],
)
def test_state_follows_the_worker(bridge, client, qtbot, event, state):
    with qtbot.waitSignal(bridge.state_changed) as told:
        client.emit(event)
    assert told.args == [state, getattr(event, "message", "")]
    assert bridge.state is state


def test_nothing_is_heard_after_closing(bridge, client, qtbot, heard):
    job = bridge.submit(ListModels)
    listen(job, heard)
    client.emit(Failed(job_id=job.request.job_id, message="Too late."))
    bridge.close()
    bridge.close()
    qtbot.wait(20)
    assert not heard
    assert client.is_closed
    assert bridge.state is WorkerState.CLOSED
