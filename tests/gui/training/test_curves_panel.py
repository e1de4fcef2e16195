import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from gui.theme import DARK, LIGHT
from gui.training.chart_loader import ChartLoader
from gui.training.curve_colours import LEAST_CONTRAST, contrast, run_colour
from gui.training.curve_export import write_picture, write_values
from gui.training.curves_panel import CurvesPanel
from gui.training.quantities import Part, Quantity, RunCurves


@pytest.fixture
def panel(qtbot):
    """The panel once its chart is there."""
    panel = CurvesPanel()
    qtbot.addWidget(panel)
    panel.resize(600, 420)
    panel.show()
    qtbot.waitUntil(lambda: panel.chart is not None)
    return panel


def test_the_chart_is_not_brought_in_before_it_is_seen(qtbot, make_curves):
    panel = CurvesPanel()
    qtbot.addWidget(panel)
    panel.set_runs([make_curves()])
    assert panel.chart is None
    assert panel.tiles.tiles[Quantity.CIDER].value_text == "60.0"


def test_a_chart_that_cannot_be_brought_in_is_told_of(qtbot, monkeypatch):
    def fail(name):
        raise ImportError(f"no {name}")

    monkeypatch.setattr("gui.training.chart_loader.importlib.import_module", fail)
    loader = ChartLoader()
    with qtbot.waitSignal(loader.failed) as caught:
        loader.start()
    assert "pyqtgraph" in caught.args[0]


def test_tiles_choose_what_is_drawn_by_keys_too(panel, qtbot, make_curves):
    panel.set_runs([make_curves()])
    assert len(panel.chart.lines) == 2
    loss = panel.tiles.tiles[Quantity.LOSS]
    loss.setFocus()
    qtbot.keyClick(loss, Qt.Key.Key_Right)
    assert panel.quantity is Quantity.CIDER
    (line,) = panel.chart.lines
    assert line.values.tolist() == [20, 40, 60]


def test_reward_has_a_tile_only_where_there_is_one(panel, make_curves):
    panel.set_runs([make_curves()])
    assert not panel.tiles.tiles[Quantity.REWARD].isVisible()


def test_smoothing_calms_noisy_curves_and_keeps_their_values_behind(panel, make_curves):
    curves = make_curves()
    panel.set_runs([curves])
    panel.set_smoothing(0.9)
    train, dev = panel.chart.lines
    assert np.diff(train.values).std() < np.diff(train.raw).std() / 2
    assert train.raw is curves.of(Quantity.LOSS)[0].values
    assert dev.raw is None
    assert dev.values.tolist() == curves.of(Quantity.LOSS)[1].values.tolist()


def test_the_slider_tells_how_much_is_smoothed(panel, qtbot):
    with qtbot.waitSignal(panel.smoothing_changed) as caught:
        panel._slider.setValue(10)
    assert caught.args == [0.5]
    assert panel.smoothing == 0.5


def test_the_legend_reads_values_where_the_cursor_stands(panel, make_curves):
    panel.set_runs([make_curves("/a", "one"), make_curves("/b", "two")])
    panel.choose(Quantity.CIDER)
    texts = [entry.text for entry in panel.legend.entries]
    assert texts == ["one: dev 60.0", "two: dev 60.0"]
    panel.chart.point_at(1.9)
    assert panel.legend.entries[0].text == "one: dev 40.0"
    panel.chart.point_at(None)
    assert panel.legend.entries[0].text == "one: dev 60.0"


def test_arrow_keys_and_the_pointer_move_the_cursor(panel, qtbot, make_curves):
    panel.set_runs([make_curves()])
    chart = panel.chart
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    at = chart.cursor_epoch
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.cursor_epoch < at
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.cursor_epoch is None
    qtbot.mouseMove(chart.viewport(), QPoint(chart.width() // 2, chart.height() // 2))
    qtbot.waitUntil(lambda: chart.cursor_epoch is not None)


def test_other_runs_are_shown_at_once_and_more_steps_soon(panel, qtbot, make_curves):
    panel.set_runs([make_curves(count=10)])
    panel.set_runs([make_curves("/b", count=20)])
    assert len(panel.chart.lines[0].values) == 20
    panel.set_runs([make_curves("/b", count=30)])
    qtbot.waitUntil(lambda: len(panel.chart.lines[0].values) == 30)


def test_the_chart_marks_where_the_second_stage_began(panel, make_curves):
    curves = make_curves()
    panel.set_runs([dataclasses.replace(curves, path="/b", second_stage=2.0)])
    epoch, text = panel.chart.mark
    assert epoch == 2
    assert text.startswith("Second stage")
    panel.set_runs([curves])
    assert panel.chart.mark[0] is None


def test_nothing_to_draw_is_said(panel, make_curves):
    panel.set_runs([RunCurves("/a", "a")])
    assert panel.chart.lines == ()
    assert panel.chart._message.isVisible()
    assert panel.chart._message.text()


def test_the_numbers_are_saved_whole(tmp_path, make_curves):
    run = make_curves(name="=HYPERLINK()", count=5)
    write_values([run], tmp_path / "curves.csv")
    head, first, *rows = (tmp_path / "curves.csv").read_text().splitlines()
    assert head == "run,quantity,part,epoch,value"
    assert first.startswith("'=HYPERLINK(),loss,train,0.01,")
    assert len(rows) + 1 == sum(len(curve.values) for curve in run.curves)


def test_the_picture_has_the_curves_in_it(panel, qtbot, make_curves, tmp_path):
    panel.set_runs([make_curves()])
    qtbot.wait(50)
    write_picture(panel.figure(), tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    image, accent = panel.figure(), run_colour(0, LIGHT).rgb()
    pixels = {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    assert accent in pixels or len(pixels) > 50


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_runs_stand_out_from_the_ground_and_each_other(scheme):
    colours = [run_colour(number, scheme) for number in range(6)]
    assert all(contrast(colour, scheme.colour("panel")) >= LEAST_CONTRAST for colour in colours)
    assert len({colour.rgb() for colour in colours}) == 6


def test_a_curve_says_nothing_beyond_its_ends(make_curves):
    (curve,) = make_curves().of(Quantity.CIDER)
    assert curve.part is Part.DEV
    assert (curve.at(0.2), curve.at(1.2), curve.at(9)) == (None, 20.0, None)
