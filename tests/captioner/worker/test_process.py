"""The real worker with a real model of random weights: every request that a window sends, and what comes back."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from captioner.captioning import Captioner
from captioner.config import DecodingOptions
from captioner.worker.client import WorkerClient
from captioner.worker.protocol import (
    Cancelled,
    CaptionEntry,
    CaptionImages,
    ExportCaptions,
    ExportFigure,
    ExportModel,
    Failed,
    FileWritten,
    FindImages,
    Finished,
    ImageCaptioned,
    ImageFailed,
    ImagesFound,
    ImportModel,
    ListModels,
    LoadModel,
    MakeThumbnails,
    ModelImported,
    ModelLoaded,
    ModelRemoved,
    ModelsListed,
    OpenPhotograph,
    PhotographOpened,
    RemoveModel,
    ThumbnailMade,
    WorkerDied,
    WorkerReady,
    WorkerStarted,
)


class Asker:
    """A client, its listener, and requests with ids of their own."""

    def __init__(self, listener, log):
        self.listener = listener
        self.client = WorkerClient(self.listener, log_file=log)
        self.client.start()
        self._ids = itertools.count(1)

    def send(self, kind, **fields):
        job_id = next(self._ids)
        self.client.send(kind(job_id=job_id, **fields))
        return job_id

    def ask(self, kind, **fields):
        """All events of a request but the last, which must be `Finished`."""
        *events, last = self.told(kind, **fields)
        assert isinstance(last, Finished), last
        return events

    def told(self, kind, **fields):
        job_id = self.send(kind, **fields)
        self.listener.wait_for_end(job_id)
        return self.listener.of(job_id)


@pytest.fixture(scope="module")
def asker(new_listener, tmp_path_factory, tiny_package):
    asker = Asker(new_listener(), tmp_path_factory.mktemp("worker") / "log.txt")
    asker.ask(LoadModel, model=str(tiny_package))
    yield asker
    asker.client.close()
    assert not [event for event in asker.listener.events if isinstance(event, WorkerDied)]


@pytest.fixture(scope="module")
def captioner(tiny_package):
    return Captioner.load(tiny_package)


@pytest.fixture
def paths(photographs):
    return tuple(str(path) for path in sorted(photographs.rglob("*.*")))


def assert_same(one, other):
    assert one.text == other.text
    assert one.score == pytest.approx(other.score, abs=1e-4)
    np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)
    assert (one.path, one.grid, one.geometry, one.options) == (other.path, other.grid, other.geometry, other.options)


def test_worker_says_when_it_is_there_and_when_it_is_ready(asker):
    started = asker.listener.wait_for(WorkerStarted)
    assert started.pid == asker.client.pid != os.getpid()
    assert asker.listener.wait_for(WorkerReady).seconds > 0


def test_model_is_described(asker, tiny_package):
    (loaded,) = asker.ask(LoadModel, model=str(tiny_package))
    model = loaded.model
    assert isinstance(loaded, ModelLoaded)
    assert (model.name, model.origin, model.path) == ("tiny", "folder", str(tiny_package))
    assert (model.grid, model.vocabulary, model.decoding.max_length) == ((2, 2), 14, 6)
    assert model.encoder == "stepped_resnet_small at 64 x 64"
    assert model.size == sum(path.stat().st_size for path in tiny_package.iterdir())
    assert model.card.startswith("# Tiny")


def test_batch_equals_the_captioner(asker, captioner, paths):
    events = asker.ask(CaptionImages, paths=paths * 6)
    assert [event.path for event in events] == list(paths * 6)
    expected = {path: captioner.caption(path) for path in paths}
    for event in events:
        assert isinstance(event, ImageCaptioned)
        assert_same(event.caption, expected[event.path])


def test_beginning_and_options_are_obeyed_with_features_that_are_remembered(asker, captioner, paths):
    options = DecodingOptions(beam_size=4, max_length=5)
    for fields in ({}, {"beginning": ("the", "red")}, {"options": options}):
        (event,) = asker.ask(CaptionImages, paths=paths[:1], **fields)
        assert_same(event.caption, captioner.caption(paths[0], **fields))


def test_altered_file_is_looked_at_again(asker, paths):
    (before,) = asker.ask(CaptionImages, paths=paths[:1])
    shutil.copy(paths[1], paths[0])
    (after,) = asker.ask(CaptionImages, paths=paths[:1])
    assert abs(before.caption.score - after.caption.score) > 1e-6


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"beginning": ("zebra",)}, "does not know the word 'zebra'"),
        ({"beginning": ("red",) * 9}, "longer than the maximum"),
        ({"model": "no-such-model"}, "There is no model 'no-such-model'"),
    ],
)
def test_impossible_request_fails_with_a_sentence(asker, paths, fields, reason):
    (failed,) = asker.told(CaptionImages, paths=paths, **fields)
    assert isinstance(failed, Failed)
    assert reason in failed.message
    assert failed.details == ""


def test_bad_files_fail_alone(asker, paths, tmp_path):
    cut = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    cut.write_bytes(Path(paths[1]).read_bytes()[:500])
    os.mkfifo(tmp_path / "pipe.jpg")
    bad = (str(cut), str(tmp_path / "missing.jpg"), str(tmp_path / "pipe.jpg"), str(tmp_path), "nul\0byte")
    mixed = (bad[0], paths[0], *bad[1:3], paths[1], *bad[3:])
    for kind, made in ((CaptionImages, ImageCaptioned), (MakeThumbnails, ThumbnailMade)):
        events = asker.ask(kind, paths=mixed)
        assert [event.path for event in events] == list(mixed)
        assert [isinstance(event, made) for event in events] == [path in paths for path in mixed]
        assert all(event.message.endswith(".") for event in events if isinstance(event, ImageFailed))


def test_other_model_captions_without_becoming_the_current_one(asker, tiny_package, paths, tmp_path):
    other = shutil.copytree(tiny_package, tmp_path / "other")
    (event,) = asker.ask(CaptionImages, paths=paths[:1], model=str(other))
    assert event.caption.model == "other"
    (event,) = asker.ask(CaptionImages, paths=paths[:1])
    assert event.caption.model == "tiny"


def test_model_that_cannot_be_loaded_leaves_the_one_before(asker, paths, tmp_path):
    (failed,) = asker.told(LoadModel, model=str(tmp_path))
    assert isinstance(failed, Failed)
    (event,) = asker.ask(CaptionImages, paths=paths[:1])
    assert event.caption.model == "tiny"


def test_batch_is_cancelled_while_one_photograph_goes_between(asker, paths):
    batch = asker.send(CaptionImages, paths=paths * 500)
    asker.listener.wait_for(ImageCaptioned, job_id=batch)
    (event,) = asker.ask(CaptionImages, paths=paths[:1], beginning=("the",))
    assert event.caption.text.startswith("the")
    asker.client.cancel(batch)
    assert asker.listener.wait_for_end(batch) == Cancelled(job_id=batch)
    assert len(asker.listener.of(batch)) < 2000


def test_waiting_batch_is_cancelled(asker, paths):
    jobs = [asker.send(CaptionImages, paths=paths * 50) for _ in range(2)]
    for job in reversed(jobs):
        asker.client.cancel(job)
    for job in jobs:
        assert asker.listener.wait_for_end(job) == Cancelled(job_id=job)
    assert asker.listener.kinds(jobs[1]) == ["Cancelled"]


def test_photographs_and_thumbnails_are_upright_pixels(asker, paths):
    (opened,) = asker.ask(OpenPhotograph, path=paths[0], side=48)
    assert isinstance(opened, PhotographOpened)
    assert (opened.width, opened.height) == (96, 64)
    assert opened.pixels.shape == (32, 48, 3)
    thumbnails = asker.ask(MakeThumbnails, paths=paths, side=24)
    assert [max(event.pixels.shape) for event in thumbnails] == [24] * len(paths)


def test_large_photograph_crosses_whole(asker, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (1200, 1600, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "large.bmp")
    (opened,) = asker.ask(OpenPhotograph, path=str(tmp_path / "large.bmp"), side=0)
    np.testing.assert_array_equal(opened.pixels, pixels)


def test_folder_is_searched(asker, photographs, paths):
    (found,) = asker.ask(FindImages, paths=(str(photographs),))
    assert isinstance(found, ImagesFound)
    assert {image.path for image in found.images} == set(paths)


def test_models_are_imported_listed_exported_and_removed(asker, tiny_package, tmp_path):
    (imported,) = asker.ask(ImportModel, source=str(tiny_package))
    assert isinstance(imported, ModelImported)
    assert imported.model.origin == "installed"
    (listed,) = asker.ask(ListModels)
    assert isinstance(listed, ModelsListed)
    assert imported.model in listed.models
    assert listed.problems == ()
    target = tmp_path / "tiny.zip"
    assert [event.path for event in asker.ask(ExportModel, name="tiny", target=str(target))] == [str(target)]
    assert target.stat().st_size > 10_000
    assert isinstance(asker.told(ExportModel, name="tiny", target=str(target))[-1], Failed)
    (removed,) = asker.ask(RemoveModel, name="tiny")
    assert removed == ModelRemoved(job_id=removed.job_id, name="tiny")
    assert isinstance(asker.told(RemoveModel, name="tiny")[-1], Failed)


def test_captions_and_figures_are_written(asker, paths, tmp_path):
    (event,) = asker.ask(CaptionImages, paths=paths[:1])
    entry = CaptionEntry(paths[0], event.caption.text, event.caption)
    for kind, fields, name in (
        (ExportCaptions, {"format": "csv", "entries": (entry,)}, "captions.csv"),
        (ExportFigure, {"entry": entry}, "figure.png"),
    ):
        target = str(tmp_path / name)
        (written,) = asker.ask(kind, target=target, **fields)
        assert written == FileWritten(job_id=written.job_id, path=target)
        assert Path(target).stat().st_size > 0
        assert isinstance(asker.told(kind, target=target, **fields)[-1], Failed)


def test_importing_the_client_imports_neither_torch_nor_qt():
    code = "import sys, captioner.worker.client; sys.exit(str({'torch', 'PIL', 'PySide6'} & set(sys.modules) or ''))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert ended.stderr.strip() == ""
