"""Jobs take turns by urgency, can be stopped at any time, and do not take each other down."""

from __future__ import annotations

import io
import logging
import threading

import pytest

from captioner.errors import ImageError
from captioner.worker.codec import EVENTS, read_message
from captioner.worker.jobs import Job, JobCancelledError, Outlet
from captioner.worker.lane import Lane
from captioner.worker.protocol import Cancelled, Failed, Finished, Request


class Stop(BaseException):
    """Ends the endless work of a lane, at the end of a test."""


@pytest.fixture
def lane(sink):
    return Lane(sink)


def run(lane):
    """Do all jobs that wait, in this thread."""

    def stop():
        raise Stop
        yield

    lane.add(Job(Request(job_id=999)), stop(), urgency=99)
    with pytest.raises(Stop):
        lane.run()


def steps(name, count, done):
    for _ in range(count):
        done.append(name)
        yield


def add(lane, job_id, steps, **order):
    job = Job(Request(job_id=job_id))
    lane.add(job, steps, **order)
    return job


def test_jobs_of_one_urgency_follow_each_other(lane, sink):
    done = []
    add(lane, 1, steps("a", 2, done))
    add(lane, 2, steps("b", 2, done))
    run(lane)
    assert "".join(done) == "aabb"
    assert sink.events == [Finished(job_id=1), Finished(job_id=2)]


def test_newest_goes_first_where_asked(lane):
    done = []
    for name in "abc":
        add(lane, ord(name), steps(name, 1, done), is_newest_first=True)
    run(lane)
    assert "".join(done) == "cba"


def test_urgent_job_goes_between_the_steps_of_another(lane, sink):
    done = []

    def batch():
        done.append("b")
        yield
        add(lane, 2, steps("u", 2, done), urgency=0)
        yield
        done.append("b")
        yield

    add(lane, 1, batch(), urgency=1)
    run(lane)
    assert "".join(done) == "buub"
    assert sink.events == [Finished(job_id=2), Finished(job_id=1)]


@pytest.mark.parametrize(
    ("error", "message", "has_details"),
    [
        (ImageError("a.jpg is empty."), "a.jpg is empty.", False),
        (MemoryError(), "not enough memory", True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "not enough memory", True),
        (KeyError("x"), "unexpected went wrong (KeyError)", True),
    ],
)
def test_job_that_fails_says_why_and_the_next_goes_on(lane, sink, caplog, error, message, has_details):
    def fail():
        yield
        raise error

    done = []
    add(lane, 1, fail())
    add(lane, 2, steps("b", 1, done))
    with caplog.at_level(logging.CRITICAL):
        run(lane)
    failed, finished = sink.events
    assert isinstance(failed, Failed)
    assert message in failed.message
    assert ("Traceback" in failed.details) == has_details
    assert finished == Finished(job_id=2)


def test_waiting_job_is_cancelled_at_once_and_never_begun(lane, sink):
    done = []
    job = add(lane, 1, steps("a", 1, done))
    assert lane.cancel(1)
    assert job.is_cancelled
    assert sink.events == [Cancelled(job_id=1)]
    run(lane)
    assert done == []
    assert not lane.cancel(1)


def test_job_at_work_is_cancelled_after_its_step_and_closed(lane, sink):
    closed = []

    def cancel_itself():
        try:
            assert lane.cancel(1)
            assert sink.events == []
            yield
            yield
        finally:
            closed.append(True)

    add(lane, 1, cancel_itself())
    run(lane)
    assert sink.events == [Cancelled(job_id=1)]
    assert closed == [True]


def test_job_that_looks_by_itself_ends_within_its_step(lane, sink):
    def look():
        lane.cancel(1)
        job.check()
        pytest.fail("the job went on")
        yield

    job = add(lane, 1, look())
    run(lane)
    assert sink.events[0] == Cancelled(job_id=1)


def test_all_jobs_can_be_told_to_stop(lane):
    jobs = [add(lane, job_id, steps("a", 1, [])) for job_id in (1, 2)]
    lane.cancel_all()
    assert all(job.is_cancelled for job in jobs)


def test_suspended_job_that_is_cancelled_is_closed_by_the_lane(lane, sink):
    closers = []

    def batch():
        try:
            yield
            add(lane, 2, urgent(), urgency=0)
            yield
        finally:
            closers.append(threading.current_thread())

    def urgent():
        lane.cancel(1)
        assert closers == []
        yield

    add(lane, 1, batch(), urgency=1)
    run(lane)
    assert sink.events == [Cancelled(job_id=1), Finished(job_id=2)]
    assert closers == [threading.current_thread()]


def test_idleness_can_be_waited_for(lane):
    assert lane.wait_until_idle(0)
    add(lane, 1, steps("a", 1, []))
    assert not lane.wait_until_idle(0)


def test_job_says_that_it_is_cancelled():
    job = Job(Request(job_id=3))
    job.check()
    job.cancel()
    assert job.id == 3
    with pytest.raises(JobCancelledError):
        job.check()


def test_outlet_writes_whole_messages_from_many_threads():
    stream = io.BytesIO()
    outlet = Outlet(stream)
    threads = [threading.Thread(target=outlet.send, args=(Finished(job_id=index),)) for index in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stream.seek(0)
    assert {read_message(stream, EVENTS).job_id for _ in range(20)} == set(range(20))


def test_outlet_that_leads_nowhere_says_so():
    class Broken(io.BytesIO):
        def write(self, _):
            raise BrokenPipeError

    noticed = []
    Outlet(Broken(), on_broken=lambda: noticed.append(True)).send(Finished(job_id=1))
    assert noticed == [True]
