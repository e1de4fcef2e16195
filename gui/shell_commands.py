"""The commands that belong to the window as a whole: look, language, help, and the end."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QStandardPaths
from PySide6.QtWidgets import QFileDialog

from captioner.errors import CaptionerError
from captioner.file_names import printable
from gui.main_window import MainWindow
from gui.settings import SYSTEM_LANGUAGE, Settings
from gui.theme import Scheme, theme
from gui.toasts import ToastKind
from gui.translations import LANGUAGES

if TYPE_CHECKING:
    from gui.command_palette import CommandPalette

# Dialogs and the palette are imported when they are wanted: the window is seen 0.05 s earlier.


class ShellCommands(QObject):
    """Gives the window's own commands their handlers, and lets the look follow the settings."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._store, self._commands = window, window.store, window.commands
        self._palette: CommandPalette | None = None
        self._language = self._store.settings.language
        self._handle_commands()
        self._store.changed.connect(self._on_settings_changed)
        self._store.save_failed.connect(lambda sentence: window.toast(sentence, ToastKind.WARNING))
        window.installEventFilter(self)
        self._on_settings_changed(self._store.settings)
        if self._store.problem:
            window.toast(self._store.problem, ToastKind.WARNING)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep the check mark of Full screen true, however the window came to it."""
        if event.type() == QEvent.Type.WindowStateChange:
            self._commands.set_checked("full_screen", self._window.isFullScreen())
        return super().eventFilter(watched, event)

    def _handle_commands(self) -> None:
        handle = self._commands.handle
        handle("quit", self._window.close)
        handle("full_screen", self._on_full_screen)
        handle("command_palette", self._on_command_palette)
        handle("preferences", self._on_preferences)
        handle("shortcuts", self._on_shortcuts)
        handle("save_diagnostics", self._on_save_diagnostics)
        handle("about", self._on_about)
        for scheme in Scheme:
            handle(f"theme_{scheme}", lambda chosen=scheme: self._store.change(theme=chosen))
        for language in (SYSTEM_LANGUAGE, *LANGUAGES):
            handle(f"language_{language}", lambda chosen=language: self._store.change(language=chosen))

    def _on_settings_changed(self, settings: Settings) -> None:
        theme().set_scheme(settings.theme)
        self._commands.set_checked(f"theme_{settings.theme}")
        known = settings.language if settings.language in LANGUAGES else SYSTEM_LANGUAGE
        self._commands.set_checked(f"language_{known}")
        if settings.language != self._language:
            self._language = settings.language
            self._window.toast(self.tr("Captioner speaks this language when it is started again."))

    def _on_full_screen(self, is_on: bool) -> None:
        if is_on:
            self._window.showFullScreen()
        elif self._window.isFullScreen():
            self._window.showNormal()

    def _on_command_palette(self) -> None:
        from gui.command_palette import CommandPalette  # noqa: PLC0415

        if self._palette is None:
            self._palette = CommandPalette(self._commands, self._window)
        self._palette.open()

    def _on_preferences(self) -> None:
        from gui.preferences import PreferencesDialog  # noqa: PLC0415

        PreferencesDialog(self._store, self._window).open()

    def _on_shortcuts(self) -> None:
        from gui.shortcuts_dialog import ShortcutsDialog  # noqa: PLC0415

        ShortcutsDialog(self._commands, self._window).open()

    def _on_about(self) -> None:
        from gui.about import AboutDialog  # noqa: PLC0415

        AboutDialog(self._window.windowIcon(), self._window).open()

    def _on_save_diagnostics(self) -> None:
        dialog = QFileDialog(self._window, self.tr("Save diagnostics"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(self.tr("Zip files (*.zip)"))
        dialog.setDefaultSuffix("zip")
        dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        dialog.selectFile(f"captioner-diagnostics-{datetime.now():%Y-%m-%d}.zip")
        dialog.fileSelected.connect(self.save_diagnostics)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_diagnostics(self, target: str) -> None:
        """Write the diagnostics and say where they are, or why not."""
        from gui.diagnostics import save_diagnostics  # noqa: PLC0415

        try:
            save_diagnostics(Path(target), self._store.settings)
        except CaptionerError as error:
            self._window.toast(error.message, ToastKind.ERROR)
        else:
            written = self.tr("Diagnostics saved in {name}.").format(name=printable(Path(target).name))
            self._window.toast(written, ToastKind.DONE)
