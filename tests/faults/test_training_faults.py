"""Training loses nothing, whatever happens to its process, its disk and its memory."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.errors import OutputError
from captioner.training import checkpoint
from captioner.training.checkpoint import CheckpointFolder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def under_fire(tmp_path_factory):
    """What each fault led to, by its kind; see `training_under_fire`."""
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    if not Path("/proc/self/statm").exists():
        pytest.skip("this system does not tell how much memory a process has")
    command = [sys.executable, "-W", "error", str(Path(__file__).with_name("training_under_fire.py"))]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, str(tmp_path_factory.mktemp("fire"))], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {found.pop("kind"): found for found in map(json.loads, done.stdout.splitlines())}


def test_killed_run_ends_with_the_weights_of_one_that_was_not(under_fire):
    found = under_fire["killed_in_training"]
    killed, done = -signal.SIGKILL, 0
    assert found["statuses"] == [killed, done, killed, done, killed, done, killed, killed, done, killed, done]
    assert found["equal"] == [True] * 5


def test_killed_save_leaves_the_old_or_the_new_checkpoint(under_fire):
    found = under_fire["killed_while_saving"]
    assert len(found["steps"]) == 200
    assert found["steps"] == sorted(found["steps"])
    # Else no save ever came to its end, or no kill in the middle of one.
    assert found["steps"][-1] > 0
    assert found["litter"] > 0


def test_full_disk_pauses_says_so_and_loses_nothing(under_fire):
    found = under_fire["full_disk"]
    assert found["status"] == 0
    assert found["equal"]
    assert len(found["reasons"]) > 9
    assert all(
        "File too large" in reason and "Training waits, and tries again" in reason for reason in found["reasons"]
    )
    assert any("checkpoints" in reason for reason in found["reasons"])
    assert any("history.jsonl" in reason for reason in found["reasons"])


def test_no_memory_is_a_sentence_that_offers_smaller_batches(under_fire):
    found = under_fire["no_memory"]
    assert found["status"] == 0
    assert "not enough memory for batches of 2. Resume the run with --batch-size 1" in found["message"]
    assert found["steps"] >= 0


class FailingDisk:
    """Lets the n-th of the calls that change the disk fail."""

    def __init__(self, monkeypatch, failing):
        self.calls, self._failing = 0, failing
        for place, name in ((os, "fsync"), (os, "open"), (Path, "replace"), (Path, "unlink")):
            monkeypatch.setattr(place, name, self._counted(getattr(place, name)))
        monkeypatch.setattr(checkpoint, "save_file", self._counted(checkpoint.save_file))

    def _counted(self, function):
        def call(*arguments, **options):
            self.calls += 1
            if self.calls == self._failing:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return function(*arguments, **options)

        return call


def test_any_call_that_fails_leaves_a_whole_checkpoint_and_no_litter(tmp_path):
    tensors = {"x": torch.arange(100.0)}
    failing, is_over = 0, False
    while not is_over:
        failing += 1
        folder = CheckpointFolder(tmp_path / str(failing))
        folder.path.mkdir()
        for step in (1, 2):
            folder.save(step, tensors, {"step": step})
        with pytest.MonkeyPatch.context() as patch:
            disk = FailingDisk(patch, failing)
            try:
                folder.save(3, tensors, {"step": 3})
                has_saved = True
            except OutputError:
                has_saved = False
            is_over = disk.calls < failing
        found = folder.latest()
        assert found.values["step"] in ({3} if has_saved else {2, 3})
        assert torch.equal(found.tensors["x"], tensors["x"])
        assert not list(folder.path.glob(".*"))
        folder.save(4, tensors, {"step": 4})
        assert folder.latest().values["step"] == 4
    assert failing > 5


@settings(max_examples=30, deadline=None)
@given(share=st.floats(0, 1, exclude_max=True), junk=st.binary(max_size=20))
def test_no_damage_is_read_as_a_checkpoint(tmp_path_factory, share, junk):
    folder = CheckpointFolder(tmp_path_factory.mktemp("damaged"))
    folder.save(1, {"x": torch.arange(20.0)}, {"step": 1})
    path = folder.save(2, {"x": torch.arange(20.0)}, {"step": 2})
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))] + junk)
    found = folder.latest()
    assert found.values["step"] == 1 or path.read_bytes() == content
