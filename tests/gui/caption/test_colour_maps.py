"""Colour maps: published ends, and lightness that only grows."""

from __future__ import annotations

import numpy as np
import pytest

from gui.caption.colour_maps import COLOUR_MAPS, colour_map

ENDS = {
    "viridis": ((68, 1, 84), (253, 231, 37)),
    "cividis": ((0, 34, 78), (254, 232, 56)),
    "magma": ((0, 0, 4), (252, 253, 191)),
    "inferno": ((0, 0, 4), (252, 255, 164)),
}


def lightness(colours):
    """CIE L* of sRGB colours."""
    linear = colours / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(luminance > 216 / 24389, 116 * np.cbrt(luminance) - 16, luminance * 24389 / 27)


def test_every_map_is_known_by_its_published_ends() -> None:
    assert set(COLOUR_MAPS) == set(ENDS)
    for name, (first, last) in ENDS.items():
        assert tuple(colour_map(name)[0]) == first
        assert tuple(colour_map(name)[-1]) == last


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_more_weight_is_always_lighter_by_even_steps(name) -> None:
    colours = colour_map(name)
    assert colours.shape == (256, 3)
    assert colours.dtype == np.uint8
    steps = np.diff(lightness(colours[::5].astype(float)))
    assert steps.min() > 0
    assert steps[2:].max() < 2.5 * np.median(steps)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_colours_change_without_jumps(name) -> None:
    assert np.abs(np.diff(colour_map(name).astype(int), axis=0)).max() <= 8


def test_a_map_cannot_be_changed_by_who_uses_it() -> None:
    with pytest.raises(ValueError, match="read-only"):
        colour_map("viridis")[0] = 0


def test_an_unknown_name_stands_for_the_first_map() -> None:
    assert np.array_equal(colour_map("of_tomorrow"), colour_map(COLOUR_MAPS[0]))
