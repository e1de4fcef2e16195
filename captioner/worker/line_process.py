"""A command of the command line as a child process: lines in, JSON lines out, at low priority, and surely ended."""

from __future__ import annotations

import collections
import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from captioner.worker.child_process import SECONDS_TO_KILL, SECONDS_TO_TERMINATE, child_environment, how_it_ended

# One epoch's captions of the dev images of COCO come to some megabytes; no honest line is longer than this.
MOST_LINE_BYTES = 1 << 26
MOST_LOG_BYTES = 1 << 20
MOST_LINES_OF_DETAILS = 60
MOST_BYTES_OF_A_DETAIL = 2000
SECONDS_TO_EXIT = 5.0
NICENESS = 10
_COMPLAINT = "captioner: "
# As the worker is started, and for the same reasons. What runs is the command line itself.
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); {}from captioner.cli.start import main; main()"
_TETHER = "from captioner.worker import tether; tether.end_with_standard_input(); "
_GUARD = "from captioner.worker import tether; tether.end_at_once_until_it_is_watched(); "

logger = logging.getLogger(__name__)


def engine_command(*, is_tethered: bool = False) -> tuple[str, ...]:
    """The program and first arguments that stand for ``captioner``.

    Parameters
    ----------
    is_tethered
        The process is interrupted when its standard input ends; for commands that do not watch that themselves. Those
        that do, once they are there, are ended before that.
    """
    boot = _BOOT.format(_TETHER if is_tethered else _GUARD)
    return (sys.executable, "-P", "-c", boot, json.dumps(sys.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a process ended: its status, negative for a signal; that in words; its last complaint; its last lines."""

    status: int
    words: str
    complaint: str
    details: str

    @property
    def was_killed(self) -> bool:
        """Whether a signal ended it, as a system does that runs out of memory."""
        return self.status < 0


class LineProcess:
    """A child process that is told lines on its standard input and answers with JSON objects, one per line.

    Both are pipes that no other process holds, so that each side learns of the other's death, however it dies.

    Parameters
    ----------
    command
        Program and arguments.
    log_file
        Takes what it writes to its standard error; begun anew when it has grown beyond a megabyte.
    """

    def __init__(self, command: Sequence[str], log_file: Path | None = None) -> None:
        self.command = tuple(command)
        self._log_file = log_file
        self._outbox: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._last_lines: collections.deque[str] = collections.deque(maxlen=MOST_LINES_OF_DETAILS)
        self._threads: tuple[threading.Thread, ...] = ()
        # Guards the next two: whoever stops a process may come while another thread starts it.
        self._starting = threading.Lock()
        self._is_stopped = False
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the process; None before it was started."""
        return None if self._process is None else self._process.pid

    def start(self) -> bool:
        """Start the process; False if it was stopped before that.

        Raises
        ------
        OSError
            If the program cannot be started.
        """
        with self._starting:
            if self._is_stopped:
                return False
            self._process = process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=child_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
                | getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
            )
        _lower_priority(process.pid)
        self._threads = (
            threading.Thread(target=self._write, args=(process.stdin,), name="captioner-line-writer", daemon=True),
            threading.Thread(target=self._keep_log, args=(process.stderr,), name="captioner-line-log", daemon=True),
        )
        for thread in self._threads:
            thread.start()
        return True

    def send(self, line: str) -> None:
        """Hand over a line, from any thread, at any time, without waiting for it to be written."""
        self._outbox.put(f"{line}\n")

    def objects(self) -> Iterator[dict[str, Any]]:
        """JSON objects as they come, until the process closes its end; other lines, which libraries print, are logged.

        A process that writes a line beyond all measure is killed.
        """
        stream = self._process.stdout if self._process is not None else None
        while stream is not None and (line := stream.readline(MOST_LINE_BYTES)):
            if len(line) == MOST_LINE_BYTES:
                logger.error("A child process wrote a line of more than %d bytes and is ended.", MOST_LINE_BYTES)
                self.kill()
                break
            values = _read_object(line)
            if values is None:
                logger.info("Not an event: %r", line[:200])
            else:
                yield values

    def kill(self) -> None:
        """End the process at once; it is reaped by `end`."""
        if self._process is not None:
            self._process.kill()

    def ask_to_end(self) -> None:
        """Close its standard input, after what was sent before."""
        with self._starting:
            self._is_stopped = True
        self._outbox.put(None)

    def stop(self, timeout: float) -> None:
        """Ask it to end and wait; then terminate it; then kill it.

        Parameters
        ----------
        timeout
            Seconds to wait after asking.
        """
        self.ask_to_end()
        self._reap(timeout)

    def end(self) -> Ending:
        """Reap a process that has closed its end, close the pipes, and say how it ended."""
        self._reap(SECONDS_TO_EXIT)
        self._outbox.put(None)
        for thread in self._threads:
            thread.join(SECONDS_TO_KILL)
        process = self._process
        if process is None or process.stdout is None:
            return Ending(status=0, words="it was never started", complaint="", details="")
        process.stdout.close()
        lines = list(self._last_lines)
        complaints = [line.removeprefix(_COMPLAINT) for line in lines if line.startswith(_COMPLAINT)]
        return Ending(
            status=-1 if process.returncode is None else process.returncode,
            words=how_it_ended(process.returncode),
            complaint=complaints[-1] if complaints else "",
            details="\n".join(lines),
        )

    def _reap(self, timeout: float) -> None:
        process = self._process
        if process is None:
            return
        for insist, seconds in (
            (None, timeout),
            (process.terminate, SECONDS_TO_TERMINATE),
            (process.kill, SECONDS_TO_KILL),
        ):
            if insist is not None:
                insist()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, seconds))
                break

    # What the threads of this class do

    def _write(self, stream: IO[bytes]) -> None:
        # Once the process is gone there is nobody to write to; whoever reads from it learns of that.
        with contextlib.suppress(OSError):
            while (line := self._outbox.get()) is not None:
                stream.write(line.encode("utf-8", "surrogateescape"))
                stream.flush()
        with contextlib.suppress(OSError):
            stream.close()

    def _keep_log(self, stream: IO[bytes]) -> None:
        with stream, _open_log(self._log_file) as log:
            while line := stream.readline(MOST_BYTES_OF_A_DETAIL):
                with contextlib.suppress(OSError):  # the disk may be full, and the process is to go on
                    log.write(line)
                self._last_lines.append(line.decode("utf-8", "replace").rstrip())


def _read_object(line: bytes) -> dict[str, Any] | None:
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def _lower_priority(pid: int) -> None:
    if sys.platform != "win32":  # where it is asked for at the start
        with contextlib.suppress(OSError):  # gone already
            os.setpriority(os.PRIO_PROCESS, pid, NICENESS)


def _open_log(path: Path | None) -> IO[bytes]:
    """Unbuffered, so that the lines of several processes in one file stay whole."""
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            log = path.open("ab", buffering=0)
            if log.tell() > MOST_LOG_BYTES:
                log.truncate(0)
            return log
        except OSError as error:
            logger.warning("The log of training cannot be kept: %s", error)
    return Path(os.devnull).open("wb", buffering=0)
