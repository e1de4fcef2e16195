import json
import shlex

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from captioner.errors import ConfigurationError
from captioner.file_names import is_model_name
from captioner.training.sample_attention import SampleAttention, write_attention
from captioner.worker.protocol import OpenPhotograph
from captioner.worker.training_protocol import (
    DatasetChecked,
    DatasetSummary,
    EpochReport,
    StepReport,
    TrainingEnded,
    TrainingFailed,
    TrainingPaused,
    TrainingResumed,
)
from gui.training.quantities import Quantity
from gui.training.sample_view import SampleView
from gui.viewmodels.next_action import Action
from gui.viewmodels.overlay_style import OverlayStyle
from gui.viewmodels.training_run import RunState


@pytest.fixture
def begin(qtbot, press, check, trainer):
    """Start a run: ``begin(page, data, report)`` gives the request for it."""

    def run(page, data, report, name="first"):
        check(page, data, report)
        page.settings.name_line.clear()
        qtbot.keyClicks(page.settings.name_line, name)
        press(page)
        return trainer.last("start")[0]

    return run


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


def test_nothing_yet_invites_to_choose_data(page, press):
    assert page.centre.currentWidget() is page.invitation
    assert page.buttons.action is Action.CHOOSE_DATA
    press(page)
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()


def test_a_dropped_data_set_is_taken_and_photographs_are_not(page, data, tmp_path):
    assert not page.take([str(tmp_path / "beach.jpg")])
    assert page.take(data)
    assert {row.path for row in page.data.rows} == set(data)
    assert page.buttons.action is Action.CHECK


def test_the_button_leads_from_data_to_a_run(page, trainer, data, report, press):
    page.take(data)
    press(page)
    assert not page.buttons.button.isEnabled()
    trainer.dataset_checked.emit(DatasetChecked(paths=tuple(trainer.last("check")[0]), report=report))
    assert page.centre.currentWidget() is page.preparation
    assert page.buttons.action is Action.START

    page.form.set_value("epochs", 5)
    press(page)

    (request,) = trainer.last("start")
    assert (request.preset, request.settings, request.dataset) == ("quick", {"epochs": 5}, page.dataset.choice)
    assert page.shelf.current.path == request.output
    assert page.buttons.action is Action.PAUSE


def test_data_that_is_refused_asks_for_other_data(page, data, check):
    refused = DatasetSummary(refusals=("train.h5, row 4: a value is not a number.",))
    check(page, data, refused)
    assert page.buttons.action is Action.CHOOSE_DATA
    page.data.rows[0].remove_button.click()
    assert page.dataset.report is None


def test_a_run_is_paused_resumed_extended_and_stopped(page, qtbot, trainer, data, report, press, begin):
    run = begin(page, data, report).output
    press(page)
    assert trainer.last("pause") == [run]
    trainer.paused.emit(TrainingPaused(run=run, reason="The disk is full."))
    assert page.buttons.action is Action.RESUME
    qtbot.waitUntil(lambda: page.header.notes == (("warning", "The disk is full."),))
    press(page)
    assert trainer.last("resume") == [run]
    trainer.resumed.emit(TrainingResumed(run=run))
    page.buttons.extend_button.menu().actions()[1].trigger()
    assert trainer.last("extend") == [run, 2]
    page.buttons.stop_button.click()
    assert trainer.last("stop_and_save") == [run]


@pytest.mark.parametrize("name", ["dogs", "My dogs", "小狗", "Собаки 2", "2", "con", "-_-", "x" * 60])
def test_whatever_a_run_is_called_its_model_can_be_installed(page, trainer, data, report, name, press, check):
    check(page, data, report)
    page.settings.name_changed.emit(name)  # since keys of other scripts cannot be pressed here
    names = []
    for _ in range(2):
        press(page)
        names.append(trainer.last("start")[0].name)
        page.shelf.set_current(None)
    assert all(map(is_model_name, names))
    assert names[0] != names[1]


def test_figures_and_curves_follow_the_steps(page, qtbot, trainer, data, report, begin):
    run = begin(page, data, report).output
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


def test_a_finished_run_offers_its_model(page, qtbot, trainer, data, report, tmp_path, press, begin):
    run = begin(page, data, report).output
    tell_epoch(trainer, run)
    with qtbot.waitSignal(page.message) as said:
        trainer.ended.emit(TrainingEnded(run=run, reason="done", package=str(tmp_path / "model"), best_epoch=1))
    assert said.args[1] == "done"
    assert page.buttons.action is Action.USE_MODEL
    with qtbot.waitSignal(page.model_ready) as caught:
        press(page)
    assert caught.args == [str(tmp_path / "model")]


def test_a_model_for_features_is_ready_but_of_no_use_here(page, qtbot, trainer, data, report, tmp_path, begin):
    package = tmp_path / "model"
    package.mkdir()
    (package / "config.json").write_text('{"encoder": null}')
    run = begin(page, data, report).output
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


def test_a_failure_is_said_and_can_be_resumed(open_page, qtbot, trainer, write_run, press):
    folder = str(write_run("a"))
    page = open_page()
    page.shelf.set_current(folder)
    assert page.buttons.action is Action.RESUME
    press(page)
    (request,) = trainer.last("start")
    assert (request.output, request.resume, request.name) == (folder, True, "model")
    trainer.failed.emit(TrainingFailed(run=folder, message="There is no room left."))
    qtbot.waitUntil(lambda: page.header.notes == (("error", "There is no room left."),))
    assert page.buttons.action is Action.RESUME


def test_a_run_whose_memory_ran_out_is_resumed_with_smaller_batches(open_page, qtbot, trainer, write_run, press):
    folder = str(write_run("a"))
    page = open_page()
    page.shelf.set_current(folder)
    press(page)
    message = "There is not enough memory for batches of 80. Resume the run with --batch-size 40."
    trainer.failed.emit(TrainingFailed(run=folder, message=message, batch_size=40))
    qtbot.waitUntil(lambda: page.header.notes != ())
    ((_, sentence),) = page.header.notes
    assert "Resume goes on with batches of 40" in sentence
    assert "--" not in sentence
    press(page)
    (request,) = trainer.last("start")
    assert (request.resume, request.settings) == (True, {"batch_size": 40})
    trainer.failed.emit(TrainingFailed(run=folder, message="There is no room left."))
    press(page)
    assert trainer.last("start")[0].settings == {}


def test_what_is_refused_is_said_and_nothing_begins(page, qtbot, trainer, data, report, press, check):
    check(page, data, report)
    trainer.refusal = ConfigurationError("The settings cannot be written.")
    with qtbot.waitSignal(page.message) as said:
        press(page)
    assert said.args == ["The settings cannot be written.", "error"]
    assert page.shelf.current is None


def test_runs_on_the_disk_are_listed_looked_at_and_compared(open_page, write_run):
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


def test_samples_in_folders_side_by_side_are_found(open_page, run_with_attention, tmp_path):
    photograph = tmp_path / "photographs" / "val2014" / "149.jpg"
    photograph.parent.mkdir(parents=True)
    photograph.touch()
    page = open_page()
    page.shelf.set_current(str(run_with_attention))
    assert [card.sample.path for card in page.samples.cards] == [str(photograph)]


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


@pytest.fixture
def fine_tuning(write_run):
    """The folder of a run of ``captioner fine-tune`` that was stopped."""
    paths = {"images": "photos", "captions": "c.csv", "split": None, "dev_split": "dev.txt"}
    sources = {**paths, "model": None, "encoder": "resnet18_dilated", "input_size": 256, "name": "tuned"}
    return write_run("a", command="fine-tune", sources=sources)


def test_a_fine_tuning_run_is_repeated_by_its_own_command(open_page, fine_tuning):
    page = open_page()
    page.shelf.set_current(str(fine_tuning))
    page.views.segment("command").click()
    assert shlex.split(page.command.command) == [
        *("captioner", "fine-tune", "--images", "photos", "--captions", "c.csv", "--dev-split", "dev.txt"),
        *("--encoder", "resnet18_dilated", "--input-size", "256", "--name", "tuned"),
        *("--recipe", str(fine_tuning / "config.json"), "--output", f"{fine_tuning}-again"),
    ]


def test_a_fine_tuning_run_is_resumed_and_extended_by_its_own_command(open_page, trainer, fine_tuning, press):
    page = open_page()
    page.shelf.set_current(str(fine_tuning))
    press(page)
    (request,) = trainer.last("start")
    assert (request.command, request.output, request.resume) == ("fine-tune", str(fine_tuning), True)
    trainer.ended.emit(TrainingEnded(run=str(fine_tuning), reason="stopped as asked", package=None, best_epoch=0))
    page.controller.extend(2)
    (request,) = trainer.last("start")
    assert (request.command, request.extend) == ("fine-tune", 2)


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


def test_the_model_in_use_is_not_offered_again(open_page, write_run):
    folder = write_run("a", has_model=True)
    page = open_page()
    page.shelf.set_current(str(folder))
    assert page.buttons.button.isEnabled()
    page.set_model_in_use(str(folder / "model"))
    assert (page.buttons.button.isEnabled(), page.buttons.button.text()) == (False, "In use")
    page.set_model_in_use("")
    assert page.buttons.button.isEnabled()


def test_it_is_said_when_captions_come(open_page, write_run):
    folder = write_run("a", epochs=0)
    page = open_page()
    page.shelf.set_current(str(folder))
    assert page.samples.empty_text.startswith("After each epoch")


def test_samples_of_epochs_without_scores_are_shown(open_page, write_run):
    folder = write_run("a", epochs=2)
    lines = (folder / "history.jsonl").read_text().splitlines()
    unscored = [json.dumps(json.loads(line) | {"scores": None, "is_best": False}) for line in lines]
    (folder / "history.jsonl").write_text("\n".join(unscored) + "\n")
    page = open_page()
    page.shelf.set_current(str(folder))
    assert [card.caption.text for card in page.samples.cards] == ["epoch 2 of dog.jpg", "epoch 2 of cat.jpg"]
    page.samples.slider.setValue(0)
    assert page.samples.cards[0].caption.text == "epoch 1 of dog.jpg"
    assert not any("Best" in figure for figure in page.header.figure_texts)


def test_a_run_that_ended_early_says_why(open_page, write_run):
    folder = write_run("a", epochs=2, has_model=True)
    content = json.loads((folder / "config.json").read_text())
    content["training"] |= {"epochs": 1000, "patience": 1}
    (folder / "config.json").write_text(json.dumps(content))
    lines = (folder / "history.jsonl").read_text().splitlines()
    lines[-1] = json.dumps(json.loads(lines[-1]) | {"is_best": False})
    (folder / "history.jsonl").write_text("\n".join(lines) + "\n")
    page = open_page()
    page.shelf.set_current(str(folder))
    assert any("dev CIDEr had not risen" in text for _, text in page.header.notes)


def test_a_run_that_broke_off_before_it_began_says_so(page, tmp_path):
    path = tmp_path / "runs" / "a"
    page.shelf.begin(str(path), "a")
    path.mkdir(parents=True)
    page.shelf.current.state = RunState.FAILED
    page.controller.display.show_now()
    ((kind, text),) = page.header.notes
    assert kind == "error"
    assert "while its data was being read" in text


def test_the_page_remembers_its_columns(open_page, store, qtbot):
    page = open_page()
    page.splitter.setSizes([300, 600, 380])
    page.splitter.splitterMoved.emit(300, 1)
    assert "train" in store.settings.layouts
    again = open_page()
    qtbot.waitUntil(lambda: again.splitter.sizes()[0] == page.splitter.sizes()[0])
