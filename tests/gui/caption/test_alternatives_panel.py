"""Other captions of the same photograph."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from gui.caption.alternatives_panel import MOST_HEIGHT, AlternativesPanel
from gui.controls.fitted_scroll_area import FittedScrollArea

CURRENT = ("a dog runs", -7.23)
OTHERS = [("a dog is running in the grass", -7.9), ("a brown dog", -8.4)]


@pytest.fixture
def panel(qtbot):
    panel = AlternativesPanel()
    qtbot.addWidget(panel)
    panel.resize(500, 240)
    panel.show()
    return panel


def draw_button(panel):
    return next(button for button in panel.findChildren(QPushButton) if button.text() == "Draw some")


def test_shows_the_current_caption_first(panel):
    panel.set_alternatives(CURRENT, OTHERS, [("the dog", -12.0)])
    assert [row.text for row in panel.rows] == [CURRENT[0], *(text for text, _ in OTHERS), "the dog"]
    assert [row.use_button.isEnabled() for row in panel.rows] == [False, True, True, True]
    numbers = [label.text() for label in panel.rows[0].findChildren(QLabel)]
    assert "\N{MINUS SIGN}7.2" in numbers


def test_using_one_tells_its_text(panel, qtbot):
    chosen = []
    panel.alternative_chosen.connect(chosen.append)
    panel.set_alternatives(CURRENT, OTHERS, ())
    qtbot.mouseClick(panel.rows[1].use_button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(panel.rows[2].use_button, Qt.Key.Key_Space)
    qtbot.mouseClick(panel.rows[0].use_button, Qt.MouseButton.LeftButton)
    assert chosen == [text for text, _ in OTHERS]


def test_rows_are_used_again_for_another_photograph(panel, qtbot):
    chosen = []
    panel.alternative_chosen.connect(chosen.append)
    panel.set_alternatives(CURRENT, OTHERS, ())
    panel.set_alternatives(("two cats", -3.0), [("cats", -4.0)], ())
    assert [row.text for row in panel.rows] == ["two cats", "cats"]
    qtbot.mouseClick(panel.rows[1].use_button, Qt.MouseButton.LeftButton)
    assert chosen == ["cats"]


def test_each_text_is_shown_once(panel):
    panel.set_alternatives(CURRENT, [*OTHERS, CURRENT], [OTHERS[0], ("new", -9.0), ("new", -9.0)])
    assert [row.text for row in panel.rows] == [CURRENT[0], *(text for text, _ in OTHERS), "new"]


def test_drawn_captions_say_so(panel):
    panel.set_alternatives(CURRENT, OTHERS[:1], [("new", -9.0)])
    said = [
        any(label.text() == "drawn" and label.isVisible() for label in row.findChildren(QLabel)) for row in panel.rows
    ]
    assert said == [False, False, True]


def test_samples_can_be_asked_for_once_there_is_a_caption(panel, qtbot):
    asked = []
    panel.samples_wanted.connect(lambda: asked.append(True))
    assert not draw_button(panel).isEnabled()
    assert panel.rows == []
    panel.set_alternatives(CURRENT, (), ())
    qtbot.mouseClick(draw_button(panel), Qt.MouseButton.LeftButton)
    assert asked == [True]


def test_says_so_when_there_is_nothing_else(panel):
    def hints():
        return [label for label in panel.findChildren(QLabel) if "Nothing else" in label.text() and label.isVisible()]

    panel.set_alternatives(CURRENT, (), ())
    assert hints()
    panel.set_alternatives(CURRENT, OTHERS, ())
    assert not hints()
    panel.set_alternatives(None, (), ())
    assert not hints()


def test_many_captions_scroll(panel, qtbot):
    panel.set_alternatives(CURRENT, [(f"caption {index}", -9.0) for index in range(40)], ())
    area = panel.findChild(FittedScrollArea)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert area.height() == MOST_HEIGHT


def test_captions_are_plain_text_and_buttons_say_whose_they_are(panel):
    panel.set_alternatives(("<b>a</b>", -1.0), [("<i>b</i>", -2.0)], ())
    for row in panel.rows:
        label = next(label for label in row.findChildren(QLabel) if label.text() == row.text)
        assert label.textFormat() is Qt.TextFormat.PlainText
        assert row.text in row.use_button.accessibleName()
