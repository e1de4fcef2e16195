"""What the window started ends with it, also while it is only just beginning."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
GUARDED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from captioner.worker import tether
tether.end_at_once_until_it_is_watched()
print("guarded", flush=True)
if sys.argv[2] == "takes over":
    tether.take_over()
    sys.stdin.read()
    print("saves", flush=True)
else:
    time.sleep(60)
"""
OWNER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from captioner.worker.training_client import TrainingClient
from captioner.worker.training_protocol import DatasetChoice, TrainingRequest

folder, model = sys.argv[2:]
files = (f"{folder}/{name}" for name in ("train.h5", "dev.h5", "captions.csv"))
settings = {"epochs": 100000, "batch_size": 2, "min_word_count": 1}
client = TrainingClient(lambda event: None)
client.start(TrainingRequest(dataset=DatasetChoice(*files, model=model), settings=settings, output=f"{folder}/run"))
while not (client._children and client._children[0].process.pid):
    time.sleep(0.001)
print(client._children[0].process.pid, flush=True)
time.sleep(60)
"""
PREPARING = """
import sys, time
sys.path.insert(0, sys.argv[1])
from captioner.cli.training_wishes import ending_with_parent
from captioner.training.control import TrainingControl

begins = sys.argv[2] == "begins"
control = TrainingControl()
with ending_with_parent(control, has_begun=lambda: begins):
    print("ready", flush=True)
    while not control.is_stopping:
        time.sleep(0.01)
    print("saves", flush=True)
"""
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows cannot be waited for")


def started(code, manner):
    command = (sys.executable, "-c", code, str(ROOT), manner)
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_process_ends_at_once_when_its_starter_hangs_up():
    with started(GUARDED, "imports") as process:
        assert process.stdout.readline() == "guarded\n"
        process.stdin.write("pause\n")  # unread, so nobody has missed the end behind it
        process.stdin.close()
        assert process.stdout.read() == ""
    assert process.returncode == 130


def test_a_process_that_has_taken_over_ends_as_it_likes():
    with started(GUARDED, "takes over") as process:
        assert process.stdout.readline() == "guarded\n"
        time.sleep(0.5)  # for the guard, which must have gone
        process.stdin.close()
        assert process.stdout.read() == "saves\n"
    assert process.returncode == 0


@pytest.mark.parametrize(("manner", "said", "status"), [("prepares", "", 130), ("begins", "saves\n", 0)])
def test_training_that_has_nothing_to_save_ends_at_once(manner, said, status):
    with started(PREPARING, manner) as process:
        assert process.stdout.readline() == "ready\n"
        process.stdin.close()
        assert process.stdout.read() == said
    assert process.returncode == status


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0])
def test_training_ends_when_the_window_is_killed_in_its_first_second(training_files, tiny_package, ends_soon, seconds):
    command = (sys.executable, "-c", OWNER, str(ROOT), str(training_files), str(tiny_package))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        pid = int(owner.stdout.readline())
        time.sleep(seconds)
        owner.kill()
    assert ends_soon(pid, seconds=5)
