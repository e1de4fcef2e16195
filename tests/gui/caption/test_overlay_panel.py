"""The controls of the overlay."""

import dataclasses

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QRadioButton, QSlider, QWidget

from gui.caption.colour_maps import COLOUR_MAPS
from gui.caption.overlay_panel import SWATCH, OverlayPanel, swatch
from gui.controls.switch import Switch
from gui.viewmodels.overlay_style import OverlayStyle

STYLE = OverlayStyle()


@pytest.fixture
def panel(qtbot):
    panel = OverlayPanel()
    qtbot.addWidget(panel)
    panel.resize(264, 300)
    panel.show()
    return panel


@pytest.fixture
def styles(panel):
    heard = []
    panel.style_changed.connect(heard.append)
    return heard


def choose(panel, text):
    return next(button for button in panel.findChildren(QRadioButton) if button.text() == text)


def test_what_is_set_is_shown_and_not_told(panel, styles):
    style = OverlayStyle("outline", "magma", 0.35, is_smooth=False, is_scale_shared=False)
    panel.set_style(style)
    assert styles == []
    assert choose(panel, "Outline").isChecked()
    assert panel.findChild(QComboBox).currentData() == "magma"
    assert panel.findChild(QSlider).value() == 35
    assert not any(switch.isChecked() for switch in panel.findChildren(Switch))


@pytest.mark.parametrize(("text", "mode"), [("Spotlight", "spotlight"), ("Outline", "outline")])
def test_modes(panel, styles, qtbot, text, mode):
    qtbot.mouseClick(choose(panel, text), Qt.MouseButton.LeftButton)
    assert styles == [dataclasses.replace(STYLE, mode=mode)]
    assert not panel.findChild(QComboBox).isEnabled(), "only heat has colours"


def test_arrows_go_from_mode_to_mode(panel, styles, qtbot):
    panel.activateWindow()
    choose(panel, "Heat").setFocus()
    qtbot.keyClick(choose(panel, "Heat"), Qt.Key.Key_Right)
    assert styles == [dataclasses.replace(STYLE, mode="spotlight")]


def test_every_other_control_changes_one_thing(panel, styles, qtbot):
    panel.findChild(QComboBox).setCurrentIndex(1)
    panel.findChild(QSlider).setValue(20)
    smooth, shared = panel.findChildren(Switch)
    qtbot.mouseClick(smooth, Qt.MouseButton.LeftButton)
    qtbot.keyClick(shared, Qt.Key.Key_Space)
    expected = [dataclasses.replace(STYLE, colour_map=COLOUR_MAPS[1])]
    for change in ({"opacity": 0.2}, {"is_smooth": False}, {"is_scale_shared": False}):
        expected.append(dataclasses.replace(expected[-1], **change))
    assert styles == expected


def test_an_unknown_colour_map_is_kept_until_another_is_chosen(panel, styles):
    panel.set_style(OverlayStyle(colour_map="newer"))
    panel.findChild(QSlider).setValue(10)
    assert styles[-1].colour_map == "newer"


def test_scrolling_over_it_changes_nothing(panel, styles):
    slider = panel.findChild(QSlider)
    for control in (slider, panel.findChild(QComboBox)):
        middle = QPointF(control.rect().center())
        wheel = QWheelEvent(
            middle,
            control.mapToGlobal(middle),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, wheel)
        assert not wheel.isAccepted()
    assert styles == []


def test_swatches_differ(qapp):
    images = [swatch(name).pixmap(SWATCH).toImage() for name in COLOUR_MAPS]
    colours = {image.pixelColor(SWATCH.width() - 4, SWATCH.height() // 2).name() for image in images}
    assert len(colours) == len(COLOUR_MAPS)


def test_every_control_has_a_name_and_it_fits(panel):
    assert panel.minimumSizeHint().width() <= 264
    children = [child for child in panel.findChildren(QWidget) if child.window() is panel]  # not the menu of the box
    controls = [child for child in children if child.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert len(controls) == 5
    for control in controls:
        assert control.accessibleName() or control.text()


def test_a_switch_shows_its_state(qtbot):
    switch = Switch("Smooth")
    qtbot.addWidget(switch)
    switch.resize(200, switch.sizeHint().height())
    off = switch.grab().toImage()
    switch.setChecked(True)
    assert switch.grab().toImage() != off
