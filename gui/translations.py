"""The language of the window."""

from __future__ import annotations

import logging

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from gui.resources import resources_folder
from gui.settings import SYSTEM_LANGUAGE

_log = logging.getLogger(__name__)

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}


def chosen_language(setting: str) -> str:
    """The language that a setting stands for, a key of `LANGUAGES`.

    ``system`` stands for the first of the system's languages that there is, and English where there is none.
    """
    if setting in LANGUAGES:
        return setting
    if setting != SYSTEM_LANGUAGE:
        _log.warning("There is no language %r.", setting)
    for wanted in QLocale.system().uiLanguages():
        locale = QLocale(wanted)
        for language in LANGUAGES:
            known = QLocale(language)
            if (locale.language(), locale.script()) == (known.language(), known.script()):
                return language
    return "en"


def install_language(application: QCoreApplication, setting: str) -> str:
    """Let the window and Qt's own dialogs speak a language; to be called before any widget is made.

    English has a file too, since "1 photograph" and "2 photographs" differ.

    Returns
    -------
    str
        The language, a key of `LANGUAGES`.
    """
    language = chosen_language(setting)
    QLocale.setDefault(QLocale(language) if setting in LANGUAGES else QLocale.system())
    ours = str(resources_folder() / "translations")
    qts = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in ((f"qtbase_{language}", qts), (f"captioner_{language}", ours)):
        translator = QTranslator(application)
        if translator.load(name, folder):
            application.installTranslator(translator)
        elif name != "qtbase_en":  # what Qt says in English needs no file
            _log.warning("The translation %s is missing.", name)
    return language
