"""The encoder behind features, as the Train page asks for it: of photographs, and of features that do not name it."""

import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel

from captioner.encoder_registry import ENCODERS
from captioner.worker.training_protocol import (
    DatasetChecked,
    DatasetSummary,
    ExtractionEnded,
    ExtractionFailed,
    ExtractionRequest,
)
from gui.training import dialogs
from gui.training.preparation import with_wishes
from gui.viewmodels.feature_wishes import FeatureWishes
from gui.viewmodels.next_action import Action


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "vgg16.safetensors"
    path.write_bytes(b"weights")
    return str(path)


def choose(page, name):
    """Choose an encoder as a user does."""
    encoder = page.data.options.encoder
    encoder.setCurrentIndex(encoder.findData(name))
    encoder.activated.emit(encoder.currentIndex())


def shown(page):
    """Texts that can be read under Data."""
    return [text.text() for text in page.data.findChildren(QLabel) if text.isVisibleTo(page)]


def test_photographs_are_encoded_as_the_user_wants(page, trainer, photographs, weights, press, report):
    page.take(photographs)
    options = page.data.options
    assert [options.encoder.itemData(index) for index in range(options.encoder.count())] == ["", *ENCODERS]
    choose(page, "vgg16")
    assert not page.buttons.button.isEnabled()
    assert any("Choose a .safetensors file" in text for text in shown(page))
    page.wishes.set_weights(weights)
    options.views.setValue(3)
    assert "vgg16.safetensors" in shown(page)
    press(page)
    (request,) = trainer.last("extract")
    assert (request.encoder, request.weights, request.views, request.model) == ("vgg16", weights, 3, None)
    assert not options.isVisible()
    trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output))
    found = dataclasses.replace(report, encoder="vgg16", may_be_of_an_encoder=True)
    trainer.dataset_checked.emit(DatasetChecked(paths=tuple(trainer.last("check")[0]), report=found))
    assert not options.isVisible()
    press(page)
    dataset = trainer.last("start")[0].dataset
    assert (dataset.features, dataset.encoder, dataset.encoder_weights) == (request.output, None, weights)


def test_features_made_otherwise_are_not_taken_for_these(page, trainer, photographs, weights, press):
    page.take(photographs)
    outputs = []
    for change in (
        lambda: None,
        lambda: page.wishes.set_views(1),
        lambda: page.wishes.set_encoder("vgg16") or page.wishes.set_weights(weights),
        lambda: Path(weights).write_bytes(b"other weights"),
        lambda: page.wishes.set_views(0),
    ):
        change()
        press(page)
        outputs.append(trainer.last("extract")[0].output)
        Path(outputs[-1]).touch()
        trainer.extraction_failed.emit(ExtractionFailed(output=outputs[-1], message=""))
    assert len(set(outputs)) == len(outputs)
    press(page)
    assert page.dataset.choice.features == outputs[-1]
    assert page.dataset.choice.encoder_weights == weights


def test_usual_features_keep_the_name_they_had():
    request = ExtractionRequest(images="photos", output="/f/photos-1234-all.h5", captions="c.csv")
    assert with_wishes([request], FeatureWishes()) == [request]


def test_only_images_that_are_learned_from_get_extra_views():
    wishes = FeatureWishes()
    wishes.set_views(7)
    split = [ExtractionRequest(images="dev-photos", output="f.h5", split=name) for name in ("train.txt", "dev.txt")]
    assert [request.views for request in with_wishes(split, wishes, "dev.txt")] == [7, 0]
    names = ("TRAIN_IMAGES_a.hdf5", "VAL_IMAGES_a.hdf5", "TEST_IMAGES_a.hdf5")
    pixels = [ExtractionRequest(images=f"/d/{name}", output=f"{name}.h5") for name in names]
    assert [request.views for request in with_wishes(pixels, wishes)] == [7, 0, 0]
    folder = [ExtractionRequest(images="/d/test", output="f.h5", captions="c.csv")]
    assert [request.views for request in with_wishes(folder, wishes)] == [7]


def test_a_model_that_is_taught_further_brings_its_encoder(page, trainer, photographs, press):
    page.take(photographs)
    choose(page, "vgg16")
    page.wishes.set_views(2)
    page.form.set_start_from("mine")
    options = page.data.options
    assert not options.encoder.isEnabled()
    assert not options.weights_button.isVisible()
    assert page.buttons.button.isEnabled()
    press(page)
    (request,) = trainer.last("extract")
    assert (request.encoder, request.weights, request.model, request.views) == (None, None, "mine", 2)


def test_features_that_do_not_say_what_made_them_can_be_told_of(page, trainer, data, report, weights, check, press):
    check(page, data, dataclasses.replace(report, may_be_of_an_encoder=True))
    options = page.data.options
    assert any("do not say what made them" in text for text in shown(page))
    assert options.encoder.currentText() == "Not known"
    assert not options.views.isVisible()
    choose(page, "vgg16")
    assert (page.buttons.action, page.buttons.button.isEnabled()) == (Action.START, False)
    page.wishes.set_weights(weights)
    press(page)
    dataset = trainer.last("start")[0].dataset
    assert (dataset.encoder, dataset.encoder_weights) == ("vgg16", weights)


def test_who_does_not_know_the_encoder_trains_without(page, trainer, data, report, check, press):
    check(page, data, dataclasses.replace(report, may_be_of_an_encoder=True))
    press(page)
    dataset = trainer.last("start")[0].dataset
    assert (dataset.encoder, dataset.encoder_weights) == (None, None)


def test_the_weights_of_an_encoder_that_features_name_are_asked_for(page, trainer, data, report, weights, check, press):
    check(page, data, dataclasses.replace(report, encoder="vgg16", may_be_of_an_encoder=True))
    options = page.data.options
    assert any("made by vgg16" in text for text in shown(page))
    assert not options.encoder.isVisible()
    assert not page.buttons.button.isEnabled()
    page.wishes.set_weights(weights)
    press(page)
    assert trainer.last("start")[0].dataset.encoder_weights == weights


def test_the_weights_are_chosen_in_a_dialog_where_fetched_ones_are(page, photographs, weights, qtbot, monkeypatch):
    monkeypatch.setattr(dialogs, "official_weights_folder", lambda: Path(weights).parent)
    page.take(photographs)
    choose(page, "vgg16")
    qtbot.mouseClick(page.data.options.weights_button, Qt.MouseButton.LeftButton)
    dialog = page.findChild(QFileDialog)
    assert Path(dialog.directory().absolutePath()) == Path(weights).parent
    dialog.fileSelected.emit(weights)
    dialog.close()
    assert page.wishes.weights == weights


def test_every_control_can_be_reached_and_has_a_name(page, photographs):
    page.take(photographs)
    choose(page, "vgg16")
    options = page.data.options
    chain, widget = [], options.encoder
    while widget is not None and len(chain) < 40:
        chain.append(widget)
        widget = widget.nextInFocusChain()
    places = [chain.index(control) for control in (options.encoder, options.weights_button, options.views)]
    assert places == sorted(places)
    for control in (options.encoder, options.weights_button, options.views):
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert control.accessibleName()


def test_files_of_images_are_encoded_as_the_user_wants(page, trainer, tmp_path, weights, monkeypatch, press, check):
    monkeypatch.setattr("gui.training.preparation.features_folder", lambda: tmp_path / "features")
    folder = tmp_path / "sgrvinod"
    folder.mkdir()
    for name in ("TRAIN_IMAGES_a.hdf5", "TRAIN_CAPTIONS_a.json", "WORDMAP_a.json"):
        (folder / name).touch()
    files = (str(folder / "TRAIN_IMAGES_a.hdf5"),)
    check(page, [str(folder)], DatasetSummary(is_usable=True, has_features=False, pixel_files=files))
    choose(page, "vgg16")
    page.wishes.set_weights(weights)
    press(page)
    (request,) = trainer.last("extract")
    assert (request.images, request.encoder, request.weights) == (files[0], "vgg16", weights)
    trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output))
    assert page.dataset.choice.encoder_weights == weights
