"""Clients of workers that are surely closed, a listener that waits for what they tell, and a sink for events."""

from __future__ import annotations

import io
import os
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from captioner.caption import Alternative, Caption, Word
from captioner.config import DecodingOptions
from captioner.geometry import Geometry, Rectangle
from captioner.worker.client import WorkerClient
from captioner.worker.jobs import Outlet
from captioner.worker.private_messages import PartFinished, PartStarted
from captioner.worker.protocol import Cancelled, Failed, Finished

ROOT = Path(__file__).resolve().parents[3]
PRETENDER = Path(__file__).with_name("pretended_worker.py")
SECONDS_TO_WAIT = 20


class Listener:
    """Collects events, from any thread."""

    seconds_to_wait = SECONDS_TO_WAIT

    def __init__(self):
        self.events = []
        self._changed = threading.Condition()

    def __call__(self, event):
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, kind, count=1, **fields):
        """The ``count``-th event of a kind, or of a tuple of kinds, with these fields."""

        def found():
            events = [event for event in self.events if isinstance(event, kind)]
            return [event for event in events if all(getattr(event, name) == value for name, value in fields.items())]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= count, self.seconds_to_wait), self.events
            return found()[count - 1]

    def wait_for_end(self, job_id):
        return self.wait_for((Finished, Cancelled, Failed), job_id=job_id)

    def of(self, job_id):
        return [event for event in list(self.events) if event.job_id == job_id]

    def kinds(self, job_id):
        return [type(event).__name__ for event in self.of(job_id)]


@pytest.fixture(scope="session")
def new_listener():
    return Listener


@pytest.fixture
def listener(new_listener):
    return new_listener()


class Sink(Outlet):
    """Keeps events for a look, all but the lanes' own bookkeeping."""

    def __init__(self):
        super().__init__(io.BytesIO())
        self.events = []

    def send(self, event):
        if not isinstance(event, (PartStarted, PartFinished)):
            self.events.append(event)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def sink():
    return Sink()


@pytest.fixture
def start_client():
    """Start a client of a pretended worker, or of another command; all are closed in the end."""
    clients = []

    def start(listener, *arguments, **options):
        options.setdefault("command", (sys.executable, PRETENDER, ROOT, *arguments))
        client = WorkerClient(listener, **options)
        clients.append(client)
        client.start()
        return client

    yield start
    for client in clients:
        client.close()


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture
def ends_soon():
    """Wait until a process has ended; False if it does not."""

    def wait(pid, seconds):
        until = time.monotonic() + seconds
        while is_running(pid) and time.monotonic() < until:
            time.sleep(0.02)
        return not is_running(pid)

    return wait


@pytest.fixture
def caption():
    return Caption(
        path=Path(os.fsdecode(b"holiday/caf\xe9.jpg")),
        text="a dog",
        words=(Word("a", -0.25, 0.5, (("a", -0.25), ("the", -1.5))), Word("dog", -1.0, 1.0, ())),
        log_probability=-1.5,
        score=-0.5,
        width=640,
        height=480,
        attention=np.full((2, 4), 0.25, np.float32),
        grid=(2, 2),
        geometry=Geometry(640, 480, Rectangle(80.0, 0.0, 560.0, 480.0)),
        alternatives=(Alternative("a cat", -3.0, -1.0),),
        model="tiny",
        options=DecodingOptions(beam_size=2),
    )
