"""`WorkerClient`: keeps a worker alive, hands it requests and tells what becomes of them; it needs no Qt, no torch."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from captioner.worker.child_process import ChildProcess, last_lines, worker_command
from captioner.worker.decoding_watch import DecodingWatch
from captioner.worker.open_jobs import Death, OpenJobs
from captioner.worker.private_messages import AvoidFiles
from captioner.worker.protocol import (
    Cancel,
    DecodingFinished,
    DecodingStarted,
    Event,
    Request,
    Shutdown,
    WorkerDied,
    WorkerReady,
    WorkerStarted,
    WorkerUnusable,
)

MOST_FRUITLESS_DEATHS = 3
SECONDS_TO_DECODE = 10.0
MOST_LOG_BYTES = 1 << 20
UNUSABLE = (
    "The worker that reads photographs cannot be kept running. Restart the program; if that fails, install it again."
)

logger = logging.getLogger(__name__)


class WorkerClient:
    """Owns a worker process, and replaces it when it dies.

    Requests may be sent from any thread; every job ends with exactly one of `Finished`, `Cancelled` and `Failed`. When
    the worker dies, the file that it was decoding fails in the jobs that wait for it, the model that was current is
    loaded again, and all other open jobs go on where they were. A photograph that ends the worker by other means, such
    as by its need for memory, is tried once more by itself before it fails.

    Parameters
    ----------
    on_event
        Called with each event, from a thread of the client's, one call at a time and none after `close` has returned.
        It should hand the event on and return.
    log_file
        Takes what the worker logs, and what libraries in it print; begun anew when it has grown beyond a megabyte.
        Without one, a temporary file that goes away with the client.
    command
        The command that runs a worker; the project's own when absent.
    seconds_to_decode
        A worker that decodes one file for longer is replaced, and the file fails.
    """

    def __init__(
        self,
        on_event: Callable[[Event], None],
        *,
        log_file: Path | None = None,
        command: Sequence[str] | None = None,
        seconds_to_decode: float = SECONDS_TO_DECODE,
    ) -> None:
        self._on_event = on_event
        self._log_file = log_file
        self._command = tuple(command or worker_command())
        self._watch = DecodingWatch(limit=seconds_to_decode, interval=min(0.5, seconds_to_decode / 4))
        # Guards what follows; events are told outside it.
        self._changed = threading.Condition()
        self._jobs = OpenJobs()
        self._process: ChildProcess | None = None
        self._is_hung = False
        self._is_closing = False
        self._is_given_up = False
        self._fruitless_deaths = 0
        self._telling = threading.Lock()
        self._threads: tuple[threading.Thread, ...] = ()

    @property
    def pid(self) -> int | None:
        """Process id of the worker; None while there is none."""
        process = self._process
        return None if process is None else process.pid

    @property
    def is_alive(self) -> bool:
        """Whether a worker is running at this moment."""
        process = self._process
        return process is not None and process.is_alive

    def start(self) -> None:
        """Start the worker; returns at once, and `WorkerStarted` follows.

        Raises
        ------
        RuntimeError
            If the client was started before.
        """
        if self._threads or self._is_closing:
            raise RuntimeError("A client is started once.")
        self._threads = (
            threading.Thread(target=self._run, name="captioner-worker-reader", daemon=True),
            threading.Thread(target=self._keep_watch, name="captioner-worker-watch", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def send(self, request: Request) -> None:
        """Hand a request to the worker, without waiting for it to be read.

        Requests that are sent before `start`, or while a dead worker is being replaced, are kept until it runs.

        Raises
        ------
        ValueError
            If its job id is that of a job that is not done, or below 1; or if it is a `Shutdown`, which `close` sends.
        RuntimeError
            If the client was closed.
        """
        if isinstance(request, Cancel):
            self.cancel(request.job_id)
            return
        if isinstance(request, Shutdown):
            raise ValueError("A client is ended by close().")
        with self._changed:
            if self._is_closing:
                raise RuntimeError("The client was closed.")
            self._jobs.add(request)
            self._pass_on([request])
            self._changed.notify_all()

    def cancel(self, job_id: int) -> None:
        """Stop a job as soon as may be; it then ends with `Cancelled`. A job that is done stays as it is."""
        with self._changed:
            self._pass_on(self._jobs.cancel(job_id))

    def close(self, timeout: float = 2.0) -> None:
        """End the worker and the threads of this client; open jobs are dropped without an event.

        Parameters
        ----------
        timeout
            Seconds that the worker has to end when asked. It is terminated then, and killed half a second later.
        """
        with self._changed:
            self._is_closing = True
            process = self._process
            self._changed.notify_all()
        if process is not None:
            process.stop(timeout)
        if threading.current_thread() in self._threads:
            return  # called by a listener, which cannot be waited for
        if self._telling.acquire(timeout=timeout):
            self._telling.release()
        for thread in self._threads:
            thread.join(timeout)

    # What the client's own threads do

    def _run(self) -> None:
        with self._open_log() as log:
            while not self._is_closing and not self._is_given_up:
                self._live_one_life(log)
        while self._wait_for_jobs():
            self._tell(self._refuse_all())

    def _open_log(self) -> IO[bytes]:
        try:
            if self._log_file is not None:
                self._log_file.parent.mkdir(parents=True, exist_ok=True)
                is_long = self._log_file.exists() and self._log_file.stat().st_size > MOST_LOG_BYTES
                if is_long:
                    self._log_file.unlink()
                return self._log_file.open("ab+")
        except OSError as error:
            logger.warning("The worker's log cannot be kept: %s", error)
        return tempfile.TemporaryFile("ab+")

    def _live_one_life(self, log: IO[bytes]) -> None:
        """Start a worker, tell its events until it ends, and see to what it leaves undone."""
        since = log.seek(0, 2)
        try:
            process = ChildProcess(self._command, log)
        except OSError as error:
            self._mourn(f"it could not be started: {error.strerror}", "", Death())
            return
        with self._changed:
            self._process, self._is_hung = process, False
            avoided = tuple(self._jobs.dangerous.values())
            self._pass_on([AvoidFiles(job_id=0, files=avoided)] if avoided else [])
            self._pass_on(self._jobs.requests())
            is_late = self._is_closing
        if is_late:  # close() did not see this process
            process.stop(timeout=0)
        for event in process.events():
            self._receive(event)
        ending = process.end()
        with self._changed:
            self._process = None
            self._watch.finish()
        if not self._is_closing:
            death = Death(was_killed=process.was_killed and not self._is_hung, was_hung=self._is_hung)
            self._mourn(ending, last_lines(log, since), death)
        process.close()

    def _receive(self, event: Event) -> None:
        with self._changed:
            match event:
                case DecodingStarted():
                    self._watch.start(event.path)
                case DecodingFinished():
                    self._watch.finish()
            reaction = self._jobs.receive(event)
            self._pass_on(reaction.requests)
            if reaction.events and not isinstance(event, (WorkerStarted, WorkerReady, WorkerUnusable)):
                self._fruitless_deaths = 0
        self._tell(reaction.events)

    def _mourn(self, ending: str, details: str, death: Death) -> None:
        logger.warning("The worker ended: %s.", ending)
        with self._changed:
            given_up, is_narrowed = self._jobs.recover(death)
            self._fruitless_deaths = 0 if is_narrowed else self._fruitless_deaths + 1
            self._is_given_up = self._fruitless_deaths >= MOST_FRUITLESS_DEATHS
        message = f"The worker that reads photographs ended by itself ({ending}); what was open goes on in a new one."
        self._tell([WorkerDied(job_id=0, message=message, details=details), *given_up])
        if self._is_given_up:
            self._tell([WorkerUnusable(job_id=0, message=UNUSABLE, details=details)])

    def _wait_for_jobs(self) -> bool:
        """Wait until something is asked of a client that has given up; False when it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closing or len(self._jobs) > 0)
            return not self._is_closing

    def _refuse_all(self) -> list[Event]:
        with self._changed:
            return self._jobs.fail_all(UNUSABLE)

    def _pass_on(self, requests: Sequence[Request]) -> None:
        """Send to the worker that runs; without one they are found among the open jobs later."""
        if self._process is not None:
            for request in requests:
                self._process.send(request)

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            with self._telling:
                if self._is_closing:
                    return
                try:
                    self._on_event(event)
                except Exception:
                    logger.exception("A listener failed on %s", type(event).__name__)

    def _keep_watch(self) -> None:
        """Kill a worker that decodes one file for too long."""
        with self._changed:
            while not self._changed.wait_for(lambda: self._is_closing, timeout=self._watch.interval):
                if self._watch.tick(time.monotonic()) and self._process is not None and not self._is_hung:
                    logger.warning("The worker is ended, since it decodes %r for too long.", self._watch.path)
                    self._is_hung = True
                    self._process.kill()
