"""What is told and what is asked again when a worker dies at any point of its work."""

from __future__ import annotations

import numpy as np
import pytest

from captioner.worker.open_jobs import Death, OpenJobs
from captioner.worker.private_messages import PartFinished, PartStarted
from captioner.worker.protocol import (
    Cancel,
    Cancelled,
    CaptionImages,
    DecodingFinished,
    DecodingStarted,
    ExportCaptions,
    ExportFigure,
    Failed,
    FindImages,
    Finished,
    FoundImage,
    ImageFailed,
    ImagesFound,
    LoadModel,
    MakeThumbnails,
    ModelDetails,
    ModelLoaded,
    OpenPhotograph,
    PathRefused,
    ThumbnailMade,
    WorkerStarted,
)

PIXELS = np.zeros((1, 1, 3), np.uint8)
CRASH, KILL, HANG = Death(), Death(was_killed=True), Death(was_hung=True)


@pytest.fixture
def jobs():
    return OpenJobs()


def batch(*paths, job_id=1):
    return CaptionImages(job_id=job_id, paths=paths)


def answered(path, job_id=1):
    return ImageFailed(job_id=job_id, path=path, message="x")


def asked(jobs):
    return [getattr(request, "paths", request) for request in jobs.requests()]


def test_answers_are_told_and_bookkeeping_is_not(jobs):
    jobs.add(batch("a"))
    event = answered("a")
    assert jobs.receive(DecodingStarted(job_id=1, path="a")).events == []
    assert jobs.receive(PartStarted(job_id=1, paths=("a",))).events == []
    assert jobs.receive(event).events == [event]
    assert jobs.receive(Finished(job_id=1)).events == [Finished(job_id=1)]
    assert len(jobs) == 0


def test_a_job_ends_once(jobs):
    jobs.add(batch("a"))
    jobs.receive(Cancelled(job_id=1))
    assert jobs.receive(Finished(job_id=1)).events == []
    assert jobs.receive(answered("a")).events == []


@pytest.mark.parametrize("job_id", [1, 0, -1])
def test_ids_are_used_once_and_count_from_one(jobs, job_id):
    jobs.add(batch("a"))
    with pytest.raises(ValueError, match="ids are 1 or more"):
        jobs.add(batch("b", job_id=job_id))


def test_what_the_worker_says_of_itself_is_told(jobs):
    started = WorkerStarted(job_id=0, pid=3)
    assert jobs.receive(started).events == [started]


def test_only_what_was_not_answered_is_asked_again(jobs):
    jobs.add(batch("a", "b", "a", "c"))
    jobs.add(OpenPhotograph(job_id=2, path="d"))
    jobs.receive(answered("a"))
    assert jobs.recover(CRASH) == ([], False)
    again, opened = jobs.requests()
    assert again.paths == ("b", "a", "c")
    assert opened == OpenPhotograph(job_id=2, path="d")


def test_a_job_whose_end_was_lost_is_ended(jobs):
    jobs.add(batch("a"))
    jobs.receive(answered("a"))
    events, _ = jobs.recover(CRASH)
    assert events == [Finished(job_id=1)]
    assert jobs.requests() == []


@pytest.mark.parametrize(("death", "reason"), [(CRASH, "crash"), (HANG, "too long")])
def test_file_that_was_decoded_fails_in_all_jobs_that_wait_for_it(jobs, death, reason):
    jobs.add(batch("x/bad.jpg", "b"))
    jobs.add(MakeThumbnails(job_id=2, paths=("c", "x/bad.jpg")))
    jobs.add(OpenPhotograph(job_id=3, path="x/bad.jpg"))
    jobs.receive(DecodingStarted(job_id=2, path="x/bad.jpg"))
    jobs.receive(PartStarted(job_id=1, paths=("b",)))
    events, is_narrowed = jobs.recover(death)
    assert is_narrowed
    assert {(event.job_id, event.path) for event in events[:3]} == {(job_id, "x/bad.jpg") for job_id in (1, 2, 3)}
    assert all(event.message.startswith("bad.jpg ") and reason in event.message for event in events[:3])
    assert events[3:] == [Finished(job_id=3)]
    assert asked(jobs) == [("b",), ("c",)]


def test_file_whose_decoding_was_over_is_innocent(jobs):
    jobs.add(batch("a"))
    jobs.receive(DecodingStarted(job_id=1, path="a"))
    jobs.receive(DecodingFinished(job_id=1, path="a"))
    assert jobs.recover(CRASH) == ([], False)
    assert asked(jobs) == [("a",)]


def test_dangerous_file_is_remembered_as_it_is(jobs, tmp_path):
    path = tmp_path / "bad.jpg"
    path.write_bytes(b"123")
    jobs.add(OpenPhotograph(job_id=1, path=str(path)))
    jobs.receive(DecodingStarted(job_id=1, path=str(path)))
    jobs.recover(CRASH)
    (file,) = jobs.dangerous.values()
    assert (file.path, file.size, file.modified_ns) == (str(path), 3, path.stat().st_mtime_ns)


def test_killed_from_outside_the_file_at_hand_is_tried_once_more(jobs):
    jobs.add(batch("a", "b", "c"))
    jobs.receive(DecodingStarted(job_id=1, path="b"))
    assert jobs.recover(KILL) == ([], True)
    assert asked(jobs) == [("b",)]
    assert [request.paths for request in jobs.receive(Finished(job_id=1)).requests] == [("a", "c")]
    jobs.receive(DecodingStarted(job_id=1, path="b"))
    events, _ = jobs.recover(KILL)
    assert [(type(event), event.path) for event in events] == [(ImageFailed, "b")]
    assert asked(jobs) == [("a", "c")]


def test_part_at_hand_is_tried_one_by_one_and_what_kills_alone_fails(jobs):
    jobs.add(batch("a", "b", "c"))
    jobs.receive(PartStarted(job_id=1, paths=("a", "b")))
    assert jobs.recover(KILL) == ([], True)
    assert asked(jobs) == [("a",)]
    jobs.receive(PartStarted(job_id=1, paths=("a",)))
    jobs.receive(answered("a"))
    assert [request.paths for request in jobs.receive(Finished(job_id=1)).requests] == [("b",)]
    jobs.receive(PartStarted(job_id=1, paths=("b",)))
    events, is_narrowed = jobs.recover(KILL)
    assert [(event.path, "memory" in event.message) for event in events] == [("b", True)]
    assert is_narrowed
    assert asked(jobs) == [("c",)]
    assert jobs.receive(Finished(job_id=1)).events == [Finished(job_id=1)]


def test_part_that_was_over_is_innocent(jobs):
    jobs.add(batch("a", "b"))
    jobs.receive(PartStarted(job_id=1, paths=("a", "b")))
    jobs.receive(PartFinished(job_id=1))
    assert jobs.recover(KILL) == ([], False)
    assert asked(jobs) == [("a", "b")]


@pytest.mark.parametrize("request_", [LoadModel(job_id=1, model="m"), FindImages(job_id=1, paths=("f",))])
def test_job_without_photographs_is_tried_twice(jobs, request_):
    jobs.add(request_)
    for expected in ([], [Failed]):
        jobs.receive(PartStarted(job_id=1))
        events, _ = jobs.recover(KILL)
        assert [type(event) for event in events] == expected
    assert jobs.requests() == []


def test_export_of_many_files_is_not_repeated_but_one_that_waited_is(jobs):
    jobs.add(ExportCaptions(job_id=1, format="txt", entries=()))
    jobs.add(ExportCaptions(job_id=2, format="txt", entries=()))
    jobs.receive(PartStarted(job_id=1))
    events, _ = jobs.recover(CRASH)
    assert [(type(event), event.job_id) for event in events] == [(Failed, 1)]
    assert [request.job_id for request in jobs.requests()] == [2]


def test_cancelled_job_is_not_asked_again(jobs):
    jobs.add(batch("a"))
    assert jobs.cancel(1) == [Cancel(job_id=1)]
    events, _ = jobs.recover(CRASH)
    assert events == [Cancelled(job_id=1)]
    assert jobs.requests() == []


def test_cancel_while_there_is_no_worker_is_passed_to_the_next(jobs):
    jobs.add(batch("a"))
    jobs.cancel(1)
    assert jobs.requests() == [batch("a"), Cancel(job_id=1)]


def test_cancel_between_two_portions_ends_the_job(jobs):
    jobs.add(batch("a", "b"))
    jobs.receive(PartStarted(job_id=1, paths=("a", "b")))
    jobs.recover(KILL)
    jobs.requests()
    jobs.receive(answered("a"))
    jobs.cancel(1)
    assert jobs.receive(Finished(job_id=1)).events == [Cancelled(job_id=1)]


def test_cancel_of_what_is_not_open_is_ignored(jobs):
    assert jobs.cancel(5) == []


def test_current_model_is_loaded_again_first_and_silently(jobs):
    jobs.add(LoadModel(job_id=1, model="mine"))
    details = ModelDetails(
        name="mine", description="", origin="", path="", size=1, encoder="", decoder="", grid=(1, 1), vocabulary=1
    )
    loaded = ModelLoaded(job_id=1, model=details, seconds=0)
    assert jobs.receive(loaded).events == [loaded]
    jobs.receive(Finished(job_id=1))
    jobs.add(batch("a", job_id=2))
    jobs.recover(CRASH)
    assert jobs.requests() == [LoadModel(job_id=0, model="mine"), batch("a", job_id=2)]
    assert jobs.receive(ModelLoaded(job_id=0, model=details, seconds=0)).events == []
    assert jobs.receive(Finished(job_id=0)).events == []


def test_current_model_that_cannot_be_loaded_again_is_told(jobs):
    failed = Failed(job_id=0, message="gone")
    assert jobs.receive(failed).events == [failed]


def test_found_photographs_are_told_once(jobs):
    jobs.add(FindImages(job_id=1, paths=("folder",)))
    one, two = FoundImage("1", 1, 1), FoundImage("2", 1, 1)
    refused = PathRefused(job_id=1, path="x", message="m")
    assert jobs.receive(ImagesFound(job_id=1, images=(one,))).events == [ImagesFound(job_id=1, images=(one,))]
    assert jobs.receive(refused).events == [refused]
    jobs.recover(CRASH)
    assert jobs.receive(refused).events == []
    assert jobs.receive(ImagesFound(job_id=1, images=(one, two))).events == [ImagesFound(job_id=1, images=(two,))]
    assert jobs.receive(ImagesFound(job_id=1, images=(one,))).events == []


def test_an_answer_clears_a_job_of_earlier_deaths(jobs):
    jobs.add(MakeThumbnails(job_id=1, paths=("a", "b", "c")))
    for path in ("a", "b"):
        jobs.receive(PartStarted(job_id=1))
        jobs.receive(ThumbnailMade(job_id=1, path=path, width=1, height=1, pixels=PIXELS))
        jobs.receive(PartStarted(job_id=1))
        assert jobs.recover(CRASH)[0] == []
    assert asked(jobs) == [("c",)]


def test_all_can_be_failed(jobs):
    jobs.add(batch("a"))
    jobs.add(ExportFigure(job_id=2, entry=None, target=""))
    jobs.cancel(2)
    assert jobs.fail_all("over") == [Failed(job_id=1, message="over"), Cancelled(job_id=2)]
    assert len(jobs) == 0
