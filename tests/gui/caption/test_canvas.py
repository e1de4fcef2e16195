"""The canvas: overlay in register with the photograph at every zoom, place and shape; view, input and signals."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

from captioner.geometry import Geometry, Rectangle
from gui.caption import overlay_item
from gui.caption.canvas import Layer, PhotographCanvas
from gui.caption.overlay_item import unseen_strips
from gui.theme import OKABE_ITO, Scheme, theme
from gui.viewmodels.overlay_style import OverlayStyle

GREY = 128
RAW_SPOTLIGHT = OverlayStyle(mode="spotlight", opacity=1.0, is_smooth=False)
SHAPES = [(640, 480), (480, 640), (3000, 90), (70, 2500), (4000, 3000), (33, 21)]
"""Landscape, portrait, extreme, large and tiny originals."""


@pytest.fixture(autouse=True)
def _without_motion(monkeypatch):
    monkeypatch.setattr(overlay_item, "is_motion_reduced", lambda: True)


@pytest.fixture
def canvas(qtbot):
    canvas = PhotographCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, 400)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


def grey_photograph(width, height, share=1.0):
    return np.full((max(round(height * share), 1), max(round(width * share), 1), 3), GREY, np.uint8)


def only(cell, grid, visible) -> Layer:
    """Attention on one cell and nowhere else."""
    weights = np.zeros(grid, np.float32)
    weights[cell] = 1
    return Layer(weights, visible, 1.0)


def whole(width, height) -> Rectangle:
    return Rectangle(0, 0, width, height)


def pixels_of(image: QImage):
    """(h, w, 3) of a picture."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def on_screen(canvas):
    return pixels_of(canvas.viewport().grab().toImage())


def edges_on_screen(canvas, area) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole pixels of the screen."""
    mapped = canvas.viewportTransform().mapRect(QRectF(QPointF(area.left, area.top), QPointF(area.right, area.bottom)))
    edges = mapped.left(), mapped.top(), mapped.right(), mapped.bottom()
    return tuple(int(np.floor(edge * canvas.devicePixelRatioF() + 0.5)) for edge in edges)  # type: ignore[return-value]


def assert_lit_exactly(canvas, area, photograph) -> None:
    """The photograph shows in ``area`` and is black everywhere else."""
    lit = np.all(on_screen(canvas) == GREY, axis=2)
    left, top, right, bottom = edges_on_screen(canvas, area)
    expected = np.zeros_like(lit)
    expected[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = True
    # The hairline around the photograph is drawn under the overlay and half outside of it.
    left, top, right, bottom = edges_on_screen(canvas, photograph)
    compared = np.zeros_like(lit)
    compared[max(top + 2, 0) : max(bottom - 2, 0), max(left + 2, 0) : max(right - 2, 0)] = True
    assert compared.any()
    assert np.array_equal(lit & compared, expected & compared)


@pytest.mark.parametrize(("width", "height"), SHAPES)
@pytest.mark.parametrize("cell", [(0, 0), (3, 4), (6, 6)])
def test_raw_cells_fill_their_rectangles_to_the_pixel_however_the_view_is_moved(canvas, width, height, cell) -> None:
    geometry = Geometry(width, height, whole(width, height))
    canvas.set_style(RAW_SPOTLIGHT)
    canvas.show_photograph(grey_photograph(width, height), width, height)
    canvas.set_layers([only(cell, (7, 7), geometry.visible)])
    area = geometry.cell(*cell, (7, 7))
    moves = (
        lambda: None,
        lambda: canvas.zoom_by(2.7, QPointF(120, 90)),
        lambda: canvas.pan(37, -23),
        lambda: canvas.resize(431, 377),
        canvas.actual_size,
        canvas.fit,
    )
    for move in moves:
        move()
        if min(width, height) * canvas.transform().m11() > 8:
            assert_lit_exactly(canvas, area, geometry.visible)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.613])
def test_smaller_copies_of_the_photograph_do_not_move_the_overlay(canvas, share) -> None:
    width, height = 1203, 801
    pixels = grey_photograph(width, height, share)
    canvas.set_style(RAW_SPOTLIGHT)
    canvas.show_photograph(pixels, width, height)
    area = whole(width, height)
    canvas.set_layers([only((2, 5), (5, 9), area)])
    assert_lit_exactly(canvas, Geometry(width, height, area).cell(2, 5, (5, 9)), area)


def test_the_photograph_itself_is_drawn_in_its_own_place_from_any_copy(canvas) -> None:
    width, height = 800, 600
    for share in (1, 2, 4):
        pixels = np.zeros((height // share, width // share, 3), np.uint8)
        pixels[: 300 // share, 400 // share :] = 255
        canvas.show_photograph(pixels, width, height)
        shown = on_screen(canvas)[:, :, 0]
        left, top, right, bottom = edges_on_screen(canvas, Rectangle(400, 0, 800, 300))
        assert shown[top + 3 : bottom - 3, left + 3 : right - 3].min() == 255
        left, top, right, bottom = edges_on_screen(canvas, Rectangle(0, 300, 400, 600))
        assert shown[top + 3 : bottom - 3, left + 3 : right - 3].max() == 0


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (900, 300)])
def test_a_cropped_grid_lies_on_what_the_network_saw(canvas, width, height) -> None:
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    geometry = Geometry(width, height, Rectangle(left, top, left + side, top + side))
    canvas.set_style(RAW_SPOTLIGHT)
    canvas.show_photograph(grey_photograph(width, height), width, height)
    canvas.set_layers([only((1, 2), (4, 4), geometry.visible)])
    for zoom in (1.0, 2.3):
        canvas.zoom_by(zoom, QPointF(250, 200))
        assert_lit_exactly(canvas, geometry.cell(1, 2, (4, 4)), geometry.visible)


def test_smooth_attention_is_brightest_at_its_cell_and_symmetric_about_it(canvas) -> None:
    width, height = 700, 490
    canvas.set_style(OverlayStyle(mode="spotlight", opacity=1.0))
    canvas.show_photograph(grey_photograph(width, height), width, height)
    canvas.set_layers([only((3, 3), (7, 7), whole(width, height))])
    shown = on_screen(canvas)[:, :, 0].astype(float)
    left, top, right, bottom = edges_on_screen(canvas, whole(width, height))
    shown = shown[top + 2 : bottom - 2, left + 2 : right - 2]
    y, x = np.mgrid[0 : shown.shape[0], 0 : shown.shape[1]]
    assert (x * shown).sum() / shown.sum() == pytest.approx((shown.shape[1] - 1) / 2, abs=0.6)
    assert (y * shown).sum() / shown.sum() == pytest.approx((shown.shape[0] - 1) / 2, abs=0.6)
    assert shown[shown.shape[0] // 2, shown.shape[1] // 2] >= GREY - 2


def test_what_the_network_did_not_see_is_hatched_and_explained(canvas) -> None:
    seen = Rectangle(80, 0, 560, 480)
    canvas.show_photograph(grey_photograph(640, 480), 640, 480)
    canvas.set_layers([Layer(np.zeros((4, 4), np.float32), seen, 1.0)])
    shown = on_screen(canvas)
    left, top, right, bottom = edges_on_screen(canvas, Rectangle(0, 0, 80, 480))
    strip = shown[top + 2 : bottom - 2, left + 2 : right - 2]
    assert np.all(strip.mean(axis=(0, 1)) > GREY + 30)
    assert 0.05 < np.mean(strip[:, :, 0] < strip.max()) < 0.5
    left, top, right, bottom = edges_on_screen(canvas, seen)
    assert np.all(shown[top + 2 : bottom - 2, left + 2 : right - 2] == GREY)
    assert canvas.is_unseen(QPointF(20, 100))
    assert not canvas.is_unseen(QPointF(300, 100))


def test_strips_cover_all_that_was_not_seen_once() -> None:
    strips = unseen_strips(QRectF(0, 0, 100, 80), Rectangle(10, 20, 70, 60))
    assert sum(strip.width() * strip.height() for strip in strips) == 100 * 80 - 60 * 40
    assert unseen_strips(QRectF(0, 0, 100, 80), Rectangle(0, 0, 100, 80)) == []


def test_nothing_is_left_behind_when_the_layers_go(canvas) -> None:
    canvas.show_photograph(grey_photograph(640, 480), 640, 480)
    before = on_screen(canvas)
    pinned = [Layer(np.eye(4, dtype=np.float32), whole(640, 480), 1.0, OKABE_ITO[0], "dog")]
    for mode in ("heat", "spotlight", "outline"):
        canvas.set_style(OverlayStyle(mode=mode))
        canvas.set_layers(pinned)
        assert not np.array_equal(on_screen(canvas), before)
        canvas.set_layers([])
        assert np.array_equal(on_screen(canvas), before)


def test_nothing_is_drawn_beside_the_photograph(canvas) -> None:
    canvas.show_photograph(grey_photograph(640, 300), 640, 300)
    left, top, right, bottom = edges_on_screen(canvas, whole(640, 300))
    ground = np.array(theme().tokens.colour("ground").getRgb()[:3])
    weights = np.ones((4, 4), np.float32)
    canvas.set_layers([Layer(weights, whole(640, 300), 1.0, OKABE_ITO[1], "a word with a very long name " * 4)])
    shown = on_screen(canvas)
    shown[top - 1 : bottom + 1, left - 1 : right + 1] = ground
    assert np.all(shown == ground)


def test_layers_cross_fade_and_end_exactly(canvas, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(overlay_item, "is_motion_reduced", lambda: False)
    canvas.show_photograph(grey_photograph(640, 480), 640, 480)
    canvas.set_style(RAW_SPOTLIGHT)
    area = whole(640, 480)
    canvas.set_layers([only((0, 0), (2, 2), area)])
    qtbot.waitUntil(lambda: on_screen(canvas)[300, 400, 0] == 0)
    assert_lit_exactly(canvas, Rectangle(0, 0, 320, 240), area)
    canvas.set_layers([only((1, 1), (2, 2), area)])
    assert on_screen(canvas)[300, 400, 0] < GREY
    qtbot.waitUntil(lambda: on_screen(canvas)[300, 400, 0] == GREY)
    assert_lit_exactly(canvas, Rectangle(320, 240, 640, 480), area)


def test_what_both_words_leave_dark_stays_dark_while_fading(canvas, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(overlay_item, "is_motion_reduced", lambda: False)
    canvas.show_photograph(grey_photograph(640, 480), 640, 480)
    canvas.set_style(OverlayStyle(mode="spotlight", opacity=0.5, is_smooth=False))
    canvas.set_layers([only((0, 0), (2, 2), whole(640, 480))])
    qtbot.wait(200)
    dark = on_screen(canvas)[120, 400, 0]
    canvas.set_layers([only((1, 1), (2, 2), whole(640, 480))])
    for _ in range(6):
        qtbot.wait(20)
        assert abs(on_screen(canvas)[120, 400, 0] - dark) <= 1


def test_the_view_stays_fitted_until_it_is_zoomed(canvas) -> None:
    canvas.show_photograph(grey_photograph(1600, 900), 1600, 900)
    for size in ((700, 300), (300, 700), (500, 400)):
        canvas.resize(*size)
        assert canvas.is_fitted
        left, top, right, bottom = edges_on_screen(canvas, whole(1600, 900))
        assert left >= 0
        assert top >= 0
        assert right <= canvas.viewport().width()
        assert bottom <= canvas.viewport().height()
        assert right - left > size[0] - 40 or bottom - top > size[1] - 40
    canvas.zoom_in()
    zoom = canvas.zoom
    assert not canvas.is_fitted
    canvas.resize(600, 500)
    assert canvas.zoom == zoom
    canvas.zoom_by(0.001)
    assert canvas.is_fitted


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 10_000), (10_000, 1)])
def test_extreme_photographs_can_be_shown_and_zoomed(canvas, width, height) -> None:
    canvas.show_photograph(np.zeros((min(height, 2000), min(width, 2000), 3), np.uint8), width, height)
    canvas.set_layers([only((0, 0), (7, 7), whole(width, height))])
    for zoom in (canvas.zoom_in, canvas.actual_size, canvas.zoom_out, canvas.fit):
        zoom()
        assert np.isfinite(canvas.zoom)
        assert canvas.zoom > 0
        assert on_screen(canvas).shape == (400, 500, 3)


def wheel(canvas, position, notches) -> None:
    event = QWheelEvent(
        position,
        canvas.viewport().mapToGlobal(position),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_the_wheel_zooms_to_the_pointer(canvas) -> None:
    canvas.show_photograph(grey_photograph(2000, 1500), 2000, 1500)
    pointer = QPointF(180, 130)
    wheel(canvas, pointer, 6)
    before = canvas.place_at(pointer)
    zoom = canvas.zoom
    wheel(canvas, pointer, 2)
    after = canvas.place_at(pointer)
    assert canvas.zoom > zoom
    # Scroll bars count in whole pixels of the screen.
    assert abs(after.x() - before.x()) * canvas.zoom <= 1.5
    assert abs(after.y() - before.y()) * canvas.zoom <= 1.5


def test_zoom_is_told_and_bounded(canvas, qtbot) -> None:
    canvas.show_photograph(grey_photograph(2000, 1500), 2000, 1500)
    with qtbot.waitSignal(canvas.zoom_changed) as told:
        canvas.actual_size()
    assert told.args == [1.0]
    canvas.zoom_by(1e9)
    assert canvas.zoom == pytest.approx(32)
    canvas.zoom_by(1e-9)
    assert canvas.is_fitted


def test_dragging_pans_and_is_no_click(canvas, qtbot) -> None:
    canvas.show_photograph(grey_photograph(2000, 1500), 2000, 1500)
    canvas.actual_size()
    clicks = []
    canvas.place_clicked.connect(lambda x, y: clicks.append((x, y)))
    before = canvas.place_at(QPointF(250, 200))
    viewport = canvas.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(250, 200))
    qtbot.mouseMove(viewport, QPoint(280, 190))
    qtbot.mouseMove(viewport, QPoint(310, 180))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(310, 180))
    after = canvas.place_at(QPointF(310, 180))
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=1)
    assert clicks == []


def test_pointing_and_clicking_tell_places_in_pixels_of_the_original(canvas, qtbot) -> None:
    canvas.show_photograph(grey_photograph(4000, 3000, 0.2), 4000, 3000)
    position = QPoint(250, 200)
    expected = canvas.place_at(QPointF(position))
    with qtbot.waitSignal(canvas.place_hovered) as hovered:
        qtbot.mouseMove(canvas.viewport(), position)
    assert hovered.args == pytest.approx([expected.x(), expected.y()])
    with qtbot.waitSignal(canvas.place_clicked) as clicked:
        qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=position)
    assert clicked.args == pytest.approx([expected.x(), expected.y()])
    with qtbot.waitSignal(canvas.place_left):
        qtbot.mouseMove(canvas.viewport(), QPoint(2, 2))
    assert canvas.place_at(QPointF(2, 2)) is None


def test_a_double_click_changes_between_whole_and_actual_size(canvas, qtbot) -> None:
    canvas.show_photograph(grey_photograph(2000, 1500), 2000, 1500)
    fitted = canvas.zoom
    for expected in (1.0, fitted):
        qtbot.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(250, 200))
        assert canvas.zoom == pytest.approx(expected)
    # A synthetic double click leaves the button down until the next click, and Qt meanwhile enters no other widget.
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(250, 200))


def test_keys_zoom_and_pan(canvas, qtbot) -> None:
    canvas.show_photograph(grey_photograph(2000, 1500), 2000, 1500)
    fitted = canvas.zoom
    qtbot.keyClicks(canvas, "+")
    assert canvas.zoom > fitted
    qtbot.keyClicks(canvas, "-")
    assert canvas.zoom == pytest.approx(fitted)
    qtbot.keyClicks(canvas, "1")
    assert canvas.zoom == pytest.approx(1)
    place = canvas.place_at(QPointF(250, 200))
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.place_at(QPointF(250, 200)).x() > place.x()
    qtbot.keyClicks(canvas, "0")
    assert canvas.is_fitted


def test_more_pixels_are_wanted_once_and_keep_the_view(canvas, qtbot) -> None:
    wanted = []
    canvas.resolution_wanted.connect(lambda: wanted.append(True))
    canvas.show_photograph(grey_photograph(4000, 3000, 0.2), 4000, 3000)
    assert not wanted
    canvas.zoom_by(4, QPointF(100, 100))
    canvas.zoom_by(2)
    assert len(wanted) == 1
    view = canvas.viewportTransform()
    sharper = grey_photograph(4000, 3000)
    sharper.flags.writeable = False
    canvas.show_sharper(sharper)
    assert canvas.viewportTransform() == view
    assert canvas.grab_figure().width() == 4000
    canvas.show_sharper(grey_photograph(4000, 3000, 0.1))
    assert canvas.grab_figure().width() == 4000


def test_another_photograph_takes_layers_and_zoom_away_unless_they_are_kept(canvas) -> None:
    canvas.show_photograph(grey_photograph(2000, 1500), 2000, 1500)
    canvas.set_style(RAW_SPOTLIGHT)
    canvas.set_layers([only((0, 0), (7, 7), whole(2000, 1500))])
    canvas.actual_size()
    view, shown = canvas.viewportTransform(), on_screen(canvas)
    canvas.show_photograph(grey_photograph(2000, 1500, 0.5), 2000, 1500, keep_view=True)
    assert canvas.viewportTransform() == view
    assert np.array_equal(on_screen(canvas), shown)
    canvas.show_photograph(grey_photograph(2000, 1500), 2000, 1500)
    assert canvas.is_fitted
    assert np.all(on_screen(canvas)[200, 250] == GREY)


def test_the_figure_has_the_pixels_of_the_photograph_and_the_overlay(canvas) -> None:
    canvas.show_photograph(grey_photograph(1400, 700), 1400, 700)
    canvas.set_style(RAW_SPOTLIGHT)
    canvas.set_layers([only((1, 2), (2, 4), whole(1400, 700))])
    canvas.zoom_by(5)
    figure = pixels_of(canvas.grab_figure())
    expected = np.zeros((700, 1400, 3), int)
    expected[350:, 700:1050] = GREY
    assert np.array_equal(figure, expected)


def test_a_message_is_plain_text_and_goes_with_the_next_photograph(canvas) -> None:
    text = "<b>beach.jpg</b> is cut short. Copy it again."
    canvas.show_message(text, "error")
    message = canvas._message
    assert message.isVisible()
    assert message.accessibleName() == text
    assert canvas.rect().contains(message.geometry())
    canvas.show_photograph(grey_photograph(10, 10), 10, 10)
    assert not message.isVisible()


def test_an_empty_canvas_takes_everything_calmly(canvas, qtbot) -> None:
    canvas.show_photograph(grey_photograph(10, 10), 10, 10)
    canvas.clear()
    assert not canvas.has_photograph
    assert canvas.grab_figure().isNull()
    canvas.set_layers([only((0, 0), (7, 7), whole(10, 10))])
    wheel(canvas, QPointF(50, 50), 1)
    qtbot.mouseMove(canvas.viewport(), QPoint(50, 50))
    qtbot.keyClicks(canvas, "+-01")
    ground = theme().tokens.colour("ground")
    assert np.all(on_screen(canvas) == ground.getRgb()[:3])


def test_the_ground_follows_the_theme(canvas) -> None:
    canvas.show_photograph(grey_photograph(10, 10), 10, 10)
    try:
        for scheme in (Scheme.DARK, Scheme.LIGHT):
            theme().set_scheme(scheme)
            assert on_screen(canvas)[2, 2].tolist() == list(theme().tokens.colour("ground").getRgb()[:3])
    finally:
        theme().set_scheme(Scheme.SYSTEM)


def test_the_focus_ring_shows_to_those_who_come_by_keyboard(canvas) -> None:
    canvas.activateWindow()
    canvas.clearFocus()
    accent = list(theme().tokens.colour("accent").getRgb()[:3])
    canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    assert on_screen(canvas)[0, 250].tolist() != accent
    canvas.clearFocus()
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert on_screen(canvas)[0, 250].tolist() == accent
    assert canvas.accessibleName()
