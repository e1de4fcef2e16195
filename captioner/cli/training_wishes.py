"""How a running ``captioner train`` is told to pause, go on or stop: by signals, and by the program that started it."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from captioner.errors import ConfigurationError
from captioner.training.control import TrainingControl
from captioner.worker.tether import take_over

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
SECONDS_TO_END = 4.5
STDIN = 0
STOPPED = 130
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


@contextlib.contextmanager
def stopping_on_signals(control: TrainingControl) -> Iterator[None]:
    """While the context lasts, the first Ctrl-C (or SIGTERM, SIGHUP) saves and stops, and a second one ends at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        if control.is_stopping:
            raise KeyboardInterrupt
        control.stop_and_save()
        # Not print: the signal may have come in the middle of another one.
        with contextlib.suppress(OSError):
            os.write(2, b"Stopping after this step. Once more ends at once.\n")

    present = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in present}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def ending_with_parent(
    control: TrainingControl, handle: int = STDIN, *, has_begun: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """While the context lasts, training saves and stops when the program that started this one ends or hangs up.

    Before it ``has_begun`` there is nothing to save, and the process ends at once.

    That program holds the other end of ``handle``, a pipe, and may write lines to it: ``pause``, ``resume``, ``stop``,
    and ``extend 5``.
    """
    has_ended = threading.Event()
    take_over()
    parent = os.getppid()

    def end() -> None:
        if not (has_begun() or has_ended.is_set()):
            os._exit(STOPPED)
        _end(control, has_ended)

    def watch() -> None:
        while not has_ended.wait(POLL_SECONDS):
            if os.getppid() != parent:  # on Windows it never changes; there the pipe tells
                end()
                return

    def obey() -> None:
        _obey(handle, control)
        end()

    # They may wait for the pipe for ever, so they must not keep the process alive.
    threading.Thread(target=watch, name="parent-watch", daemon=True).start()
    threading.Thread(target=obey, name="parent-wishes", daemon=True).start()
    try:
        yield
    finally:
        has_ended.set()


def _obey(handle: int, control: TrainingControl) -> None:
    rest = b""
    # Not sys.stdin: a thread that waits in its buffer when Python ends takes the whole process down.
    with contextlib.suppress(OSError):
        while chunk := os.read(handle, 4096):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                _obey_line(line.decode("utf-8", "replace").split(), control)


def _end(control: TrainingControl, has_ended: threading.Event) -> None:
    """Save and stop; or end as it is, which loses no more than what came after the last checkpoint."""
    control.stop_and_save()
    if not has_ended.wait(SECONDS_TO_END):
        os._exit(STOPPED)


def _obey_line(words: list[str], control: TrainingControl) -> None:
    match words:
        case ["pause"]:
            control.pause()
        case ["resume"]:
            control.resume()
        case ["stop"]:
            control.stop_and_save()
        case ["extend", number] if number.isascii() and number.isdecimal():
            try:
                control.extend(int(number))
            except ConfigurationError as error:
                logger.warning("%s", error.message)
        case _:
            logger.warning("Training was told %r, which it does not understand.", " ".join(words)[:80])
