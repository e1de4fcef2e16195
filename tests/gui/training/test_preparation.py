"""What a run is to learn from: features of photographs, corrected captions, and what is said of them."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from captioner.worker.training_protocol import (
    DatasetChecked,
    DatasetSummary,
    ExtractionEnded,
    ExtractionFailed,
    ExtractionReport,
)
from gui.viewmodels.corrections import collect
from gui.viewmodels.next_action import Action


def test_photographs_get_features_then_a_check(page, trainer, photographs, press):
    page.take(photographs)
    assert page.dataset.is_buildable
    press(page)
    (request,) = trainer.last("extract")
    assert (request.images, request.captions) == (photographs[0], photographs[1])
    assert not page.buttons.button.isEnabled()
    trainer.extraction_reported.emit(
        ExtractionReport(output=request.output, done=5, failed=0, images=10, images_per_second=96)
    )
    trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output))
    assert page.dataset.choice.features == request.output
    assert request.output in trainer.last("check")[0]


@pytest.fixture
def pixels(tmp_path, monkeypatch):
    monkeypatch.setattr("gui.training.preparation.features_folder", lambda: tmp_path / "features")
    folder = tmp_path / "sgrvinod"
    folder.mkdir()
    for name in ("TRAIN_IMAGES_a.hdf5", "VAL_IMAGES_a.hdf5", "TRAIN_CAPTIONS_a.json", "WORDMAP_a.json"):
        (folder / name).touch()
    return folder


def test_images_in_hdf5_get_features_of_each_file_then_a_check(page, trainer, pixels, press, check):
    files = tuple(str(pixels / f"{split}_IMAGES_a.hdf5") for split in ("TRAIN", "VAL"))
    check(page, [str(pixels)], DatasetSummary(is_usable=True, has_features=False, pixel_files=files))
    assert page.buttons.action is Action.CHECK
    press(page)
    outputs = []
    for path in files:
        (request,) = trainer.last("extract")
        assert (request.images, request.captions, request.split) == (path, None, None)
        outputs.append(request.output)
        trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output))
    assert len(set(outputs)) == 2
    assert page.dataset.choice.paths == (str(pixels), *outputs)
    assert trainer.last("check")[0] == page.dataset.choice.files
    trainer.dataset_checked.emit(DatasetChecked(paths=page.dataset.choice.files, report=DatasetSummary(is_usable=True)))
    press(page)
    assert trainer.last("start")[0].dataset.paths == (str(pixels), *outputs)


def test_photographs_are_where_the_engine_found_them(page, trainer, photographs, press):
    page.take(photographs)
    press(page)
    (request,) = trainer.last("extract")
    around = str(Path(photographs[0]).parent)
    trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output, images=around))
    assert page.dataset.choice.images == around


@pytest.fixture
def captions_files(tmp_path):
    """Two, as COCO has them; the one of the images that choose the best epoch first."""
    files = [tmp_path / f"captions_{split}2014.json" for split in ("val", "train")]
    for path in files:
        path.touch()
    return [str(path) for path in files]


def test_photographs_with_a_captions_file_for_each_split_get_features_of_each(
    page, trainer, photographs, captions_files, check, press, tmp_path
):
    images = photographs[0]
    page.wishes.set_views(7)
    report = DatasetSummary(is_usable=True, has_features=False, captions_files=tuple(captions_files))
    check(page, [images, *captions_files], report)
    assert page.dataset.is_buildable
    assert "have to be made first" in " ".join(text.text() for text in page.data.report.findChildren(QLabel))
    press(page)
    outputs = []
    for path, views in zip(reversed(captions_files), (7, 0), strict=True):
        (request,) = trainer.last("extract")
        assert (request.images, request.captions, request.split, request.views) == (images, path, None, views)
        outputs.append(request.output)
        found = str(tmp_path / Path(path).stem)
        trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output, images=found))
    assert len(set(outputs)) == 2
    assert page.dataset.choice.paths == (*captions_files, *outputs)
    assert page.dataset.choice.images == str(tmp_path / "captions_val2014"), "samples are of these photographs"
    assert trainer.last("check")[0] == page.dataset.choice.files


def test_photographs_whose_captions_do_not_name_them_are_told_so(page, photographs, captions_files, check):
    check(page, [photographs[0], *captions_files], DatasetSummary(is_usable=True, has_features=False))
    assert not page.dataset.is_buildable
    texts = " ".join(text.text() for text in page.data.report.findChildren(QLabel))
    assert "These captions do not name photographs." in texts
    assert "or photographs" not in texts
    page.dataset.remove(captions_files[1])
    assert page.dataset.is_buildable


def test_features_that_were_made_before_are_not_made_again(page, trainer, photographs, tmp_path, press):
    page.take(photographs)
    press(page)
    output = Path(trainer.last("extract")[0].output)
    trainer.extraction_failed.emit(ExtractionFailed(output=str(output), message=""))
    output.touch()
    press(page)
    assert [name for name, *_ in trainer.asked].count("extract") == 1
    assert page.dataset.choice.features == str(output)
    assert str(output) in trainer.last("check")[0]


def test_features_that_cannot_be_made_are_said_once(page, trainer, photographs, press):
    page.take(photographs)
    press(page)
    page.data.stop_button.click()
    output = trainer.last("extract")[0].output
    assert trainer.last("stop_extraction") == [output]
    said = []
    page.message.connect(lambda text, kind: said.append((text, kind)))
    trainer.extraction_failed.emit(ExtractionFailed(output=output, message=""))
    assert said == []
    assert page.buttons.button.isEnabled()
    press(page)
    trainer.extraction_failed.emit(ExtractionFailed(output=output, message="The disk is full."))
    assert said == [("The disk is full.", "error")]


def test_why_features_cannot_be_made_stays_until_something_changes(page, trainer, photographs, press):
    page.take(photographs)
    press(page)
    output = trainer.last("extract")[0].output
    trainer.extraction_failed.emit(ExtractionFailed(output=output, message="The disk is full."))
    assert page.data.problem == "The disk is full."
    page.form.set_value("epochs", 3)
    assert page.data.problem
    press(page)
    assert page.data.problem == ""
    trainer.extraction_failed.emit(ExtractionFailed(output=output, message="The disk is full."))
    page.data.rows[0].remove_button.click()
    assert page.data.problem == ""


def test_features_are_begun_without_reading_a_file(page, trainer, photographs, press, monkeypatch):
    page.take(photographs)

    def refuse(self, *_, **__):
        raise AssertionError(f"{self} was read")

    for name in ("open", "read_text", "read_bytes"):
        monkeypatch.setattr(Path, name, refuse)
    press(page)
    assert trainer.last("extract")[0].captions == photographs[1]


def test_captions_of_other_photographs_are_said_where_the_photographs_are_chosen(page, trainer, photographs, press):
    page.take(photographs)
    press(page)
    message = "captions.txt names 2 images, such as cat.jpg, but none of them is in images."
    trainer.extraction_failed.emit(ExtractionFailed(output=trainer.last("extract")[0].output, message=message))
    assert page.data.problem == message
    assert "See under Data what stands in the way." in [text.text() for text in page.invitation.findChildren(QLabel)]
    assert page.buttons.button.isEnabled()


def test_the_middle_does_not_invite_again_once_there_is_data(page, data, press):
    assert page.invitation.heading.text() == "Drop a data set here"
    page.take(data)
    assert page.invitation.heading.text() == "Data has been chosen"
    press(page)
    assert page.invitation.heading.text() == "The data is being checked"
    for row in list(page.data.rows):
        row.remove_button.click()
    assert page.invitation.heading.text() == "Drop a data set here"


@pytest.fixture
def collected(tmp_path):
    """Two captions that were corrected by hand and collected."""
    folder = tmp_path / "trip"
    folder.mkdir()
    for name in ("dog.jpg", "cat.jpg"):
        (folder / name).touch()
    return collect(tmp_path / "corrected", {str(folder / name): f"the {name}" for name in ("dog.jpg", "cat.jpg")})


def test_corrected_captions_are_taught_to_the_model_in_use(page, trainer, collected, report, press):
    said = []
    page.message.connect(lambda text, kind: said.append(text))
    page.settings.set_models(["captioner-small", "mine"])
    page.learn_from(collected.choice, collected.photographs, "mine")
    assert page.settings.start.currentData() == "mine"
    assert "the last one is kept" in said[0]
    assert page.buttons.action is Action.CHECK
    press(page)
    (request,) = trainer.last("extract")
    assert (request.images, request.captions, request.model) == (
        *(collected.choice.images, collected.choice.captions, "mine"),
    )
    trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output))
    paths, min_word_count = trainer.last("check")
    assert min_word_count == 1
    trainer.dataset_checked.emit(DatasetChecked(paths=tuple(paths), report=report))
    press(page)
    (asked,) = trainer.last("start")
    assert (asked.start_from, asked.dataset.model, asked.dataset.features) == ("mine", "mine", request.output)
    assert asked.settings["min_word_count"] == 1
    assert not [name for name in asked.settings if name.startswith("decoder.")]


def test_a_dropped_collection_brings_its_photographs(page, collected):
    assert page.take([str(Path(collected.choice.captions).parent)])
    assert page.dataset.choice == collected.choice


def test_features_of_another_encoder_are_made_anew(page, trainer, collected, press):
    page.learn_from(collected.choice, collected.photographs, "mine")
    press(page)
    (request,) = trainer.last("extract")
    trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output))
    page.form.set_start_from("other")
    assert page.dataset.is_buildable
    press(page)
    assert trainer.last("extract")[0].model == "other"
    trainer.extraction_failed.emit(ExtractionFailed(output=trainer.last("extract")[0].output, message=""))
