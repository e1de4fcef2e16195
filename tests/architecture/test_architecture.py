"""The walls of the house: what may import what, what no file may hold, and how large things may grow."""

from __future__ import annotations

import ast
import configparser
import functools
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, WINDOW = ROOT / "captioner", ROOT / "gui"
ENGINE_MODULES = sorted(PACKAGE.rglob("*.py"))
WINDOW_MODULES = sorted(WINDOW.rglob("*.py"))
MODULES = ENGINE_MODULES + WINDOW_MODULES
MOST_LINES_OF_A_FILE = 500
MOST_LINES_OF_A_FUNCTION = 59
TORCH_FREE = (
    *("captioner", "captioner.config", "captioner.errors", "captioner.file_names", "captioner.atomic_file"),
    *("captioner.caption", "captioner.encoder_registry", "captioner.geometry"),
    *("captioner.cli.main", "captioner.imaging", "captioner.attention_map", "captioner.vocabulary"),
    *("captioner.caption_formats", "captioner.model_about", "captioner.plain_text", "captioner.exports"),
    *("captioner.figures.attention_figure", "captioner.figures.page", "captioner.figures.text"),
    *("captioner.figures.sheet", "captioner.figures.light", "captioner.figures.embedding"),
    *("captioner.figures.raster", "captioner.figures.svg", "captioner.figures.pdf", "captioner.figures.animation"),
    *("captioner.metrics.evaluate", "captioner.metrics.meteor", "captioner.data.annotations"),
    *("captioner.worker.client", "captioner.worker.codec", "captioner.worker.protocol", "captioner.cli.start"),
    *("captioner.cli.check", "captioner.data.check", "captioner.data.datasets.opening", "captioner.data.pixel_files"),
    *("captioner.data.training_texts", "captioner.training.control", "captioner.training.events"),
    "captioner.training.run_lock",
    *("captioner.data.feature_files", "gui.app", "gui.furnishing", "gui.library.page"),
)
CODE_IN_DATA = {"pickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}
WINDOW_PACKAGES = {"PySide6", "gui"}
# Folders of somebody's machine, which a file in this repository has no reason to name.
SOMEBODYS_FOLDER = re.compile(r"(?<![\w.])/(?:home|root|Users|tmp|mnt|opt|work)/\w+")
TEXT_SUFFIXES = {".py", ".md", ".cfg", ".toml", ".json", ".txt", ".yml", ".yaml", ".ini", ".sh", ""}

each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())


@dataclass(frozen=True)
class Source:
    """What these tests ask of a file of code: its docstring, all that it imports, and how long its functions are."""

    docstring: str | None
    imports: frozenset[str]
    functions: tuple[tuple[str, int], ...]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def read(path: Path) -> Source:
    module = tree(path)
    imports, functions = set(), []
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imports.add(node.module or "")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            functions.append((node.name, lines_of(node)))
    return Source(ast.get_docstring(module), frozenset(imports), tuple(functions))


def imported_by(path: Path) -> set[str]:
    """Packages that a file imports anywhere in it."""
    return {name.split(".")[0] for name in read(path).imports}


IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    print(name, *sorted({"torch", "torchvision", "safetensors"} & set(sys.modules)), flush=True)
"""


@pytest.fixture(scope="module")
def loaded_after():
    """What had been loaded of torch, by the torch-free module that was imported last, each after all before it."""
    command = [sys.executable, "-c", IMPORT_ALL, *TORCH_FREE]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, env=environment, capture_output=True, check=False, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    return {name: loaded for name, *loaded in map(str.split, ended.stdout.splitlines())}


@pytest.mark.parametrize("module", TORCH_FREE)
def test_imports_no_torch(module, loaded_after):
    assert loaded_after[module] == []


def test_list_of_torch_free_modules_is_whole():
    figures = {f"captioner.figures.{path.stem}" for path in (PACKAGE / "figures").glob("[!_]*.py")}
    assert figures <= set(TORCH_FREE)


@pytest.mark.parametrize("path", ENGINE_MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_engine_imports_no_window(path):
    assert not imported_by(path) & WINDOW_PACKAGES


@each_module
def test_imports_no_pickle(path):
    found = imported_by(path) & CODE_IN_DATA
    if path.name == "official_weights.py":  # where torch.load is, whose error bears a name of pickle
        used = {ast.unparse(node) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        assert {name for name in used if name.startswith("pickle.")} == {"pickle.UnpicklingError"}
        found.discard("pickle")
    assert not found


def test_torch_load_stands_in_one_place_with_its_reason():
    assert not [path for path in MODULES if "from torch import load" in path.read_text(encoding="utf-8")]
    calls = [
        (path, node)
        for path in MODULES
        if "load" in path.read_text(encoding="utf-8")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load"
    ]
    assert [path.relative_to(PACKAGE).as_posix() for path, _ in calls] == ["official_weights.py"]
    for path, node in calls:
        assert "weights_only=True" in ast.unparse(node)
        before = path.read_text().splitlines()[max(0, node.lineno - 6) : node.end_lineno]
        assert any("#" in line for line in before), "say in a comment why torch.load is safe here"


def test_every_package_is_in_the_wheel():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = set(setup["options"]["packages"].split())
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in MODULES if path.name == "__init__.py"}
    assert found <= listed
    assert listed - found == {"captioner.bundled_models", "captioner.bundled_resources"}


def test_every_folder_of_code_is_a_package():
    assert {path.parent for path in MODULES} == {path.parent for path in MODULES if path.name == "__init__.py"}


@each_module
def test_module_says_what_it_is(path):
    docstring = read(path).docstring
    assert docstring
    assert docstring.splitlines()[0].rstrip().endswith((".", ":"))


@each_module
def test_files_and_functions_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_A_FILE
    assert [(name, lines) for name, lines in read(path).functions if lines > MOST_LINES_OF_A_FUNCTION] == []


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from its ``def`` to its end; those of its docstring are not counted."""
    last = function.end_lineno or function.lineno
    lines = last - function.lineno + 1
    if ast.get_docstring(function) is not None:
        docstring = function.body[0]
        lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return lines


def tracked_files() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout")
    paths = [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]
    return [path for path in paths if path.suffix in TEXT_SUFFIXES and path.is_file()]


def test_no_file_names_a_folder_of_somebodys_machine():
    found = []
    for path in tracked_files():
        if path.is_relative_to(ROOT / "tests"):
            continue  # tests make up paths
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if match := SOMEBODYS_FOLDER.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert not found


# What guards the tests themselves


def test_network_is_out_of_reach(used_hosts):
    import socket

    with pytest.raises(PermissionError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(PermissionError):
        socket.getaddrinfo("example.org", 80)
    assert used_hosts == ["192.0.2.1", "192.0.2.1"] or used_hosts[-1] == "example.org"
    used_hosts.clear()


def test_loopback_is_not(used_hosts):
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname(), timeout=5) as client:
            assert client.getpeername() == server.getsockname()
    assert used_hosts == []


def test_home_is_not_the_users():
    from captioner.model_library import user_models_folder

    assert Path.home().name.startswith("captioner-tests-")
    assert Path.home() in user_models_folder().parents
