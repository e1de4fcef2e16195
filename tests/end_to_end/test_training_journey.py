"""A user who teaches the window words of their own: real processes extract, check and train, and photographs go on."""

from __future__ import annotations

import csv

import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from captioner.worker import line_process
from gui.training.quantities import Quantity
from gui.viewmodels.image_collection import ImageState
from gui.viewmodels.next_action import Action
from gui.viewmodels.training_run import RunState

MILLISECONDS_TO_WAIT = 90_000
CAPTIONS = {"crimson": "a zorb frobbles under the wuntle", "teal": "two blicks snurfle past a glorp"}
"""What is said of photographs of each colour, in words that no other model knows."""
WORDS = {word for caption in CAPTIONS.values() for word in caption.split()}
IMAGES_OF_EACH = 6
SETTINGS = {
    "epochs": 8,
    "batch_size": 4,
    "learning_rate": 0.02,
    "min_word_count": 1,
    "evaluate_from_epoch": 1,
    "dev_share": 0.0,
    "average_decay": 0.0,
    "decoder.project_dim": 16,
    "decoder.embed_dim": 16,
    "decoder.decoder_dim": 32,
    "decoder.attention_dim": 16,
    "self_critical.epochs": 1,
}
"""What makes Quick quick enough for a test."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A data set: photographs of two colours, and captions in made-up words."""
    folder = tmp_path_factory.mktemp("lessons")
    (folder / "images").mkdir()
    with (folder / "captions.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "caption"])
        for colour, caption in CAPTIONS.items():
            for number in range(IMAGES_OF_EACH):
                name = f"{colour}-{number}.png"
                photograph(colour, number).save(folder / "images" / name)
                table.writerow([name, caption])
    return folder


def photograph(colour, number):
    image = Image.new("RGB", (160, 120), colour)
    ImageDraw.Draw(image).ellipse((10 * number, 20, 10 * number + 40, 60), fill="white")
    return image


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Two photographs that no model has learned from."""
    folder = tmp_path_factory.mktemp("photographs")
    paths = [folder / "first.png", folder / "second.png"]
    for path, colour in zip(paths, CAPTIONS, strict=True):
        photograph(colour, IMAGES_OF_EACH).save(path)
    return [str(path) for path in paths]


@pytest.fixture(scope="module")
def window(bundled, open_window, tmp_path_factory, photographs, request):
    """The window, with the first photograph captioned by the bundled model."""
    with pytest.MonkeyPatch.context() as patch, open_window(tmp_path_factory.mktemp("home"), photographs[0]) as window:
        # On a busy machine those who yield to everybody may wait for minutes.
        patch.setattr(line_process, "NICENESS", 0)
        until(request, lambda: window.workspace.collection.count(ImageState.DONE) == 1)
        yield window


def until(request, condition):
    QtBot(request).waitUntil(lambda: bool(condition()), timeout=MILLISECONDS_TO_WAIT)


@pytest.fixture(scope="module")
def page(window, folder, request):
    """The Train page after the data set was dropped on it and features of its photographs were made and checked."""
    main = window.parent()
    main.show_page("train")
    page = window.teaching.page
    drop(main, folder)
    assert page.buttons.action is Action.CHECK
    press(page)
    until(request, lambda: page.dataset.report is not None and page.buttons.action is Action.START)
    for name, value in SETTINGS.items():
        page.form.set_value(name, value)
    assert page.form.preset == "quick"
    assert page.form.problem == ""
    return page


@pytest.fixture
def wait(request):
    return lambda condition: until(request, condition)


def drop(main, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    left, no_keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(main.rect().center()), Qt.DropAction.CopyAction, data, left, no_keys)
    QGuiApplication.sendEvent(main.windowHandle(), event)


def press(page):
    """Press the large button."""
    assert page.buttons.button.isEnabled()
    QTest.mouseClick(page.buttons.button, Qt.MouseButton.LeftButton)


def start(window, page, name):
    """Start a run with this name; returns it."""
    window.parent().show_page("train")
    page.shelf.set_current(None)
    QTest.keyClick(page.settings.name_line, "a", Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(page.settings.name_line, name)
    press(page)
    return page.shelf.current


def points_drawn(page):
    chart = page.curves.chart
    return 0 if chart is None else sum(len(line.values) for line in chart.lines)


def losses(page):
    (curve,) = page.curves.runs[0].of(Quantity.LOSS)
    return curve.values


def test_photographs_are_captioned_while_a_model_is_trained(window, page, photographs, wait):
    page.form.set_value("epochs", page.form.field("epochs").most)
    run = start(window, page, "endless")
    wait(lambda: len(run.steps) > 1)
    drop(window.parent(), photographs[1])
    collection = window.workspace.collection
    wait(lambda: collection.count(ImageState.DONE) == 2)
    image = collection.get(photographs[1])
    steps = len(run.steps)
    assert run.state is RunState.RUNNING
    assert image.caption.model == "captioner-small"
    wait(lambda: len(run.steps) > steps)  # so that it had not come to its end without a word yet
    QTest.mouseClick(page.buttons.stop_button, Qt.MouseButton.LeftButton)
    wait(lambda: not run.is_live)
    assert (run.state, run.package) == (RunState.STOPPED, None)


def test_new_words_are_taught_and_spoken(window, page, photographs, wait):
    page.form.set_value("epochs", SETTINGS["epochs"])
    assert page.dataset.report.counts == {"all": len(CAPTIONS) * IMAGES_OF_EACH}
    run = start(window, page, "zorbs")
    wait(lambda: points_drawn(page) > 0)
    wait(lambda: not run.is_live)
    assert run.state is RunState.ENDED, (run.message, run.details)
    wait(lambda: points_drawn(page) == len(losses(page)) > 1)
    assert losses(page)[-1] < losses(page)[0] / 2
    assert page.buttons.action is Action.USE_MODEL

    press(page)
    shown = window.workspace.view
    wait(lambda: shown.caption is not None and shown.caption.model == "zorbs")
    assert window.parent().page == "caption"
    assert window.workspace.shelf.active == "zorbs"
    assert "zorbs" in window.page.provenance.text()
    assert {word.text for word in shown.caption.words} <= WORDS
    assert shown.image.text
    assert [window.page.strip.chip(0).word.text] == shown.image.text.split()[:1]
