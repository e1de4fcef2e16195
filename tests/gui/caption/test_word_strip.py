"""The caption as words that can be touched."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from gui.caption.word_chip import WordChip, on_pin
from gui.caption.word_strip import MOST_HEIGHT, WordStrip
from gui.theme import LIGHT, OKABE_ITO, Scheme, theme
from gui.viewmodels.caption_view import ShownWord

SENTENCE = "a brown dog runs through the grass"


def shown(text, probability=0.6, hand=()):
    return [
        ShownWord(word) if index in hand else ShownWord(word, index, probability)
        for index, word in enumerate(text.split())
    ]


def listen(signal):
    heard = []
    signal.connect(lambda *values: heard.append(values[0] if values else None))
    return heard


@pytest.fixture
def strip(qtbot):
    strip = WordStrip()
    qtbot.addWidget(strip)
    strip.resize(500, strip.height())
    strip.set_words(shown(SENTENCE))
    with qtbot.waitExposed(strip):
        strip.show()
    strip.activateWindow()
    return strip


def chips(strip):
    return [chip for chip in strip.findChildren(WordChip) if not chip.isHidden()]


def test_shows_the_words_in_order(strip):
    assert [chip.word.text for chip in chips(strip)] == SENTENCE.split()
    tops = [chip.y() for chip in chips(strip)]
    assert tops == sorted(tops)


def test_other_words_replace_them(strip):
    strip.set_pins({1: QColor(OKABE_ITO[0])})
    strip.set_words(shown("two cats"))
    assert [chip.word.text for chip in chips(strip)] == ["two", "cats"]
    assert not strip.chip(1).isChecked()


def test_no_words_take_no_room(strip, qtbot):
    strip.set_words([])
    qtbot.waitUntil(lambda: strip.height() == 0)


def test_lines_break_and_very_long_captions_scroll(strip, qtbot):
    one_line = strip.height()
    strip.resize(160, strip.height())
    qtbot.waitUntil(lambda: one_line < strip.height() <= MOST_HEIGHT)
    strip.set_words(shown("word " * 200))
    qtbot.waitUntil(lambda: strip.verticalScrollBar().maximum() > 0)
    assert strip.height() == MOST_HEIGHT
    strip.set_focus(199)
    assert strip.verticalScrollBar().value() > 0


def test_a_word_longer_than_the_line_stays_within_it(strip, qtbot):
    strip.set_words(shown("x" * 300))
    qtbot.waitUntil(lambda: strip.chip(0).width() <= strip.viewport().width())
    assert strip.grab().width() == strip.width()


def test_the_pointer_hovers_clicks_and_leaves(strip, qtbot):
    hovered, left, clicked = listen(strip.word_hovered), listen(strip.word_left), listen(strip.word_clicked)
    QTest.mouseMove(strip, QPoint(-50, -50))  # from wherever an earlier test left it
    QTest.mouseMove(strip.chip(2))
    qtbot.waitUntil(lambda: hovered == [2])
    qtbot.mouseClick(strip.chip(2), Qt.MouseButton.LeftButton)
    assert clicked == [2]
    QTest.mouseMove(strip, QPoint(-50, -50))
    qtbot.waitUntil(lambda: len(left) == 1)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Qt.Key.Key_Right, 3),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_Down, 3),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, 6),
    ],
)
def test_keys_step_from_word_to_word(strip, qtbot, key, expected):
    focused = listen(strip.word_focused)
    strip.chip(2).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(strip.chip(2), key)
    assert focused == [2, expected]
    assert strip.chip(expected).hasFocus()


def test_past_the_last_word_stands_the_first(strip, qtbot):
    strip.chip(6).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(strip.chip(6), Qt.Key.Key_Right)
    assert strip.chip(0).hasFocus()


def test_arrows_follow_the_direction_of_the_language(strip, qtbot):
    strip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    strip.chip(2).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(strip.chip(2), Qt.Key.Key_Right)
    assert strip.chip(1).hasFocus()
    qtbot.waitUntil(lambda: strip.chip(0).x() > strip.chip(1).x())


def test_one_word_is_a_stop_of_the_tab_key(strip):
    def stops():
        return [index for index, chip in enumerate(chips(strip)) if chip.focusPolicy() & Qt.FocusPolicy.TabFocus]

    assert stops() == [0]
    strip.chip(0).clearFocus()
    strip.set_focus(4)
    assert stops() == [4]
    strip.setFocus()
    assert strip.chip(4).hasFocus()


def test_enter_clicks_space_plays_and_f2_edits(strip, qtbot):
    clicked, played, edited = listen(strip.word_clicked), listen(strip.play_toggled), listen(strip.edit_wanted)
    strip.chip(3).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(strip.chip(3), Qt.Key.Key_Return)
    assert clicked == [3]
    assert not strip.chip(3).isChecked(), "the owner pins, not the chip"
    qtbot.keyClick(strip.chip(3), Qt.Key.Key_Space)
    assert (len(played), clicked) == (1, [3])
    qtbot.keyClick(strip.chip(3), Qt.Key.Key_F2)
    assert len(edited) == 1


def test_a_double_click_edits(strip, qtbot):
    edited = listen(strip.edit_wanted)
    qtbot.mouseDClick(strip.chip(1), Qt.MouseButton.LeftButton)
    assert len(edited) == 1


def test_nothing_moves_when_a_word_becomes_bold(strip):
    before = [chip.geometry() for chip in chips(strip)]
    strip.set_focus(2)
    strip.grab()
    assert [chip.geometry() for chip in chips(strip)] == before


def test_screen_readers_hear_what_is_drawn(strip):
    strip.set_words(shown("a dog", probability=0.81, hand=(1,)))
    strip.set_flat({0})
    strip.set_pins({1: QColor(OKABE_ITO[3])})
    assert strip.chip(0).accessibleName() == "a, 81\N{NO-BREAK SPACE}% likely, looked everywhere about alike"
    assert strip.chip(1).accessibleName() == "dog, written by hand, pinned"
    assert strip.chip(1).isChecked()


def test_words_are_never_markup(strip):
    strip.set_words([ShownWord("<img src=x>&a", 0, 0.5)])
    assert "<" not in strip.chip(0).toolTip()
    assert strip.chip(0).text() == ""


def ground(chip: QAbstractButton) -> QColor:
    """The colour of a chip beside its word."""
    return chip.grab().toImage().pixelColor(6, chip.height() // 2)


@pytest.fixture(params=[Scheme.LIGHT, Scheme.DARK])
def scheme(request, qapp):
    theme().set_scheme(request.param)
    yield request.param
    theme().set_scheme(Scheme.SYSTEM)


@pytest.mark.usefixtures("scheme")
def test_sure_words_are_tinted_more_and_pinned_ones_wear_their_colour(strip):
    strip.set_words([ShownWord("dog", 0, 0.95), ShownWord("dog", 1, 0.05), ShownWord("dog", 2, 0.5)])
    strip.set_pins({2: QColor(OKABE_ITO[1])})
    sure, unsure = (ground(strip.chip(index)).saturationF() for index in (0, 1))
    assert sure > unsure + 0.03
    assert ground(strip.chip(2)) == QColor(OKABE_ITO[1])


def test_words_that_the_model_was_not_sure_of_are_underlined(strip):
    strip.set_words([ShownWord("aaa", 0, 0.21), ShownWord("aaa", 1, 0.19)])

    def dark_below(chip):
        image = chip.grab().toImage()
        return sum(
            image.pixelColor(x, y).lightnessF() < 0.5
            for x in range(image.width())
            for y in range(image.height() - 8, image.height() - 1)
        )

    assert dark_below(strip.chip(0)) == 0
    assert dark_below(strip.chip(1)) > 3


@pytest.mark.parametrize("colour", OKABE_ITO)
def test_words_can_be_read_on_every_pin(qapp, colour):
    def luminance(of):
        channels = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in of.getRgbF()[:3]]
        return sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), channels, strict=True))

    low, high = sorted((luminance(QColor(colour)), luminance(on_pin(QColor(colour)))))
    assert (high + 0.05) / (low + 0.05) >= 4.0  # large type needs 3


def test_dark_text_stands_on_yellow(qapp):
    assert on_pin(QColor(OKABE_ITO[3])) == QColor(LIGHT.text)
