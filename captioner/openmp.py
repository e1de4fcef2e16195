"""How the threads that torch computes with wait for one another."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Threads that spin for long slow torch tenfold beside one other busy program. Threads that sleep at once take so long
# to wake that the many small operations of a decoder take a third longer. A thousand rounds are some microseconds.
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "1000"}
"""Environment variables of a process; only GNU's OpenMP, which torch has on Linux, knows the second."""


def waiting_in(environment: Mapping[str, str]) -> Mapping[str, str]:
    """`WAITING`, or nothing where ``environment`` says already how threads are to wait."""
    return {} if WAITING.keys() & environment.keys() else WAITING


def configure_openmp() -> None:
    """Let threads of this process wait so, unless its environment says how; to be called before torch is imported."""
    os.environ.update(waiting_in(os.environ))
