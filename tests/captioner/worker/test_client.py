"""The client keeps a worker alive through crashes and hangs, and leaves nothing behind; workers here are pretended."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

import pytest

from captioner.worker.client import MOST_FRUITLESS_DEATHS, WorkerClient
from captioner.worker.protocol import (
    Cancelled,
    CaptionEntry,
    ExportCaptions,
    Failed,
    FindImages,
    Finished,
    ImageFailed,
    ImagesFound,
    LoadModel,
    MakeThumbnails,
    ModelLoaded,
    OpenPhotograph,
    Shutdown,
    ThumbnailMade,
    WorkerDied,
    WorkerStarted,
    WorkerUnusable,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture(autouse=True)
def _quiet(caplog):
    caplog.set_level(logging.CRITICAL, "captioner.worker")


def thumbnails(*paths, job_id=1):
    return MakeThumbnails(job_id=job_id, paths=paths)


def outcomes(listener, job_id):
    return [(type(event).__name__, event.path) for event in listener.of(job_id) if hasattr(event, "path")]


def test_requests_are_answered_in_order(listener, start_client):
    client = start_client(listener)
    client.send(thumbnails("a", "b"))
    client.send(OpenPhotograph(job_id=2, path="c"))
    listener.wait_for_end(2)
    assert client.is_alive
    assert client.pid == listener.wait_for(WorkerStarted).pid
    assert [type(event).__name__ for event in listener.events] == [
        "WorkerStarted",
        "ThumbnailMade",
        "ThumbnailMade",
        "Finished",
        "PhotographOpened",
        "Finished",
    ]


def test_requests_may_come_before_the_start(listener):
    client = WorkerClient(listener)
    client.send(thumbnails())
    assert client.pid is None
    assert not client.is_alive
    client.close()
    with pytest.raises(RuntimeError, match="started once"):
        client.start()
    with pytest.raises(RuntimeError, match="closed"):
        client.send(thumbnails(job_id=2))
    assert listener.events == []


def test_misuse_is_refused(listener, start_client):
    client = start_client(listener)
    with pytest.raises(RuntimeError, match="started once"):
        client.start()
    with pytest.raises(ValueError, match="close"):
        client.send(Shutdown(job_id=1))
    with pytest.raises(ValueError, match="1 or more"):
        client.send(thumbnails(job_id=0))


def test_crash_fails_one_file_and_the_rest_goes_on(listener, start_client, tmp_path):
    bad = tmp_path / "crash.jpg"
    bad.write_bytes(b"123")
    log = tmp_path / "log" / "worker.txt"
    client = start_client(listener, log_file=log)
    client.send(LoadModel(job_id=9, model="mine"))
    client.send(thumbnails("a", "b", str(bad), "c", "d", "e"))
    client.send(OpenPhotograph(job_id=2, path="f"))
    client.send(OpenPhotograph(job_id=3, path=str(bad)))
    for job_id in (1, 2, 3):
        assert listener.wait_for_end(job_id) == Finished(job_id=job_id)
    made = [("ThumbnailMade", "a"), ("ThumbnailMade", "b")]
    rest = [("ThumbnailMade", name) for name in "cde"]
    assert outcomes(listener, 1) == [*made, ("ImageFailed", str(bad)), *rest]
    assert outcomes(listener, 2) == [("PhotographOpened", "f")]
    assert outcomes(listener, 3) == [("ImageFailed", str(bad))]
    assert listener.wait_for(ImageFailed).message.startswith("crash.jpg made the decoder crash")
    died = listener.wait_for(WorkerDied)
    assert "SIGSEGV" in died.message
    assert "loads mine" in died.details
    assert len([event for event in listener.events if isinstance(event, ModelLoaded)]) == 1
    client.close()
    assert log.read_text().splitlines() == ["loads mine", f"avoids {bad} 3", "loads mine"]


def test_hang_is_ended(listener, start_client):
    client = start_client(listener, seconds_to_decode=0.3)
    client.send(thumbnails("a", "hang.jpg", "b"))
    assert listener.wait_for_end(1) == Finished(job_id=1)
    assert outcomes(listener, 1) == [("ThumbnailMade", "a"), ("ImageFailed", "hang.jpg"), ("ThumbnailMade", "b")]
    assert "too long" in listener.wait_for(ImageFailed).message


def test_killed_from_outside_nothing_is_lost(listener, start_client, tmp_path):
    once = tmp_path / "once.jpg"
    once.touch()
    client = start_client(listener)
    client.send(thumbnails("a", str(once), "b"))
    assert listener.wait_for_end(1) == Finished(job_id=1)
    assert sorted(outcomes(listener, 1)) == sorted(("ThumbnailMade", path) for path in ("a", str(once), "b"))


def test_file_whose_decoding_takes_all_memory_fails(listener, start_client):
    client = start_client(listener)
    client.send(thumbnails("a", "killed.jpg", "b"))
    assert listener.wait_for_end(1) == Finished(job_id=1)
    assert sorted(outcomes(listener, 1)) == sorted(
        [("ThumbnailMade", "a"), ("ImageFailed", "killed.jpg"), ("ThumbnailMade", "b")]
    )


def test_photograph_that_ends_the_worker_is_found_among_its_neighbours(listener, start_client):
    client = start_client(listener)
    client.send(thumbnails("a", "b", "memory.jpg", "c", "d", "e"))
    assert listener.wait_for_end(1) == Finished(job_id=1)
    assert sorted(path for kind, path in outcomes(listener, 1) if kind == "ThumbnailMade") == list("abcde")
    assert [(event.path, "memory" in event.message) for event in listener.of(1) if isinstance(event, ImageFailed)] == [
        ("memory.jpg", True)
    ]


def test_model_that_is_too_large_fails_alone(listener, start_client):
    client = start_client(listener)
    client.send(LoadModel(job_id=1, model="mine"))
    client.send(LoadModel(job_id=2, model="too-large"))
    client.send(thumbnails("a", job_id=3))
    assert isinstance(listener.wait_for_end(2), Failed)
    assert listener.wait_for_end(3) == Finished(job_id=3)


def test_search_that_was_cut_short_tells_nothing_twice(listener, start_client, tmp_path):
    marker = tmp_path / "lives"
    marker.touch()
    client = start_client(listener)
    client.send(FindImages(job_id=1, paths=(str(marker),)))
    listener.wait_for_end(1)
    found = [image.path for event in listener.of(1) if isinstance(event, ImagesFound) for image in event.images]
    assert found == ["0.jpg", "1.jpg"]


def test_export_that_was_cut_short_says_so(listener, start_client):
    client = start_client(listener)
    client.send(ExportCaptions(job_id=1, format="txt", entries=(CaptionEntry("a.jpg", "a dog"),)))
    assert "again" in listener.wait_for_end(1).message


def test_cancel_ends_a_job(listener, start_client):
    client = start_client(listener)
    client.send(thumbnails("a", "wait", "b"))
    listener.wait_for(ThumbnailMade, path="a")
    client.cancel(1)
    assert listener.wait_for_end(1) == Cancelled(job_id=1)
    assert listener.kinds(1) == ["ThumbnailMade", "Cancelled"]


@pytest.mark.parametrize("manner", ["dies", "babbles"])
def test_worker_that_never_starts_is_given_up(listener, start_client, manner):
    client = start_client(listener, manner)
    client.send(thumbnails("a"))
    unusable = listener.wait_for(WorkerUnusable)
    assert isinstance(listener.wait_for_end(1), Failed)
    assert len([event for event in listener.events if isinstance(event, WorkerDied)]) == MOST_FRUITLESS_DEATHS
    assert ("no such luck" in unusable.details) == (manner == "dies")
    client.send(thumbnails("b", job_id=2))
    assert isinstance(listener.wait_for_end(2), Failed)
    assert not client.is_alive


def test_program_that_does_not_exist_is_given_up(listener, start_client, tmp_path):
    start_client(listener, command=(str(tmp_path / "missing"),))
    listener.wait_for(WorkerUnusable)


def test_listener_that_fails_does_not_end_the_client(start_client, listener):
    def listen(event):
        listener(event)
        raise RuntimeError("of the window's own making")

    client = start_client(listen)
    client.send(thumbnails("a"))
    assert listener.wait_for_end(1) == Finished(job_id=1)


def test_close_ends_everything_and_may_be_repeated(listener, start_client, ends_soon):
    client = start_client(listener)
    pid = listener.wait_for(WorkerStarted).pid
    client.send(thumbnails("wait"))
    client.close()
    assert ends_soon(pid, 0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("captioner-worker")]
    told = len(listener.events)
    client.close()
    assert len(listener.events) == told
    assert client.pid is None


def test_stubborn_worker_is_killed(listener, start_client, ends_soon):
    client = start_client(listener, "stubborn")
    pid = listener.wait_for(WorkerStarted).pid
    client.close(timeout=0.1)
    assert ends_soon(pid, 0)


def test_stopped_worker_is_killed(listener, start_client, ends_soon):
    client = start_client(listener)
    pid = listener.wait_for(WorkerStarted).pid
    os.kill(pid, signal.SIGSTOP)
    client.send(thumbnails(*(f"{index:0100}" for index in range(30_000))))  # more than a pipe holds
    client.close(timeout=0.1)
    assert ends_soon(pid, 0)


def test_listener_may_close_the_client(listener, ends_soon):
    closed = threading.Event()

    def close_when_told(event):
        listener(event)
        client.close(timeout=0.1)
        closed.set()

    client = WorkerClient(close_when_told, command=(sys.executable, "-c", _STARTS))
    client.start()
    assert closed.wait(10)
    client.close()
    assert [type(event) for event in listener.events] == [WorkerStarted]
    assert ends_soon(listener.events[0].pid, 0)


_STARTS = """
import os, sys
header = b'{"type":"WorkerStarted","fields":{"job_id":0,"pid":%d},"arrays":[]}' % os.getpid()
os.write(1, len(header).to_bytes(4, "big") + header)
sys.stdin.buffer.read()
"""


def test_long_log_is_begun_anew(listener, start_client, tmp_path):
    log = tmp_path / "log.txt"
    log.write_bytes(b"x" * 2_000_000)
    client = start_client(listener, log_file=log)
    listener.wait_for(WorkerStarted)
    client.close()
    assert log.stat().st_size == 0


def test_log_that_cannot_be_written_is_done_without(listener, start_client, tmp_path):
    start_client(listener, log_file=tmp_path)
    listener.wait_for(WorkerStarted)
