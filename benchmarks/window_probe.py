"""The real window with its real worker, driven and timed from within; `window.py` starts it in one process per scene.

    CAPTIONER_BEGAN=... python benchmarks/window_probe.py SCENE PATHS...

Prints one line of JSON. The variable holds what the parent's ``time.monotonic()`` said when it started this process.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from gui import app
from gui.caption.empty_state import EmptyState

BEAT_MILLISECONDS = 5
SCROLL_MILLISECONDS = 40
LOOK_MILLISECONDS = 1000
AT_REST_MILLISECONDS = 1500
MOST_SECONDS = 600


class Heartbeat(QObject):
    """Notices how long the event loop was kept from a timer that should fire every few milliseconds."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._last: float | None = None
        self._gaps: list[float] = []
        timer = QTimer(self, interval=BEAT_MILLISECONDS, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._on_beat)
        timer.start()

    def restart(self) -> None:
        """Forget what was."""
        self._gaps.clear()
        self._last = time.perf_counter()

    def longest(self, count: int = 5) -> list[float]:
        """The longest stalls in seconds, the worst first."""
        return sorted((max(gap - BEAT_MILLISECONDS / 1e3, 0.0) for gap in self._gaps), reverse=True)[:count]

    def _on_beat(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            self._gaps.append(now - self._last)
        self._last = now


class Painted(QObject):
    """Calls back when a widget has been painted while a condition held."""

    def __init__(self, widget: QWidget, is_right: Callable[[], bool], then: Callable[[], None]) -> None:
        super().__init__(widget)
        self._is_right, self._then = is_right, then
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Look at paintings; the call comes when the event loop is back, and the pixels are where they belong."""
        if event.type() == QEvent.Type.Paint and self._is_right():
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._then)
        return False


class Scene(QObject):
    """One thing that a user does; `begin` is called when the window has its parts."""

    paths_are_opened_at_start = False

    def __init__(self, window: Any, paths: Sequence[str]) -> None:
        super().__init__(window)
        self.window, self.paths = window, list(paths)
        self.results: dict[str, Any] = {}
        self.heartbeat = Heartbeat(self)
        self._poll = QTimer(self, interval=1)
        self._poll.timeout.connect(self._look_for_parts)
        window.first_painted.connect(self._poll.start)
        QTimer.singleShot(1000 * MOST_SECONDS, self, lambda: self.fail("It took too long."))
        window.first_painted.connect(lambda: self.note("frame"))

    def _look_for_parts(self) -> None:
        module = sys.modules.get("gui.furnishing")
        furnishing = self.window.findChild(module.Furnishing) if hasattr(module, "Furnishing") else None
        if furnishing is not None:
            self._poll.stop()
            self.furnishing = furnishing
            self.begin()

    def begin(self) -> None:
        """Do it."""
        raise NotImplementedError

    def note(self, name: str) -> None:
        """Write down how many seconds ago the process was started."""
        self.results[name] = time.monotonic() - float(os.environ["CAPTIONER_BEGAN"])

    def end(self) -> None:
        """Print what was found and close the window."""
        worker = self.furnishing.workspace.bridge._client.pid
        self.results["memory"] = {"window": memory(os.getpid()), "worker": memory(worker)}
        sys.stdout.write(json.dumps(self.results) + "\n")
        sys.stdout.flush()
        self.window.close()

    def fail(self, why: str) -> None:
        """Say why nothing was measured, and close the window."""
        sys.stderr.write(f"{why}\n")
        self.window.close()

    def drop(self, paths: Sequence[str]) -> None:
        """Drop files on the middle of the window, as the system would deliver them."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        place, copy = self.window.rect().center(), Qt.DropAction.CopyAction
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPoint(place), copy, data, left, none)
        app.QApplication.sendEvent(self.window, enter)
        if not enter.isAccepted():
            self.fail("The window does not take a drop.")
            return
        app.QApplication.sendEvent(self.window, QDropEvent(QPointF(place), copy, data, left, none))

    def when_captioned(self, path: str, then: Callable[[], None]) -> None:
        """Call when the words of this photograph's caption are on the screen."""
        view, strip = self.furnishing.workspace.view, self.furnishing.page.strip
        Painted(strip.viewport(), lambda: view.image is not None and view.image.path == path and bool(view.words), then)


class Empty(Scene):
    """Start without anything."""

    def __init__(self, window: Any, paths: Sequence[str]) -> None:
        super().__init__(window, paths)
        QTimer.singleShot(0, self._watch_empty_state)  # which is there once the event loop runs

    def _watch_empty_state(self) -> None:
        # Whoever drops something on what can be seen now is served.
        Painted(self.window.findChild(EmptyState), self.window.acceptDrops, self._on_usable)

    def _on_usable(self) -> None:
        self.note("usable")
        self.heartbeat.restart()

    def begin(self) -> None:
        """Wait until all is there."""
        self.note("furnished")
        self.furnishing.workspace.bridge.model_changed.connect(self._on_model)

    def _on_model(self, _: object) -> None:
        self.note("model")
        QTimer.singleShot(AT_REST_MILLISECONDS, self._on_rest)

    def _on_rest(self) -> None:
        self.results["stalls"] = self.heartbeat.longest()
        self.end()


class First(Scene):
    """Start with a photograph on the command line."""

    paths_are_opened_at_start = True

    def begin(self) -> None:
        """Wait for its caption."""
        self.note("furnished")
        bridge = self.furnishing.workspace.bridge
        bridge.state_changed.connect(lambda state, _: self.note(f"worker {state}"))
        bridge.model_changed.connect(lambda _: self.note("model"))
        self.when_captioned(self.paths[0], self._on_captioned)

    def _on_captioned(self) -> None:
        self.note("caption")
        self.end()


class Drops(Scene):
    """Drop one photograph after the other on a window that has been used before."""

    def begin(self) -> None:
        """Let the model be loaded, and drop the first."""
        self.results["drops"] = []
        self.furnishing.workspace.bridge.model_changed.connect(lambda _: QTimer.singleShot(500, self._drop))

    def _drop(self) -> None:
        self.furnishing.workspace.collection.clear()
        path = self.paths.pop(0)
        self.when_captioned(path, self._on_captioned)
        self._dropped = time.perf_counter()
        self.drop([path])

    def _on_captioned(self) -> None:
        self.results["drops"].append(time.perf_counter() - self._dropped)
        if self.paths:
            QTimer.singleShot(300, self._drop)
        else:
            self.end()


class Many(Scene):
    """Drop a folder, then scroll through its photographs and look at some until all are captioned."""

    def begin(self) -> None:
        """Let the model be loaded first, since this is about the long run."""
        self.furnishing.workspace.bridge.model_changed.connect(lambda _: QTimer.singleShot(500, self._drop))

    def _drop(self) -> None:
        self._steps = 0
        self._timers = [QTimer(self, interval=SCROLL_MILLISECONDS), QTimer(self, interval=LOOK_MILLISECONDS)]
        for timer, act in zip(self._timers, (self._scroll, self._look), strict=True):
            timer.timeout.connect(act)
            timer.start()
        self.furnishing.workspace.queue.changed.connect(self._on_progress)
        self.heartbeat.restart()
        self._began = time.perf_counter()
        self.drop(self.paths)

    def _scroll(self) -> None:
        self._steps += 1
        bar = self.furnishing.page.collection.list.verticalScrollBar()
        bar.setValue(bar.value() + bar.pageStep() // 4 if bar.value() < bar.maximum() else 0)

    def _look(self) -> None:
        self.furnishing.controller.show_neighbour(1)

    def _on_progress(self, progress: Any) -> None:
        if progress.is_running or self.furnishing.controller.collector.is_searching:
            return
        self.results["seconds"] = time.perf_counter() - self._began
        self.results["captions"] = sum(bool(image.text) for image in self.furnishing.workspace.collection)
        for timer in self._timers:
            timer.stop()
        # Saving the session is a part of it, and comes every half minute.
        self.furnishing.session._save_apart()
        QTimer.singleShot(AT_REST_MILLISECONDS, self._on_rest)

    def _on_rest(self) -> None:
        self.results["stalls"] = self.heartbeat.longest()
        self.end()


class Listing(Scene):
    """Drop a folder of very many photographs, and let them be listed."""

    def begin(self) -> None:
        """Captioning them would take minutes and is another scene."""
        self.furnishing.controller.collector.finished.connect(self._on_finished)
        self.furnishing.workspace.queue.pause()
        QTimer.singleShot(500, self._drop)

    def _drop(self) -> None:
        self.heartbeat.restart()
        self._began = time.perf_counter()
        self.drop(self.paths)

    def _on_finished(self, new: int, _: object) -> None:
        self.results["seconds"] = time.perf_counter() - self._began
        self.results["listed"] = new
        QTimer.singleShot(AT_REST_MILLISECONDS, self._on_rest)

    def _on_rest(self) -> None:
        self.results["stalls"] = self.heartbeat.longest()
        self.end()


SCENES: dict[str, type[Scene]] = {"empty": Empty, "first": First, "drops": Drops, "many": Many, "listing": Listing}


def memory(pid: int) -> dict[str, int]:
    """Bytes of memory of a process: most resident so far, resident now, and its share now; empty but on Linux."""
    if not sys.platform.startswith("linux"):
        return {}
    status = _kilobytes(Path(f"/proc/{pid}/status"))
    share = _kilobytes(Path(f"/proc/{pid}/smaps_rollup"))
    return {"peak": status["VmHWM"], "resident": status["VmRSS"], "share": share["Pss"]}


def _kilobytes(path: Path) -> dict[str, int]:
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if words[-1] == "kB"}


def main() -> None:
    """Open the window as the command does, with a scene watching it."""
    scene, paths = SCENES[sys.argv[1]], sys.argv[2:]
    build_window = app.build_window

    def build_watched_window(store: Any) -> Any:
        window = build_window(store)
        scene(window, paths)
        return window

    app.build_window = build_watched_window
    sys.exit(app.main(paths if scene.paths_are_opened_at_start else []))


if __name__ == "__main__":
    main()
