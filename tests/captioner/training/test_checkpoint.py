import json
import struct

import pytest
import torch
from safetensors.torch import save_file

from captioner.errors import OutputError, TrainingRunError
from captioner.training import checkpoint as module
from captioner.training.checkpoint import KEPT, CheckpointFolder, read_checkpoint

TENSORS = {
    "weights": torch.randn(3, 4, generator=torch.Generator().manual_seed(0)),
    "exact": torch.tensor([1 / 3, torch.pi], dtype=torch.float64),
    "half": torch.tensor([0.5, -2.0], dtype=torch.bfloat16),
    "step": torch.tensor(7.0),
    "empty": torch.empty(0, 3),
}
VALUES = {"position": {"step": 7}, "loss": 1 / 3, "name": "naïve", "nothing": None}


@pytest.fixture
def folder(tmp_path):
    return CheckpointFolder(tmp_path)


def names(folder):
    return sorted(path.name for path in folder.path.iterdir())


def test_everything_comes_back_bit_for_bit(folder):
    path = folder.save(7, TENSORS, VALUES)
    found = folder.latest()
    assert found.path == path
    assert found.values == VALUES
    assert found.tensors.keys() == TENSORS.keys()
    for name, tensor in TENSORS.items():
        assert found.tensors[name].dtype == tensor.dtype
        assert torch.equal(found.tensors[name], tensor)


def test_there_may_be_none(folder):
    assert folder.latest() is None


def test_the_last_ones_are_kept(folder):
    for step in (1, 2, 20, 300):
        folder.save(step, TENSORS, {"step": step})
    assert names(folder) == ["step-000000020.safetensors", "step-000000300.safetensors"]
    assert KEPT == 2
    assert folder.latest().values == {"step": 300}


def test_what_lies_ahead_of_the_newest_goes(folder):
    for step in (10, 20):
        folder.save(step, TENSORS, {"step": step})
    folder.save(15, TENSORS, {"step": 15})
    assert folder.latest().values == {"step": 15}
    assert names(folder) == ["step-000000010.safetensors", "step-000000015.safetensors"]


def test_other_files_are_left_alone(folder):
    (folder.path / "best.safetensors").write_bytes(b"precious")
    for step in (1, 2, 3):
        folder.save(step, TENSORS, {})
    assert names(folder)[0] == "best.safetensors"


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_one_cut_short_is_passed_over(folder, share):
    folder.save(1, TENSORS, {"step": 1})
    path = folder.save(2, TENSORS, {"step": 2})
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(TrainingRunError, match=r"step-000000002\.safetensors is damaged or cut short"):
        read_checkpoint(path)
    assert folder.latest().values == {"step": 1}


def test_every_flipped_byte_is_noticed(folder):
    path = folder.save(1, TENSORS, VALUES)
    content = path.read_bytes()
    (header,) = struct.unpack("<Q", content[:8])
    end = 8 + header
    # Every byte of the tensors, and some of the lengths, names and checksums before them.
    for index in [0, 1, 7, *range(8, end, 29), *range(end, len(content))]:
        flipped = bytearray(content)
        flipped[index] ^= 0x10
        path.write_bytes(flipped)
        try:
            found = read_checkpoint(path)
        except TrainingRunError:
            continue
        assert index < end, f"byte {index}"  # in a name of a value, say: still a whole checkpoint
        assert all(torch.equal(found.tensors[name], tensor) for name, tensor in TENSORS.items())


def test_where_none_is_whole_that_is_said(folder):
    folder.save(1, TENSORS, VALUES).write_bytes(b"")
    with pytest.raises(TrainingRunError, match=r"No checkpoint in .* is whole"):
        folder.latest()


@pytest.mark.parametrize(
    "metadata",
    [None, {}, {"captioner_checkpoint": "{"}, {"captioner_checkpoint": "[]"}, {"captioner_checkpoint": "{}"}],
)
def test_other_safetensors_files_are_no_checkpoints(tmp_path, metadata):
    save_file({"x": torch.zeros(1)}, tmp_path / "x.safetensors", metadata=metadata)
    with pytest.raises(TrainingRunError, match="damaged or cut short"):
        read_checkpoint(tmp_path / "x.safetensors")


def test_newer_format_is_named(tmp_path):
    header = json.dumps({"format_version": 99, "crc32": {}, "values": {}})
    save_file({"x": torch.zeros(1)}, tmp_path / "x.safetensors", metadata={"captioner_checkpoint": header})
    with pytest.raises(TrainingRunError, match=r"format version 99, but only 1 is known"):
        read_checkpoint(tmp_path / "x.safetensors")


def test_failure_of_the_disk_is_an_output_error_and_leaves_the_old(folder, monkeypatch):
    folder.save(1, TENSORS, {"step": 1})

    def fail(tensors, path, metadata):
        path.write_bytes(b"half")
        raise module.SafetensorError("I/O error: No space left on device")

    monkeypatch.setattr(module, "save_file", fail)
    with pytest.raises(OutputError, match="No space left"):
        folder.save(2, TENSORS, {"step": 2})
    assert names(folder) == ["step-000000001.safetensors"]
    assert folder.latest().values == {"step": 1}
