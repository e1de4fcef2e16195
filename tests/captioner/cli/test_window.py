"""How the window is opened from the command line, and what is said where it cannot be."""

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from captioner.cli import start, window
from captioner.errors import CaptionerError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def opened(monkeypatch):
    """Paths that the window was opened with, time by time."""
    calls = []

    def run(paths):
        calls.append(list(paths))
        return 0

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setitem(sys.modules, "gui.app", types.SimpleNamespace(main=run))
    return calls


@pytest.fixture
def no_screen(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["captioner", *arguments])
    with pytest.raises(SystemExit) as ended:
        start.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("arguments", "paths"), [((), []), (("gui",), []), (("gui", "holiday", "beach.jpg"), ["holiday", "beach.jpg"])]
)
def test_window_opens(monkeypatch, opened, arguments, paths):
    assert run(monkeypatch, *arguments) == 0
    assert opened == [paths]


def test_command_line_opens_it_too(captioner, opened):
    assert captioner("gui", "beach.jpg").status == 0
    assert opened == [["beach.jpg"]]


@pytest.mark.parametrize("arguments", [("--version",), ("gui", "--help"), ("caption", "--help")])
def test_everything_else_is_left_to_the_command_line(monkeypatch, opened, capsys, arguments):
    assert run(monkeypatch, *arguments) == 0
    assert opened == []
    assert "captioner" in capsys.readouterr().out


def test_without_a_screen_the_window_is_refused_in_a_sentence(monkeypatch, no_screen, capsys):
    assert run(monkeypatch, "gui") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert (
        said.err == "captioner: There is no screen here for the window. On the command line, try: captioner --help.\n"
    )


def test_without_a_screen_and_arguments_there_is_help(monkeypatch, no_screen, capsys):
    run(monkeypatch)
    assert "Usage: captioner" in capsys.readouterr().out


def test_without_pyside_the_window_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "PySide6", None)
    with pytest.raises(CaptionerError, match="pip install PySide6"):
        window.open_window([])


def test_way_to_the_window_imports_nothing_of_the_command_line():
    slow = "{'typer', 'rich', 'numpy'}"
    code = f"import sys, captioner.cli.start, captioner.cli.window; sys.exit(', '.join({slow} & {{*sys.modules}}) or 0)"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
