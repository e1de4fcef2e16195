"""What a window is told when torch is missing, broken, or of another version than torchvision."""

from __future__ import annotations

import importlib.metadata

import pytest

from captioner.worker.failures import engine_failure, failure, is_out_of_memory, torchvision_mismatch


@pytest.fixture
def installed(monkeypatch):
    """Pretend that these versions of torch and torchvision are installed."""

    def pretend(torch, torchvision, requirement):
        versions = {"torch": torch, "torchvision": torchvision}
        monkeypatch.setattr(importlib.metadata, "version", versions.__getitem__)
        monkeypatch.setattr(importlib.metadata, "requires", lambda _: ["numpy", requirement])

    return pretend


def test_this_machine_has_no_mismatch():
    assert torchvision_mismatch() is None


@pytest.mark.parametrize("requirement", ["torch==2.13.0", "torch (==2.13.0)", "torch==2.13.0+cpu"])
def test_versions_that_fit(installed, requirement):
    installed("2.13.0+cpu", "0.28.0", requirement)
    assert torchvision_mismatch() is None


def test_versions_that_do_not_fit_are_named(installed):
    installed("2.12.0", "0.28.0", "torch==2.13.0")
    message = engine_failure(RuntimeError("operator torchvision::nms does not exist")).message
    assert "PyTorch 2.12.0 and torchvision 0.28.0 do not belong together" in message
    assert "needs PyTorch 2.13.0" in message
    assert failure(1, RuntimeError("operator torchvision::nms does not exist")).message == message


def test_absent_packages_are_no_mismatch(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    assert torchvision_mismatch() is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "not installed"),
        (OSError("libtorch_cpu.so: cannot open shared object file"), "cannot be loaded (OSError)"),
    ],
)
def test_engine_that_cannot_be_imported(error, reason):
    problem = engine_failure(error)
    assert reason in problem.message
    assert str(error) in problem.details
    failed = failure(7, problem)
    assert (failed.job_id, failed.message, failed.details) == (7, problem.message, problem.details)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("shapes do not match"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_lack_of_memory_is_recognised(error, expected):
    assert is_out_of_memory(error) == expected
