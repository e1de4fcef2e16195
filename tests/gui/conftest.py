"""What tests of the window run under: no screen, a fake worker, and no message of Qt's left unread."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from captioner.caption import Alternative, Caption, Word
from captioner.config import DecodingOptions
from captioner.geometry import Geometry, Rectangle
from captioner.worker.protocol import Cancelled, Event, Request
from gui.engine_bridge import EngineBridge
from gui.theme import install


class FakeClient:
    """Stands where `captioner.worker.client.WorkerClient` would: keeps requests, emits what it is given."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.cancelled: list[int] = []
        self.is_started = self.is_closed = False
        self.on_event: Callable[[Event], None] = lambda event: None

    def start(self) -> None:
        self.is_started = True

    def send(self, request: Request) -> None:
        self.requests.append(request)

    def cancel(self, job_id: int) -> None:
        self.cancelled.append(job_id)
        self.on_event(Cancelled(job_id=job_id))

    def close(self, timeout: float = 2.0) -> None:
        self.is_closed = True

    def emit(self, event: Event) -> None:
        self.on_event(event)

    def last(self, kind: type[Request]) -> Request:
        """The newest request of this kind."""
        return next(request for request in reversed(self.requests) if isinstance(request, kind))


@pytest.fixture(autouse=True)
def _look(request):
    """Every test of widgets has the window's look."""
    if "qtbot" in request.fixturenames or "qapp" in request.fixturenames:
        install(request.getfixturevalue("qapp"))


@pytest.fixture
def client():
    return FakeClient()


@pytest.fixture
def bridge(qapp, client):
    bridge = EngineBridge(client)
    client.on_event = bridge.take_event
    bridge.start()
    yield bridge
    bridge.close()
    bridge.deleteLater()


@pytest.fixture
def make_caption():
    """Build captions: ``make_caption("a dog runs", path="beach.jpg", grid=(7, 7), size=(640, 480))``."""

    def make(
        text: str = "a brown dog runs through the grass",
        *,
        path: str = "beach.jpg",
        grid: tuple[int, int] = (7, 7),
        size: tuple[int, int] = (640, 480),
        seed: int = 0,
        options: DecodingOptions | None = None,
        model: str = "tiny",
    ) -> Caption:
        random = np.random.default_rng(seed)
        words = text.split()
        attention = random.dirichlet(np.full(grid[0] * grid[1], 0.3), len(words)).astype(np.float32)
        log_probabilities = np.log(random.uniform(0.1, 0.95, len(words)))
        others = (("hound", math.log(0.07)), ("animal", math.log(0.04)), ("man", math.log(0.02)))
        return Caption(
            path=Path(path),
            text=text,
            words=tuple(
                Word(word, float(value), 0.62, ((word, float(value)), *others))
                for word, value in zip(words, log_probabilities, strict=True)
            ),
            log_probability=float(log_probabilities.sum()),
            score=float(log_probabilities.sum() / (len(words) + 1)),
            width=size[0],
            height=size[1],
            attention=attention,
            grid=grid,
            geometry=Geometry(*size, Rectangle(0, 0, *size)),
            alternatives=(
                Alternative("a dog is running in the grass", -7.9, -0.99),
                Alternative("a brown dog runs on a field", -8.4, -1.05),
            ),
            model=model,
            options=options or DecodingOptions(),
        )

    return make
