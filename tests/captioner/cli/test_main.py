"""Help, version, bad options, and errors as one sentence."""

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from captioner import __version__
from captioner.cli.help_texts import flowing
from captioner.cli.main import app

COMMANDS = [(), ("caption",), ("check",), ("evaluate",), ("extract",), ("train",), ("gui",), ("info",), ("models",)]
COMMANDS += [("fine-tune",), ("merge",), ("distill",)]
MODEL_COMMANDS = ("list", "show", "verify", "install", "average", "quantise", "export", "remove")
COMMANDS += [("models", name) for name in MODEL_COMMANDS]
ids = " ".join


def walk(command, path=()):
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from walk(inner, (*path, name))


def test_every_command_is_listed_here():
    assert sorted(path for path, _ in walk(typer.main.get_command(app))) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_shows_examples_that_can_be_copied(captioner, command, option):
    result = captioner(*command, option)
    assert result.status == 0
    assert result.err == ""
    _, _, end = result.out.partition("Examples:")
    examples = [line.strip() for line in end.splitlines() if line.strip()]
    assert examples, "no examples"
    for example in examples:
        assert example.startswith(ids(("captioner", *command))), "an example is broken into two lines"
    assert all(len(line) <= 80 for line in result.out.splitlines())


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_every_option_of_every_example_exists(command):
    (found,) = [inner for path, inner in walk(typer.main.get_command(app)) if path == command]
    texts = [found.epilog or ""]
    for example in (line for text in texts for line in text.split("\n\n") if line.startswith("captioner ")):
        target = typer.main.get_command(app)
        for word in example.split()[1:]:
            target = getattr(target, "commands", {}).get(word, target)
        known = {name for parameter in target.params for name in parameter.opts}
        assert {word for word in example.split() if word.startswith("-")} <= known, example


@pytest.mark.parametrize("command", COMMANDS, ids=ids)
def test_every_option_is_explained(command):
    (found,) = [inner for path, inner in walk(typer.main.get_command(app)) if path == command]
    for parameter in found.params:
        assert parameter.help, f"{parameter.name} has no help"
        assert parameter.help.endswith(".")
        assert parameter.help[0].isupper() or parameter.help.startswith("auto "), parameter.help


def test_paragraphs_of_help_flow():
    assert flowing("One\n    two.\n\n    Three\n    four.\n") == "One two.\n\nThree four."
    assert flowing(None) == ""


def test_version(captioner):
    result = captioner("--version")
    assert (result.status, result.out) == (0, f"captioner {__version__}\n")


def test_without_arguments_there_is_help(captioner):
    result = captioner()
    assert "Usage: captioner" in result.out
    assert "caption photographs" in result.out.lower()


def test_start_up_imports_no_torch():
    code = (
        "import sys; from typer.testing import CliRunner; from captioner.cli.main import app\n"
        "for command in ([], ['caption'], ['train'], ['models', 'show']):\n"
        "    assert CliRunner().invoke(app, [*command, '--help']).exit_code == 0\n"
        "slow = {'torch', 'torchvision', 'safetensors', 'torch._C'} & set(sys.modules)\n"
        "sys.exit(f'{slow} imported' if slow else 0)"
    )
    root = Path(__file__).resolve().parents[3]
    ended = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("caption",),
        ("caption", "x.jpg", "--nonsense"),
        ("caption", "x.jpg", "--format", "xml"),
        ("caption", "x.jpg", "--device", "tpu"),
        ("caption", "x.jpg", "--beam-size", "0"),
        ("caption", "x.jpg", "--beam-size", "51"),
        ("caption", "x.jpg", "--beam-size", "three"),
        ("caption", "x.jpg", "--batch-size", "0"),
        ("caption", "x.jpg", "--top-p", "1.5"),
        ("caption", "x.jpg", "--seed", "-1"),
        ("caption", "x.jpg", "--max-megapixels", "-3"),
        ("evaluate", "--images", "x"),
        ("extract", "--images", "x", "-o", "y.h5", "--precision", "int4"),
        ("extract", "--images", "x", "-o", "y.h5", "--views", "-1"),
        ("train", "--features", "x.h5", "--captions", "y.txt", "-o", "z", "--epochs", "-1"),
        ("models", "delete"),
    ],
    ids=ids,
)
def test_unknown_commands_options_and_values_are_refused(captioner, arguments):
    result = captioner(*arguments)
    assert result.status == 2
    assert result.out == ""
    assert "--help" in result.err
    assert "Traceback" not in result.err


def test_words_that_the_terminal_cannot_show_end_nothing(monkeypatch, tiny_package, photographs):
    from captioner.cli.main import main

    (photographs / "photo-1.jpg").rename(photographs / "Füße 雪.jpg")
    for encoding in ("ascii", "latin-1"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        monkeypatch.setattr(sys, "argv", ["captioner", "caption", str(photographs), "--model", str(tiny_package)])
        with pytest.raises(SystemExit) as ended:
            main()
        stream.flush()
        assert ended.value.code == 0
        assert "Füße 雪.jpg: " in stream.buffer.getvalue().decode("utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_full_disk_is_one_sentence(monkeypatch, capsys, tiny_package, photographs):
    from captioner.cli.main import main

    with open("/dev/full", "w") as full:  # noqa: PTH123
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "argv", ["captioner", "caption", str(photographs), "--model", str(tiny_package)])
        with pytest.raises(SystemExit) as ended:
            main()
    assert ended.value.code == 1
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize(("options", "is_shown"), [((), False), (("--verbose",), True)])
def test_engine_log_is_shown_from_warnings_on_or_whole(captioner, monkeypatch, options, is_shown):
    from captioner.cli import info

    def log() -> None:
        logging.getLogger("captioner.imaging").warning("beach was left out.")
        logging.getLogger("captioner.imaging").debug("beach was looked at.")

    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    monkeypatch.setattr(info, "_version", lambda _: log())
    error = captioner(*options, "info").err
    assert "beach was left out." in error
    assert ("beach was looked at." in error) == is_shown
