"""Parts of feature files, joined: the rows of one process, or a refusal."""

import contextlib
import dataclasses

import h5py
import numpy as np
import pytest

from captioner.data import feature_parts
from captioner.data.feature_files import FeatureFile, FeatureFileInfo, FeatureWriter
from captioner.data.feature_parts import merge_features, read_feature_part
from captioner.data.parts import Part, Shard
from captioner.errors import ConfigurationError, FeatureFileError

NAMES = [f"{index}.jpg" for index in range(10)]
INFO = FeatureFileInfo(images=10, dim=3, grid=(2, 2), views=2, encoder="resnet50", encoder_weights_sha256="0" * 64)
LEFT_OUT = "5.jpg"


def part(index, count=3):
    return Part(shard=Shard(index, count), images=10, images_per_batch=2, names_sha256="0" * 64, settings={})


def write(path, info, rows, part_text=""):
    """Write the features of some images; each number tells its image, and one image cannot be read."""
    info = dataclasses.replace(info, images=len(rows), part=part_text)
    values = np.random.default_rng(0).normal(size=(10, 1 + info.views, 4, 3)).astype(np.float32)
    with FeatureWriter(path, info, [NAMES[row] for row in rows]) as writer:
        done = 0
        for row in rows:
            if NAMES[row] == LEFT_OUT:
                writer.leave_out(LEFT_OUT)
                continue
            writer.write(done, values[row : row + 1, 0], values[row : row + 1, 1:] if info.views else None)
            done += 1
    return path


@pytest.fixture
def make(tmp_path):
    """Writes the whole file and its parts: ``make(count, **changes)``."""

    def make_all(count=3, **changes):
        info = dataclasses.replace(INFO, **changes)
        shares = [part(index, count) for index in range(count)]
        paths = [tmp_path / f"f.{share.shard.mark}.h5" for share in shares]
        for path, share in zip(paths, shares, strict=True):
            write(path, info, share.rows, share.to_json())
        return write(tmp_path / "whole.h5", info, range(10)), paths

    return make_all


def content(path):
    with h5py.File(path) as file:
        datasets = {name: (file[name].dtype, file[name].chunks, file[name][()].tobytes()) for name in file}
        return datasets, dict(file.attrs)


def merge(paths, output):
    return list(merge_features(paths, output))


@pytest.mark.parametrize("changes", [{}, {"views": 0}, {"dtype": "float32"}])
@pytest.mark.parametrize("bytes_at_once", [1, 400, 2**20])
def test_parts_joined_are_what_one_process_writes(make, tmp_path, monkeypatch, changes, bytes_at_once):
    monkeypatch.setattr(feature_parts, "BYTES_AT_ONCE", bytes_at_once)
    whole, parts = make(**changes)
    steps = merge(parts[::-1], tmp_path / "merged.h5")
    assert steps[-1] == (9, 9)
    assert content(tmp_path / "merged.h5") == content(whole)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_part_says_which(make):
    whole, parts = make(2)
    assert read_feature_part(parts[1]) == part(1, 2)
    with pytest.raises(ConfigurationError, match="is whole, and no part"):
        read_feature_part(whole)


def test_a_part_is_a_feature_file_too(make):
    _, parts = make()
    with FeatureFile(parts[2]) as file:
        assert file.image_names == tuple(NAMES[6:])


@pytest.mark.parametrize("chosen", [(0, 1), (0, 1, 1), (1,)])
def test_too_few_or_too_many_parts_leave_no_file(make, tmp_path, chosen):
    _, parts = make()
    copy = tmp_path / "copy.h5"
    copy.write_bytes(parts[1].read_bytes())
    paths = [copy if place in chosen[:number] else parts[place] for number, place in enumerate(chosen)]
    with pytest.raises(ConfigurationError, match=r"is missing|are both shard 1/3"):
        merge(paths, tmp_path / "merged.h5")
    assert not (tmp_path / "merged.h5").exists()


def test_a_damaged_part_leaves_no_file(make, tmp_path):
    _, parts = make()
    with h5py.File(parts[1]) as file:
        offset = file["features"].id.get_chunk_info(0).byte_offset
    with parts[1].open("r+b") as stream:
        stream.seek(offset)
        stream.write(b"\x11\x11")
    with pytest.raises(FeatureFileError, match=r"f\.1-of-3\.h5 is damaged in row 0"):
        merge(parts, tmp_path / "merged.h5")
    assert not (tmp_path / "merged.h5").exists()


def test_an_interrupted_merge_leaves_no_file(make, tmp_path, monkeypatch):
    monkeypatch.setattr(feature_parts, "BYTES_AT_ONCE", 1)
    _, parts = make()
    with contextlib.closing(merge_features(parts, tmp_path / "merged.h5")) as steps:
        next(steps)
    assert not list(tmp_path.glob("*merged*"))


@pytest.mark.parametrize("text", ["{}", "x", '{"shard": 1}'])
def test_a_part_that_does_not_say_which_is_refused(tmp_path, text):
    path = write(tmp_path / "f.h5", INFO, range(4), text)
    with pytest.raises(ConfigurationError, match="does not say which share"):
        read_feature_part(path)
