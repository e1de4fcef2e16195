"""The window speaks the language that was chosen, or the system's where it knows it."""

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QWidget

from gui.action_list import ACTIONS, MENUS
from gui.actions import Actions
from gui.command_palette import find_commands
from gui.resources import resources_folder
from gui.translations import LANGUAGES, chosen_language, install_language

FOLDER = resources_folder() / "translations"


@pytest.fixture
def application(qapp):
    """The application, without a translation before and after."""
    locale = QLocale()
    yield qapp
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(locale)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_there(application, language, caplog):
    assert install_language(application, language) == language
    assert not caplog.records
    assert QLocale().language() == QLocale(language).language()


def test_commands_are_translated(application):
    install_language(application, "zh_CN")
    texts = [spec.text for spec in ACTIONS] + [spec.tip for spec in ACTIONS if spec.tip]
    texts += [menu.title for menu in MENUS.values()]
    names = {"English", "简体中文", "JSON…"}
    same = {text for text in texts if QCoreApplication.translate("Actions", text) == text}
    assert same <= names


def test_chinese_palette_also_understands_english(application, qtbot):
    install_language(application, "zh_CN")
    window = QWidget()
    qtbot.addWidget(window)
    actions = Actions(window)
    for name in ("export_csv", "zoom_in"):
        actions.handle(name, lambda: None)
    (found,) = find_commands(actions, "exp")
    assert (found.action.objectName(), found.place) == ("export_csv", "文件 › 导出")
    assert [command.action.objectName() for command in find_commands(actions, "放大")] == ["zoom_in"]


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["zh-CN", "en-GB"], "zh_CN"),
        (["zh-Hans-SG"], "zh_CN"),
        (["de-DE", "en-GB"], "en"),
        (["zh-TW", "zh-Hant"], "en"),
        ([], "en"),
    ],
)
def test_language_of_the_system(monkeypatch, wanted, language):
    class System:
        @staticmethod
        def uiLanguages():  # noqa: N802
            return wanted

    monkeypatch.setattr(QLocale, "system", System)
    assert chosen_language("system") == language


def test_unknown_language_is_that_of_the_system(monkeypatch):
    assert chosen_language("tlh") == chosen_language("system")
    assert chosen_language("zh_CN") == "zh_CN"
