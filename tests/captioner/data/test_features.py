"""Extraction: rows belong to their names, damaged images are left out, and an interruption costs nothing."""

import subprocess
import sys

import h5py
import numpy as np
import pytest
import torch
from PIL import Image

from captioner.config import EncoderConfig
from captioner.data import features
from captioner.data.feature_files import FeatureFile
from captioner.data.features import extract_features, training_views
from captioner.data.pixel_files import PixelFile
from captioner.encoders import Encoder
from captioner.errors import FeatureFileError, ImageError


@pytest.fixture(scope="module")
def encoder():
    """An untrained encoder, its output scaled up so that images are far apart."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        encoder = Encoder(EncoderConfig(input_size=32))
    encoder.trunk.stage32[-1].weight.data *= 1000
    return encoder.optimise_for_inference(torch.float32)


@pytest.fixture
def folder(tmp_path):
    """Five photographs; 1.png is cut short, and gone.png is not there."""
    for index in range(5):
        pixels = np.random.default_rng(index).integers(0, 256, (4, 5, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((50, 40), Image.Resampling.BICUBIC).save(tmp_path / f"{index}.png")
    content = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").write_bytes(content[: len(content) // 2])
    return tmp_path


GOOD = ["0.png", "2.png", "3.png", "4.png"]
NAMES = ["0.png", "1.png", "2.png", "gone.png", "3.png", "4.png"]


def extract(encoder, names, folder, output, **options):
    return list(extract_features(encoder, names, folder, output, weights_sha256="0" * 64, **options))


def test_damaged_images_are_left_out_and_reported(encoder, folder, tmp_path):
    events = extract(encoder, NAMES, folder, tmp_path / "features.h5", views=15)
    assert [(event.done, event.failed, event.images) for event in events] == [(1, 1, 6), (2, 2, 6), (4, 2, 6)]
    errors = [error for event in events for error in event.errors]
    assert all(isinstance(error, ImageError) for error in errors)
    assert [error.path.name for error in errors] == ["1.png", "gone.png"]
    with FeatureFile(tmp_path / "features.h5") as features:
        assert features.image_names == tuple(GOOD)
        assert features.info.images == 4
        assert (features.info.grid, features.info.dim, features.info.views) == ((1, 1), 320, 15)
        assert features.info.encoder == "stepped_resnet18"


def test_rows_belong_to_their_names(encoder, folder, tmp_path):
    extract(encoder, NAMES, folder, tmp_path / "all.h5", views=1)
    with FeatureFile(tmp_path / "all.h5") as together:
        rows = together.read(np.arange(4))
        for row, name in enumerate(GOOD):
            extract(encoder, [name], folder, tmp_path / f"{name}.h5")
            with FeatureFile(tmp_path / f"{name}.h5") as alone:
                distances = np.abs(rows - alone.read(np.array([0]))).max((1, 2))
            assert distances[row] < 0.02
            assert (np.delete(distances, row) > 0.1).all()


def test_views_differ_from_the_plain_image_and_from_one_another(encoder, folder, tmp_path):
    extract(encoder, GOOD, folder, tmp_path / "views.h5", views=3)
    with FeatureFile(tmp_path / "views.h5") as features:
        views = [features.read(np.array([2]), np.array([view])) for view in range(4)]
    for one in range(4):
        for other in range(one):
            assert np.abs(views[one] - views[other]).max() > 0.1


def test_extraction_is_the_same_each_time(encoder, folder, tmp_path):
    for name in ("one.h5", "two.h5"):
        extract(encoder, GOOD, folder, tmp_path / name, views=3)
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.h5").read_bytes()


def test_no_file_is_left_when_no_image_can_be_read(encoder, folder, tmp_path):
    with pytest.raises(FeatureFileError, match="No image of"):
        extract(encoder, ["1.png", "gone.png"], folder, tmp_path / "features.h5")
    assert not list(tmp_path.glob("*features*"))


# Interruption


def stop_after(events_wanted, encoder, folder, output, **options):
    """Extract until so many events have come, then stop."""
    options = {"weights_sha256": "0" * 64, "views": 15} | options
    events = extract_features(encoder, NAMES, folder, output, **options)
    for _ in range(events_wanted):
        next(events)
    events.close()


@pytest.fixture
def opened(monkeypatch):
    """Names of the images that were opened."""
    names = []
    open_photograph = features.open_photograph

    def open_and_note(path, **options):
        names.append(path.name)
        return open_photograph(path, **options)

    monkeypatch.setattr(features, "open_photograph", open_and_note)
    return names


def unfinished(folder):
    return sorted(path.name for path in folder.glob(".*unfinished*"))


@pytest.mark.parametrize("events", [1, 2, 3])
def test_an_interrupted_extraction_goes_on_where_it_stopped(encoder, folder, tmp_path, opened, events):
    extract(encoder, NAMES, folder, tmp_path / "whole.h5", views=15)
    stop_after(events, encoder, folder, tmp_path / "parts.h5")
    assert not (tmp_path / "parts.h5").exists()
    assert len(unfinished(tmp_path)) == 2
    opened.clear()
    resumed = extract(encoder, NAMES, folder, tmp_path / "parts.h5", views=15)
    assert sorted(opened) == sorted(NAMES[2 * events :])
    assert {event.resumed for event in resumed} == {2 * events}
    assert (resumed[-1].done, resumed[-1].failed) == (4, 2)
    assert (tmp_path / "parts.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()
    assert unfinished(tmp_path) == []


def damage_row(path):
    with h5py.File(path) as file:
        offset = file["features"].id.get_chunk_info(1).byte_offset
    with path.open("r+b") as stream:
        stream.seek(offset + 5)
        stream.write(b"\x11")


def tear_journal(path):
    journal = path.with_name(f"{path.name}.journal")
    journal.write_bytes(journal.read_bytes()[:-2])


def spoil_journal(path):
    journal = path.with_name(f"{path.name}.journal")
    first, second, _ = journal.read_bytes().split(b"\n")
    journal.write_bytes(first + b"\n" + second.replace(b'"images": 4', b'"images": 5') + b"\n")


@pytest.mark.parametrize(("damage", "kept"), [(damage_row, 2), (tear_journal, 2), (spoil_journal, 2)])
def test_what_does_not_match_its_checksum_is_done_again(encoder, folder, tmp_path, damage, kept):
    extract(encoder, NAMES, folder, tmp_path / "whole.h5", views=15)
    stop_after(2, encoder, folder, tmp_path / "parts.h5")
    damage(tmp_path / unfinished(tmp_path)[0])
    resumed = extract(encoder, NAMES, folder, tmp_path / "parts.h5", views=15)
    assert resumed[0].resumed == kept
    assert (tmp_path / "parts.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()


@pytest.mark.parametrize("content", [b"", b"x" * 3000, None])
def test_an_unfinished_file_that_cannot_be_used_is_begun_again(encoder, folder, tmp_path, content):
    stop_after(1, encoder, folder, tmp_path / "parts.h5")
    path = tmp_path / unfinished(tmp_path)[0]
    path.write_bytes(path.read_bytes()[:700] if content is None else content)
    resumed = extract(encoder, NAMES, folder, tmp_path / "parts.h5", views=15)
    assert resumed[0].resumed == 0
    assert unfinished(tmp_path) == []


@pytest.mark.parametrize("change", [{"views": 7}, {"weights_sha256": "1" * 64}, {"max_megapixels": 1}])
def test_other_settings_begin_anew(encoder, folder, tmp_path, change):
    stop_after(1, encoder, folder, tmp_path / "parts.h5")
    options = {"weights_sha256": "0" * 64, "views": 15} | change
    events = list(extract_features(encoder, NAMES, folder, tmp_path / "parts.h5", **options))
    assert events[0].resumed == 0
    assert unfinished(tmp_path) == []


def test_nothing_is_kept_where_nothing_was_done(encoder, folder, tmp_path):
    extract_features(encoder, NAMES, folder, tmp_path / "features.h5", weights_sha256="").close()
    with pytest.raises(FeatureFileError, match="No image of"):
        extract(encoder, ["1.png"], folder, tmp_path / "features.h5")
    assert not list(tmp_path.glob("*features*"))


KILLED = """
import os, signal, sys
import torch
from pathlib import Path
from captioner.config import EncoderConfig
from captioner.data.features import extract_features
from captioner.encoders import Encoder

torch.manual_seed(0)
encoder = Encoder(EncoderConfig(input_size=32)).optimise_for_inference(torch.float32)
folder, output = map(Path, sys.argv[1:])
names = ["0.png", "1.png", "2.png", "3.png", "4.png"]
for event in extract_features(encoder, names, folder, output, weights_sha256="0" * 64, views=15):
    print(event.resumed, event.done + event.failed, flush=True)
    if event.done + event.failed == 4:
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_extraction_goes_on_where_it_was_killed(encoder, folder, tmp_path):
    command = [sys.executable, "-c", KILLED, str(folder), str(tmp_path / "features.h5")]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (killed.returncode, killed.stdout) == (-9, "0 2\n0 4\n"), killed.stderr
    names = [f"{index}.png" for index in range(5)]
    resumed = extract(encoder, names, folder, tmp_path / "features.h5", views=15)
    assert [(event.resumed, event.done + event.failed) for event in resumed] == [(4, 4), (4, 5)]
    with FeatureFile(tmp_path / "features.h5") as file:
        assert file.image_names == tuple(GOOD)
        assert np.isfinite(file.read(np.arange(4))).all()


# Images in HDF5


def test_pixels_in_hdf5_give_the_features_of_the_same_photographs(encoder, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (3, 40, 40, 3), dtype=np.uint8)
    names = [f"{row}.png" for row in range(3)]
    for name, image in zip(names, pixels, strict=True):
        Image.fromarray(image).save(tmp_path / name)
    with h5py.File(tmp_path / "TRAIN_IMAGES_x.hdf5", "w") as file:
        file["images"] = pixels.transpose(0, 3, 1, 2)
    extract(encoder, names, tmp_path, tmp_path / "files.h5", views=2)
    with PixelFile(tmp_path / "TRAIN_IMAGES_x.hdf5") as source:
        extract(encoder, source.image_names, source, tmp_path / "pixels.h5", views=2)
    with FeatureFile(tmp_path / "files.h5") as one, FeatureFile(tmp_path / "pixels.h5") as other:
        assert other.image_names[2] == "TRAIN_IMAGES_x/0000002"
        for view in range(3):
            views = np.full(3, view)
            np.testing.assert_array_equal(one.read(np.arange(3), views), other.read(np.arange(3), views))


# Views


def test_first_view_is_the_mirror_image():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    views = training_views(pixels, 3, index=4)
    assert len(views) == 3
    np.testing.assert_array_equal(views[0], pixels[:, ::-1])
    assert all(view.shape == pixels.shape and view.dtype == np.uint8 for view in views)


def test_views_are_decided_by_the_index():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    one, same, other = (training_views(pixels, 4, index=index)[1] for index in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert training_views(pixels, 0, index=1) == []


def test_views_show_at_least_half_of_a_gradient():
    ramp = np.repeat(np.arange(64, dtype=np.uint8)[None, :, None] * 4, 64, 0).repeat(3, 2)
    for index in range(20):
        for view in training_views(ramp, 4, index=index)[1:]:
            span = int(view.max()) - int(view.min())
            # Half the area at an aspect of 3:4 is 0.61 of the width.
            assert span >= 0.55 * 252
