"""Every text of the window has its translation, with the same fields in it, and what is compiled is what is written."""

import importlib.util
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "resources" / "translations"
LANGUAGES = ("en", "zh_CN")
_FIELDS = re.compile(r"\{[^}]*\}|%L?n|\(\*\.zip\)|\(\*\)")


@pytest.fixture(scope="module")
def update():
    path = ROOT / "recipes" / "update_translations.py"
    if not path.exists():
        pytest.skip("this checkout has no recipes/update_translations.py")
    spec = importlib.util.spec_from_file_location("update_translations", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(language):
    """Context and message element of each text in a .ts file."""
    root = ET.parse(TRANSLATIONS / f"captioner_{language}.ts").getroot()
    return [
        (context.findtext("name"), message) for context in root.iter("context") for message in context.iter("message")
    ]


def forms(message):
    """All translations of a text: one for each number that its language tells apart."""
    translation = message.find("translation")
    plural = [form.text or "" for form in translation.iter("numerusform")]
    return plural or [translation.text or ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_unfinished(language):
    unfinished = [
        (context, message.findtext("source"))
        for context, message in entries(language)
        if message.find("translation").get("type") or not all(forms(message))
    ]

    assert unfinished == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_window_is_there(language, update):
    wanted = {
        message for message in update.messages_of(ROOT / "gui") if message.is_plural or update.LANGUAGES[language] == ()
    }
    found = {
        update.Message(context, message.findtext("source"), message.get("numerus") == "yes")
        for context, message in entries(language)
    }

    assert found == wanted, "run recipes/update_translations.py and translate what is new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_fields_and_ellipses_survive_translation(language):
    for _, message in entries(language):
        source = message.findtext("source")
        for form in forms(message):
            assert set(_FIELDS.findall(form)) <= set(_FIELDS.findall(source)), source
            if language != "en":  # "a photograph" needs no number
                assert set(_FIELDS.findall(form)) == set(_FIELDS.findall(source)), source
            assert form.endswith("…") == source.endswith("…"), source
            assert ("&" in form) == ("&" in source), source


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_file_says_what_the_written_one_says(qapp, language):
    translator = QTranslator()
    assert translator.load(f"captioner_{language}", str(TRANSLATIONS))

    for context, message in entries(language):
        source = message.findtext("source")
        number = 2 if message.get("numerus") == "yes" else -1
        assert translator.translate(context, source, "", number) == forms(message)[-1], source


def test_plurals_are_told_apart_in_english(qapp):
    translator = QTranslator()
    assert translator.load("captioner_en", str(TRANSLATIONS))

    one, two = (translator.translate("Commands", "Add %n photograph(s)", "", number) for number in (1, 2))

    assert (one, two) == ("Add %n photograph", "Add %n photographs")


def test_texts_are_read_from_every_kind_of_call(update, tmp_path):
    (tmp_path / "window.py").write_text(
        """
def _tr(text, count=-1):
    return QCoreApplication.translate("Short", text, None, count)

class Page(QWidget):
    def build(self):
        self.tr("plain")
        self.tr("%n thing(s)", "", len(self.things))
        QCoreApplication.translate("Named", "a\\N{NO-BREAK SPACE}b")
        translate("Named", "%n word(s)", "", self.count)
        _tr("short")
        _tr("%n short(s)", 3)
        self.tr(variable)

MENU = QT_TRANSLATE_NOOP("Menu", "later")
""",
        "utf-8",
    )

    assert update.messages_of(tmp_path) == {
        ("Page", "plain", False),
        ("Page", "%n thing(s)", True),
        ("Named", "a\N{NO-BREAK SPACE}b", False),
        ("Named", "%n word(s)", True),
        ("Short", "short", False),
        ("Short", "%n short(s)", True),
        ("Menu", "later", False),
    }
