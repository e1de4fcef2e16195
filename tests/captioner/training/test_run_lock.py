import os
import subprocess
import sys

import pytest

from captioner.errors import OutputError, TrainingRunError
from captioner.training.run_lock import LOCK, RunLock

HOLD = """
import sys
from pathlib import Path
from captioner.training.run_lock import RunLock
lock = RunLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_one_holder_at_a_time(tmp_path):
    with RunLock(tmp_path):
        with pytest.raises(TrainingRunError, match=f"is being trained by process {os.getpid()}, since 20") as refused:
            RunLock(tmp_path)
        assert refused.value.path == tmp_path
    with RunLock(tmp_path):
        pass


def test_file_that_a_dead_holder_left_holds_nobody(tmp_path):
    (tmp_path / LOCK).write_text('{"pid": 1, "since": "2001-01-01 00:00:00"}')  # process 1 always lives
    with RunLock(tmp_path):
        assert f'"pid": {os.getpid()}' in (tmp_path / LOCK).read_text()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x", "since": 1}'])
def test_holder_that_wrote_nothing_readable_is_still_a_holder(tmp_path, text):
    with RunLock(tmp_path):
        (tmp_path / LOCK).write_text(text)
        with pytest.raises(TrainingRunError, match="is being trained by another process"):
            RunLock(tmp_path)


def test_killed_process_lets_go(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        process.stdout.readline()
        with pytest.raises(TrainingRunError, match=f"process {process.pid}"):
            RunLock(tmp_path)
        process.kill()
        process.wait()
    with RunLock(tmp_path):
        pass


def test_folder_that_is_not_there(tmp_path):
    with pytest.raises(OutputError, match="gone cannot be written to"):
        RunLock(tmp_path / "gone")
