"""Samples on the Train page: words that can be pointed at, and what they looked at laid over the photograph."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPixmap

from captioner.geometry import Rectangle
from captioner.training.sample_attention import Places, SampleAttention
from captioner.worker.protocol import Finished, MakeThumbnails, OpenPhotograph, PhotographOpened, ThumbnailMade
from gui.caption.overlay_item import OverlayItem
from gui.thumbnails import Thumbnails
from gui.training.region_item import Region
from gui.training.sample_card import Sample
from gui.training.sample_overlay import layer_of, regions_of, with_attention
from gui.training.sample_view import SampleView
from gui.training.sample_words import SampleWords
from gui.training.samples_strip import SamplesStrip
from gui.viewmodels.overlay_style import OverlayStyle

WORDS = ("a", "man", "'s", "hat")
TEXT = "a man's hat"
GREY = QColor(128, 128, 128)


def looked(words=WORDS, *, at=0, grid=(2, 2), **about):
    """Attention of which each word looks at one place, the first at place ``at``."""
    places = grid[0] * grid[1]
    alphas = np.zeros((len(words), places), np.float32)
    alphas[np.arange(len(words)), (at + np.arange(len(words))) % places] = 1
    return SampleAttention.of(words, alphas, grid=grid, **about)


def tinted(pixmap):
    """Which quarters of a picture that was grey have a colour, row by row."""
    image = pixmap.toImage()
    width, height = image.width(), image.height()
    places = [(width // 4, height // 4), (3 * width // 4, height // 4)]
    places += [(width // 4, 3 * height // 4), (3 * width // 4, 3 * height // 4)]
    return [image.pixelColor(*place) != GREY for place in places]


@pytest.fixture
def grey(qapp):
    pixmap = QPixmap(80, 80)
    pixmap.fill(GREY)
    return pixmap


# What is laid over


def test_cells_lie_where_the_word_looked(grey):
    style = OverlayStyle(is_smooth=False)
    assert tinted(with_attention(grey, looked(), 0, style)) == [True, False, False, False]
    assert tinted(with_attention(grey, looked(), 3, style)) == [False, False, False, True]
    assert tinted(grey) == [False] * 4


def test_of_a_cropped_photograph_the_cells_cover_the_middle(qapp):
    assert layer_of(looked(fit="crop"), 0, (80, 40), OverlayStyle()).visible == Rectangle(20, 0, 60, 40)
    assert layer_of(looked(), 0, (80, 40), OverlayStyle()).visible == Rectangle(0, 0, 80, 40)


@pytest.mark.parametrize(("is_shared", "full"), [(True, 0.8), (False, 0.4)])
def test_the_scale_is_that_of_all_words_or_of_one(qapp, is_shared, full):
    alphas = np.array([[0.4, 0.3, 0.2, 0.1], [0.8, 0.2, 0, 0]], np.float32)
    attention = SampleAttention.of(("a", "dog"), alphas, grid=(2, 2))
    style = OverlayStyle(is_scale_shared=is_shared)
    assert layer_of(attention, 0, (8, 8), style).full == pytest.approx(full)


def test_regions_are_boxes_and_repeated_ones_count_once(grey):
    boxes = np.array([[[0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1], [0, 0, 0.5, 0.5]]], np.float32)
    alphas = np.array([[0.3, 0.4, 0.3]], np.float32)
    attention = SampleAttention.of(("dog",), alphas, **Places((1, 3), boxes=boxes).of_sample(0))
    first, second = regions_of(attention, 0, OverlayStyle())
    assert first == Region(0, 0, 0.5, 0.5, pytest.approx(1.0))
    assert second == Region(0.5, 0.5, 1, 1, pytest.approx(2 / 3, abs=0.01))
    assert tinted(with_attention(grey, attention, 0, OverlayStyle())) == [True, False, False, True]


# Words


@pytest.fixture
def words(qtbot):
    widget = SampleWords()
    qtbot.addWidget(widget)
    widget.resize(184, 60)
    widget.set_caption(TEXT, WORDS)
    widget.show()
    return widget


def centre(words, number):
    return words.areas(number)[0].center().toPoint()


def test_the_word_under_the_pointer_is_shown(words, qtbot):
    with qtbot.waitSignal(words.word_changed) as told:
        qtbot.mouseMove(words, centre(words, 1))
    assert (told.args, words.word) == ([1], 1)
    assert words.accessibleDescription() == "Word 2 of 4: man"
    with qtbot.waitSignal(words.word_changed) as told:
        qtbot.mouseMove(words, QPoint(170, 50))
    assert (told.args, words.accessibleDescription()) == ([None], "")


def test_a_click_holds_a_word_and_another_lets_go(words, qtbot):
    for expected in (3, None):
        qtbot.mouseClick(words, Qt.MouseButton.LeftButton, pos=centre(words, 3))
        qtbot.mouseMove(words, QPoint(170, 50))
        assert words.word == expected


def test_arrows_go_from_word_to_word(words, qtbot):
    words.setFocus(Qt.FocusReason.TabFocusReason)
    shown = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(words, key)
        shown.append(words.word)
    assert shown == [0, 1, 3, 0, 3]
    qtbot.keyClick(words, Qt.Key.Key_Escape)
    assert words.word is None


def test_words_on_several_lines_are_found_where_they_stand(words, qtbot):
    long = tuple(f"word{number}" for number in range(20))
    words.set_caption(" ".join(long), long)
    tops = []
    for number in range(20):
        for area in words.areas(number):
            assert words.word_at(area.center()) == number
        tops += [area.top() for area in words.areas(number)[:1]]
    assert len(set(tops)) == 3
    assert tops == sorted(tops)
    assert words.areas(19) == []  # cut off


def test_the_same_caption_keeps_its_word_and_another_does_not(words, qtbot):
    words.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(words, Qt.Key.Key_End)
    words.set_caption(TEXT, WORDS)
    assert words.word == 3
    words.set_caption("a dog", ("a", "dog"))
    assert words.word is None


def test_without_attention_words_are_a_label(words, qtbot):
    words.set_caption(TEXT)
    qtbot.mouseMove(words, QPoint(5, 5))
    qtbot.keyClick(words, Qt.Key.Key_Right)
    assert (words.word, words.focusPolicy()) == (None, Qt.FocusPolicy.NoFocus)


def test_words_that_are_not_those_of_the_caption_are_left_alone(words):
    words.set_caption(TEXT, ("a", "dog"))
    assert words.words == ()


# Cards


@pytest.fixture
def strip(qtbot, bridge):
    strip = SamplesStrip(Thumbnails(bridge))
    qtbot.addWidget(strip)
    strip.set_style(OverlayStyle(is_smooth=False))
    strip.set_samples([Sample("dog.jpg", "/p/dog.jpg", "a dog"), Sample("cat.jpg", "/p/cat.jpg"), Sample("x.jpg")])
    captions = {epoch: {"dog.jpg": TEXT, "cat.jpg": "a cat", "x.jpg": TEXT} for epoch in (1, 2)}
    epochs = {1: {"dog.jpg": looked()}, 2: {"dog.jpg": looked(at=1), "x.jpg": looked()}}
    strip.set_captions(captions, lambda epoch: epochs[epoch])
    strip.resize(900, 160)
    strip.show()
    return strip


def answer_thumbnails(qtbot, client):
    qtbot.waitUntil(lambda: any(isinstance(request, MakeThumbnails) for request in client.requests))
    request = client.last(MakeThumbnails)
    pixels = np.full((96, 128, 3), 128, np.uint8)
    for path in request.paths:
        client.emit(ThumbnailMade(job_id=request.job_id, path=path, width=1280, height=960, pixels=pixels))
    client.emit(Finished(job_id=request.job_id))


def test_a_word_lies_over_its_photograph(strip, qtbot, client):
    answer_thumbnails(qtbot, client)
    card = strip.cards[0]
    qtbot.waitUntil(lambda: card.picture.grab().toImage().pixelColor(24, 18) == GREY)
    qtbot.mouseMove(card.caption, centre(card.caption, 0))
    assert card.picture.word == 0
    # In the second epoch, which is shown, the first word looked at the second place.
    assert tinted(card.picture.grab()) == [False, True, False, False]
    strip.slider.setValue(0)
    assert tinted(card.picture.grab()) == [True, False, False, False]


def test_without_attention_or_photograph_nothing_happens(strip, qtbot):
    for card in strip.cards[1:]:
        assert card.caption.words == ()
        qtbot.mouseMove(card.caption, QPoint(5, 5))
        assert card.picture.word is None
    assert strip.cards[2].picture.focusPolicy() is Qt.FocusPolicy.NoFocus


def test_a_photograph_is_opened_by_pointer_and_keys(strip, qtbot):
    card = strip.cards[0]
    assert card.picture.accessibleName() == "dog.jpg"
    for press in (
        lambda: qtbot.mouseClick(card.picture, Qt.MouseButton.LeftButton),
        lambda: qtbot.keyClick(card.picture, Qt.Key.Key_Space),
    ):
        with qtbot.waitSignal(strip.opened) as told:
            press()
        assert told.args == ["dog.jpg"]


# Large


@pytest.fixture
def view(qtbot, bridge, client, strip):
    view = SampleView(bridge, strip, "dog.jpg", OverlayStyle())
    view.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(view)
    view.show()
    show_photograph(qtbot, client, view)
    return view


def show_photograph(qtbot, client, view):
    request = client.last(OpenPhotograph)
    pixels = np.full((60, 80, 3), 128, np.uint8)
    client.emit(PhotographOpened(job_id=request.job_id, path=request.path, width=800, height=600, pixels=pixels))
    client.emit(Finished(job_id=request.job_id))
    qtbot.waitUntil(lambda: view.canvas.has_photograph)


def layers(view):
    (overlay,) = (item for item in view.canvas.scene().items() if isinstance(item, OverlayItem))
    return overlay.layers


def test_the_large_view_has_the_words_the_reference_and_the_epoch(view):
    assert [view.words.chip(number).word.text for number in range(4)] == list(WORDS)
    assert "a dog" in view.reference.text
    assert view.slider.value() == 1
    assert view.windowTitle() == "dog.jpg"


def test_a_word_that_is_stepped_to_stays_through_the_epochs(view, qtbot):
    view.words.chip(0).setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(view.words.chip(0), Qt.Key.Key_Right)
    assert view.word == 1
    assert layers(view)[0].weights.argmax() == 2
    view.slider.setValue(0)
    assert view.word == 1
    assert layers(view)[0].weights.argmax() == 1


def test_a_click_holds_and_pointing_is_for_the_moment(view, qtbot):
    qtbot.mouseClick(view.words.chip(2), Qt.MouseButton.LeftButton)
    view.words.word_hovered.emit(0)
    assert view.word == 0
    view.words.word_left.emit()
    assert view.word == 2
    qtbot.mouseClick(view.words.chip(2), Qt.MouseButton.LeftButton)
    assert (view.word, layers(view)) == (None, ())


def test_the_next_photograph_is_one_that_is_there(view, qtbot, client):
    view.next_button.click()
    show_photograph(qtbot, client, view)
    assert (view.sample.name, view.attention, view.word) == ("cat.jpg", None, None)
    assert [view.words.chip(number).word.text for number in range(2)] == ["a", "cat"]
    view.words.word_hovered.emit(1)
    assert layers(view) == ()
    view.next_button.click()
    assert view.sample.name == "dog.jpg"


def test_regions_are_drawn_as_boxes(qtbot, bridge, client, strip):
    boxes = np.array([[[0, 0, 0.5, 0.5], [0.5, 0.5, 1, 1]]], np.float32)
    attention = looked(grid=(1, 2), boxes=Places((1, 2), boxes=boxes).of_sample(0)["boxes"])
    strip.set_captions({1: {"dog.jpg": TEXT}}, lambda epoch: {"dog.jpg": attention})
    view = SampleView(bridge, strip, "dog.jpg", OverlayStyle())
    view.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(view)
    view.show()
    show_photograph(qtbot, client, view)
    view.words.word_hovered.emit(1)
    assert [(region.left, region.strength) for region in view.regions.regions] == [(0.5, 1.0)]
    picture = view.regions.boundingRect()
    assert (picture.width(), picture.height()) == (800, 600)
    view.words.word_left.emit()
    assert view.regions.regions == ()
