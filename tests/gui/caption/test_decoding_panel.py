"""The controls of decoding."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QRadioButton, QSlider, QToolButton

from captioner.config import MAX_SEED, DecodingOptions
from gui.caption.decoding_panel import DecodingPanel
from gui.controls.seed_row import SeedRow
from gui.viewmodels.decoding_presets import presets_for

OWN = DecodingOptions(beam_size=5, length_penalty=0.8)
SAMPLING = DecodingOptions(method="sample", temperature=0.8, top_p=0.9)


@pytest.fixture
def panel(qtbot):
    panel = DecodingPanel()
    qtbot.addWidget(panel)
    panel._rest.setInterval(10)
    panel.set_options(OWN, OWN)
    panel.resize(264, 600)
    panel.show()
    return panel


@pytest.fixture
def told(panel):
    heard = []
    panel.options_changed.connect(heard.append)
    return heard


def slider(panel, name):
    return panel.row(name).findChild(QSlider)


def number(panel, name):
    return panel.row(name).findChild(QDoubleSpinBox)


def reset_button(panel):
    return next(button for button in panel.findChildren(QToolButton) if "recommends" in button.accessibleName())


def test_what_is_set_is_shown_and_not_told(panel, told, qtbot):
    panel.set_options(SAMPLING.replace(seed=MAX_SEED, top_k=7), OWN)
    assert panel.row("temperature").value == pytest.approx(0.8)
    assert panel.row("top_k").value == 7
    assert panel.findChild(SeedRow).seed == MAX_SEED
    qtbot.wait(30)
    assert told == []


@pytest.mark.parametrize(
    ("options", "hidden", "shown"),
    [(OWN, {"temperature", "top_k", "top_p"}, {"length_penalty"}), (SAMPLING, {"length_penalty"}, {"top_p"})],
)
def test_only_what_has_a_say_is_shown(panel, options, hidden, shown):
    panel.set_options(options, OWN)
    assert all(panel.row(name).isHidden() for name in hidden)
    assert not any(panel.row(name).isHidden() for name in shown)
    assert panel.findChild(SeedRow).isHidden() is (options.method == "beam")


def test_dragging_is_told_once_it_rests(panel, told, qtbot):
    for place in (1, 2, 3):
        slider(panel, "length_penalty").setValue(place)
    assert told == []
    qtbot.waitUntil(lambda: len(told) > 0)
    assert told == [OWN.replace(length_penalty=0.15)]


def test_what_is_set_meanwhile_wins_over_a_drag(panel, told, qtbot):
    slider(panel, "beam_size").setValue(0)
    panel.set_options(SAMPLING, OWN)
    qtbot.wait(40)
    assert told == []
    assert panel.options == SAMPLING


def test_a_typed_number_counts_at_enter(panel, told, qtbot):
    field = number(panel, "beam_size")
    field.selectAll()
    qtbot.keyClicks(field, "12")
    assert panel.options == OWN
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: told == [OWN.replace(beam_size=12)])
    assert slider(panel, "beam_size").value() == 11


def test_values_beyond_the_slider_are_kept(panel, told, qtbot):
    far = DecodingOptions(beam_size=50, length_penalty=-3.0, max_length=180)
    panel.set_options(far, OWN)
    assert (panel.row("beam_size").value, panel.row("length_penalty").value) == (50, -3)
    slider(panel, "min_length").setValue(2)
    qtbot.waitUntil(lambda: told == [far.replace(min_length=2)])


def test_lengths_never_contradict_each_other(panel, told, qtbot):
    panel.set_options(OWN.replace(min_length=5, max_length=8), OWN)
    slider(panel, "min_length").setValue(30)
    assert panel.options.min_length == 8
    slider(panel, "max_length").setValue(0)
    assert panel.options.max_length == 8
    qtbot.waitUntil(lambda: len(told) == 1)


def test_a_preset_is_told_at_once(panel, told):
    presets = panel.findChild(QComboBox)
    assert presets.currentText() == "Recommended"
    presets.activated.emit(1)
    assert told == [presets_for(OWN)[1].options]
    assert presets.currentIndex() == 1


def test_other_numbers_are_a_custom_preset(panel):
    presets = panel.findChild(QComboBox)
    slider(panel, "length_penalty").setValue(3)
    assert presets.currentText() == "Custom"
    panel.set_options(OWN, OWN)
    assert presets.findText("Custom") == -1


def test_every_preset_has_words(panel):
    presets = panel.findChild(QComboBox)
    texts = [presets.itemText(index) for index in range(presets.count())]
    assert len(set(texts)) == len(presets_for(OWN))
    assert all(texts)


def test_reset_goes_back_to_the_recommendation(panel, told, qtbot):
    assert not reset_button(panel).isEnabled()
    panel.set_options(SAMPLING, OWN)
    qtbot.mouseClick(reset_button(panel), Qt.MouseButton.LeftButton)
    assert told == [OWN]
    assert not reset_button(panel).isEnabled()


def test_the_method_keeps_the_other_settings(panel, told, qtbot):
    draw = next(button for button in panel.findChildren(QRadioButton) if button.text() == "Draw")
    qtbot.mouseClick(draw, Qt.MouseButton.LeftButton)
    assert told == [OWN.replace(method="sample")]


def test_seeds_are_typed_or_drawn(panel, told, qtbot):
    panel.set_options(SAMPLING, OWN)
    row = panel.findChild(SeedRow)
    line, die = row.findChild(QLineEdit), row.findChild(QToolButton)
    line.clear()
    qtbot.keyClicks(line, "9999999999999999999")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert told[-1].seed == MAX_SEED
    qtbot.mouseClick(die, Qt.MouseButton.LeftButton)
    assert told[-1].seed < 10_001
    line.clear()
    line.editingFinished.emit()
    assert told[-1].seed == 0


def test_every_control_has_a_name_and_a_sentence_and_it_fits(panel):
    panel.set_options(SAMPLING, OWN)
    assert panel.minimumSizeHint().width() <= 264
    kinds = (QSlider, QDoubleSpinBox, QComboBox, QToolButton, QRadioButton)
    controls = [child for kind in kinds for child in panel.findChildren(kind) if child.isVisible()]
    assert len(controls) > 10
    for control in controls:
        assert control.accessibleName() or control.text()
        assert control.toolTip()
