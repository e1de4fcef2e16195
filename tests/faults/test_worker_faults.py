"""The worker under crashes, hangs, a broken installation, and the death of its window."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from captioner.worker.client import WorkerClient
from captioner.worker.protocol import (
    CaptionImages,
    Failed,
    Finished,
    ImageCaptioned,
    ImageFailed,
    LoadModel,
    MakeThumbnails,
    OpenPhotograph,
    PhotographOpened,
    ThumbnailMade,
    WorkerDied,
    WorkerUnusable,
)

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")

ROOT = Path(__file__).resolve().parents[2]
SABOTAGED = Path(__file__).with_name("sabotaged_worker.py")
SECONDS_TO_WAIT = 60


class Events:
    def __init__(self):
        self._told = []
        self._changed = threading.Condition()

    def __call__(self, event):
        with self._changed:
            self._told.append(event)
            self._changed.notify_all()

    def of(self, kind, **fields):
        told = [event for event in list(self._told) if isinstance(event, kind)]
        return [event for event in told if all(getattr(event, name) == value for name, value in fields.items())]

    def wait_for(self, kind, **fields):
        with self._changed:
            assert self._changed.wait_for(lambda: self.of(kind, **fields), SECONDS_TO_WAIT), self._told
        return self.of(kind, **fields)[0]


@pytest.fixture
def events():
    return Events()


@pytest.fixture
def sabotage(events, tmp_path):
    """Start a client of the sabotaged worker, with folders in front of where it looks for modules."""
    clients = []

    def start(*folders, **options):
        command = (sys.executable, SABOTAGED, *folders, ROOT)
        clients.append(WorkerClient(events, command=command, log_file=tmp_path / "log.txt", **options))
        clients[-1].start()
        return clients[-1]

    yield start
    for client in clients:
        client.close()


def test_decoder_that_crashes_or_hangs_costs_one_file_each(events, sabotage, photographs, tiny_package):
    good = [str(path) for path in sorted(photographs.glob("*.jpg"))] * 3
    crash, hang = (str(shutil.copy(good[0], photographs / name)) for name in ("segv.jpg", "sleep.jpg"))
    client = sabotage(seconds_to_decode=1.0)
    client.send(LoadModel(job_id=1, model=str(tiny_package)))
    client.send(CaptionImages(job_id=2, paths=(*good[:4], crash, *good[4:])))
    events.wait_for(Finished, job_id=2)
    assert sorted(event.path for event in events.of(ImageCaptioned)) == sorted(good)
    assert {event.caption.model for event in events.of(ImageCaptioned)} == {"tiny"}
    assert [event.path for event in events.of(ImageFailed)] == [crash]
    # The file that is known by now costs no worker again, whatever it is wanted for.
    client.send(MakeThumbnails(job_id=3, paths=(crash, *good, hang, *good)))
    events.wait_for(Finished, job_id=3)
    assert [event.path for event in events.of(ImageFailed, job_id=3)] == [crash, hang]
    assert len(events.of(ThumbnailMade)) == 2 * len(good)
    assert len(events.of(WorkerDied)) == 2


def test_what_libraries_print_goes_to_the_log(events, sabotage, photographs, tmp_path, capfd):
    noisy = str(shutil.copy(photographs / "photo-1.jpg", photographs / "noisy.jpg"))
    client = sabotage()
    client.send(OpenPhotograph(job_id=1, path=noisy))
    events.wait_for(PhotographOpened)
    client.close()
    assert "printed by a library\nwarned by a library\n" in (tmp_path / "log.txt").read_text()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("torch", "reason"),
    [
        ("raise OSError('libtorch_cpu.so: undefined symbol')", "cannot be loaded (OSError)"),
        ("raise ModuleNotFoundError('No module named torch', name='torch')", "not installed"),
    ],
)
def test_broken_torch_is_diagnosed_and_photographs_can_be_seen(events, sabotage, photographs, tmp_path, torch, reason):
    (tmp_path / "stubs").mkdir()
    (tmp_path / "stubs" / "torch.py").write_text(torch)
    client = sabotage(tmp_path / "stubs")
    unusable = events.wait_for(WorkerUnusable)
    assert reason in unusable.message
    assert torch.split("'")[1] in unusable.details
    path = str(photographs / "photo-1.jpg")
    client.send(OpenPhotograph(job_id=1, path=path))
    client.send(CaptionImages(job_id=2, paths=(path,)))
    assert events.wait_for(PhotographOpened).width == 96
    assert events.wait_for(Failed, job_id=2).message == unusable.message


WINDOW = """
import sys, threading, time
sys.path.insert(0, sys.argv[1])
from captioner.worker.client import WorkerClient
from captioner.worker.protocol import LoadModel, WorkerStarted

def tell(event):
    if isinstance(event, WorkerStarted):
        client.send(LoadModel(job_id=1))
        print(event.pid, flush=True)

client = WorkerClient(tell)
client.start()
time.sleep(60)
"""


def test_worker_does_not_outlive_a_window_that_is_killed(tmp_path):
    with subprocess.Popen([sys.executable, "-c", WINDOW, str(ROOT)], stdout=subprocess.PIPE) as window:
        pid = int(window.stdout.readline())
        time.sleep(0.3)  # now it imports torch
        window.kill()
    until = time.monotonic() + 2
    while _is_running(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _is_running(pid)


def _is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_suspended_machine_fails_no_file(photographs):
    slow = str(shutil.copy(photographs / "photo-1.jpg", photographs / "slow.jpg"))
    with subprocess.Popen(
        [sys.executable, "-c", SLOW_WINDOW, str(ROOT), slow], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as window:
        assert window.stdout.readline() == "DecodingStarted\n"
        os.killpg(window.pid, signal.SIGSTOP)
        time.sleep(1.2)
        os.killpg(window.pid, signal.SIGCONT)
        assert window.stdout.readline() == "ThumbnailMade\n"


SLOW_WINDOW = """
import sys
sys.path.insert(0, sys.argv[1])
import threading
from captioner.worker.client import WorkerClient
from captioner.worker.protocol import *

done = threading.Event()
worker = '''
import sys, time
sys.path.insert(0, sys.argv[1])
import numpy as np
from captioner.worker.protocol import *
from captioner.worker.jobs import Outlet
outlet = Outlet(sys.stdout.buffer)
outlet.send(WorkerStarted(job_id=0, pid=1))
outlet.send(DecodingStarted(job_id=1, path=sys.argv[2]))
time.sleep(0.4)
outlet.send(DecodingFinished(job_id=1, path=sys.argv[2]))
outlet.send(ThumbnailMade(job_id=1, path=sys.argv[2], width=1, height=1, pixels=np.zeros((1, 1, 3), np.uint8)))
sys.stdin.buffer.read()
'''

def tell(event):
    if isinstance(event, WorkerStarted):
        print("DecodingStarted", flush=True)
    elif event.job_id == 1:
        print(type(event).__name__, flush=True)
        done.set()

client = WorkerClient(tell, command=(sys.executable, "-c", worker, *sys.argv[1:]), seconds_to_decode=1.0)
client.send(MakeThumbnails(job_id=1, paths=(sys.argv[2],)))
client.start()
done.wait(30)
client.close(timeout=0.1)
"""
