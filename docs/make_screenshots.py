"""Make the screenshots of the README again: the real window, the real worker, the bundled model and samples.

``python docs/make_screenshots.py`` needs no screen. Each picture is taken in a process of its own, since a program has
one scale from its start.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "resources" / "samples"
MOST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its name, the theme, the size of the window, and what is done before it is taken."""

    name: str
    theme: str
    size: tuple[int, int]
    scene: str


SHOTS = (
    Shot("window-light", "light", (1280, 800), "word"),
    Shot("window-dark", "dark", (1280, 800), "pins"),
    Shot("window-empty", "light", (1280, 800), "empty"),
    Shot("window-models", "dark", (1280, 800), "models"),
    Shot("window-narrow", "light", (900, 600), "outline"),
)


def main() -> None:
    """Make all pictures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", help="which; all without any: " + ", ".join(shot.name for shot in SHOTS))
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--scale", type=int, default=2, choices=(1, 2), help="pixels per point")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for shot in SHOTS:
        if not arguments.names or shot.name in arguments.names:
            target = arguments.output / f"{shot.name}.png"
            take_apart(shot, target, arguments.scale)
            print(target)


def take_apart(shot: Shot, target: Path, scale: int) -> None:
    """Take a picture in a new process, with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        places = {f"XDG_{name}_HOME": str(Path(home) / name.lower()) for name in ("DATA", "STATE", "CONFIG", "CACHE")}
        environment = {
            "QT_QPA_PLATFORM": "offscreen",
            **os.environ,
            **places,
            "HOME": home,
            "QT_SCALE_FACTOR": str(scale),
            "PYTHONPATH": str(ROOT),
        }
        code = f"import runpy; runpy.run_path({str(Path(__file__))!r})['take']({shot.name!r}, {str(target)!r})"
        subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=2 * MOST_SECONDS)


def take(name: str, target: str) -> None:
    """Open the window, play the scene, save the picture, and close."""
    from PySide6.QtCore import QTimer

    from gui import app
    from gui.settings import SettingsStore
    from gui.theme import Scheme

    shot = next(shot for shot in SHOTS if shot.name == name)
    application = app.create_application()
    store = SettingsStore(parent=application)
    store.change(theme=Scheme(shot.theme), language="en")
    app.install_language(application, "en")
    window = app.build_window(store)
    window.resize(*shot.size)
    paths = () if shot.scene == "empty" else tuple(sorted(map(str, SAMPLES.glob("*.jpg"))))
    window.first_painted.connect(lambda: app.start(window, paths))
    window.show()

    def finish() -> None:
        if not window.grab().save(target):
            raise OSError(f"{target} cannot be written.")
        window.close()

    wait_until(lambda: play(window, shot.scene), lambda: QTimer.singleShot(1200, finish))
    QTimer.singleShot(1000 * MOST_SECONDS, application.quit)
    application.exec()


def wait_until(is_done: Callable[[], bool], then: Callable[[], None]) -> None:
    """Look every 100 ms."""
    from PySide6.QtCore import QTimer

    timer = QTimer(interval=100)

    def look() -> None:
        if is_done():
            timer.stop()
            then()

    timer.timeout.connect(look)
    timer.start()
    wait_until.kept.append(timer)  # type: ignore[attr-defined]


wait_until.kept = []  # type: ignore[attr-defined]


def play(window: object, scene: str) -> bool:
    """Bring the window to the scene; whether it is there."""
    from gui.engine_bridge import EngineBridge, WorkerState
    from gui.furnishing import Furnishing
    from gui.viewmodels.image_collection import ImageState

    furnishing = window.findChild(Furnishing)  # type: ignore[attr-defined]
    bridge = window.findChild(EngineBridge)  # type: ignore[attr-defined]
    if furnishing is None or bridge is None or bridge.state is not WorkerState.READY:
        return False
    workspace, page = furnishing.workspace, furnishing.page
    if scene == "empty":
        return workspace.shelf.active is not None
    collection = workspace.collection
    if not len(collection) or collection.count(ImageState.DONE) < len(collection):
        return False
    if scene == "models":
        window.show_page("models")  # type: ignore[attr-defined]
        return True
    photographer = next(image.path for image in collection if image.name.startswith("photographer"))
    if workspace.view.image is None or workspace.view.image.path != photographer:
        page.collection.select(photographer)
    if not page.canvas.has_photograph:
        return False
    words = [word.text for word in workspace.view.words]
    if scene == "outline":
        furnishing.controller.set_mode("outline")
    if scene == "pins":
        workspace.view.toggle_pin(words.index("man"))
    page.strip.word_focused.emit(len(words) - 1)
    return True


if __name__ == "__main__":
    main()
