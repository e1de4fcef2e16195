"""A command that ends with whoever started it: when its standard input does, so does the process."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

SECONDS_TO_END = 3.0
_STATUS = 128 + signal.SIGINT


def end_with_standard_input() -> None:
    """Interrupt this process, as Ctrl-C does, at the end of its standard input; and end it if it does not heed that."""
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), name="captioner-tether", daemon=True).start()


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
