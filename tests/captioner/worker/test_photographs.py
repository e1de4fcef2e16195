"""Photographs for the screen: their size, their thumbnails on disk, and files that are avoided."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest
from PIL import Image

from captioner.errors import ImageError
from captioner.imaging import Photograph
from captioner.worker import decoding_gate
from captioner.worker.decoding_gate import DecodingGate, shrink
from captioner.worker.jobs import Job, JobCancelledError
from captioner.worker.photographs import Photographs
from captioner.worker.private_messages import DangerousFile
from captioner.worker.protocol import (
    DecodingFinished,
    DecodingStarted,
    ImageFailed,
    MakeThumbnails,
    OpenPhotograph,
    PhotographOpened,
    ThumbnailMade,
)
from captioner.worker.thumbnail_cache import ThumbnailCache, thumbnail_key


@pytest.fixture
def gate(sink):
    return DecodingGate(sink)


@pytest.fixture
def cache(tmp_path):
    return ThumbnailCache(tmp_path / "cache")


@pytest.fixture
def photographs(sink, gate, cache):
    return Photographs(sink, gate, cache)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.linear_gradient("L").resize((640, 400)).convert("RGB").save(path)
    return str(path)


def make(photographs, sink, *paths, side=160):
    sink.events.clear()
    list(photographs.make_thumbnails(Job(MakeThumbnails(job_id=1, paths=paths, side=side))))
    return sink.of((ThumbnailMade, ImageFailed))


def decoded(sink):
    return [event.path for event in sink.of(DecodingStarted)]


@pytest.mark.parametrize(
    ("size", "side", "expected"),
    [
        ((40, 20), 10, (5, 10)),
        ((20, 40), 10, (10, 5)),
        ((10, 10), 10, (10, 10)),
        ((1000, 1), 10, (1, 10)),
        ((9, 5), 0, (5, 9)),
    ],
)
def test_neither_side_is_longer_than_asked(size, side, expected):
    width, height = size
    small = shrink(Photograph(np.zeros((height, width, 3), np.uint8), 2 * width, 2 * height), side)
    assert small.pixels.shape == (*expected, 3)
    assert (small.width, small.height) == (2 * width, 2 * height)


def test_small_pictures_are_antialiased():
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    small = shrink(Photograph(stripes, 64, 64), 16).pixels[:, 2:-2]  # at the border the pattern ends
    assert np.abs(small.astype(int) - 128).max() < 8


@pytest.mark.parametrize(("side", "expected"), [(0, (400, 640)), (320, (200, 320)), (2048, (400, 640))])
def test_photograph_is_opened_within_a_side(photographs, sink, photo, side, expected):
    list(photographs.open(Job(OpenPhotograph(job_id=1, path=photo, side=side))))
    started, finished, opened = sink.events
    assert (type(started), type(finished), type(opened)) == (DecodingStarted, DecodingFinished, PhotographOpened)
    assert opened.pixels.shape == (*expected, 3)
    assert (opened.width, opened.height) == (640, 400)


def test_what_cannot_be_opened_fails(photographs, sink, tmp_path):
    path = str(tmp_path / "missing.jpg")
    list(photographs.open(Job(OpenPhotograph(job_id=1, path=path))))
    assert sink.events[-1].path == path
    assert "does not exist" in sink.events[-1].message


def test_thumbnail_is_made_once_and_read_from_then_on(photographs, sink, photo, cache):
    (made,) = make(photographs, sink, photo)
    assert decoded(sink) == [photo]
    assert (made.width, made.height) == (640, 400)
    assert made.pixels.shape == (100, 160, 3)
    (kept,) = make(photographs, sink, photo)
    assert [str(cache.folder) in path for path in decoded(sink)] == [True]
    assert (kept.width, kept.height) == (640, 400)
    np.testing.assert_allclose(kept.pixels.astype(int), made.pixels, atol=12)


def test_altered_photograph_and_other_side_are_made_anew(photographs, sink, photo):
    make(photographs, sink, photo)
    assert make(photographs, sink, photo, side=80)[0].pixels.shape == (50, 80, 3)
    os.utime(photo, ns=(1, 1))
    make(photographs, sink, photo)
    assert decoded(sink) == [photo]


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_broken_thumbnail_is_made_again(photographs, sink, photo, cache, content):
    make(photographs, sink, photo)
    (file,) = cache.folder.glob("*/*")
    file.write_bytes(file.read_bytes()[:300] if content is None else content)
    assert isinstance(make(photographs, sink, photo)[0], ThumbnailMade)
    assert decoded(sink) == [str(file), photo]
    make(photographs, sink, photo)
    assert decoded(sink) == [str(file)]


def test_thumbnails_of_bad_files_fail_alone(photographs, sink, photo, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"nothing")
    results = make(photographs, sink, str(bad), photo, str(tmp_path / "gone.jpg"), "nul\0byte")
    assert [type(result) for result in results] == [ImageFailed, ThumbnailMade, ImageFailed, ImageFailed]


def test_cache_that_cannot_be_written_is_done_without(sink, gate, photo, tmp_path):
    (tmp_path / "file").touch()
    photographs = Photographs(sink, gate, ThumbnailCache(tmp_path / "file"))
    assert isinstance(make(photographs, sink, photo)[0], ThumbnailMade)


def test_oldest_thumbnails_are_removed_beyond_the_bound(cache):
    for age in range(5):
        cache.keep(f"{age:040x}", Photograph(np.zeros((8, 8, 3), np.uint8), 8, 8))
        (file,) = cache.folder.glob(f"*/{age:040x}-*")
        os.utime(file, ns=(10**9 * (100 - age),) * 2)
    size = file.stat().st_size
    (cache.folder / "00" / ".partial").write_bytes(b"")
    ThumbnailCache(cache.folder, most_bytes=2 * size).prune()
    assert sorted(path.name for path in cache.folder.glob("*/*")) == [f"{0:040x}-8x8.jpg", f"{1:040x}-8x8.jpg"]


def test_key_depends_on_the_file_and_the_side(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    path.touch()
    keys = {thumbnail_key(str(path), path.stat(), side) for side in (80, 160)}
    os.utime(path, ns=(1, 1))
    keys.add(thumbnail_key(str(path), path.stat(), 80))
    keys.add(thumbnail_key("other", path.stat(), 80))
    assert len(keys) == 4


def test_dangerous_file_is_refused_until_it_changes(gate, photo):
    status = os.stat(photo)  # noqa: PTH116
    gate.avoid([DangerousFile(photo, status.st_size, status.st_mtime_ns, "photo.jpg is bad.")])
    with pytest.raises(ImageError, match=r"photo.jpg is bad\."):
        gate.open_within(Job(OpenPhotograph(job_id=1, path=photo)), photo, 10)
    os.utime(photo, ns=(1, 1))
    assert gate.open_within(Job(OpenPhotograph(job_id=1, path=photo)), photo, 10).width == 640


def test_one_file_is_decoded_at_a_time_and_the_first_to_come_goes_first(gate, photo, monkeypatch):
    at_once, most, order = [], [], []
    is_held, may_go = threading.Event(), threading.Event()

    def decode(path, **_):
        at_once.append(path)
        most.append(len(at_once))
        order.append(path)
        if path == "first":
            is_held.set()
            assert may_go.wait(10)
        at_once.remove(path)
        return Photograph(np.zeros((1, 1, 3), np.uint8), 1, 1)

    monkeypatch.setattr(decoding_gate, "open_photograph", decode)
    threads = []
    for index, path in enumerate(("first", "second", "third"), start=1):
        job = Job(OpenPhotograph(job_id=index, path=path))
        threads.append(threading.Thread(target=gate.open_within, args=(job, path, 1)))
        threads[-1].start()
        assert is_held.wait(10)
        while len(gate._queue) < index:
            pass
    may_go.set()
    for thread in threads:
        thread.join()
    assert order == ["first", "second", "third"]
    assert most == [1, 1, 1]


def test_cancelled_job_decodes_nothing_more(photographs, sink, photo):
    job = Job(MakeThumbnails(job_id=1, paths=(photo, photo)))
    steps = photographs.make_thumbnails(job)
    next(steps)
    job.cancel()
    with pytest.raises(JobCancelledError):
        next(steps)
    assert len(sink.of(ThumbnailMade)) == 1
