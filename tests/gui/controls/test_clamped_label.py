import pytest

from gui.controls.clamped_label import ClampedLabel

LONG = "a dog runs through the long grass " * 20


@pytest.fixture
def make_label(qtbot):
    def make(text: str, **options: object) -> ClampedLabel:
        label = ClampedLabel(text, **options)
        qtbot.addWidget(label)
        label.resize(200, 40)
        label.show()
        return label

    return make


def test_short_text_takes_one_line_and_has_no_tooltip(make_label):
    label = make_label("a dog", most_lines=3)

    assert not label.is_cut
    assert label.toolTip() == ""
    assert label.heightForWidth(200) == label.minimumSizeHint().height()


@pytest.mark.parametrize("most_lines", [1, 2, 5])
def test_long_text_is_cut_after_its_lines(make_label, most_lines):
    label = make_label(LONG, most_lines=most_lines)
    lines = label.heightForWidth(200) / label.fontMetrics().lineSpacing()

    assert label.is_cut
    assert round(lines) == most_lines
    assert label.accessibleName() == LONG.strip()


def test_a_wider_label_shows_more(make_label):
    label = make_label("a brown dog runs through the grass", most_lines=1)
    assert label.is_cut

    label.resize(2000, 40)

    assert not label.is_cut


def test_what_looks_like_markup_is_text_in_the_tooltip_too(make_label):
    label = make_label("<img src='http://example.org/x.png'> " + LONG, most_lines=1)

    assert "<img" not in label.toolTip()
    assert "&lt;img" in label.toolTip()


def test_line_breaks_count_as_spaces(make_label):
    assert make_label("one\ntwo\t three").text == "one two three"


def test_text_is_painted(make_label):
    empty, full = make_label("").grab().toImage(), make_label("WWWWWW").grab().toImage()

    assert empty != full
