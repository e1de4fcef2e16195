"""A user with photographs in front of the window: the real worker, the bundled model, real pixels."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from captioner.model_exchange import export_package
from gui.caption.overlay_item import OverlayItem
from gui.viewmodels.image_collection import ImageState

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
PHOTOGRAPHS = sorted(map(str, SAMPLES.glob("*.jpg")))[:3]
MILLISECONDS_TO_WAIT = 30_000
LEAST_CHANGE = 20
"""Of a colour from 0 to 255, where attention is greatest."""


@pytest.fixture(scope="module")
def window(bundled, open_window, tmp_path_factory, request):
    """The window with three photographs, captioned."""
    with open_window(tmp_path_factory.mktemp("home"), *PHOTOGRAPHS) as window:

        def are_captioned():
            return window.workspace.collection.count(ImageState.DONE) == len(PHOTOGRAPHS)

        QtBot(request).waitUntil(are_captioned, timeout=MILLISECONDS_TO_WAIT)
        yield window


@pytest.fixture
def wait(qtbot):
    def until(condition):
        qtbot.waitUntil(lambda: bool(condition()), timeout=MILLISECONDS_TO_WAIT)

    return until


@pytest.fixture
def page(window, wait):
    """The Caption page with the first photograph on the screen; what a test does to captions is undone after it."""
    stack = window.workspace.undo_stack
    before = stack.index()
    main = window.parent()
    main.show_page("caption")
    window.page.collection.select(PHOTOGRAPHS[0])
    wait(lambda: window.page.canvas.has_photograph)
    yield window.page
    QTest.mouseMove(main, main.rect().topLeft())
    stack.setIndex(before)


@pytest.fixture
def image(window, page):
    """What the window knows of the photograph on the screen."""
    return window.workspace.view.image


@pytest.fixture
def press(window):
    """Choose a command of the menus."""
    return lambda name: window.parent().commands[name].trigger()


def pixels_of(picture: QImage) -> np.ndarray:
    picture = picture.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    return rows[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3).astype(int)


def test_first_photograph_is_shown_and_all_have_captions(window, page, image):
    assert image.path == PHOTOGRAPHS[0]
    assert [entry.path for entry in window.workspace.collection] == PHOTOGRAPHS
    assert len({entry.text for entry in window.workspace.collection}) == len(PHOTOGRAPHS)
    assert [page.strip.chip(position).word.text for position in range(len(image.caption.words))] == image.text.split()
    assert "captioner-small" in page.provenance.text()


def test_canvas_has_the_pixels_of_the_file(page):
    with Image.open(PHOTOGRAPHS[0]) as file:
        expected = np.asarray(file.convert("RGB"), int)
    # Decoded by the worker to within what JPEG decoders differ in.
    assert np.abs(pixels_of(page.canvas.grab_figure()) - expected).mean() < 1


def test_word_under_the_pointer_draws_where_it_looked(window, page, image, wait):
    (overlay,) = (item for item in page.canvas.scene().items() if isinstance(item, OverlayItem))
    plain = pixels_of(page.canvas.grab_figure())
    position = int(image.caption.attention.max(axis=1).argmax())
    QTest.mouseMove(page.strip.chip(position))
    wait(lambda: window.workspace.view.focus == position)
    (layer,) = overlay.layers
    assert np.array_equal(layer.weights, image.caption.attention[position].reshape(image.caption.grid))
    row, column = np.unravel_index(layer.weights.argmax(), layer.weights.shape)
    height, width = np.array(plain.shape[:2]) // layer.weights.shape
    cell = np.s_[row * height : (row + 1) * height, column * width : (column + 1) * width]
    # It is faded in.
    wait(lambda: np.abs(pixels_of(page.canvas.grab_figure()) - plain)[cell].mean() > LEAST_CHANGE)


def test_another_word_rewrites_the_rest_and_can_be_undone(window, page, image, wait, press):
    text, position = image.text, 1
    words = text.split()
    QTest.mouseMove(page.strip.chip(position))
    wait(lambda: window.workspace.view.focus == position)
    row = page.word.rows[1]
    other = row.word
    assert other != words[position]
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    wait(lambda: image.text != text)
    assert image.text.split()[: position + 1] == [*words[:position], other]
    assert image.state is ImageState.DONE
    assert len(image.caption.words) == len(image.caption.attention)
    press("undo")
    assert image.text == text


def test_caption_is_edited_by_hand_and_the_edit_undone_and_done_again(page, image, press):
    before = image.text
    press("edit_caption")
    field = page.editor.findChild(QPlainTextEdit)
    field.selectAll()
    QTest.keyClicks(field, "my own words")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert (image.text, image.state) == ("my own words", ImageState.EDITED)
    press("undo")
    assert (image.text, image.state) == (before, ImageState.DONE)
    press("redo")
    assert image.text == "my own words"


@pytest.fixture
def export(window, page, press, qtbot, tmp_path):
    """Export by the menu to a file of this ending, by the dialog as a user does."""

    def export(command, name):
        press(command)
        (dialog,) = window.page.findChildren(QFileDialog)
        dialog.selectNameFilter(next(line for line in dialog.nameFilters() if Path(name).suffix in line))
        dialog.selectFile(str(tmp_path / name))
        with qtbot.waitSignal(window.controller.exporting.exported, timeout=MILLISECONDS_TO_WAIT) as written:
            dialog.accept()
        assert written.args[0] == [str(tmp_path / name)]
        qtbot.waitUntil(lambda: not window.page.findChildren(QFileDialog))
        return tmp_path / name

    return export


def test_exported_table_holds_every_caption(window, export):
    with export("export_csv", "captions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["path"]).name for row in rows] == [Path(path).name for path in PHOTOGRAPHS]
    assert [row["caption"] for row in rows] == [image.text for image in window.workspace.collection]


def test_exported_page_holds_captions_and_photographs(window, export):
    page = export("export_html", "captions.html").read_text(encoding="utf-8")
    assert all(image.text in page for image in window.workspace.collection)
    assert page.count("data:image/jpeg;base64,") >= len(PHOTOGRAPHS)


@pytest.mark.parametrize("name", ["figure.png", "figure.jpg"])
def test_exported_figure_is_a_picture(export, name):
    with Image.open(export("export_figure", name)) as figure:
        figure.load()
        assert min(figure.size) > 300
        assert np.asarray(figure.convert("L")).std() > 10


@pytest.mark.parametrize(("name", "beginning"), [("figure.pdf", b"%PDF-"), ("figure.svg", b"<")])
def test_exported_figure_is_for_print(image, export, name, beginning):
    content = export("export_figure", name).read_bytes()
    assert content.startswith(beginning)
    assert len(content) > 10_000


@pytest.fixture
def library(window, wait):
    """The Models page; the bundled model captions again after the test."""
    main = window.parent()
    main.show_page("models")
    library = main.page_widget("models")
    yield library
    library.show_all()
    window.models.use("captioner-small")
    wait(lambda: window.workspace.shelf.active == "captioner-small")


@pytest.fixture
def import_model(library, press):
    """Import a package by the menu and the dialog; returns the sentence about it."""

    def import_model(package, qtbot):
        press("import_model")
        (dialog,) = library.findChildren(QFileDialog)
        dialog.selectFile(str(package))
        with qtbot.waitSignal(library.message, timeout=MILLISECONDS_TO_WAIT) as message:
            dialog.accept()
        qtbot.waitUntil(lambda: not library.findChildren(QFileDialog))
        return message.args

    return import_model


def cards_of(library):
    return {card.model.name: card for card in library.gallery.cards}


def button_of(widget, text):
    """The button with this text, once it can be pressed."""
    buttons = widget.findChildren(QPushButton)
    return next((button for button in buttons if button.text() == text and button.isVisible()), None)


def test_second_model_is_imported_used_and_compared(window, library, import_model, tiny_package, tmp_path, wait, qtbot):
    export_package(tiny_package, tmp_path / "tiny.zip")
    assert import_model(tmp_path / "tiny.zip", qtbot) == ["tiny was checked and installed.", "done"]
    wait(lambda: "tiny" in cards_of(library) and button_of(cards_of(library)["tiny"], "Use this model"))
    QTest.mouseClick(button_of(cards_of(library)["tiny"], "Use this model"), Qt.MouseButton.LeftButton)
    wait(lambda: window.workspace.shelf.active == "tiny")

    for name in ("captioner-small", "tiny"):
        QTest.mouseClick(button_of(cards_of(library)[name], "Compare"), Qt.MouseButton.LeftButton)
    library.compare()
    left, right = library.compare_view.sides
    wait(lambda: left.view.caption is not None and right.view.caption is not None)
    assert {left.view.caption.model, right.view.caption.model} == {"captioner-small", "tiny"}
    assert left.texts != right.texts
    assert "Different" in library.compare_view.summary


def test_damaged_model_is_refused_and_the_others_stay(window, library, import_model, tiny_package, tmp_path, qtbot):
    export_package(tiny_package, tmp_path / "damaged.zip")
    content = bytearray((tmp_path / "damaged.zip").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "damaged.zip").write_bytes(content)
    before = [*cards_of(library)]
    sentence, kind = import_model(tmp_path / "damaged.zip", qtbot)
    assert kind == "error"
    assert "damaged.zip" in sentence
    assert [*cards_of(library)] == before
    assert window.workspace.shelf.active == "captioner-small"
