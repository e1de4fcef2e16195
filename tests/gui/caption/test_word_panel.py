"""All that the model says about one word."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from gui.caption.word_panel import WordPanel
from gui.viewmodels.word_details import WordDetails

DOG = WordDetails(
    text="dog",
    probability=0.81,
    alternatives=(("dog", 0.81), ("hound", 0.07), ("animal", 0.04), ("man", 0.002)),
    entropy=2.13,
    most_entropy=5.61,
    gate=0.62,
    place="centre left, 62 %",
)
FLAT = WordDetails(text="the", probability=0.9, entropy=5.6, most_entropy=5.61, gate=0.1, place="centre", is_flat=True)
BY_HAND = WordDetails(text="Donaudampfschifffahrtsgesellschaftskapitaen", is_edited=True)


@pytest.fixture
def panel(qtbot):
    panel = WordPanel()
    qtbot.addWidget(panel)
    panel.resize(264, 400)
    panel.show()
    return panel


def seen(panel):
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_asks_for_a_word_first(panel):
    assert any("Point at a word" in text for text in seen(panel))


def test_shows_what_is_known(panel):
    panel.show_word(DOG)
    texts = [text.replace("\N{NO-BREAK SPACE}", " ") for text in seen(panel)]
    for text in ("dog", "81 %", "2.1 of 5.6 bits", "0.62", "Looked at centre left, 62 %"):
        assert text in texts
    assert [row.word for row in panel.rows] == ["hound", "animal", "man"]
    assert panel.rows[2].accessibleName() == "man, <1\N{NO-BREAK SPACE}%"


def test_alternatives_are_chosen_by_pointer_and_keys(panel, qtbot):
    chosen = []
    panel.alternative_chosen.connect(chosen.append)
    panel.show_word(DOG)
    qtbot.mouseClick(panel.rows[0], Qt.MouseButton.LeftButton)
    assert panel.rows[1].focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.keyClick(panel.rows[1], Qt.Key.Key_Space)
    assert chosen == ["hound", "animal"]


def test_rows_follow_the_word(panel, qtbot):
    chosen = []
    panel.alternative_chosen.connect(chosen.append)
    panel.show_word(DOG)
    many = tuple((f"word{index}", 0.1) for index in range(7))
    panel.show_word(WordDetails(text="a", probability=0.1, alternatives=many))
    assert [row.word for row in panel.rows] == [word for word, _ in many]
    qtbot.mouseClick(panel.rows[6], Qt.MouseButton.LeftButton)
    assert chosen == ["word6"]
    panel.show_word(FLAT)
    assert panel.rows == []


@pytest.mark.parametrize(("details", "says"), [(FLAT, "everywhere"), (BY_HAND, "Written by hand")])
def test_says_plainly_where_the_map_says_little(panel, details, says):
    panel.show_word(details)
    assert says in panel.note


def test_only_flat_words_are_warned_of(panel):
    roles = []
    for details in (FLAT, DOG, BY_HAND):
        panel.show_word(details)
        note = next(label for label in panel.findChildren(QLabel) if label.text() == panel.note)
        roles.append(note.property("role"))
    assert roles == ["warning", "", ""]


def test_nothing_below_moves_from_word_to_word(panel):
    heights = set()
    for details in (None, DOG, FLAT, BY_HAND, None):
        panel.show_word(details)
        panel.layout().activate()
        heights.add(panel.heightForWidth(264) if panel.hasHeightForWidth() else panel.sizeHint().height())
    assert len(heights) == 1


def test_long_words_do_not_widen_it(panel):
    panel.show_word(BY_HAND)
    assert panel.minimumSizeHint().width() <= 264
    assert panel.grab().width() == 264


def test_words_are_plain_text(panel):
    panel.show_word(WordDetails(text="<b>dog</b>", probability=0.5, place="<i>here</i>"))
    for label in panel.findChildren(QLabel):
        if "<" in label.text():
            assert label.textFormat() is Qt.TextFormat.PlainText
