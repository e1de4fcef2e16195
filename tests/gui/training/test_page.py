import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from captioner.errors import ConfigurationError
from captioner.training.sample_attention import SampleAttention, write_attention
from captioner.worker.protocol import OpenPhotograph
from captioner.worker.training_protocol import (
    DatasetChecked,
    DatasetSummary,
    EpochReport,
    ExtractionEnded,
    ExtractionFailed,
    ExtractionReport,
    StepReport,
    TrainingEnded,
    TrainingFailed,
    TrainingPaused,
    TrainingResumed,
)
from gui.settings import SettingsStore
from gui.training.page import TrainPage
from gui.training.quantities import Quantity
from gui.training.sample_view import SampleView
from gui.viewmodels.corrections import collect
from gui.viewmodels.next_action import Action
from gui.viewmodels.overlay_style import OverlayStyle
from gui.viewmodels.training_runs import RunShelf


@pytest.fixture
def store(tmp_path, qapp):
    store = SettingsStore(tmp_path / "settings.json")
    yield store
    store.save_now()


@pytest.fixture
def open_page(qtbot, trainer, bridge, store, tmp_path):
    """Open the page over the runs that are there."""

    def build():
        page = TrainPage(trainer, bridge, store, RunShelf(tmp_path / "runs"))
        qtbot.addWidget(page)
        page.resize(1280, 760)
        page.show()
        return page

    return build


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def data(tmp_path):
    """Files that look like a data set."""
    paths = [tmp_path / name for name in ("train.h5", "dev.h5", "captions.txt")]
    for path in paths:
        path.write_bytes(b"")
    return [str(path) for path in paths]


def press(qtbot, page):
    qtbot.mouseClick(page.buttons.button, Qt.MouseButton.LeftButton)


def check(qtbot, page, trainer, data, report):
    page.take(data)
    press(qtbot, page)
    trainer.dataset_checked.emit(DatasetChecked(paths=tuple(trainer.last("check")[0]), report=report))


def begin(qtbot, page, trainer, data, report, name="first"):
    check(qtbot, page, trainer, data, report)
    page.settings.name_line.clear()
    qtbot.keyClicks(page.settings.name_line, name)
    press(qtbot, page)
    return trainer.last("start")[0]


def tell_steps(trainer, run, first, last):
    for number in range(first, last + 1):
        trainer.step_reported.emit(
            StepReport(
                run=run,
                stage="words",
                epoch=1 + (number - 1) // 20,
                epochs=3,
                step=number,
                steps=60,
                loss=5 - number / 20,
                penalty=0.1,
                learning_rate=1e-3,
                gradient_norm=1.5,
                captions_per_second=131.4,
                seconds_left=480,
                memory=840_000_000,
            )
        )


def tell_epoch(trainer, run, number=1, cider=31.0):
    trainer.epoch_reported.emit(
        EpochReport(
            run=run,
            stage="words",
            epoch=number,
            loss=4.0,
            dev_loss=4.1,
            scores={"cider": cider, "bleu_4": 12.5},
            is_best=True,
            seconds=100,
        )
    )


def test_nothing_yet_invites_to_choose_data(page, qtbot):
    assert page.centre.currentWidget() is page.invitation
    assert page.buttons.action is Action.CHOOSE_DATA
    press(qtbot, page)
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()


def test_a_dropped_data_set_is_taken_and_photographs_are_not(page, data, tmp_path):
    assert not page.take([str(tmp_path / "beach.jpg")])
    assert page.take(data)
    assert {row.path for row in page.data.rows} == set(data)
    assert page.buttons.action is Action.CHECK


def test_the_button_leads_from_data_to_a_run(page, qtbot, trainer, data, report):
    page.take(data)
    press(qtbot, page)
    assert not page.buttons.button.isEnabled()
    trainer.dataset_checked.emit(DatasetChecked(paths=tuple(trainer.last("check")[0]), report=report))
    assert page.centre.currentWidget() is page.preparation
    assert page.buttons.action is Action.START

    page.form.set_value("epochs", 3)
    press(qtbot, page)

    (request,) = trainer.last("start")
    assert (request.preset, request.settings, request.dataset) == ("quick", {"epochs": 3}, page.dataset.choice)
    assert page.shelf.current.path == request.output
    assert page.buttons.action is Action.PAUSE


def test_data_that_is_refused_asks_for_other_data(page, qtbot, trainer, data):
    refused = DatasetSummary(refusals=("train.h5, row 4: a value is not a number.",))
    check(qtbot, page, trainer, data, refused)
    assert page.buttons.action is Action.CHOOSE_DATA
    page.data.rows[0].remove_button.click()
    assert page.dataset.report is None


def test_a_run_is_paused_resumed_extended_and_stopped(page, qtbot, trainer, data, report):
    run = begin(qtbot, page, trainer, data, report).output
    press(qtbot, page)
    assert trainer.last("pause") == [run]
    trainer.paused.emit(TrainingPaused(run=run, reason="The disk is full."))
    assert page.buttons.action is Action.RESUME
    qtbot.waitUntil(lambda: page.header.notes == (("warning", "The disk is full."),))
    press(qtbot, page)
    assert trainer.last("resume") == [run]
    trainer.resumed.emit(TrainingResumed(run=run))
    page.buttons.extend_button.menu().actions()[1].trigger()
    assert trainer.last("extend") == [run, 2]
    page.buttons.stop_button.click()
    assert trainer.last("stop_and_save") == [run]


def test_figures_and_curves_follow_the_steps(page, qtbot, trainer, data, report):
    run = begin(qtbot, page, trainer, data, report).output
    tell_steps(trainer, run, 1, 20)
    tell_epoch(trainer, run)
    tell_steps(trainer, run, 21, 30)
    qtbot.waitUntil(lambda: len(page.header.figure_texts) == 4)
    step, epoch, rate, memory = page.header.figure_texts
    assert "30" in step
    assert "60" in step
    assert "2" in epoch
    assert "131" in rate
    assert "840" in memory
    assert page.header.bar.value() == 500
    qtbot.waitUntil(lambda: page.curves.tiles.tiles[Quantity.CIDER].value_text == "31.0")
    assert page.curves.runs[0].of(Quantity.LOSS)[0].latest == pytest.approx(3.5)


def test_a_finished_run_offers_its_model(page, qtbot, trainer, data, report, tmp_path):
    run = begin(qtbot, page, trainer, data, report).output
    tell_epoch(trainer, run)
    with qtbot.waitSignal(page.message) as said:
        trainer.ended.emit(TrainingEnded(run=run, reason="done", package=str(tmp_path / "model"), best_epoch=1))
    assert said.args[1] == "done"
    assert page.buttons.action is Action.USE_MODEL
    with qtbot.waitSignal(page.model_ready) as caught:
        press(qtbot, page)
    assert caught.args == [str(tmp_path / "model")]


def test_a_model_for_features_is_ready_but_of_no_use_here(page, qtbot, trainer, data, report, tmp_path):
    package = tmp_path / "model"
    package.mkdir()
    (package / "config.json").write_text('{"encoder": null}')
    run = begin(qtbot, page, trainer, data, report).output
    page.model_ready.connect(lambda _: pytest.fail("the model was handed on"))
    with qtbot.waitSignal(page.message) as said:
        trainer.ended.emit(TrainingEnded(run=run, reason="done", package=str(package), best_epoch=1))
    assert said.args[0].endswith("Its model captions features.")
    assert page.buttons.action is Action.USE_MODEL
    assert not page.buttons.button.isEnabled()
    qtbot.waitUntil(lambda: any("captions features, not photographs" in text for _, text in page.header.notes))
    with qtbot.waitSignal(page.message) as said:
        page.controller.use(run)
    assert "captions features, not photographs" in said.args[0]


def test_a_failure_is_said_and_can_be_resumed(open_page, qtbot, trainer, write_run):
    folder = str(write_run("a"))
    page = open_page()
    page.shelf.set_current(folder)
    assert page.buttons.action is Action.RESUME
    press(qtbot, page)
    (request,) = trainer.last("start")
    assert (request.output, request.resume, request.name) == (folder, True, "model")
    trainer.failed.emit(TrainingFailed(run=folder, message="There is no room left."))
    qtbot.waitUntil(lambda: page.header.notes == (("error", "There is no room left."),))
    assert page.buttons.action is Action.RESUME


def test_what_is_refused_is_said_and_nothing_begins(page, qtbot, trainer, data, report):
    check(qtbot, page, trainer, data, report)
    trainer.refusal = ConfigurationError("The settings cannot be written.")
    with qtbot.waitSignal(page.message) as said:
        press(qtbot, page)
    assert said.args == ["The settings cannot be written.", "error"]
    assert page.shelf.current is None


def test_runs_on_the_disk_are_listed_looked_at_and_compared(open_page, qtbot, write_run):
    write_run("a", has_model=True)
    write_run("b", epochs=3)
    page = open_page()
    assert {row.name for row in page.runs.rows} == {"a", "b"}
    first, second = (row.path for row in page.runs.rows)
    page.runs.list.setCurrentRow(0)
    assert page.shelf.current.path == first
    page.runs.delegate.mark_clicked.emit(second)
    assert [run.path for run in page.curves.runs] == [first, second]
    assert [row.colour for row in page.runs.rows] == [0, 1]
    page.runs.new_button.click()
    assert page.shelf.current is None
    assert page.centre.currentWidget() is page.invitation


def test_samples_log_and_command_of_a_run(open_page, write_run):
    folder = write_run("a", epochs=2)
    page = open_page()
    page.shelf.set_current(str(folder))
    assert page.samples.epoch == 2
    assert [card.caption.text for card in page.samples.cards] == ["epoch 2 of dog.jpg", "epoch 2 of cat.jpg"]
    page.views.segment("log").click()
    assert page.log.toPlainText() == "began"
    page.views.segment("command").click()
    assert "--recipe" in page.command.command
    assert "captions.txt" in page.command.command


@pytest.fixture
def run_with_attention(write_run, tmp_path):
    names = [f"{number}.jpg" for number in range(150)]
    folder = write_run("a", epochs=2, samples=names)
    values = json.loads((folder / "config.json").read_text())
    values["sources"]["images"] = str(tmp_path / "photographs")
    (folder / "config.json").write_text(json.dumps(values))
    alphas = np.full((5, 4), 0.25, np.float32)
    for epoch in (1, 2):
        words = ("epoch", str(epoch), "of", "149.jpg", "indeed")[:4]
        sample = SampleAttention.of(words, alphas[:4], grid=(2, 2), reference="people wrote this")
        write_attention(folder / "samples" / f"epoch-{epoch:03d}.attention.json", {"149.jpg": sample})
    return folder


def test_samples_of_an_old_run_have_photographs_references_and_attention(open_page, run_with_attention, tmp_path):
    page = open_page()
    page.shelf.set_current(str(run_with_attention))
    (card,) = page.samples.cards
    assert card.sample.path == str(tmp_path / "photographs" / "149.jpg")
    assert card.sample.reference == "people wrote this"
    assert card.caption.words == ("epoch", "2", "of", "149.jpg")
    page.samples.slider.setValue(0)
    assert card.caption.words == ("epoch", "1", "of", "149.jpg")


def test_a_sample_is_seen_large_in_the_style_of_the_caption_page(open_page, run_with_attention, client, store):
    page = open_page()
    page.shelf.set_current(str(run_with_attention))
    store.change(overlay=OverlayStyle(colour_map="magma"))
    (card,) = page.samples.cards
    card.picture.click()
    view = page.findChild(SampleView)
    assert view.isVisible()
    assert client.last(OpenPhotograph).path == card.sample.path
    view.close()


def test_a_damaged_attention_file_costs_only_attention(open_page, run_with_attention, caplog):
    (run_with_attention / "samples" / "epoch-002.attention.json").write_text("{")
    page = open_page()
    page.shelf.set_current(str(run_with_attention))
    assert [card.caption.text for card in page.samples.cards][:1] == ["epoch 2 of 0.jpg"]
    assert page.samples.cards[0].caption.words == ()
    assert "cannot be read" in caplog.text


def test_a_run_is_deleted_only_when_that_is_confirmed(open_page, qtbot, write_run):
    folder = write_run("a")
    page = open_page()
    for answer, is_there in (("Cancel", True), ("Delete", False)):
        page.runs.delete_wanted.emit(str(folder))
        question = page.findChild(QMessageBox)
        assert str(folder) in question.informativeText()
        next(button for button in question.buttons() if answer in button.text()).click()
        assert folder.exists() is is_there
        question.deleteLater()
        qtbot.waitUntil(lambda: page.findChild(QMessageBox) is None)
    assert not page.runs.rows


def test_a_run_is_renamed(open_page, write_run):
    folder = write_run("a")
    page = open_page()
    page.runs.renamed.emit(str(folder), "better")
    assert [row.name for row in page.runs.rows] == ["better"]


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    monkeypatch.setattr("gui.training.preparation.features_folder", lambda: tmp_path / "features")
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "dog.jpg").write_bytes(b"")
    captions = tmp_path / "captions.txt"
    captions.write_text("dog.jpg#0\ta dog\n")
    return [str(folder), str(captions)]


def test_photographs_get_features_then_a_check(page, qtbot, trainer, photographs):
    page.take(photographs)
    assert page.dataset.is_buildable
    press(qtbot, page)
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


def test_images_in_hdf5_get_features_of_each_file_then_a_check(page, qtbot, trainer, pixels):
    files = tuple(str(pixels / f"{split}_IMAGES_a.hdf5") for split in ("TRAIN", "VAL"))
    check(qtbot, page, trainer, [str(pixels)], DatasetSummary(is_usable=True, has_features=False, pixel_files=files))
    assert page.buttons.action is Action.CHECK
    press(qtbot, page)
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
    press(qtbot, page)
    assert trainer.last("start")[0].dataset.paths == (str(pixels), *outputs)


def test_features_that_were_made_before_are_not_made_again(page, qtbot, trainer, photographs, tmp_path):
    page.take(photographs)
    press(qtbot, page)
    output = Path(trainer.last("extract")[0].output)
    trainer.extraction_failed.emit(ExtractionFailed(output=str(output), message=""))
    output.touch()
    press(qtbot, page)
    assert [name for name, *_ in trainer.asked].count("extract") == 1
    assert page.dataset.choice.features == str(output)
    assert str(output) in trainer.last("check")[0]


def test_features_that_cannot_be_made_are_said_once(page, qtbot, trainer, photographs):
    page.take(photographs)
    press(qtbot, page)
    page.data.stop_button.click()
    output = trainer.last("extract")[0].output
    assert trainer.last("stop_extraction") == [output]
    said = []
    page.message.connect(lambda text, kind: said.append((text, kind)))
    trainer.extraction_failed.emit(ExtractionFailed(output=output, message=""))
    assert said == []
    assert page.buttons.button.isEnabled()
    press(qtbot, page)
    trainer.extraction_failed.emit(ExtractionFailed(output=output, message="The disk is full."))
    assert said == [("The disk is full.", "error")]


def test_the_page_remembers_its_columns(open_page, store, qtbot):
    page = open_page()
    page.splitter.setSizes([300, 600, 380])
    page.splitter.splitterMoved.emit(300, 1)
    assert "train" in store.settings.layouts
    again = open_page()
    qtbot.waitUntil(lambda: again.splitter.sizes()[0] == page.splitter.sizes()[0])


@pytest.fixture
def collected(tmp_path):
    """Two captions that were corrected by hand and collected."""
    folder = tmp_path / "trip"
    folder.mkdir()
    return collect(tmp_path / "corrected", {str(folder / name): f"the {name}" for name in ("dog.jpg", "cat.jpg")})


def test_corrected_captions_are_taught_to_the_model_in_use(page, qtbot, trainer, collected, report):
    said = []
    page.message.connect(lambda text, kind: said.append(text))
    page.settings.set_models(["captioner-small", "mine"])
    page.learn_from(collected.choice, collected.photographs, "mine")
    assert page.settings.start.currentData() == "mine"
    assert "the last one is kept" in said[0]
    assert page.buttons.action is Action.CHECK
    press(qtbot, page)
    (request,) = trainer.last("extract")
    assert (request.images, request.captions, request.model) == (
        *(collected.choice.images, collected.choice.captions, "mine"),
    )
    trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output))
    paths, min_word_count = trainer.last("check")
    assert min_word_count == 1
    trainer.dataset_checked.emit(DatasetChecked(paths=tuple(paths), report=report))
    press(qtbot, page)
    (asked,) = trainer.last("start")
    assert (asked.start_from, asked.dataset.model, asked.dataset.features) == ("mine", "mine", request.output)
    assert asked.settings["min_word_count"] == 1
    assert not [name for name in asked.settings if name.startswith("decoder.")]


def test_a_dropped_collection_brings_its_photographs(page, collected):
    assert page.take([str(Path(collected.choice.captions).parent)])
    assert page.dataset.choice == collected.choice


def test_features_of_another_encoder_are_made_anew(page, qtbot, trainer, collected):
    page.learn_from(collected.choice, collected.photographs, "mine")
    press(qtbot, page)
    (request,) = trainer.last("extract")
    trainer.extraction_ended.emit(ExtractionEnded(output=request.output, path=request.output))
    page.form.set_start_from("other")
    assert page.dataset.is_buildable
    press(qtbot, page)
    assert trainer.last("extract")[0].model == "other"
    trainer.extraction_failed.emit(ExtractionFailed(output=trainer.last("extract")[0].output, message=""))
