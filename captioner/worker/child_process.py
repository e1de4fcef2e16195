"""One worker process as its client holds it: started, written to, read from, and surely ended."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import IO

from captioner.openmp import waiting_in
from captioner.worker.codec import EVENTS, ProtocolError, encode, read_message
from captioner.worker.protocol import Event, Request, Shutdown

SECONDS_TO_TERMINATE = 0.5
SECONDS_TO_KILL = 2.0
# Each thread that decodes would keep tens of megabytes for itself, were glibc to give it an arena of its own.
_ARENAS = {"MALLOC_ARENA_MAX": "2"}
# Of Linux's pipes, 64 KB unless asked: a photograph for the screen then crosses in a tenth of a frame.
PIPE_BYTES = 1 << 20
# Python's own multiprocessing would import the program's __main__ again, and Qt with it, and speak pickle. The child
# finds the same modules as its parent, and -P keeps it from finding others in the current folder.
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from captioner.worker.process import main; main()"

_SIGKILL, _SIGTERM = 9, 15  # by number, since Windows has no name for the first

logger = logging.getLogger(__name__)


def child_environment() -> dict[str, str]:
    """The environment of a child that computes: that of this process, and what it does not say of threads."""
    return {**_ARENAS, **waiting_in(os.environ), **os.environ}


def worker_command() -> tuple[str, ...]:
    """The command that runs a worker on its standard input and output."""
    return (sys.executable, "-P", "-c", _BOOT, json.dumps(sys.path))


class ChildProcess:
    """A running worker.

    Requests travel by its standard input and events by its standard output. Both are pipes that no other process
    holds, so the worker sees the end of one and the client the end of the other when its peer dies, however it dies.

    Parameters
    ----------
    command
        Program and arguments.
    log
        Open file that takes whatever the worker, or a C library in it, writes to its standard error.

    Raises
    ------
    OSError
        If the program cannot be started.
    """

    def __init__(self, command: Sequence[str], log: IO[bytes]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=child_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._outbox: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        _widen(self._stream(self._process.stdin), self._stream(self._process.stdout))
        self._writer = threading.Thread(target=self._write, name="captioner-worker-writer", daemon=True)
        self._writer.start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def send(self, request: Request) -> None:
        """Hand over a request, from any thread, without waiting for it to be written."""
        self._outbox.put(request)

    def events(self) -> Iterator[Event]:
        """Events as they come, until the process closes its end or breaks the protocol, for which it is killed."""
        stream = self._stream(self._process.stdout)
        try:
            while (message := read_message(stream, EVENTS)) is not None:
                if isinstance(message, Event):
                    yield message
        except (ProtocolError, MemoryError) as error:
            logger.error("The worker broke the protocol and is ended: %s", error)
            self.kill()

    def kill(self) -> None:
        """End the process at once; it is reaped by `end`."""
        self._process.kill()

    def end(self) -> str:
        """Reap a process that has closed its end, and say how it ended."""
        self._reap(SECONDS_TO_TERMINATE)
        return how_it_ended(self._process.returncode)

    def stop(self, timeout: float) -> None:
        """Ask it to end and wait; then terminate it; then kill it.

        Parameters
        ----------
        timeout
            Seconds to wait after asking.
        """
        self.send(Shutdown(job_id=0))
        self._reap(timeout)

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended it that only others send, as a system does that runs out of memory."""
        return self._process.returncode in (-_SIGKILL, -_SIGTERM)

    def _reap(self, timeout: float) -> None:
        for insist, seconds in (
            (None, timeout),
            (self._process.terminate, SECONDS_TO_TERMINATE),
            (self._process.kill, SECONDS_TO_KILL),
        ):
            if insist is not None:
                insist()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                break
        self._outbox.put(None)
        self._writer.join(SECONDS_TO_KILL)

    def close(self) -> None:
        """Close the pipe that events came by; to be called by whoever read them."""
        self._stream(self._process.stdout).close()

    def _write(self) -> None:
        stream = self._stream(self._process.stdin)
        # Once the process is gone there is nobody to write to; its client learns of that by reading.
        with contextlib.suppress(OSError):
            while (request := self._outbox.get()) is not None:
                for part in encode(request):
                    stream.write(part)
                stream.flush()
        with contextlib.suppress(OSError):
            stream.close()

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        if stream is None:
            raise ValueError("The process was started without pipes.")
        return stream


def how_it_ended(returncode: int | None) -> str:
    """In a few words, from what `subprocess` reports."""
    if returncode is None:
        return "it would not end"
    if returncode >= 0:
        return f"exit status {returncode}"
    try:
        return f"signal {signal.Signals(-returncode).name}"
    except ValueError:
        return f"signal {-returncode}"


def _widen(*pipes: IO[bytes]) -> None:
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 (other systems have none)

        for pipe in pipes:
            with contextlib.suppress(OSError):  # above the user's limit
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def last_lines(log: IO[bytes], since: int, most: int = 8192) -> str:
    """What was written to a log after the byte ``since``, its end if that is long."""
    log.flush()
    size = os.fstat(log.fileno()).st_size
    log.seek(max(since, size - most))
    return log.read(most).decode("utf-8", "replace").strip()
