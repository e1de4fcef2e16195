"""Memory of photographs that goes back to the system."""

from __future__ import annotations

import ctypes
import sys
from types import SimpleNamespace

import pytest

from gui.large_blocks import BYTES, return_large_blocks

M_MMAP_THRESHOLD = -3


def test_glibc_is_told_from_which_size_on(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(mallopt=lambda *values: told.append(values)))
    return_large_blocks()
    assert told == [(M_MMAP_THRESHOLD, BYTES)]


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_are_left_alone(monkeypatch, platform):
    told = []
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", told.append)
    return_large_blocks()
    assert told == []


def test_a_library_without_the_setting_is_no_error(monkeypatch):
    asked = []
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: asked.append(name) or SimpleNamespace())
    return_large_blocks()
    assert asked == [None]
