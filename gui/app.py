"""The window as a program: it shows itself, then starts the worker, then fetches what the pages need."""

from __future__ import annotations

import faulthandler
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from captioner import __version__
from gui import theme
from gui.large_blocks import return_large_blocks
from gui.log_file import log_folder, start_log
from gui.main_window import MainWindow, PageSpec
from gui.program_icon import program_icon
from gui.quit_signals import QuitSignals
from gui.reception import Reception
from gui.settings import SettingsStore
from gui.shell_commands import ShellCommands
from gui.translations import install_language
from gui.uncaught import UncaughtErrors

if TYPE_CHECKING:
    from gui.engine_bridge import EngineBridge

SECONDS_TO_CLOSE = 9.0
"""A run that is going on may take five of them to save."""
PARTS = ("gui.workspace", "gui.caption.collection_panel", "gui.caption.canvas", "gui.caption.page", "gui.furnishing")
"""Modules that take long to import, from those that need the fewest others to the one that needs them all."""


class Application(QApplication):
    """The Qt application.

    Signals
    -------
    file_opened(str)
        The system asks for a file to be opened, as macOS does when one is dropped on the icon.
    """

    file_opened = Signal(str)

    def event(self, event: QEvent) -> bool:
        """Pass files on that the system asks for."""
        if isinstance(event, QFileOpenEvent):
            self.file_opened.emit(event.file())
            return True
        return super().event(event)


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    argv
        Photographs and folders to open; those of the command line when None.

    Returns
    -------
    int
        The exit status.
    """
    paths = tuple(sys.argv[1:] if argv is None else argv)
    application = create_application()
    crash_file = start_log()
    errors = UncaughtErrors(application)
    errors.install()
    store = SettingsStore(parent=application)
    install_language(application, store.settings.language)
    window = build_window(store)
    errors.reported.connect(lambda sentence, details: window.show_error(sentence, details=details))
    signals = QuitSignals(application)
    signals.quit_wanted.connect(window.close)
    window.closing.connect(lambda: _bound_closing(crash_file))
    reception = Reception(window, is_greeting=not paths)
    application.file_opened.connect(lambda path: reception.arrivals.open([path]))
    window.first_painted.connect(lambda: start(window, paths, reception))
    window.show()
    status = application.exec()
    signals.close()
    errors.uninstall()
    faulthandler.cancel_dump_traceback_later()
    return status


def create_application() -> Application:
    """The application with its names and its look."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = Application(sys.argv[:1])
    application.setApplicationName("captioner")
    application.setApplicationDisplayName("Captioner")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("captioner")
    application.setWindowIcon(program_icon())
    theme.install(application)
    return application


def build_window(store: SettingsStore) -> MainWindow:
    """The window with the titles of its pages; what is in them comes with `gui.furnishing`."""
    translate = QCoreApplication.translate
    pages = (
        PageSpec("caption", translate("MainWindow", "Caption"), "image"),
        PageSpec("train", translate("MainWindow", "Train"), "graduation-cap"),
        PageSpec("models", translate("MainWindow", "Models"), "cube"),
    )
    window = MainWindow(store, pages)
    ShellCommands(window)
    return window


def start(window: MainWindow, paths: tuple[str, ...] = (), reception: Reception | None = None) -> EngineBridge:
    """Start the worker for a window that can be seen; right after that, furnish the window and open ``paths``."""
    # numpy comes with these; the window is seen before.
    from captioner.worker.client import WorkerClient  # noqa: PLC0415
    from gui.engine_bridge import EngineBridge  # noqa: PLC0415

    return_large_blocks()
    bridge = EngineBridge(parent=window)
    folder = log_folder()
    bridge.start(WorkerClient(bridge.take_event, log_file=folder / "worker.log" if folder.is_dir() else None))
    join_worker(window, bridge)
    window.closing.connect(bridge.close)

    def furnish() -> None:
        from gui.furnishing import Furnishing  # noqa: PLC0415

        window.closing.disconnect(bridge.close)
        Furnishing(window, bridge, paths, reception)
        window.commands.show_icons()
        window.closing.connect(bridge.close)  # last: whatever is saved at the end may still ask it

    # The worker imports torch meanwhile.
    _import_in_turns(window, PARTS, furnish)
    return bridge


def _import_in_turns(window: MainWindow, names: Sequence[str], then: Callable[[], None]) -> None:
    """Import one module in each turn of the event loop, so that whoever uses the window already is served between."""

    def go_on() -> None:
        if window.is_closing:
            return
        if names:
            importlib.import_module(names[0])
            _import_in_turns(window, names[1:], then)
        else:
            then()

    QTimer.singleShot(0, window, go_on)


def join_worker(window: MainWindow, bridge: EngineBridge) -> None:
    """Let the window show what the worker is up to."""
    from gui.engine_bridge import WorkerState  # noqa: PLC0415

    def show_state(state: WorkerState, message: str) -> None:
        window.set_worker_state(state, message)
        if state is WorkerState.UNUSABLE:
            window.show_error(message, details=bridge.details)

    def show_details() -> None:
        if bridge.message:
            window.show_error(bridge.message, details=bridge.details)
        else:
            window.show_page("models")

    bridge.state_changed.connect(show_state)
    bridge.model_changed.connect(lambda model: window.set_model(model.name))
    window.worker_details_wanted.connect(show_details)


def _bound_closing(crash_file: IO[str] | None) -> None:
    """Whatever hangs while the window closes does not keep the process: it ends, and the log says where it hung."""
    target = crash_file or sys.__stderr__
    if target is not None:
        faulthandler.dump_traceback_later(SECONDS_TO_CLOSE, exit=True, file=target)
