"""What every test runs under: no network, no threads or children left behind, no touch of the user's own folders."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

# Before anything imports torch: its threads must not spin while another test process computes.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from PIL import Image, ImageDraw

SECONDS_TO_END = 3.0
_HOME = Path(tempfile.mkdtemp(prefix="captioner-tests-"))
_USED_HOSTS: list[str] = []


def pytest_configure() -> None:
    """Give the tests, and all processes that they start, a home of their own."""
    os.environ["HOME"] = os.environ["USERPROFILE"] = os.environ["LOCALAPPDATA"] = str(_HOME)
    for name in ("DATA", "CACHE", "CONFIG", "STATE"):
        os.environ[f"XDG_{name}_HOME"] = str(_HOME / name.lower())
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "TERMINAL_WIDTH"):
        os.environ.pop(name, None)
    os.environ["COLUMNS"] = "80"
    sys.addaudithook(_refuse_network)


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
    deadline = time.monotonic() + SECONDS_TO_END
    while (left := _new_threads(threads) + sorted(_children() - children)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not left, f"the test left {left} running"


def _new_threads(before: set[threading.Thread]) -> list[object]:
    return [thread for thread in threading.enumerate() if thread not in before]


def _children() -> set[int]:
    """Process ids of the children of this process; empty where the system does not tell."""
    lists = Path("/proc/self/task").glob("*/children")
    return {int(child) for path in lists for child in _read(path).split()}


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the thread has ended
        return ""


@pytest.fixture(scope="session")
def tiny_package(tmp_path_factory):
    """Folder of a model package with the project's own encoder, random weights and ten words; not to be altered."""
    import torch

    from captioner.config import DecoderConfig, DecodingOptions, EncoderConfig, ModelConfig
    from captioner.model import CaptioningModel
    from captioner.model_library import save_package
    from captioner.vocabulary import SPECIAL_TOKENS, Vocabulary

    config = ModelConfig(
        encoder=EncoderConfig(input_size=64),
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
