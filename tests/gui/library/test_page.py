from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox, QPushButton

from captioner.worker.protocol import (
    CaptionImages,
    ExportModel,
    Failed,
    Finished,
    ImportModel,
    ListModels,
    ModelImported,
    ModelLoaded,
    ModelRemoved,
    ModelsListed,
    RemoveModel,
    WorkerUnusable,
)
from gui.library.card_text import CardText
from gui.library.page import LibraryPage


def shown(widget, text):
    """The visible button or label with this text, None when there is none."""
    found = [child for kind in (QPushButton, QLabel) for child in widget.findChildren(kind)]
    return next((child for child in found if child.text() == text and child.isVisible()), None)


def click(qtbot, widget, text):
    qtbot.waitUntil(lambda: shown(widget, text) is not None)
    qtbot.mouseClick(shown(widget, text), Qt.MouseButton.LeftButton)


def card(page, name):
    return next(card for card in page.gallery.cards if card.model.name == name)


def test_every_model_has_a_card_and_every_problem_its_sentence(page):
    assert [card.model.name for card in page.gallery.cards] == ["small", "birds", "third"]
    assert shown(page, "old cannot be read: it is cut short.") is not None


def test_a_model_is_asked_for_and_marked_once_it_is_loaded(page, client, qtbot, shelf, models):
    with qtbot.waitSignal(page.model_activated) as caught:
        click(qtbot, card(page, "birds"), "Use this model")
    assert caught.args == ["birds"]
    assert not shown(card(page, "birds"), "Loading…").isEnabled()

    client.emit(ModelLoaded(job_id=99, model=models[1], seconds=0.2))

    qtbot.waitUntil(lambda: shelf.active == "birds")
    assert shown(card(page, "birds"), "Use this model") is None
    assert shown(card(page, "small"), "Use this model") is not None


def test_a_model_that_does_not_load_can_be_asked_for_again(page, qtbot):
    page.activate("birds")

    page.set_loading(None)

    with qtbot.waitSignal(page.model_activated):
        click(qtbot, card(page, "birds"), "Use this model")


def test_a_card_opens_in_full_and_closes_by_escape(page, qtbot, make_model, shelf):
    shelf.set_models([make_model("small", card="# small\n\nWhat it learned from.")])
    click(qtbot, card(page, "small"), "Model card")

    text = page.model_view.findChild(CardText)
    assert text.isVisible()
    assert text.toPlainText() == "What it learned from."

    qtbot.keyClick(page.model_view, Qt.Key.Key_Escape)
    assert page.gallery.isVisible()


def test_a_model_without_a_card_says_so(page, qtbot):
    page.open("birds")

    assert "without a card" in page.model_view.findChild(CardText).toPlainText()


def test_two_ticked_models_can_be_compared(page, client, qtbot):
    assert not shown(page.gallery, "Compare").isEnabled()
    for name in ("birds", "small"):
        click(qtbot, card(page, name), "Compare")
    page.set_photographs(["/photos/beach.jpg"])

    click(qtbot, page.gallery, "Compare")

    assert page.compare_view.isVisible()
    asked = [request.model for request in client.requests if isinstance(request, CaptionImages)]
    assert asked == ["birds", "small"]


@pytest.mark.parametrize(("count", "sentence"), [(1, "There is only one model"), (3, "Tick two models")])
def test_the_command_to_compare_says_what_is_missing(page, qtbot, shelf, models, count, sentence):
    shelf.set_models(models[:count])

    with qtbot.waitSignal(page.message) as caught:
        page.compare()

    assert caught.args[0].startswith(sentence)
    assert page.gallery.isVisible()


@pytest.mark.parametrize("is_one_ticked", [False, True])
def test_the_only_two_models_need_no_ticks(page, shelf, models, qtbot, is_one_ticked):
    shelf.set_models(models[:2])
    if is_one_ticked:
        shelf.toggle_selected(models[0].name)

    assert shown(page.gallery, "Compare").isEnabled()
    click(qtbot, page.gallery, "Compare")

    assert page.compare_view.isVisible()


def test_one_model_alone_cannot_be_compared(page, shelf, models):
    shelf.set_models(models[:1])

    assert shown(page, "Compare") is None


def test_an_imported_model_comes_to_the_shelf_with_the_keyboard(page, client, qtbot, models, make_model):
    page.jobs.import_model("/downloads/new.zip")
    assert shown(page, "Importing new.zip…") is not None
    job_id = client.last(ImportModel).job_id
    listed = client.last(ListModels).job_id
    client.emit(ModelImported(job_id=job_id, model=make_model("new")))
    client.emit(Finished(job_id=job_id))
    qtbot.waitUntil(lambda: client.last(ListModels).job_id != listed)

    client.emit(ModelsListed(job_id=client.last(ListModels).job_id, models=(*models, make_model("new"))))

    qtbot.waitUntil(lambda: len(page.gallery.cards) == 4)
    assert card(page, "new").isAncestorOf(page.window().focusWidget())
    assert shown(page, "old cannot be read: it is cut short.") is None


def test_import_asks_for_a_file(page, client, qtbot, tmp_path):
    package = tmp_path / "birds.zip"
    package.write_bytes(b"")
    page.gallery.import_file_wanted.emit()
    dialog = page.findChild(QFileDialog)

    dialog.fileSelected.emit(str(package))

    assert client.last(ImportModel).source == str(package)
    dialog.reject()


def test_export_asks_where_to(page, client, tmp_path):
    page.export("small")
    dialog = page.findChild(QFileDialog)
    assert Path(dialog.selectedFiles()[0]).name == "small.zip"

    dialog.fileSelected.emit(str(tmp_path / "out.zip"))

    assert client.last(ExportModel).target == str(tmp_path / "out.zip")
    dialog.reject()


@pytest.mark.parametrize(("answer", "is_removed"), [("Remove", True), ("Cancel", False)])
def test_a_removal_is_asked_about(page, client, qtbot, answer, is_removed):
    page.remove("birds")
    question = page.findChild(QMessageBox)
    assert "birds" in question.text()

    next(button for button in question.buttons() if button.text().replace("&", "") == answer).click()

    assert any(isinstance(request, RemoveModel) for request in client.requests) is is_removed


def test_who_does_not_want_to_be_asked_is_not(page, client):
    page.set_asking_before_removal(False)

    page.remove("birds")

    assert client.last(RemoveModel).name == "birds"
    assert page.findChild(QMessageBox) is None


def test_a_bundled_model_is_not_even_asked_about(page):
    page.remove("small")

    assert page.findChild(QMessageBox) is None


def test_a_model_that_is_removed_while_it_is_open_closes(page, client, qtbot):
    page.open("birds")
    page.jobs.remove_model("birds")

    client.emit(ModelRemoved(job_id=client.last(RemoveModel).job_id, name="birds"))

    qtbot.waitUntil(page.gallery.isVisible)
    assert len([request for request in client.requests if isinstance(request, ListModels)]) == 2


def test_a_folder_is_shown_by_the_system(page, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: asked.append(url.toLocalFile()) or len(asked) < 2)
    page.reveal("birds")

    with qtbot.waitSignal(page.message) as caught:
        page.reveal("birds")

    assert asked == ["/models/birds"] * 2
    assert caught.args[1] == "warning"


def test_a_list_that_fails_can_be_asked_for_again(qtbot, bridge, client, shelf):
    page = LibraryPage(bridge, shelf)
    qtbot.addWidget(page)
    page.show()
    client.emit(Failed(job_id=client.last(ListModels).job_id, message="The folder cannot be read."))
    qtbot.waitUntil(lambda: shown(page, "The folder cannot be read.") is not None)

    click(qtbot, page, "Look again")

    assert len(client.requests) == 2
    assert shown(page, "Looking for models…") is not None


def test_a_worker_that_cannot_be_used_is_told(qtbot, bridge, client, shelf):
    page = LibraryPage(bridge, shelf)
    qtbot.addWidget(page)
    page.show()

    client.emit(WorkerUnusable(job_id=0, message="torch cannot be imported."))

    qtbot.waitUntil(lambda: shown(page, "torch cannot be imported.") is not None)


@pytest.mark.parametrize("name", ["birds.zip", "Birds.ZIP", "folder"])
def test_a_dropped_package_is_imported(page, client, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "manifest.json").touch()
    assert page.take([str(tmp_path / name)])
    assert client.last(ImportModel).source == str(tmp_path / name)


@pytest.mark.parametrize("names", [["beach.jpg"], ["a.zip", "b.zip"], ["folder"], []])
def test_all_else_is_left_to_the_window(page, client, tmp_path, names):
    (tmp_path / "folder").mkdir()
    assert not page.take([str(tmp_path / name) for name in names])
    assert not any(isinstance(request, ImportModel) for request in client.requests)


def test_a_photograph_dropped_on_the_comparison_is_compared(page, client, shelf):
    for name in ("small", "birds"):
        shelf.toggle_selected(name)
    page.compare()

    assert page.take(["/photos/beach.jpg"])
    assert client.last(CaptionImages).paths == ("/photos/beach.jpg",)
