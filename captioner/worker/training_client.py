"""`TrainingClient`: trains, checks data and extracts features in child processes; it needs no Qt, no torch."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from enum import Enum, auto
from pathlib import Path

from captioner.errors import ConfigurationError
from captioner.worker.line_process import Ending, LineProcess, engine_command
from captioner.worker.training_commands import (
    check_arguments,
    extract_arguments,
    train_arguments,
    wish_line,
    written_recipe,
)
from captioner.worker.training_protocol import ExtractionRequest, Told, TrainingRequest
from captioner.worker.training_reports import CheckReports, ExtractionReports, Reports, RunReports

SECONDS_TO_SAVE = 5.0

logger = logging.getLogger(__name__)


class _Task(Enum):
    TRAIN = auto()
    CHECK = auto()
    EXTRACT = auto()


class _Child:
    """One process, what it works on, and the thread that follows it."""

    def __init__(self, task: _Task, key: str, process: LineProcess, reports: Reports, litter: Path | None) -> None:
        self.task, self.key, self.process, self.reports, self.litter = task, key, process, reports, litter
        self.is_dropped = False
        self.thread: threading.Thread | None = None

    def ask_to_end(self) -> None:
        """In the way that loses nothing; a check has nothing to lose."""
        if self.task is _Task.TRAIN:
            self.process.send(wish_line("stop"))
        self.process.ask_to_end()
        if self.task is _Task.CHECK:
            self.process.kill()


class TrainingClient:
    """Owns the processes that train, check and extract.

    Each is the command line itself, at low priority, so that captioning goes on meanwhile. All methods but `close`
    return at once, and may be called from any thread. The processes end soon after this one, however it ends; what
    trains saves first.

    Parameters
    ----------
    on_event
        Called with each event (`captioner.worker.training_protocol`), from threads of the client's, one call at a time
        and none after `close` has returned. It should hand the event on and return.
    log_file
        Takes what the processes and the libraries in them print; begun anew when it has grown beyond a megabyte.
    command
        What stands for ``captioner``; the project's own when absent.
    """

    def __init__(
        self,
        on_event: Callable[[Told], None],
        *,
        log_file: Path | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self._on_event = on_event
        self._log_file = log_file
        self._command = None if command is None else tuple(command)
        # Guards the next two; events are told outside it.
        self._changing = threading.Lock()
        self._children: list[_Child] = []
        self._is_closing = False
        self._telling = threading.Lock()
        self._teller = 0  # the thread that holds it

    @property
    def runs(self) -> tuple[str, ...]:
        """The runs that are going on, paused ones among them."""
        with self._changing:
            return tuple(child.key for child in self._children if child.task is _Task.TRAIN)

    @property
    def is_training(self) -> bool:
        """Whether any run is going on."""
        return bool(self.runs)

    def start(self, request: TrainingRequest) -> str:
        """Start a run, or resume or extend one that has ended; `TrainingStarted` follows once data has been read.

        Returns
        -------
        str
            The run's folder as the request names it, by which events and methods know the run.

        Raises
        ------
        ConfigurationError
            If the request names no folder, the run is going on, or its settings cannot be written.
        OutputError
            If there is no room for them.
        RuntimeError
            If the client was closed.
        """
        if not request.output:
            raise ConfigurationError("The run has no folder. Name one.")
        recipe = written_recipe(request.settings) if request.settings and not request.is_going_on else None
        try:
            self._follow(
                _Task.TRAIN,
                request.output,
                train_arguments(request, recipe),
                RunReports(request.output, request.name),
                litter=recipe,
            )
        except (ConfigurationError, RuntimeError):
            _remove(recipe)
            raise
        return request.output

    def pause(self, run: str) -> None:
        """Have a run save and wait; answered by `TrainingPaused`. What does not go on stays as it is."""
        self._send(run, wish_line("pause"))

    def resume(self, run: str) -> None:
        """Have a paused run go on; answered by `TrainingResumed`."""
        self._send(run, wish_line("resume"))

    def stop_and_save(self, run: str) -> None:
        """Have a run save and end; answered by `TrainingEnded` without a package."""
        self._send(run, wish_line("stop"))

    def extend(self, run: str, epochs: int) -> None:
        """Add epochs to a run that is going on; answered by `TrainingExtended`.

        Raises
        ------
        ConfigurationError
            If ``epochs`` is less than 1.
        """
        if epochs < 1:
            raise ConfigurationError(f"A run can be extended by 1 epoch or more, not by {epochs}.")
        self._send(run, wish_line("extend", epochs))

    def check(self, paths: Sequence[str], min_word_count: int | None = None) -> None:
        """Check a data set; answered by `DatasetChecked`. A check that is going on is dropped without an answer.

        Parameters
        ----------
        paths
            Its files.
        min_word_count
            Words that occur less often count as unknown; the engine's default when None.

        Raises
        ------
        RuntimeError
            If the client was closed.
        """
        self.drop_check()
        self._follow(_Task.CHECK, "", check_arguments(paths, min_word_count), CheckReports(tuple(paths)))

    def drop_check(self) -> None:
        """End the check that is going on, if there is one, without an answer."""
        for child in self._find(_Task.CHECK):
            child.is_dropped = True
            child.ask_to_end()

    def extract(self, request: ExtractionRequest) -> str:
        """Extract features; answered by `ExtractionReport`, many times, and `ExtractionEnded` or `ExtractionFailed`.

        Returns
        -------
        str
            The feature file as the request names it, by which events and `stop_extraction` know the extraction.

        Raises
        ------
        ConfigurationError
            If that file is being written already.
        RuntimeError
            If the client was closed.
        """
        reports = ExtractionReports(request.output)
        self._follow(_Task.EXTRACT, request.output, extract_arguments(request), reports)
        return request.output

    def stop_extraction(self, output: str) -> None:
        """End an extraction; answered by `ExtractionFailed` without a message. What is done is kept for the next."""
        for child in self._find(_Task.EXTRACT, output):
            if isinstance(child.reports, ExtractionReports):
                child.reports.is_stopped = True
            child.ask_to_end()

    def close(self, timeout: float = SECONDS_TO_SAVE) -> None:
        """Have all runs save and end, end all else, and wait for it; nothing is told of that.

        Parameters
        ----------
        timeout
            Seconds that all of them have together. What still runs then is terminated, and killed half a second later.
        """
        with self._changing:
            self._is_closing = True
            children = tuple(self._children)
        until = time.monotonic() + timeout
        for child in children:
            child.ask_to_end()
        for child in children:
            child.process.stop(max(0.0, until - time.monotonic()))
        if self._teller == threading.get_ident():
            return  # called by a listener, which cannot be waited for
        if self._telling.acquire(timeout=timeout):
            self._telling.release()
        for child in children:
            if child.thread is not None:
                child.thread.join(timeout)

    # Children

    def _follow(
        self, task: _Task, key: str, arguments: Sequence[str], reports: Reports, *, litter: Path | None = None
    ) -> None:
        command = self._command or engine_command(is_tethered=task is not _Task.TRAIN)
        child = _Child(task, key, LineProcess((*command, *arguments), self._log_file), reports, litter)
        child.thread = threading.Thread(target=self._live, args=(child,), name=f"captioner-{task.name}", daemon=True)
        with self._changing:
            if self._is_closing:
                raise RuntimeError("The client was closed.")
            if any(other.task is task and other.key == key and not other.is_dropped for other in self._children):
                raise ConfigurationError(f"{key} is being written already. Wait for that to end, or stop it.")
            self._children.append(child)
            child.thread.start()

    def _live(self, child: _Child) -> None:
        """Start a child, tell its events until it ends, and how it ended."""
        process = child.process
        try:
            if process.start():
                for values in process.objects():
                    self._tell(child, child.reports.take(values))
            ending = process.end()
        except OSError as error:
            words = f"it could not be started: {error.strerror}"
            ending = Ending(status=1, words=words, complaint="", details=str(error))
        logger.info("%s ended: %s.", child.task.name, ending.words)
        _remove(child.litter)
        with self._changing:
            self._children.remove(child)
        self._tell(child, child.reports.end(ending))

    def _tell(self, child: _Child, event: Told | None) -> None:
        if event is None:
            return
        with self._telling:
            if self._is_closing or child.is_dropped:
                return
            self._teller = threading.get_ident()
            try:
                self._on_event(event)
            except Exception:
                logger.exception("A listener failed on %s", type(event).__name__)
            finally:
                self._teller = 0

    def _find(self, task: _Task, key: str = "") -> list[_Child]:
        with self._changing:
            return [child for child in self._children if child.task is task and child.key == key]

    def _send(self, run: str, line: str) -> None:
        for child in self._find(_Task.TRAIN, run):
            child.process.send(line)


def _remove(litter: Path | None) -> None:
    if litter is not None:
        with contextlib.suppress(OSError):
            litter.unlink()
