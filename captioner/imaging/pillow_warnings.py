"""Silence for Pillow's warnings that many threads can share."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Iterator

_silencing = threading.Lock()
_silenced_by = 0
_silence = contextlib.ExitStack()


@contextlib.contextmanager
def pillow_warnings_silenced() -> Iterator[None]:
    """Ignore Pillow's warnings while any thread is in this block.

    `warnings.catch_warnings` swaps a list that all threads share, so threads that enter and leave it in turn would
    leave the wrong list behind. Only the first to come and the last to go touch it here.
    """
    global _silenced_by  # noqa: PLW0603
    with _silencing:
        if _silenced_by == 0:
            _silence.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", module=r"PIL\.")
        _silenced_by += 1
    try:
        yield
    finally:
        with _silencing:
            _silenced_by -= 1
            if _silenced_by == 0:
                _silence.close()
