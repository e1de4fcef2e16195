"""What every test runs under: no network, no threads or children left behind, no touch of the user's own folders."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

# Before anything imports torch: its threads must not spin while another test process computes.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Windows of the tests need no screen.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest
from PIL import Image, ImageDraw

SECONDS_TO_END = 3.0
_HOME = Path(tempfile.mkdtemp(prefix="captioner-tests-"))
_USED_HOSTS: list[str] = []
_MARK = "CAPTIONER_TESTS"


def pytest_configure() -> None:
    """Give the tests, and all processes that they start, a home of their own."""
    os.environ.update(_variables_of(_HOME))
    os.environ[_MARK] = str(os.getpid())
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "TERMINAL_WIDTH"):
        os.environ.pop(name, None)
    os.environ["COLUMNS"] = "80"
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So a shell starts what runs in the background, and the programs under test would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.addaudithook(_refuse_network)


def _variables_of(home: Path) -> dict[str, str]:
    """What makes programs take a folder for the user's own, wherever they look."""
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CACHE", "CONFIG", "STATE")}
    return folders | dict.fromkeys(("HOME", "USERPROFILE", "LOCALAPPDATA"), str(home))


def pytest_unconfigure() -> None:
    """Remove that home."""
    shutil.rmtree(_HOME, ignore_errors=True)


def _refuse_network(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a socket of this machine
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name and not (str(name).startswith("127.") or name in ("localhost", "::1", "0.0.0.0", "::")):
        # Recorded too, since the code under test may turn whatever is raised here into an error of its own.
        _USED_HOSTS.append(str(name))
        raise PermissionError(f"a test reached for {name} on the network")


@pytest.fixture
def used_hosts():
    """Hosts beyond this machine that the running test reached for; what is left in it at the end fails the test."""
    return _USED_HOSTS


@pytest.fixture(autouse=True)
def _leaves_nothing_behind():
    _USED_HOSTS.clear()
    threads, children = set(threading.enumerate()), _children()
    yield
    assert not _USED_HOSTS, f"the test reached for {_USED_HOSTS} on the network"
    left = _left_of(lambda: _new_threads(threads) + sorted(_children() - children))
    assert not left, f"the test left {left} running"


@pytest.fixture(scope="module", autouse=True)
def _module_leaves_nothing_behind():
    """See to what tests share, and to the children of children, which are nobody's once their parent has ended."""
    threads, processes = set(threading.enumerate()), _descendants()
    yield
    left = _left_of(lambda: _new_threads(threads) + sorted(_descendants() - processes) + _visible_windows())
    assert not left, f"tests of this module left {left}"


def _left_of(look: Callable[[], list[object]]) -> list[object]:
    """What ``look`` still finds when it has had time to end."""
    deadline = time.monotonic() + SECONDS_TO_END
    while (left := look()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


def _new_threads(before: set[threading.Thread]) -> list[object]:
    return [thread for thread in threading.enumerate() if thread not in before]


def _children() -> set[int]:
    """Process ids of the children of this process; empty where the system does not tell."""
    lists = Path("/proc/self/task").glob("*/children")
    return {int(child) for path in lists for child in _read(path).split()}


def _descendants() -> set[int]:
    """Process ids of all that was started from here, however indirectly; empty where the system does not tell."""
    mark = f"{_MARK}={os.getpid()}\0"
    return {int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path)}


def _visible_windows() -> list[object]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    return [window for window in widgets.QApplication.topLevelWidgets() if window.isVisible()]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # the thread or process has ended
        return ""


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home for this test alone, and for the programs that it starts."""
    for name, value in _variables_of(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    return tmp_path / "home"


@pytest.fixture(scope="session")
def open_window(qapp, request):
    """Open the whole window with a worker of its own: ``with open_window(home, *paths) as window``, a `Furnishing`."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from pytestqt.qtbot import QtBot

    from gui import theme
    from gui.app import build_window, start
    from gui.furnishing import Furnishing
    from gui.settings import SettingsStore

    theme.install(qapp)

    @contextlib.contextmanager
    def opened(home, *paths):
        with pytest.MonkeyPatch.context() as patch:
            for name, value in _variables_of(home).items():
                patch.setenv(name, value)
            main = build_window(SettingsStore())
            main.first_painted.connect(lambda: start(main, tuple(map(str, paths))))
            main.show()
            try:
                QtBot(request).waitUntil(lambda: main.findChild(Furnishing) is not None)
                yield main.findChild(Furnishing)
            finally:
                main.close()
                main.deleteLater()
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    return opened


@pytest.fixture(scope="session")
def tiny_package(tmp_path_factory):
    """Folder of a model package with the smallest encoder, random weights and ten words; not to be altered."""
    import torch

    from captioner.config import DecoderConfig, DecodingOptions, EncoderConfig, ModelConfig
    from captioner.model import CaptioningModel
    from captioner.model_library import save_package
    from captioner.vocabulary import SPECIAL_TOKENS, Vocabulary

    config = ModelConfig(
        encoder=EncoderConfig(name="stepped_resnet_small", input_size=64),
        decoder=DecoderConfig(project_dim=8, embed_dim=8, decoder_dim=8, attention_dim=8),
        decoding=DecodingOptions(max_length=6, min_length=2),
    )
    words = ("a", "red", "blue", "green", "circle", "box", "on", "the", "dark", "ground")
    vocabulary = Vocabulary((*SPECIAL_TOKENS, *words))
    path = tmp_path_factory.mktemp("models") / "tiny"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = CaptioningModel(config, vocabulary).eval()
    save_package(model, path, description="A model with random weights.", card="# Tiny\n\nKnows ten words.\n")
    return path


def draw_photograph(index: int, size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A circle on a gradient; each index gives another picture."""
    random = np.random.default_rng(index)
    rows, columns = np.mgrid[: size[1], : size[0]]
    colours = random.integers(0, 256, (3, 3))
    shade = (rows[..., None] * colours[0] + columns[..., None] * colours[1]) // (size[0] + size[1])
    image = Image.fromarray(shade.astype(np.uint8))
    left, top = random.integers(0, size[0] // 2), random.integers(0, size[1] // 2)
    ImageDraw.Draw(image).ellipse((left, top, left + size[0] // 3, top + size[0] // 3), fill=tuple(colours[2].tolist()))
    return image


@pytest.fixture
def photographs(tmp_path):
    """A folder ``photos`` with photo-1.jpg to photo-3.jpg and, in a folder inside it, deep.png."""
    folder = tmp_path / "photos"
    (folder / "inside").mkdir(parents=True)
    for index in (1, 2, 3):
        draw_photograph(index).save(folder / f"photo-{index}.jpg", quality=90)
    draw_photograph(4).save(folder / "inside" / "deep.png")
    return folder
