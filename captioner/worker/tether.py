"""A command that ends with whoever started it: when its standard input does, so does the process."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time

SECONDS_TO_END = 3.0
POLL_SECONDS = 0.2
_STATUS = 128 + signal.SIGINT
_has_taken_over = threading.Event()


def end_with_standard_input() -> None:
    """Interrupt this process, as Ctrl-C does, at the end of its standard input; and end it if it does not heed that."""
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), name="captioner-tether", daemon=True).start()


def end_at_once_until_it_is_watched() -> None:
    """End this process when the one that started it does, at once and without a word, until `take_over` is called.

    For the time of imports, which may take seconds on a busy machine. Standard input stays unread.
    """
    if sys.platform != "win32":  # whose pipes cannot be waited for without reading
        guard = threading.Thread(
            target=_guard, args=(sys.stdin.fileno(), os.getppid()), name="captioner-guard", daemon=True
        )
        guard.start()


def take_over() -> None:
    """Tell that from now on the command itself watches who started it."""
    _has_taken_over.set()


def _guard(descriptor: int, parent: int) -> None:
    hangup = select.poll()
    hangup.register(descriptor, 0)
    while not _has_taken_over.is_set():
        is_orphan = bool(hangup.poll(1000 * POLL_SECONDS)) or os.getppid() != parent
        if is_orphan and not _has_taken_over.is_set():
            os._exit(_STATUS)


def _watch(descriptor: int) -> None:
    # The pipe's other end is held by the starter alone, so that the system closes it however the starter dies. It is
    # read past sys.stdin: a thread that waits in its buffer when Python ends takes the whole process down.
    while os.read(descriptor, 1 << 16):
        pass
    _interrupt()
    time.sleep(SECONDS_TO_END)
    os._exit(_STATUS)


def _interrupt() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:  # at the main thread itself, which may be waiting in the system
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
