"""Silence that threads share and that is gone afterwards."""

from __future__ import annotations

import threading
import warnings

import pytest

from captioner.imaging.pillow_warnings import pillow_warnings_silenced


def warn_as(module: str) -> None:
    warnings.warn_explicit("careful", UserWarning, "file.py", 1, module=module)


def test_only_pillow_is_silenced() -> None:
    with pillow_warnings_silenced():
        warn_as("PIL.Image")
        with pytest.warns(UserWarning, match="careful"):
            warn_as("numpy")


def test_filters_are_restored_when_threads_leave_in_another_order() -> None:
    before = list(warnings.filters)
    first_is_in, second_is_in, first_is_out = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with pillow_warnings_silenced():
            first_is_in.set()
            second_is_in.wait(5)
        first_is_out.set()

    thread = threading.Thread(target=first)
    thread.start()
    first_is_in.wait(5)
    with pillow_warnings_silenced():
        second_is_in.set()
        first_is_out.wait(5)
        warn_as("PIL.Image")
    thread.join()
    assert list(warnings.filters) == before


def test_filters_are_restored_after_an_error() -> None:
    before = list(warnings.filters)

    def fail() -> None:
        with pillow_warnings_silenced():
            raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        fail()
    assert list(warnings.filters) == before
