"""``captioner extract`` and ``caption`` in shares, by --shard or under torchrun, and ``captioner merge``."""

import os
import shutil

import h5py
import pytest

from captioner.cli.shards import caption_part_path, chosen_shard, part_path
from captioner.data.parts import Shard
from captioner.errors import ConfigurationError

TORCHRUN = {"WORLD_SIZE": "3", "RANK": "1", "LOCAL_RANK": "1"}


@pytest.fixture
def folder(photographs, tmp_path, monkeypatch):
    """Four photographs, and one that cannot be read; two are encoded at a time."""
    from captioner.data import features

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(features, "ENCODER_BATCH", 2)
    (photographs / "photo-2.jpg").rename(photographs / "photo-4.jpg")
    (photographs / "photo-2.jpg").write_bytes(b"no photograph")
    return tmp_path


@pytest.fixture
def run(captioner, tiny_package, folder):
    """Runs a command with the tiny model on all photographs."""
    usual = ("--model", tiny_package, "--device", "cpu")
    commands = {
        "extract": ("extract", "--images", "photos", *usual),
        "caption": ("caption", "photos", "--recursive", "--batch-size", 2, *usual),
    }
    return lambda command, *arguments: captioner(*commands[command], *arguments)


def content(path):
    with h5py.File(path) as file:
        return {name: file[name][()].tobytes() for name in file}, dict(file.attrs)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_features_in_shares_are_those_of_one_process(run, captioner, folder, count):
    assert run("extract", "-o", "whole.h5").status == 1
    results = [run("extract", "-o", "f.h5", "--shard", f"{index}/{count}") for index in range(count)]
    assert [result.status for result in results].count(1) == 1  # the one that met what it could not read
    parts = sorted(folder.glob(f"f.*-of-{count}.h5"))
    assert len(parts) == count
    merged = captioner("merge", *parts, "-o", "f.h5")
    assert (merged.status, merged.out) == (0, "")
    assert f"features of 4 images, from {count} parts" in merged.err
    assert content(folder / "f.h5") == content(folder / "whole.h5")


def test_views_in_shares_are_those_of_one_process(run, captioner, folder):
    run("extract", "--views", 1, "-o", "whole.h5")
    for index in range(2):
        run("extract", "--views", 1, "-o", "f.h5", "--shard", f"{index}/2")
    captioner("merge", "f.0-of-2.h5", "f.1-of-2.h5", "-o", "f.h5")
    assert content(folder / "f.h5") == content(folder / "whole.h5")


@pytest.mark.parametrize("kind", ["text", "json", "csv", "coco", "html"])
def test_captions_in_shares_are_those_of_one_process(run, captioner, folder, kind):
    assert run("caption", "-f", kind, "-o", "whole.txt").status == 1
    for index in range(3):
        run("caption", "-f", kind, "-o", "c.txt", "--shard", f"{index}/3")
    merged = captioner("merge", *sorted(folder.glob("c.txt.*-of-3.part")), "-o", "c.txt")
    assert merged.status == 0, merged.err
    assert "captions of 4 of 5 images, from 3 parts" in merged.err
    assert (folder / "c.txt").read_bytes() == (folder / "whole.txt").read_bytes()


@pytest.mark.parametrize(("command", "part"), [("extract", "x.1-of-3.h5"), ("caption", "x.h5.1-of-3.part")])
def test_torchrun_says_which_share(run, folder, monkeypatch, command, part):
    for name, value in TORCHRUN.items():
        monkeypatch.setenv(name, value)
    result = run(command, "-o", "x.h5")
    # Any other status, and torchrun would end the other processes.
    assert (result.status, result.out) == (0, "")
    assert sorted(path.name for path in folder.glob("x*")) == [part]
    assert "torchrun shares the images out already" in run(command, "-o", "x.h5", "--shard", "0/3").sentence


@pytest.mark.parametrize("command", ["extract", "caption"])
def test_a_finished_share_is_not_made_again(run, folder, command, monkeypatch):
    options = ("-o", "x.h5", "--shard", "0/3")
    run(command, *options)
    (part,) = folder.glob("x*")
    before = part.stat()
    result = run(command, *options)
    assert (result.status, result.err) == (0, f"{part.name} is finished already.\n")
    assert part.stat().st_mtime_ns == before.st_mtime_ns
    assert "exists already" in run(command, *options, "--max-megapixels", 1).sentence
    assert "is finished" not in run(command, *options, "--overwrite").err
    assert part.stat().st_ino != before.st_ino
    replaced = part.stat()
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    assert "is finished already" in run(command, *options, "--overwrite").err
    assert part.stat().st_ino == replaced.st_ino


@pytest.mark.parametrize("command", ["extract", "caption"])
def test_a_share_without_images_writes_nothing(run, folder, command):
    result = run(command, "-o", "x.h5", "--shard", "0/9")
    assert result.status == 0
    assert "Shard 0/9 gets none of the 5 images" in result.err
    assert ("--batch-size" in result.err) is (command == "caption")
    assert not list(folder.glob("x*"))


def test_an_interrupted_share_of_features_goes_on(run, folder, monkeypatch):
    from captioner.data import features

    whole = run("extract", "-o", "whole.h5", "--shard", "0/1")
    assert whole.status == 1
    encode, calls = features._encode, []

    def interrupted(encoder, pictures):
        calls.append(len(pictures))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return encode(encoder, pictures)

    monkeypatch.setattr(features, "_encode", interrupted)
    assert "the same command goes on from there" in run("extract", "-o", "f.h5", "--shard", "0/1").err
    assert "Going on after 2 of 5 images" in run("extract", "-o", "f.h5", "--shard", "0/1").err
    assert content(folder / "f.0-of-1.h5") == content(folder / "whole.0-of-1.h5")


def test_an_interrupted_share_of_captions_goes_on(run, captioner, folder, monkeypatch):
    from captioner import caption_formats

    options = ("-f", "json", "-o", "c.jsonl", "--shard", "0/1")
    add, calls = caption_formats.JsonLinesWriter.add, []

    def interrupted(writer, entry):
        calls.append(entry)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return add(writer, entry)

    monkeypatch.setattr(caption_formats.JsonLinesWriter, "add", interrupted)
    stopped = run("caption", *options)
    assert stopped.status == 130
    assert "the same command goes on from there" in stopped.err
    assert "is not finished" in captioner("merge", "c.jsonl.0-of-1.part", "-o", "c.jsonl").sentence
    assert "Going on after 2 of 5 images" in run("caption", *options).err
    assert captioner("merge", "c.jsonl.0-of-1.part", "-o", "c.jsonl").status == 0
    run("caption", "-f", "json", "-o", "whole.jsonl")
    assert (folder / "c.jsonl").read_text() == (folder / "whole.jsonl").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--shard", "3/3", "-o", "c.txt"), "no shard 3 of 3"),
        (("--shard", "0/3"), "Name the file"),
        (("--shard", "0/3", "-o", "c.txt", "--attention", "figures"), "drawn by a single process"),
    ],
)
def test_shares_of_captions_that_cannot_be(run, options, message):
    assert message in run("caption", *options).sentence


# Merging


@pytest.fixture
def parts(run, folder):
    for index in range(2):
        run("extract", "-o", "f.h5", "--shard", f"{index}/2")
        run("caption", "-o", "c.txt", "--shard", f"{index}/2")
    return folder


def test_what_cannot_be_merged(captioner, run, parts):
    first, second = "f.0-of-2.h5", "f.1-of-2.h5"
    assert "Shard 1/2 is missing" in captioner("merge", first, "-o", "f.h5").sentence
    assert "both shard 0/2" in captioner("merge", first, shutil.copy(first, "g.h5"), "-o", "f.h5").sentence
    assert "none.h5 cannot be read" in captioner("merge", first, "none.h5", "-o", "f.h5").sentence
    assert "Merge them apart" in captioner("merge", first, "c.txt.1-of-2.part", "-o", "f.h5").sentence
    assert "no part of captions" in captioner("merge", "photos/photo-1.jpg", "-o", "f.h5").sentence
    assert "is one of the parts" in captioner("merge", first, second, "-o", second, "--overwrite").sentence
    assert "exists already" in captioner("merge", first, "-o", second).sentence
    run("extract", "-o", "f.h5", "--input-size", 96, "--shard", "1/2", "--overwrite")
    assert "the input size 64, but f.1-of-2.h5 with 96" in captioner("merge", first, second, "-o", "f.h5").sentence
    assert not os.path.lexists("f.h5")


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_parts_of_other_weights_are_not_merged(captioner, parts, tiny_package, part):
    from captioner.model_library import find_package, save_package

    model = find_package(tiny_package).load()
    next(getattr(model, part).parameters()).data.add_(1)
    save_package(model, parts / "other", description="Another model.", card="# Other\n")
    captioner("extract", "--images", "photos", "--model", "other", "-o", "f.h5", "--shard", "1/2", "--overwrite")
    merged = captioner("merge", "f.0-of-2.h5", "f.1-of-2.h5", "-o", "f.h5")
    if part == "encoder":
        assert "made with the weights" in merged.sentence
    else:
        assert merged.status == 0  # the same encoder, whatever decoder it came with


# What says which share


def test_all_images_where_nobody_says_otherwise():
    assert chosen_shard(None, {}) is None
    assert chosen_shard(None, {"WORLD_SIZE": "1", "RANK": "0"}) is None
    assert chosen_shard("1/3", {}) == Shard(1, 3)
    assert chosen_shard(None, TORCHRUN) == Shard(1, 3)
    with pytest.raises(ConfigurationError, match="Leave out --shard"):
        chosen_shard("1/3", TORCHRUN)


def test_names_of_parts(tmp_path):
    assert part_path(tmp_path / "a.b.h5", Shard(0, 4)) == tmp_path / "a.b.0-of-4.h5"
    assert caption_part_path(tmp_path / "c.csv", Shard(0, 4)) == tmp_path / "c.csv.0-of-4.part"
