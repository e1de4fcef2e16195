"""What the window remembers: frozen settings, kept in one JSON file that appears whole or not at all."""

from __future__ import annotations

import dataclasses
import json
import logging
import threading
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QObject, QTimer, Signal

from captioner.atomic_file import atomic_path
from captioner.config import DecodingOptions
from captioner.errors import CaptionerError, OutputError
from captioner.file_names import printable
from gui.plain_values import from_plain, to_plain
from gui.theme import Scheme
from gui.viewmodels.overlay_style import OverlayStyle

_log = logging.getLogger(__name__)

VERSION = 1
SAVE_AFTER_MILLISECONDS = 500
MAX_BYTES = 4 * 2**20
MAX_KEPT = 20
SYSTEM_LANGUAGE = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that outlives the window.

    Attributes
    ----------
    theme
        Light, dark, or whatever the system says.
    language
        A key of `gui.translations.LANGUAGES`, or ``system``.
    page
        Key of the page that was open.
    geometry, layouts
        Of the window, and by name of whatever else keeps a layout; base64 of what Qt saves.
    overlay, decoding
        As last chosen; decoding is None where the model's own recommendation holds.
    active_model
        Name of the model that captions; None stands for the bundled one.
    recent
        Files and folders opened last, newest first.
    reopens_photographs
        Show the photographs and captions of the last time at the start.
    confirms_removal
        Ask before a model is removed from the disk.
    """

    theme: Scheme = Scheme.SYSTEM
    language: str = SYSTEM_LANGUAGE
    page: str = ""
    geometry: str = ""
    layouts: Mapping[str, str] = field(default_factory=dict)
    overlay: OverlayStyle = field(default_factory=OverlayStyle)
    decoding: DecodingOptions | None = None
    active_model: str | None = None
    recent: tuple[str, ...] = ()
    reopens_photographs: bool = True
    confirms_removal: bool = True


class Damage(StrEnum):
    """Why settings were not, or not wholly, those of the file."""

    CORRUPT = "corrupt"
    NEWER = "newer"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings as found, what was wrong with their file, and where a copy of it was kept."""

    settings: Settings
    damage: Damage | None = None
    kept: Path | None = None


def settings_file() -> Path:
    """Where this user's settings are; the file need not exist."""
    return Path(platformdirs.user_config_dir("captioner", appauthor=False)) / "settings.json"


def load_settings(path: Path) -> LoadedSettings:
    """Read settings; never fails.

    What cannot be read takes its default, and the file is set aside as ``settings.json.corrupt-1`` and so on, or
    ``.newer-1`` where a later version of the program wrote it.
    """
    try:
        if not path.exists():
            return LoadedSettings(Settings())
        content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
    except OSError as error:
        _log.warning("%s cannot be read: %s", path, error)
        return LoadedSettings(Settings(), Damage.UNREADABLE)
    try:
        values = json.loads(content)
        version = values.pop("version")
        if isinstance(version, int) and version > VERSION:
            return LoadedSettings(Settings(), Damage.NEWER, _set_aside(path, Damage.NEWER))
        settings, wrong = _read_each(values)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        _log.warning("%s is damaged: %s", path, error)
        return LoadedSettings(Settings(), Damage.CORRUPT, _set_aside(path, Damage.CORRUPT))
    if not wrong:
        return LoadedSettings(settings)
    _log.warning("%s is damaged: %s", path, "; ".join(wrong))
    return LoadedSettings(settings, Damage.CORRUPT, _set_aside(path, Damage.CORRUPT))


def _read_each(values: dict[str, Any]) -> tuple[Settings, list[str]]:
    """Settings from plain values, and what is wrong with those that took their default."""
    ready: dict[str, Any] = {}
    wrong: list[str] = []
    for name, annotation in typing.get_type_hints(Settings).items():
        if name not in values:
            continue
        try:
            ready[name] = from_plain(annotation, values[name])
        except (ValueError, TypeError, CaptionerError) as error:
            wrong.append(f"{name}: {error}")
    return Settings(**ready), wrong


def _set_aside(path: Path, damage: Damage) -> Path | None:
    """Rename a file so that it is not written over; None where that fails or too many are kept already."""
    for number in range(1, MAX_KEPT + 1):
        kept = path.with_name(f"{path.name}.{damage}-{number}")
        if kept.exists():
            continue
        try:
            return path.rename(kept)
        except OSError as error:
            _log.warning("%s cannot be renamed: %s", path, error)
            return None
    return None


def save_settings(settings: Settings, path: Path) -> None:
    """Write settings, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    text = json.dumps({"version": VERSION} | to_plain(settings), indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or "its folder cannot be made"
        message = f"The settings cannot be kept in {printable(path)}: {reason}. Check that folder."
        raise OutputError(message, path=path) from error
    with atomic_path(path) as partial:
        partial.write_text(text + "\n", encoding="utf-8")


class SettingsStore(QObject):
    """The settings in force; changes apply at once and reach the disk half a second later, on another thread.

    Signals
    -------
    changed(Settings)
        They are others now.
    save_failed(str)
        They could not be written; a sentence that says why. Said once, until writing works again.
    """

    changed = Signal(object)
    save_failed = Signal(str)

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path or settings_file()
        loaded = load_settings(self.path)
        self._settings, self._damage, self._kept = loaded.settings, loaded.damage, loaded.kept
        self._has_failed = False
        self._is_dirty = False
        self._writer: threading.Thread | None = None
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MILLISECONDS)
        self._timer.timeout.connect(self._save)

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    @property
    def problem(self) -> str:
        """A sentence on what was wrong with the file at the start; empty where nothing was."""
        if self._damage is None:
            return ""
        kept = printable(self._kept.name) if self._kept else self.tr("no copy")
        words = {
            Damage.CORRUPT: self.tr("The settings were damaged, so defaults are used. Kept for you: {kept}."),
            Damage.NEWER: self.tr("The settings are of a newer Captioner, so defaults are used. Kept for you: {kept}."),
            Damage.UNREADABLE: self.tr("The settings cannot be read, so defaults are used. Check who may read {path}."),
        }
        return words[self._damage].format(kept=kept, path=printable(self.path))

    def change(self, **changes: Any) -> None:
        """Change some settings by name."""
        settings = dataclasses.replace(self._settings, **changes)
        if settings == self._settings:
            return
        self._settings = settings
        self._is_dirty = True
        self._timer.start()
        self.changed.emit(settings)

    def save_now(self) -> None:
        """Write what has not been written yet, and wait until it is there; for the end of the program."""
        self._timer.stop()
        self._save()
        if self._writer is not None:
            self._writer.join()

    def _save(self) -> None:
        if not self._is_dirty or self._damage is Damage.UNREADABLE:
            return
        if self._writer is not None and self._writer.is_alive():
            self._writer.join()  # half a second has passed since it began
        self._is_dirty = False
        # Flushing to the disk may take long.
        self._writer = threading.Thread(target=self._write, args=(self._settings,), name="settings")
        self._writer.start()

    def _write(self, settings: Settings) -> None:
        try:
            save_settings(settings, self.path)
            self._has_failed = False
        except OutputError as error:
            _log.warning("%s", error)
            if not self._has_failed:
                self._has_failed = True
                self.save_failed.emit(error.message)
