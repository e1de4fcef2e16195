"""The legend: what the scale is, in numbers, words and colours."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale

from gui.caption.legend import LegendBar
from gui.viewmodels.overlay_style import OverlayStyle


@pytest.fixture
def legend(qtbot):
    legend = LegendBar()
    qtbot.addWidget(legend)
    legend.setLocale(QLocale.c())
    return legend


def test_it_says_how_the_scale_was_made(legend) -> None:
    legend.set_scale(0.1234, OverlayStyle(is_smooth=True, is_scale_shared=False), has_unseen=True)
    assert legend.accessibleDescription() == (
        "From 0 to 0.12. Each word on its own scale · smoothed for display · hatched: not shown to the model."
    )
    legend.set_scale(0.5, OverlayStyle(is_smooth=False, is_scale_shared=True))
    assert legend.notes == "One scale for all words · cells as they are"


def test_its_figures_follow_the_language(legend) -> None:
    legend.setLocale(QLocale(QLocale.Language.German))
    legend.set_scale(0.25, OverlayStyle())
    assert "0,25" in legend.accessibleDescription()


def test_without_an_overlay_it_is_empty(legend) -> None:
    legend.set_scale(None, OverlayStyle())
    legend.resize(200, 50)
    assert legend.accessibleDescription() == ""
    image = legend.grab().toImage()
    assert {image.pixel(x, y) for x in range(200) for y in range(50)} == {image.pixel(0, 0)}


@pytest.mark.parametrize("mode", ["heat", "spotlight", "outline"])
def test_it_is_wide_enough_and_draws_another_bar_for_each_mode(legend, mode) -> None:
    legend.set_scale(0.25, OverlayStyle(mode=mode))
    assert legend.size() == legend.sizeHint()
    colours = {legend.grab().toImage().pixel(x, 8 + legend.height() // 5) for x in range(30, 120)}
    other = LegendBar()
    other.set_scale(0.25, OverlayStyle(mode=mode, opacity=0.1))
    assert len(colours) > 3
    assert other.grab().toImage() != legend.grab().toImage()
