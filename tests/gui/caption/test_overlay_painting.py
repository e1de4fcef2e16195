"""What is drawn for layers: strength, colours, lines and tags, before any painting."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from captioner.attention_map import attention_on_original
from captioner.errors import ConfigurationError
from captioner.geometry import Geometry, Rectangle
from gui.caption.colour_maps import colour_map
from gui.caption.overlay_painting import LEVELS, Layer, Sheet, dashes_of, overlay_picture
from gui.theme import OKABE_ITO
from gui.viewmodels.overlay_style import OverlayStyle

WHOLE = Rectangle(0, 0, 400, 300)


def layer(peak=(1, 2), grid=(3, 4), **fields) -> Layer:
    weights = np.full(grid, 0.02, np.float32)
    weights[peak] = 0.5
    return Layer(**({"weights": weights, "visible": WHOLE, "full": 0.5} | fields))


def test_raw_heat_has_a_pixel_for_each_cell_and_covers_more_where_weight_is_more() -> None:
    (sheet,) = overlay_picture([layer()], OverlayStyle(is_smooth=False, opacity=0.8)).sheets
    assert sheet.pixels.shape == (3, 4, 4)
    assert not sheet.is_smooth
    assert sheet.area == WHOLE
    assert sheet.pixels[1, 2].tolist() == pytest.approx([*(0.8 * colour_map("viridis")[-1]), 0.8 * 255], abs=1)
    assert 0 < sheet.pixels[0, 0, 3] < 0.15 * 255


def test_heat_leaves_the_photograph_alone_where_there_is_no_attention() -> None:
    weights = np.zeros((3, 4), np.float32)
    weights[0, 0] = 1
    (sheet,) = overlay_picture([Layer(weights, WHOLE, 1.0)], OverlayStyle(opacity=1.0)).sheets
    assert not sheet.pixels[-16:, -16:].any()


def test_smooth_heat_is_the_cubic_interpolation_of_the_engine() -> None:
    given = layer()
    (sheet,) = overlay_picture([given], OverlayStyle(opacity=1.0)).sheets
    height, width = sheet.pixels.shape[:2]
    expected = attention_on_original(
        given.weights.reshape(1, -1), (3, 4), Geometry(400, 300, WHOLE), (width, height), smooth=True
    )[0]
    alpha = np.clip(expected / 0.5, 0, 1) ** 0.75 * 255
    assert np.abs(sheet.pixels[:, :, 3] - alpha).max() <= 1


@pytest.mark.parametrize("grid", [(1, 1), (7, 7), (14, 14), (1, 300), (40, 9)])
def test_pictures_stay_small_however_large_the_photograph(grid) -> None:
    given = layer((0, 0), grid, visible=Rectangle(0, 0, 40_000, 30_000))
    (sheet,) = overlay_picture([given], OverlayStyle()).sheets
    assert max(sheet.pixels.shape[:2]) <= max(256, *grid)


def test_a_spotlight_is_clear_at_full_strength_and_black_elsewhere() -> None:
    weights = np.zeros((3, 4), np.float32)
    weights[1, 2] = 0.3
    style = OverlayStyle(mode="spotlight", is_smooth=False, opacity=1.0)
    (sheet,) = overlay_picture([Layer(weights, WHOLE, 0.3)], style).sheets
    assert sheet.pixels[1, 2].tolist() == [0, 0, 0, 0]
    assert np.all(sheet.pixels[weights == 0] == (0, 0, 0, 255))


def test_a_spotlight_of_several_words_lights_all_their_places() -> None:
    style = OverlayStyle(mode="spotlight", is_smooth=False, opacity=1.0)
    (sheet,) = overlay_picture([layer((0, 0)), layer((2, 3))], style).sheets
    assert sheet.pixels[0, 0, 3] == sheet.pixels[2, 3, 3] == 0


def test_meeting_colours_mix_alike_in_either_order() -> None:
    first, second = (layer((1, 1), colour=colour) for colour in OKABE_ITO[:2])
    style = OverlayStyle(is_smooth=False)
    (one,), (other,) = (overlay_picture(pair, style).sheets for pair in ([first, second], [second, first]))
    assert np.abs(one.pixels.astype(int) - other.pixels).max() <= 1
    alpha = one.pixels[1, 1, 3]
    mixed = one.pixels[1, 1, :3] / alpha * 255
    halves = [QColor(colour) for colour in OKABE_ITO[:2]]
    assert mixed == pytest.approx(
        [np.mean([getattr(half, part)() for half in halves]) for part in ("red", "green", "blue")], abs=2
    )
    assert alpha == pytest.approx(255 * (1 - 0.4**2), abs=1)


def test_layers_of_other_grids_have_sheets_of_their_own() -> None:
    assert len(overlay_picture([layer(), layer(grid=(7, 7))], OverlayStyle()).sheets) == 2


def test_outlines_stand_at_their_levels_and_get_wider() -> None:
    picture = overlay_picture([layer()], OverlayStyle(mode="outline", is_smooth=False))
    assert not picture.sheets
    assert [line.width for line in picture.lines] == sorted(width for _, width in LEVELS)
    for line in picture.lines:
        bounds = line.loops[0].boundingRect()
        assert (bounds.left(), bounds.top(), bounds.right(), bounds.bottom()) == (200, 100, 300, 200)


def test_pinned_words_differ_by_line_and_label_and_not_only_by_colour() -> None:
    layers = [layer(colour=colour, label=f"word {number}") for number, colour in enumerate(OKABE_ITO)]
    picture = overlay_picture(layers, OverlayStyle())
    assert len({line.dashes for line in picture.lines}) == len(OKABE_ITO)
    assert [tag.text for tag in picture.tags] == [item.label for item in layers]
    assert (picture.tags[0].place.x(), picture.tags[0].place.y()) == (250, 150)
    assert len({dashes_of(colour) for colour in OKABE_ITO}) == len(OKABE_ITO)


def test_sheets_of_one_grid_mix_and_others_do_not() -> None:
    dark, light = (Sheet(np.full((2, 2, 4), value, np.uint8), WHOLE, is_smooth=True) for value in (0, 200))
    mixed = dark.towards(light, 0.25)
    assert mixed is not None
    assert np.all(mixed.pixels == 50)
    assert dark.towards(Sheet(light.pixels, WHOLE, is_smooth=False), 0.5) is None
    assert dark.towards(Sheet(np.zeros((3, 2, 4), np.uint8), WHOLE, is_smooth=True), 0.5) is None


@pytest.mark.parametrize("is_smooth", [True, False])
def test_no_weight_at_all_draws_nothing(is_smooth) -> None:
    nothing = Layer(np.zeros((3, 4), np.float32), WHOLE, 0.0)
    (sheet,) = overlay_picture([nothing], OverlayStyle(is_smooth=is_smooth)).sheets
    assert not sheet.pixels.any()


def test_weights_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="finite"):
        overlay_picture([layer(weights=np.full((3, 4), np.nan, np.float32))], OverlayStyle())


def test_no_layers_make_an_empty_picture() -> None:
    picture = overlay_picture([], OverlayStyle(mode="spotlight"))
    assert not picture.sheets
    assert picture.visible is None
