"""A worker without engine, whose photographs do what their names say: crash, hang, or take all memory."""

import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, sys.argv[1])

import numpy as np

from captioner.worker import protocol
from captioner.worker.codec import REQUESTS, read_message
from captioner.worker.jobs import Outlet
from captioner.worker.private_messages import AvoidFiles, PartFinished, PartStarted

PART = 4
PIXELS = np.zeros((1, 1, 3), np.uint8)
manner = sys.argv[2] if len(sys.argv) > 2 else ""
requests, outlet = sys.stdin.buffer, Outlet(sys.stdout.buffer)


def answer(request, path):
    outlet.send(protocol.DecodingStarted(job_id=request.job_id, path=path))
    name = Path(path).name
    if "crash" in name:
        signal.raise_signal(signal.SIGSEGV)
    if "killed" in name:
        signal.raise_signal(signal.SIGKILL)
    if "once" in name and Path(path).exists():
        Path(path).unlink()
        signal.raise_signal(signal.SIGKILL)
    if "hang" in name:
        time.sleep(60)
    outlet.send(protocol.DecodingFinished(job_id=request.job_id, path=path))
    kind = protocol.PhotographOpened if isinstance(request, protocol.OpenPhotograph) else protocol.ThumbnailMade
    outlet.send(kind(job_id=request.job_id, path=path, width=os.getpid(), height=1, pixels=PIXELS))


def work(request):
    paths = getattr(request, "paths", ()) or (request.path,)
    for start in range(0, len(paths), PART):
        part = paths[start : start + PART]
        outlet.send(PartStarted(job_id=request.job_id, paths=part))
        if any("memory" in Path(path).name for path in part):
            signal.raise_signal(signal.SIGKILL)
        for path in part:
            if "wait" in Path(path).name:
                wait_for_cancel(request)
                return
            answer(request, path)
        outlet.send(PartFinished(job_id=request.job_id))
    outlet.send(protocol.Finished(job_id=request.job_id))


def wait_for_cancel(request):
    while not isinstance(message := read_message(requests, REQUESTS), protocol.Cancel):
        if message is None or isinstance(message, protocol.Shutdown):
            os._exit(0)
    outlet.send(protocol.Cancelled(job_id=request.job_id))


def note(*words):
    sys.stderr.write(" ".join(words) + "\n")
    sys.stderr.flush()


def load(request):
    if request.model == "too-large":
        outlet.send(PartStarted(job_id=request.job_id))
        signal.raise_signal(signal.SIGKILL)
    details = protocol.ModelDetails(
        name=request.model, description="", origin="folder", path="", size=1, encoder="", decoder="", grid=(1, 1),
        vocabulary=1,
    )  # fmt: skip
    note("loads", request.model)
    outlet.send(protocol.ModelLoaded(job_id=request.job_id, model=details, seconds=0.0))
    outlet.send(protocol.Finished(job_id=request.job_id))


def search(request):
    """Find one photograph more in each life, as a search that is cut short does."""
    marker = Path(request.paths[0])
    lives = int(marker.read_text() or 0) + 1
    marker.write_text(str(lives))
    outlet.send(PartStarted(job_id=request.job_id))
    images = tuple(protocol.FoundImage(f"{index}.jpg", 1, 1) for index in range(lives))
    outlet.send(protocol.ImagesFound(job_id=request.job_id, images=images))
    if lives == 1:
        signal.raise_signal(signal.SIGKILL)
    outlet.send(protocol.Finished(job_id=request.job_id))


if manner == "dies":
    sys.exit("no such luck")
if manner == "babbles":
    os.write(1, b"\0\0\0\4oops")
    time.sleep(60)
outlet.send(protocol.WorkerStarted(job_id=0, pid=os.getpid()))
if manner == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)
while (message := read_message(requests, REQUESTS)) is not None:
    match message:
        case protocol.Shutdown():
            break
        case AvoidFiles():
            for file in message.files:
                note("avoids", file.path, str(file.size))
        case protocol.LoadModel():
            load(message)
        case protocol.FindImages():
            search(message)
        case protocol.ExportCaptions():
            outlet.send(PartStarted(job_id=message.job_id))
            signal.raise_signal(signal.SIGKILL)
        case protocol.Cancel():
            pass
        case _:
            work(message)
