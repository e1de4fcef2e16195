"""Figures of attention: what is lit, what the page holds, and that any photograph and words make one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from captioner.errors import ConfigurationError, OutputError
from captioner.figures.attention_figure import attention_figure, save_figure
from captioner.geometry import Geometry, Rectangle

GRID = (4, 4)


def whole(width: int, height: int) -> Geometry:
    return Geometry(width, height, Rectangle(0, 0, width, height))


def grey(width: int, height: int, value: int = 200) -> npt.NDArray[np.uint8]:
    return np.full((height, width, 3), value, np.uint8)


def one_cell(*cells: int, weight: float = 1.0) -> npt.NDArray[np.float32]:
    alphas = np.zeros((len(cells), 16), np.float32)
    alphas[range(len(cells)), cells] = weight
    return alphas


def tiles(figure: Image.Image, size: int, count: int) -> list[npt.NDArray[np.uint8]]:
    """Cut square tiles in one row out of a figure without a heading; distances as on the page."""
    unit = size / 15
    lefts = [round(2 * unit + column * (size + 1.3 * unit)) for column in range(count)]
    top = round(2 * unit)
    return [np.asarray(figure)[top : top + size, left : left + size] for left in lefts]


def test_light_falls_where_attention_is() -> None:
    words = ["upper", "lower"]
    figure = attention_figure(
        grey(300, 300),
        words,
        one_cell(0, 15),
        GRID,
        whole(300, 300),
        smooth=False,
        heading="",
        columns=3,
        tile_size=240,
    )
    photograph, upper, lower = tiles(figure, 240, 3)
    assert (photograph == 200).all()
    assert (upper[:60, :60] >= 200).all()
    assert (upper[60:] < 60).all()
    assert (upper[:, 60:] < 60).all()
    assert np.array_equal(lower, upper[::-1, ::-1])


def test_smooth_light_is_brightest_in_the_cell() -> None:
    figure = attention_figure(
        grey(300, 300), ["word"], one_cell(5), GRID, whole(300, 300), heading="", columns=2, tile_size=240
    )
    lit = tiles(figure, 240, 2)[1][..., 0].astype(int)
    assert lit[90, 90] == lit.max() >= 200
    assert lit[90, 90] > lit[90, 115] > lit[90, 140] > 20


def test_shared_scale_keeps_weak_attention_dim() -> None:
    alphas = np.concatenate([one_cell(0), one_cell(0, weight=0.1)])

    def brightness(shared_scale: bool) -> tuple[int, int]:
        figure = attention_figure(
            grey(300, 300), ["strong", "weak"], alphas, GRID, whole(300, 300),
            shared_scale=shared_scale, smooth=False, heading="", columns=3,
        )  # fmt: skip
        _, strong, weak = tiles(figure, 240, 3)
        return int(strong[30, 30, 0]), int(weak[30, 30, 0])

    strong, weak = brightness(shared_scale=True)
    assert weak < strong / 2
    strong, weak = brightness(shared_scale=False)
    assert weak == strong


def test_what_the_network_did_not_see_is_faded() -> None:
    geometry = Geometry(400, 400, Rectangle(100, 100, 300, 300))
    figure = attention_figure(grey(40, 40), ["word"], one_cell(0), GRID, geometry, heading="", columns=2)
    lit = tiles(figure, 240, 2)[1]
    assert (lit[:55] > 230).all()
    assert lit[150, 150].max() < 60


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (32, 32), (1600, 200), (200, 1600), (4000, 3000)])
@pytest.mark.parametrize("count", [1, 3, 24])
def test_any_photograph_and_number_of_words(size: tuple[int, int], count: int) -> None:
    words = ["Donaudampfschifffahrtsgesellschaft" if index == 1 else "word" for index in range(count)]
    figure = attention_figure(
        grey(*size),
        words,
        one_cell(*range(count % 16)) if count < 16 else np.full((count, 16), 1 / 16),
        GRID,
        whole(*size),
    )
    assert figure.mode == "RGB"
    border = np.concatenate([np.asarray(figure)[[0, -1]].reshape(-1, 3), np.asarray(figure)[:, [0, -1]].reshape(-1, 3)])
    assert (border == 255).all()
    assert max(figure.size) < 6000


def test_proportions_are_kept() -> None:
    figure = np.asarray(attention_figure(grey(400, 200, 0), ["a"], one_cell(0), GRID, whole(400, 200), heading=""))
    first = (figure[:, 32 : 32 + 100] == 0).all(axis=(1, 2))
    assert first.sum() == pytest.approx(240 / 2**0.5, abs=1)


@pytest.mark.parametrize("word", ["café", "猫が走る", "مرحبا", "🐕", "a\nb", "\x00\x1b", "", "<unk>", "x" * 400])
def test_any_word_can_be_drawn(word: str) -> None:
    figure = attention_figure(grey(60, 40), [word, "dog"], one_cell(0, 1), GRID, whole(60, 40), probabilities=[1, 0.5])
    assert min(figure.size) > 200


def test_no_words_and_no_attention() -> None:
    empty = np.zeros((0, 16), np.float32)
    assert attention_figure(grey(60, 40), [], empty, GRID, whole(60, 40)).size > (0, 0)
    dark = attention_figure(grey(60, 60), ["dark"], np.zeros((1, 16)), GRID, whole(60, 60), heading="", columns=2)
    assert tiles(dark, 240, 2)[1].max() < 60


def test_columns_and_probabilities_and_heading_change_the_page() -> None:
    def page(**options: object) -> Image.Image:
        words = ["a", "dog", "runs"]
        return attention_figure(grey(60, 40), words, one_cell(0, 1, 2), GRID, whole(60, 40), **options)  # type: ignore[arg-type]

    assert page(columns=1).width < page(columns=4).width
    assert page(columns=1).height > page(columns=4).height
    assert page(heading="").height < page().height
    assert page(probabilities=[0.5, 0.25, 1]).tobytes() != page().tobytes()
    assert page(shared_scale=False).tobytes() != page().tobytes()
    assert page(tile_size=480, columns=4).width == pytest.approx(2 * page(tile_size=240, columns=4).width, abs=4)


@pytest.mark.parametrize(
    "change",
    [
        {"words": ["one"]},
        {"probabilities": [0.5]},
        {"columns": 0},
        {"tile_size": 10},
        {"pixels": np.zeros((4, 4), np.uint8)},
        {"pixels": np.zeros((4, 4, 3), np.float32)},
        {"alphas": np.ones((2, 9), np.float32)},
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, object]) -> None:
    arguments = {"pixels": grey(8, 8), "words": ["a", "b"], "alphas": one_cell(0, 1), "grid": GRID}
    with pytest.raises(ConfigurationError):
        attention_figure(**{**arguments, "geometry": whole(8, 8), **change})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["figure.png", "figure.JPG", "figure.webp"])
def test_figure_is_saved_whole(tmp_path: Path, name: str) -> None:
    image = Image.new("RGB", (30, 20), "white")
    save_figure(image, tmp_path / name)
    with Image.open(tmp_path / name) as read:
        assert read.size == (30, 20)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_figure_that_cannot_be_saved(tmp_path: Path) -> None:
    image = Image.new("RGB", (30, 20), "white")
    with pytest.raises(OutputError, match=r"must end in \.png"):
        save_figure(image, tmp_path / "figure.pdf")
    with pytest.raises(OutputError, match="folder does not exist"):
        save_figure(image, tmp_path / "absent" / "figure.png")
    assert list(tmp_path.iterdir()) == []
