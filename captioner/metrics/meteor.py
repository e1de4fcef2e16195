"""METEOR 1.5 through coco-caption's wrapper, where it and Java are installed."""

from __future__ import annotations

import contextlib
import importlib
import logging
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from captioner.metrics.ngrams import require_references

_LOGGER = logging.getLogger(__name__)

# Loading takes seconds and scoring milliseconds per caption; a Java process silent for this long has hung.
TIME_LIMIT_SECONDS = 600.0


def meteor(hypotheses: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]) -> float | None:
    """METEOR of a corpus (Denkowski and Lavie 2014, W14-3348).

    Parameters
    ----------
    hypotheses
        N token sequences.
    references
        For each hypothesis, one or more token sequences.

    Returns
    -------
    float or None
        Corpus score in [0, 1]. None if Java or pycocoevalcap is not installed or METEOR fails; the log says why.

    Raises
    ------
    ConfigurationError
        If there is nothing to score, the two differ in length, or an image has no reference.
    """
    require_references(hypotheses, references)
    if shutil.which("java") is None:
        _LOGGER.info("METEOR is left out: it needs Java, and no java command was found.")
        return None
    try:
        wrapper = importlib.import_module("pycocoevalcap.meteor.meteor")
    except ImportError:
        _LOGGER.info("METEOR is left out: it needs the package pycocoevalcap, which is not installed.")
        return None
    results = {index: [_line(tokens)] for index, tokens in enumerate(hypotheses)}
    truths = {
        index: [_line(tokens) for tokens in image_references] for index, image_references in enumerate(references)
    }
    try:
        with _running(wrapper.Meteor) as scorer:
            score, _ = scorer.compute_score(truths, results)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        _LOGGER.warning("METEOR is left out: its Java process failed (%s).", error)
        return None
    return float(score)


def _line(tokens: Sequence[str]) -> str:
    """One line of METEOR's protocol, whose fields are parted by three bars."""
    return " ".join(" ".join(tokens).replace("|||", " ").split())


@contextlib.contextmanager
def _running(make: Any) -> Iterator[Any]:
    """The wrapper with its Java process, which has ended, and whose pipes are closed, when this is left."""
    scorer = make()
    process: subprocess.Popen[bytes] = scorer.meteor_p
    watchdog = threading.Timer(TIME_LIMIT_SECONDS, process.kill)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield scorer
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        # The wrapper's __del__ takes its lock, which a failed compute_score still holds.
        if scorer.lock.locked():
            scorer.lock.release()
