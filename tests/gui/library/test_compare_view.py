import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel

from captioner.worker.protocol import CaptionImages, ImageCaptioned, ImageFailed, OpenPhotograph, PhotographOpened
from gui.library.compare_view import CompareView

PIXELS = np.full((48, 64, 3), 200, np.uint8)
LEFT, RIGHT = "a brown dog runs through the grass", "a gull flies through the air over grass"


@pytest.fixture
def view(qtbot, bridge, models):
    view = CompareView(bridge)
    qtbot.addWidget(view)
    view.resize(1000, 640)
    view.show()
    view.set_models(*models[:2])
    return view


@pytest.fixture
def answer(client, qtbot, make_caption):
    """Let the worker open the photograph and answer for both models."""

    def answer(view: CompareView, left: str = LEFT, right: str = RIGHT) -> None:
        opened = client.last(OpenPhotograph)
        client.emit(PhotographOpened(job_id=opened.job_id, path=opened.path, width=640, height=480, pixels=PIXELS))
        asked = [request for request in client.requests if isinstance(request, CaptionImages)][-2:]
        for request, text in zip(asked, (left, right), strict=True):
            caption = make_caption(text, path=opened.path, seed=len(text))
            client.emit(ImageCaptioned(job_id=request.job_id, path=opened.path, caption=caption))
        qtbot.waitUntil(lambda: all(side.texts for side in view.sides))

    return answer


def button(view, text):
    return next(found for found in view.findChildren(QAbstractButton) if text in (found.text(), found.accessibleName()))


def test_nothing_is_asked_before_there_is_a_photograph(view, client, qtbot):
    assert client.requests == []

    with qtbot.waitSignal(view.open_wanted):
        primary = [found for found in view.findChildren(QAbstractButton) if found.text() == "Open photograph…"]
        qtbot.mouseClick(next(found for found in primary if found.isVisible()), Qt.MouseButton.LeftButton)


def test_both_models_caption_the_photograph(view, client, answer):
    view.set_photograph("/photos/beach.jpg")
    answer(view)

    asked = [request for request in client.requests if isinstance(request, CaptionImages)]
    assert [(request.model, request.paths) for request in asked] == [
        ("small", ("/photos/beach.jpg",)),
        ("birds", ("/photos/beach.jpg",)),
    ]
    assert [" ".join(side.texts) for side in view.sides] == [LEFT, RIGHT]
    assert all(side.canvas.has_photograph for side in view.sides)


def test_only_words_that_differ_are_marked(view, answer):
    view.set_photograph("/photos/beach.jpg")
    answer(view, "a brown dog runs", "a black dog runs")

    for side in view.sides:
        assert [side.strip.chip(position).isChecked() for position in range(4)] == [False, True, False, False]


def test_equal_captions_are_called_so(view, answer):
    view.set_photograph("/photos/beach.jpg")
    answer(view, LEFT, LEFT)

    assert view.summary == "Both say the same"


def test_pointing_at_a_word_shows_both_maps_where_both_have_it(view, answer):
    view.set_photograph("/photos/beach.jpg")
    answer(view, "a dog runs", "a dog sits on grass")
    left, right = (side.view for side in view.sides)

    view.sides[0].strip.word_hovered.emit(1)
    assert (left.focus, right.focus) == (1, 1)

    view.sides[1].strip.word_hovered.emit(4)
    assert (left.focus, right.focus) == (None, 4)

    view.sides[1].strip.word_left.emit()
    assert (left.focus, right.focus) == (None, None)


def test_a_clicked_word_stays_when_the_pointer_leaves(view, answer):
    view.set_photograph("/photos/beach.jpg")
    answer(view, "a dog runs", "a dog sits")

    view.sides[1].strip.word_clicked.emit(2)
    view.sides[0].strip.word_hovered.emit(0)
    view.sides[0].strip.word_left.emit()

    assert [side.view.focus for side in view.sides] == [2, 2]


def test_pointing_at_the_photograph_finds_the_word_that_looked_there(view, answer):
    view.set_photograph("/photos/beach.jpg")
    answer(view, "a dog runs", "a dog sits")
    expected = view.sides[0].view.words_at(320, 240)[0][0]

    view.sides[0].canvas.place_hovered.emit(320, 240)

    assert [side.view.focus for side in view.sides] == [expected, expected]


@pytest.mark.parametrize("is_open_first", [True, False])
def test_a_model_that_fails_says_so_below_the_photograph(view, client, qtbot, is_open_first):
    view.set_photograph("/photos/beach.jpg")
    asked, opened = client.last(CaptionImages), client.last(OpenPhotograph)
    events = [
        PhotographOpened(
            job_id=opened.job_id, path=opened.path, width=4, height=4, pixels=np.zeros((4, 4, 3), np.uint8)
        ),
        ImageFailed(job_id=asked.job_id, path=opened.path, message="The model is damaged."),
    ]
    for event in events if is_open_first else reversed(events):
        client.emit(event)

    qtbot.waitUntil(lambda: all(side.canvas.has_photograph for side in view.sides))
    qtbot.waitUntil(lambda: view.sides[1].failure == "The model is damaged.")
    assert [labels_of(side, "The model is damaged.") for side in view.sides] == [0, 1]


def test_a_photograph_that_cannot_be_opened_is_told_once_on_each_side(view, client, qtbot):
    view.set_photograph("/photos/beach.jpg")
    sentence = "beach.jpg is cut short."
    client.emit(ImageFailed(job_id=client.last(OpenPhotograph).job_id, path="/photos/beach.jpg", message=sentence))
    client.emit(ImageFailed(job_id=client.last(CaptionImages).job_id, path="/photos/beach.jpg", message=sentence))

    qtbot.waitUntil(lambda: all(side.failure == sentence for side in view.sides))
    assert [labels_of(side, sentence) for side in view.sides] == [1, 1]


def labels_of(side, text):
    """How many visible labels say this."""
    return sum(label.isVisible() for label in side.findChildren(QLabel) if label.text() == text)


def test_photographs_can_be_gone_through(view, client, qtbot):
    view.set_photographs(["/photos/a.jpg", "/photos/b.jpg", "/photos/c.jpg"])
    assert view.path == "/photos/a.jpg"

    qtbot.mouseClick(button(view, "Previous photograph"), Qt.MouseButton.LeftButton)
    assert view.path == "/photos/c.jpg"

    qtbot.mouseClick(button(view, "Next photograph"), Qt.MouseButton.LeftButton)
    assert view.path == "/photos/a.jpg"
    assert client.last(CaptionImages).paths == ("/photos/a.jpg",)


def test_new_photographs_leave_a_comparison_alone_that_is_looked_at(view):
    view.set_photographs(["/photos/a.jpg", "/photos/b.jpg"])
    view.set_photographs(["/photos/b.jpg", "/photos/a.jpg"])
    assert view.path == "/photos/a.jpg"

    view.hide()
    view.set_photographs(["/photos/b.jpg", "/photos/a.jpg"])

    assert view.path == "/photos/b.jpg"


def test_both_photographs_are_equally_large_whatever_is_said(view, answer, qtbot):
    view.set_photograph("/photos/beach.jpg")
    answer(view, "a dog", LEFT + " and " + RIGHT + " and barks at it")

    qtbot.waitUntil(lambda: view.sides[0].strip.height() < view.sides[1].strip.height())
    qtbot.waitUntil(lambda: len({side.canvas.height() for side in view.sides}) == 1)


def test_leaving_forgets_what_is_under_way(view, client):
    view.set_photograph("/photos/beach.jpg")

    view.stop()

    assert len(client.cancelled) == 3


def test_every_control_has_a_name(view):
    for control in view.findChildren(QAbstractButton):
        assert control.text() or control.accessibleName()
    assert len({side.strip.accessibleName() for side in view.sides}) == 2
