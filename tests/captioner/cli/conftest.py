"""The command line as tests use it: in this process where possible, as a program where it must be."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Outcome:
    """Exit status and what was printed."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """What a command that failed said, on one line."""
        assert self.status == 1, self
        assert self.err.startswith("captioner: "), self
        assert self.err.endswith(".\n"), self
        assert self.err.count("\n") == 1, self
        assert "Traceback" not in self.err, self
        return self.err.removeprefix("captioner: ").rstrip("\n")


@pytest.fixture
def captioner(monkeypatch, capsys):
    """Runs ``captioner ARGUMENTS...`` in this process."""
    from captioner.cli.main import main

    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # Typer puts its own in place

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["captioner", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        return Outcome(int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def caption(captioner, tiny_package):
    """Runs ``captioner caption ARGUMENTS...`` with the tiny model."""
    return lambda *arguments: captioner("caption", *arguments, "--model", tiny_package, "--device", "cpu")


@pytest.fixture
def program(tmp_path):
    """Starts ``captioner ARGUMENTS...`` as a program; what still runs at the end of the test is killed."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "captioner", *map(str, arguments)]
        started.append(subprocess.Popen(command, cwd=tmp_path, env=environment, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
