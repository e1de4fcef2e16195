import dataclasses
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from captioner.worker.training_protocol import DatasetChoice
from gui.controls.clamped_label import ClampedLabel
from gui.thumbnails import Thumbnails
from gui.training.action_bar import ActionBar
from gui.training.data_panel import DataPanel
from gui.training.hint_texts import hint_text
from gui.training.log_view import CommandView, LogView
from gui.training.page import SIDE_WIDTH
from gui.training.preparation import extraction_requests
from gui.training.report_view import ReportView
from gui.training.run_header import RunHeader
from gui.training.runs_panel import RunRow, RunsPanel
from gui.training.samples_strip import Sample, SamplesStrip
from gui.training.settings_panel import SettingsPanel
from gui.training.words import duration_text, score_text, value_text
from gui.viewmodels.next_action import Action
from gui.viewmodels.training_fields import Kind
from gui.viewmodels.training_form import TrainingForm
from gui.viewmodels.training_hints import Hint, HintKind


def texts(widget):
    labels = [label.text() for label in widget.findChildren(QLabel) if label.isVisibleTo(widget)]
    return labels + [label.text for label in widget.findChildren(ClampedLabel) if label.isVisibleTo(widget)]


@pytest.fixture
def shown(qtbot):
    """Show a widget."""

    def show(widget, width=300, height=400):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        return widget

    return show


def test_a_report_shows_all_it_found_as_plain_text(shown, report):
    view = ReportView()
    view.set_report(report)
    shown(view)
    found = texts(view)
    for text in ("Native features", "49 places x 320", "12 images have no captions.", "a dog runs <b>fast</b>"):
        assert text in found
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in view.findChildren(QLabel))
    view.set_report(None)
    assert not view.isVisible()


def test_a_report_says_nothing_twice(shown, report):
    view = ReportView()
    view.set_report(dataclasses.replace(report, lines=(("Split train", "6,000 images"), *report.lines)))
    shown(view)
    found = texts(view)
    assert len(found) == len(set(found))
    for word in ("6,000", "840", "29"):
        assert sum(word in text for text in found) == 1


@pytest.mark.parametrize("is_brief", [False, True])
def test_a_report_says_which_settings_its_time_is_for(shown, report, is_brief):
    view = ReportView(is_brief=is_brief)
    view.set_report(report)
    shown(view)
    assert any("29 min with Good" in text for text in texts(view))
    other = ReportView(is_brief=is_brief)
    other.set_report(dataclasses.replace(report, preset=""))
    assert not any("Good" in text for text in texts(shown(other)))


def test_what_went_wrong_with_features_stays_until_it_is_taken_back(shown, qtbot):
    panel = shown(DataPanel())
    panel.set_buildable(True)
    panel.set_problem("No photograph could be read.")
    qtbot.waitUntil(lambda: "No photograph could be read." in texts(panel))
    panel.set_problem("The disk is full.")
    qtbot.waitUntil(lambda: "The disk is full." in texts(panel))
    assert "No photograph could be read." not in texts(panel)
    panel.set_problem("")
    qtbot.waitUntil(lambda: "The disk is full." not in texts(panel))


def test_photographs_that_cannot_be_read_are_counted_beside_those_done(shown):
    panel = shown(DataPanel())
    assert panel.extraction_text(0, 50, 0.0, 50) == "0 of 50 photographs, 0 a second, 50 could not be read"
    assert panel.extraction_text(50, 50, 9.6) == "50 of 50 photographs, 10 a second"


def test_a_brief_report_leaves_out_what_does_not_bear_on_training(shown, report):
    view = ReportView(is_brief=True)
    view.set_report(report)
    shown(view)
    assert "49 places x 320" not in texts(view)
    assert any("29" in text for text in texts(view))


def test_chosen_files_are_listed_with_their_roles_and_can_be_taken_out(shown, qtbot):
    panel = shown(DataPanel())
    panel.set_choice(DatasetChoice(features="/d/train.h5", captions="/d/captions.txt", paths=("/d/all.json",)))
    assert [row.path for row in panel.rows] == ["/d/all.json", "/d/train.h5", "/d/captions.txt"]
    assert "train.h5" in panel.rows[1].remove_button.accessibleName()
    with qtbot.waitSignal(panel.removed) as caught:
        qtbot.mouseClick(panel.rows[1].remove_button, Qt.MouseButton.LeftButton)
    assert caught.args == ["/d/train.h5"]


def test_one_button_says_what_is_next(shown, qtbot):
    bar = shown(ActionBar())
    words = set()
    for action in Action:
        bar.set_action(action)
        words.add(bar.button.text())
        with qtbot.waitSignal(bar.action_wanted) as caught:
            bar.button.click()
        assert caught.args == [action]
    assert len(words) == len(Action)
    bar.set_others(can_stop=True, can_extend=False)
    assert bar.stop_button.isVisible()
    assert not bar.extend_button.isVisible()


def test_every_setting_has_a_control_and_its_sentence(shown):
    form = TrainingForm()
    panel = shown(SettingsPanel(form))
    assert not panel.is_open
    assert not panel.rows
    panel.more_button.click()
    assert panel.is_open
    assert set(panel.rows) == {field.name for field in form.fields}
    for row in panel.rows.values():
        assert row.control.accessibleName()
        assert row.field.sentence in texts(row)


def test_a_changed_setting_reaches_the_form_and_can_be_undone(shown, qtbot):
    form = TrainingForm()
    panel = shown(SettingsPanel(form))
    panel.set_open(True)
    panel.rows["epochs"].control.setValue(5)
    level = panel.rows["precision"].control
    level.setCurrentIndex(level.findData("float32"))
    level.activated.emit(level.currentIndex())
    panel.rows["use_views"].control.click()
    assert form.to_settings() == {"epochs": 5, "precision": "float32", "use_views": False}
    assert panel.rows["epochs"].name.font().bold()
    panel.reset_button.click()
    assert form.to_settings() == {}
    assert not panel.reset_button.isVisible()
    assert panel.rows["epochs"].control.value() == form.value("epochs")


def test_settings_fit_into_a_small_window_when_many_are_changed(shown):
    form = TrainingForm()
    panel = shown(SettingsPanel(form))
    names = ("epochs", "batch_size", "seed", "patience", "min_word_count", "clip_norm", "bptt_steps", "decay_epochs")
    for number, name in enumerate((*names, "self_critical.epochs", "decoding.min_length", "decoding.top_k"), 7):
        form.set_value(name, number)
    assert len(form.differences) >= 10
    assert panel.reset_button.isVisible()
    assert panel.minimumSizeHint().width() <= SIDE_WIDTH


def test_settings_without_a_say_are_faint_and_contradictions_are_said(shown):
    form = TrainingForm()
    panel = shown(SettingsPanel(form))
    panel.set_open(True)
    assert panel.rows["self_critical.samples"].isEnabled()
    form.set_value("self_critical.epochs", 0)
    assert not panel.rows["self_critical.samples"].isEnabled()
    form.set_value("decoding.min_length", 150)
    assert panel.problem.isVisible()
    assert panel.problem.text() == form.problem


def test_numbers_are_written_as_short_as_they_can_be(shown):
    panel = shown(SettingsPanel(TrainingForm()))
    panel.set_open(True)
    assert panel.rows["learning_rate"].control.text() == "0.0016"
    assert panel.rows["seed"].field.kind is Kind.INT
    assert panel.rows["seed"].control.text() == "1"


def test_a_preset_changes_all_settings(shown, qtbot):
    form = TrainingForm()
    panel = shown(SettingsPanel(form))
    panel.preset.segment("best").click()
    assert form.preset == "best"
    assert panel.sentence.text() == form.sentence_of("best")


@pytest.fixture
def strip(shown, bridge):
    strip = shown(SamplesStrip(Thumbnails(bridge)), 700, 160)
    strip.set_samples([Sample("dog.jpg", "/p/dog.jpg", "a dog"), Sample("cat.jpg")])
    return strip


def test_the_slider_goes_back_through_the_epochs(strip, qtbot):
    strip.set_captions({1: {"dog.jpg": "one"}, 4: {"dog.jpg": "four", "cat.jpg": "a cat"}})
    assert (strip.epoch, strip.cards[0].caption.text) == (4, "four")
    with qtbot.waitSignal(strip.epoch_chosen) as caught:
        qtbot.keyClick(strip.slider, Qt.Key.Key_Left)
    assert caught.args == [1]
    assert strip.cards[0].caption.text == "one"
    assert "one" in strip.cards[0].accessibleName()
    # Who looks at an old epoch goes on looking at it.
    strip.set_captions({1: {"dog.jpg": "one"}, 4: {}, 5: {"dog.jpg": "five"}})
    assert strip.epoch == 1
    strip.slider.setValue(strip.slider.maximum())
    strip.set_captions({5: {}, 6: {"dog.jpg": "six"}})
    assert strip.cards[0].caption.text == "six"


def test_without_captions_the_strip_says_what_will_be_there(strip):
    strip.set_captions({})
    assert strip.epoch is None
    assert any("epoch" in text for text in texts(strip))


ROWS = (RunRow("/a", "a", "Ended", 0, has_model=True), RunRow("/b", "b", "Training", None, is_live=True))


def test_runs_are_worked_by_keys(shown, qtbot):
    panel = shown(RunsPanel())
    panel.set_runs(ROWS, "/a")
    with qtbot.waitSignal(panel.selected) as caught:
        qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert caught.args == ["/b"]
    with qtbot.waitSignal(panel.comparison_toggled) as caught:
        qtbot.keyClick(panel.list, Qt.Key.Key_Space)
    assert caught.args == ["/b"]
    with qtbot.assertNotEmitted(panel.delete_wanted):
        qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    panel.list.setCurrentRow(0)
    with qtbot.waitSignal(panel.delete_wanted) as caught:
        qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert caught.args == ["/a"]


def test_showing_runs_again_selects_nothing_by_itself(shown, qtbot):
    panel = shown(RunsPanel())
    with qtbot.assertNotEmitted(panel.selected):
        panel.set_runs(ROWS, "/b")
        panel.set_runs(ROWS[::-1], "/a")
    assert panel.current().path == "/a"


def test_clicking_the_mark_compares_without_looking_at_the_run(shown, qtbot):
    panel = shown(RunsPanel())
    panel.set_runs(ROWS, "/a")
    place = panel.list.visualItemRect(panel.list.item(1))
    with qtbot.waitSignal(panel.comparison_toggled) as caught:
        mark = place.center()
        mark.setX(place.left() + 23)
        qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=mark)
    assert caught.args == ["/b"]


def test_a_typed_name_is_told(shown, qtbot):
    panel = shown(RunsPanel())
    panel.set_runs(ROWS, "/a")
    panel.rename()
    editor = panel.list.viewport().focusWidget() or QGuiApplication.focusObject()
    qtbot.keyClicks(editor, "better")
    with qtbot.waitSignal(panel.renamed) as caught:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert caught.args == ["/a", "better"]


def test_the_menu_offers_what_can_be_done(shown):
    panel = shown(RunsPanel())
    for current, can_use, can_delete in (("/a", True, True), ("/b", False, False)):
        panel.set_runs(ROWS, current)
        panel.menu.aboutToShow.emit()
        actions = {action.text(): action.isEnabled() for action in panel.menu.actions()}
        assert ("Use its model" in actions) is can_use
        assert actions["Delete…"] is can_delete


def test_the_log_is_read_on(shown, tmp_path):
    view, file = shown(LogView()), tmp_path / "log.txt"
    view.set_file(file)
    file.write_text("one\n")
    view.read()
    with file.open("a") as log:
        log.write("two\n")
    view.read()
    assert view.toPlainText() == "one\ntwo"
    file.write_text("new\n")
    view.read()
    assert view.toPlainText() == "new"


def test_the_command_is_copied_as_it_is_typed(shown):
    view = shown(CommandView())
    assert not view.copy_button.isEnabled()
    view.set_command(("captioner", "train", "my file.h5"))
    view.copy_button.click()
    assert QGuiApplication.clipboard().text() == "captioner train 'my file.h5'"


def test_the_header_shows_notes_and_progress(shown):
    header = RunHeader()
    header.set_run("first", "Training")
    header.set_progress(0.25)
    header.set_notes([("warning", "Look <b>here</b>.")])
    shown(header, 500, 140)
    assert header.bar.value() == 250
    assert "Look <b>here</b>." in texts(header)
    header.set_progress(None)
    assert not header.bar.isVisible()


@pytest.mark.parametrize("kind", HintKind)
def test_every_hint_has_words(qapp, kind):
    numbers = {"loss": 5.0, "lowest": 2.0, "epochs": 3, "best": 2, "fall": 0.01}
    sentence = hint_text(Hint(kind, numbers))
    assert sentence.endswith(".")
    assert "{" not in sentence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((2.4132, "2.41"), (53.21, "53.2"), (0.00083, "8.3·10⁻⁴"), (0.0012, "0.0012"), (-3.0, "−3.00")),
        *((None, "–"), (float("nan"), "–"), (0.0, "0"), (7, "7.00")),
    ],
)
def test_values_are_short(qapp, value, text):
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.00094, "0.00"),
        (0.0, "0.00"),
        (-0.001, "0.00"),
        (-0.026, "−0.03"),
        (0.266, "0.27"),
        (53.21, "53.2"),
        (None, "–"),
    ],
)
def test_small_scores_have_the_decimals_of_others(qapp, value, text):
    assert score_text(value) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "1 s"), (42, "40 s"), (700, "12 min"), (12000, "3 h 20 min")])
def test_durations_are_no_finer_than_anybody_needs(qapp, seconds, text):
    assert duration_text(seconds) == text


def test_features_are_made_of_each_split_apart(tmp_path):
    whole = DatasetChoice(images="/p/images", captions="/p/captions.txt")
    split = DatasetChoice(images="/p/images", captions="/p/c.txt", train_split="/p/train.txt", dev_split="/p/dev.txt")
    assert [request.captions for request in extraction_requests(whole, tmp_path)] == ["/p/captions.txt"]
    requests = extraction_requests(split, tmp_path)
    assert [request.split for request in requests] == ["/p/train.txt", "/p/dev.txt"]
    outputs = {request.output for request in (*requests, *extraction_requests(whole, tmp_path))}
    assert len(outputs) == 3
    assert extraction_requests(DatasetChoice(captions="/p/c.txt"), tmp_path) == []


def choose(control, value):
    control.setCurrentIndex(control.findData(value))
    control.activated.emit(control.currentIndex())


def test_a_model_to_start_from_is_chosen_among_those_that_are_there(shown):
    form = TrainingForm()
    panel = shown(SettingsPanel(form))
    panel.set_models(["captioner-small", "mine"])
    assert [panel.start.itemData(index) for index in range(panel.start.count())] == ["", "captioner-small", "mine"]
    assert (panel.start.currentData(), panel.start_sentence.isVisible()) == ("", False)
    choose(panel.start, "mine")
    assert form.start_from == "mine"
    assert panel.start_sentence.isVisible()
    panel.set_open(True)
    assert not panel.rows["decoder.cell"].isEnabled()
    assert panel.rows["epochs"].isEnabled()
    choose(panel.start, "")
    assert form.start_from == ""
    assert panel.rows["decoder.cell"].isEnabled()


def test_a_model_to_start_from_stays_on_show_when_it_is_gone(shown):
    form = TrainingForm()
    panel = shown(SettingsPanel(form))
    panel.set_models(["mine"])
    form.set_start_from("mine")
    panel.set_models(["captioner-small"])
    assert panel.start.currentData() == form.start_from == "mine"
    form.set_start_from("")
    assert [panel.start.itemData(index) for index in range(panel.start.count())] == ["", "captioner-small"]


def test_features_are_made_anew_when_their_captions_or_the_model_changed(tmp_path):
    captions = tmp_path / "captions.json"
    choice = DatasetChoice(images="/", captions=str(captions))

    def output(model=None):
        (request,) = extraction_requests(choice, tmp_path, model)
        assert Path(request.output).parent == tmp_path
        assert request.model == model
        return request.output

    captions.write_text("{}")
    first = output()
    assert output() == first
    assert output("mine") != first
    captions.write_text("{ }")
    assert output() != first
