"""What is found in what was dropped: in chunks, in order, whatever lies there."""

from __future__ import annotations

import os

import pytest

from captioner.worker import listing
from captioner.worker.jobs import Job, JobCancelledError
from captioner.worker.listing import Listing
from captioner.worker.protocol import FindImages, FoundImage, ImagesFound, PathRefused


def find(sink, *paths, is_recursive=True):
    sink.events.clear()
    list(Listing(sink).find(Job(FindImages(job_id=1, paths=tuple(map(str, paths)), is_recursive=is_recursive))))
    return [image for event in sink.events if isinstance(event, ImagesFound) for image in event.images]


def refusals(sink):
    return [(event.path, event.message) for event in sink.events if isinstance(event, PathRefused)]


def test_photographs_come_with_size_and_time(sink, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"123")
    os.utime(tmp_path / "a.jpg", ns=(5, 7))
    assert find(sink, tmp_path) == [FoundImage(str(tmp_path / "a.jpg"), 3, 7)]
    assert refusals(sink) == []


def test_chunks_hold_at_most_five_hundred(sink, tmp_path):
    for index in range(1100):
        (tmp_path / f"{index}.png").touch()
    names = [os.path.basename(image.path) for image in find(sink, tmp_path)]  # noqa: PTH119
    assert names == [f"{index}.png" for index in range(1100)]
    assert [len(event.images) for event in sink.events if len(event.images) > 500] == []


def test_slow_folder_is_told_bit_by_bit(sink, tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "SECONDS_FOR_A_CHUNK", -1)
    for index in range(3):
        (tmp_path / f"{index}.png").touch()
    find(sink, tmp_path)
    assert [len(event.images) for event in sink.events] == [1, 1, 1]


def test_folders_inside_folders_when_asked(sink, tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "b.jpg").touch()
    (tmp_path / "a.jpg").touch()
    assert len(find(sink, tmp_path, is_recursive=False)) == 1
    assert len(find(sink, tmp_path)) == 2


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("https://example.org/a.jpg", "is an address"),
        ("ftp://example.org", "is an address"),
        ("", "Nothing was given"),
        ("missing.jpg", "does not exist"),
        ("nul\0byte.jpg", "not a name"),
    ],
)
def test_what_is_no_file_is_refused_and_the_rest_goes_on(sink, tmp_path, path, reason):
    (tmp_path / "a.jpg").touch()
    assert len(find(sink, path, tmp_path)) == 1
    ((refused, message),) = refusals(sink)
    assert refused == path
    assert reason in message


def test_folder_without_photographs_is_refused(sink, tmp_path):
    assert find(sink, tmp_path) == []
    assert [path for path, _ in refusals(sink)] == [str(tmp_path)]


@pytest.mark.skipif(os.name != "posix", reason="pipes and links of POSIX")
def test_pipes_devices_and_loops_do_not_hold_it_up(sink, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self.jpg").symlink_to("self.jpg")
    (tmp_path / "a.jpg").touch()
    found = find(sink, tmp_path / "pipe", "/dev/null", tmp_path / "self.jpg", tmp_path)
    assert [image.path for image in found] == [str(tmp_path / "a.jpg")]
    assert [message.split(" is a ")[1][:6] for _, message in refusals(sink)] == ["pipe, ", "device", "link t"]


@pytest.mark.skipif(os.name != "posix", reason="names of bytes")
def test_names_that_are_not_text(sink, tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    try:
        path.touch()
    except OSError:
        pytest.skip("this file system refuses such names")
    assert [image.path for image in find(sink, tmp_path)] == [str(path)]


def test_search_is_cancelled_where_nothing_is_found(sink, tmp_path):
    for index in range(3):
        (tmp_path / str(index)).mkdir()
    job = Job(FindImages(job_id=1, paths=(str(tmp_path),)))
    job.cancel()
    with pytest.raises(JobCancelledError):
        list(Listing(sink).find(job))
