"""The worker process: reads requests from its standard input, writes events to its standard output, owns the model."""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from captioner.worker.codec import REQUESTS, read_message
from captioner.worker.decoding_gate import DecodingGate
from captioner.worker.export_requests import ExportRequests
from captioner.worker.failures import EngineMissingError, engine_failure
from captioner.worker.jobs import Job, Outlet, Steps
from captioner.worker.lane import Lane
from captioner.worker.listing import Listing
from captioner.worker.photographs import Photographs
from captioner.worker.private_messages import AvoidFiles
from captioner.worker.protocol import (
    Cancel,
    CaptionImages,
    ExportCaptions,
    ExportFigure,
    ExportModel,
    Failed,
    FindImages,
    ImportModel,
    ListModels,
    LoadModel,
    MakeThumbnails,
    OpenPhotograph,
    RemoveModel,
    Request,
    Shutdown,
    WorkerReady,
    WorkerStarted,
    WorkerUnusable,
)
from captioner.worker.thumbnail_cache import ThumbnailCache, thumbnails_folder

if TYPE_CHECKING:
    from captioner.worker.caption_requests import CaptionRequests
    from captioner.worker.model_requests import ModelRequests

SECONDS_TO_FINISH_WRITING = 1.0

Work = Callable[[Job[Any]], Steps]

logger = logging.getLogger(__name__)


class Worker:
    """Hands each request to one of four threads, so that none waits for what it has no part in.

    - *pictures*: photographs for the eye before thumbnails, the newest before the older.
    - *files*: listings and exports.
    - *models*: models on the disk.
    - *captioning*, the main thread: imports the engine, then loads models and captions, single photographs before
      batches.
    """

    def __init__(self, outlet: Outlet, cache: ThumbnailCache) -> None:
        self._outlet = outlet
        self._cache = cache
        self._gate = DecodingGate(outlet)
        self._photographs = Photographs(outlet, self._gate, cache)
        self._listing = Listing(outlet)
        self._exports = ExportRequests(outlet, self._gate)
        self._engine = _Engine(outlet, self._gate)
        self._pictures, self._files, self._models, self._captioning = (Lane(outlet) for _ in range(4))
        self._lanes = (self._pictures, self._files, self._models, self._captioning)

    def run(self, requests: IO[bytes]) -> None:
        """Work until the process is ended."""
        self._outlet.send(WorkerStarted(job_id=0, pid=os.getpid()))
        for name, work in (
            ("requests", lambda: self._read(requests)),
            ("pictures", self._pictures.run),
            ("files", self._files.run),
            ("models", self._models.run),
            ("pruning", self._cache.prune),
        ):
            threading.Thread(target=work, name=name, daemon=True).start()
        self._engine.start()
        self._captioning.run()

    def _read(self, requests: IO[bytes]) -> None:
        try:
            while isinstance(request := read_message(requests, REQUESTS), Request):
                if isinstance(request, Shutdown):
                    break
                self._take(request)
        except Exception:
            logger.exception("A request could not be read; the worker ends.")
        self._end()

    def _end(self) -> None:
        """End the process, whatever its threads are at; only what is being written may be finished first."""
        for lane in self._lanes:
            lane.cancel_all()
        until = time.monotonic() + SECONDS_TO_FINISH_WRITING
        for lane in (self._files, self._models):
            lane.wait_until_idle(until - time.monotonic())
        os._exit(0)

    def _take(self, request: Request) -> None:
        if isinstance(request, AvoidFiles):
            self._gate.avoid(request.files)
        elif isinstance(request, Cancel):
            any(lane.cancel(request.job_id) for lane in self._lanes)
        else:
            self._queue(request)

    def _queue(self, request: Request) -> None:
        job: Job[Any] = Job(request)
        match request:
            case OpenPhotograph():
                self._pictures.add(job, self._photographs.open(job), urgency=0, is_newest_first=True)
            case MakeThumbnails():
                self._pictures.add(job, self._photographs.make_thumbnails(job), urgency=1, is_newest_first=True)
            case FindImages():
                self._files.add(job, self._listing.find(job), urgency=0)
            case ExportCaptions():
                self._files.add(job, self._exports.captions(job), urgency=1)
            case ExportFigure():
                self._files.add(job, self._exports.figure(job), urgency=1)
            case ListModels() | ImportModel() | ExportModel() | RemoveModel():
                self._models.add(job, self._engine.do(job))
            case LoadModel():
                self._captioning.add(job, self._engine.do(job), urgency=0)
            case CaptionImages():
                is_interactive = len(request.paths) == 1 or bool(request.beginning)
                self._captioning.add(job, self._engine.do(job), urgency=0 if is_interactive else 1)
            case _:
                unknown = f"The worker does not know {type(request).__name__}. Install the program again."
                self._outlet.send(Failed(job_id=request.job_id, message=unknown))


class _Engine:
    """The part of the work that needs torch, which takes seconds to import and may not be importable at all."""

    def __init__(self, outlet: Outlet, gate: DecodingGate) -> None:
        self._outlet = outlet
        self._gate = gate
        self._is_settled = threading.Event()
        self._problem: EngineMissingError | None = None
        self._captions: CaptionRequests
        self._models: ModelRequests

    def start(self) -> None:
        """Import the engine, and tell whether that went well."""
        began = time.perf_counter()
        # What is imported stays: to look for garbage in it would take a tenth of the time.
        gc.disable()
        try:
            from captioner.worker.caption_requests import CaptionRequests  # noqa: PLC0415
            from captioner.worker.model_requests import ModelRequests  # noqa: PLC0415

            self._captions = CaptionRequests(self._outlet, self._gate)
            self._models = ModelRequests(self._outlet)
        except Exception as error:  # a broken torch raises anything from ImportError to OSError
            logger.exception("The engine cannot be imported.")
            problem = self._problem = engine_failure(error)
            self._outlet.send(WorkerUnusable(job_id=0, message=problem.message, details=problem.details))
        else:
            self._outlet.send(WorkerReady(job_id=0, seconds=time.perf_counter() - began))
        gc.freeze()
        gc.enable()
        self._is_settled.set()

    def do(self, job: Job[Any]) -> Steps:
        """Do a job once the engine is there."""
        while not self._is_settled.wait(timeout=0.1):
            job.check()
        if self._problem is not None:
            raise EngineMissingError(self._problem.message, self._problem.details)
        yield from self._work(job.request)(job)

    def _work(self, request: Request) -> Work:
        work: dict[type[Request], Work] = {
            CaptionImages: self._captions.caption,
            LoadModel: self._captions.load,
            ListModels: self._models.list_all,
            ImportModel: self._models.install,
            ExportModel: self._models.export,
            RemoveModel: self._models.remove,
        }
        return work[type(request)]


def main() -> None:
    """Run a worker; the program of `captioner.worker.client.WorkerClient`."""
    # Ctrl-C in the terminal is for the window; its worker ends with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, events = _take_pipes()
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    Worker(Outlet(events), ThumbnailCache(thumbnails_folder())).run(requests)


def _take_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Keep the pipes for messages alone: what any library reads finds nothing, what it prints goes to the log."""
    requests, events = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, events


if __name__ == "__main__":
    main()
