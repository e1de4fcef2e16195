"""Weights laid over the original: units, places and edges; and what is written to disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.attention_map import attention_on_original, save_weights
from captioner.errors import ConfigurationError, OutputError
from captioner.geometry import Geometry, Rectangle
from captioner.imaging.photograph import Photograph, fit_to_square


def geometry_of(width: int, height: int, fit: str = "squeeze") -> Geometry:
    photograph = Photograph(np.zeros((1, 1, 3), np.uint8), width, height)
    return fit_to_square(photograph, 1, fit)[1]  # type: ignore[arg-type]


def weights(steps: int, cells: int, seed: int = 0) -> npt.NDArray[np.float32]:
    drawn = np.random.default_rng(seed).dirichlet(np.full(cells, 0.3), steps)
    return drawn.astype(np.float32)


@pytest.mark.parametrize("fit", ["squeeze", "crop"])
def test_raw_cells_hold_exactly_their_weight(fit: str) -> None:
    geometry, grid, alphas = geometry_of(50, 30, fit), (3, 5), weights(4, 15)
    maps = attention_on_original(alphas, grid, geometry, smooth=False)
    assert maps.shape == (4, 30, 50)
    assert maps.dtype == np.float32
    for y in range(30):
        for x in range(50):
            cells = [
                (row, column)
                for row in range(3)
                for column in range(5)
                if (cell := geometry.cell(row, column, grid)).left <= x + 0.5 < cell.right
                and cell.top <= y + 0.5 < cell.bottom
            ]
            expected = alphas[:, cells[0][0] * 5 + cells[0][1]] if cells else np.zeros(4)
            assert np.array_equal(maps[:, y, x], expected)


@pytest.mark.parametrize("fit", ["squeeze", "crop"])
def test_smooth_maps_hold_the_weight_at_the_centres_of_cells(fit: str) -> None:
    # 7 x 7 cells of 9 x 9 or 15 x 9 pixels: every centre of a cell is the centre of a pixel.
    geometry, grid, alphas = geometry_of(105, 63, fit), (7, 7), weights(3, 49)
    maps = attention_on_original(alphas, grid, geometry)
    for row in range(7):
        for column in range(7):
            cell = geometry.cell(row, column, grid)
            x, y = (cell.left + cell.right) / 2 - 0.5, (cell.top + cell.bottom) / 2 - 0.5
            assert x == int(x)
            assert maps[:, int(y), int(x)] == pytest.approx(alphas[:, row * 7 + column], abs=1e-6)


@settings(deadline=None)
@given(
    width=st.integers(1, 90),
    height=st.integers(1, 90),
    grid=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    fit=st.sampled_from(["squeeze", "crop"]),
    smooth=st.booleans(),
    value=st.floats(0, 1, width=32),
)
def test_even_attention_is_even_and_nothing_lies_outside(
    width: int, height: int, grid: tuple[int, int], fit: str, smooth: bool, value: float
) -> None:
    geometry = geometry_of(width, height, fit)
    alphas = np.full((1, grid[0] * grid[1]), value, np.float32)
    image = attention_on_original(alphas, grid, geometry, smooth=smooth)[0]
    seen = geometry.visible
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    inside = ((y >= seen.top) & (y < seen.bottom))[:, None] & ((x >= seen.left) & (x < seen.right))
    np.testing.assert_allclose(image[inside], value, rtol=0, atol=1e-5)
    assert (image[~inside] == 0).all()


@settings(deadline=None)
@given(seed=st.integers(0, 1000), grid=st.tuples(st.integers(1, 8), st.integers(1, 8)))
def test_smooth_maps_are_never_negative_and_turn_with_the_picture(seed: int, grid: tuple[int, int]) -> None:
    alphas = weights(2, grid[0] * grid[1], seed)
    maps = attention_on_original(alphas, grid, geometry_of(61, 40))
    assert maps.min() >= 0
    mirrored = alphas.reshape(2, *grid)[:, ::-1, ::-1].reshape(2, -1)
    turned = attention_on_original(mirrored, grid, geometry_of(61, 40))[:, ::-1, ::-1]
    np.testing.assert_allclose(turned, maps, rtol=1e-6, atol=1e-5)


def test_size_changes_the_resolution_not_the_values() -> None:
    geometry, alphas = geometry_of(700, 350), weights(2, 49)
    raw = attention_on_original(alphas, (7, 7), geometry, (70, 70), smooth=False)
    assert raw.shape == (2, 70, 70)
    assert np.array_equal(raw[:, 5::10, 5::10].reshape(2, 49), alphas)


def test_no_steps() -> None:
    assert attention_on_original(np.zeros((0, 4), np.float32), (2, 2), geometry_of(8, 6)).shape == (0, 6, 8)


@pytest.mark.parametrize(
    ("alphas", "grid", "size"),
    [
        (np.ones((2, 5)), (2, 2), None),
        (np.ones(4), (2, 2), None),
        (np.ones((1, 0)), (0, 3), None),
        (np.full((1, 4), np.nan), (2, 2), None),
        (np.ones((1, 4)), (2, 2), (0, 5)),
    ],
)
def test_what_does_not_fit_is_refused(
    alphas: npt.NDArray[np.float32], grid: tuple[int, int], size: tuple[int, int] | None
) -> None:
    with pytest.raises(ConfigurationError):
        attention_on_original(alphas, grid, geometry_of(8, 6), size)


def test_weights_are_read_back_without_pickle(tmp_path: Path) -> None:
    alphas, geometry = weights(3, 6), Geometry(40, 30, Rectangle(5, 0, 35, 30))
    path = tmp_path / "weights"  # numpy would add an ending of its own
    save_weights(path, alphas, ["ein", "Café", "猫"], (2, 3), geometry, probabilities=[0.5, 0.25, 1])
    with np.load(path, allow_pickle=False) as read:
        assert sorted(read) == ["alphas", "grid", "image_size", "probabilities", "visible", "words"]
        assert np.array_equal(read["alphas"], alphas)
        assert read["alphas"].dtype == np.float32
        assert read["words"].tolist() == ["ein", "Café", "猫"]
        assert read["grid"].tolist() == [2, 3]
        assert read["image_size"].tolist() == [40, 30]
        assert read["visible"].tolist() == [5, 0, 35, 30]
        assert read["probabilities"].tolist() == [0.5, 0.25, 1]
    assert [entry.name for entry in tmp_path.iterdir()] == ["weights"]


def test_weights_that_do_not_fit_or_cannot_be_written(tmp_path: Path) -> None:
    geometry = geometry_of(8, 6)
    with pytest.raises(ConfigurationError, match="2 words"):
        save_weights(tmp_path / "w.npz", weights(3, 4), ["a", "b"], (2, 2), geometry)
    with pytest.raises(ConfigurationError, match="1 probabilities"):
        save_weights(tmp_path / "w.npz", weights(2, 4), ["a", "b"], (2, 2), geometry, probabilities=[1])
    with pytest.raises(OutputError, match="folder does not exist"):
        save_weights(tmp_path / "absent" / "w.npz", weights(1, 4), ["a"], (2, 2), geometry)
    assert list(tmp_path.iterdir()) == []
