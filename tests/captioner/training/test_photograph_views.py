import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from captioner.config import EncoderConfig
from captioner.errors import AnnotationError, ImageError
from captioner.imaging import fit_to_square, open_photograph
from captioner.training.fine_tuning_config import ViewConfig
from captioner.training.photograph_views import random_view
from captioner.training.photographs import Photographs

PLAIN = ViewConfig(least_area=1, most_aspect=1, mirror=0, contrast=0, brightness=0, colour=0, grey=0)


def picture(width, height, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def view(pixels, config, *, size=16, fit="squeeze", seed=0):
    return random_view(pixels, size, fit, config, np.random.default_rng(seed))


@given(
    width=st.integers(1, 40),
    height=st.integers(1, 40),
    fit=st.sampled_from(["squeeze", "crop"]),
    area=st.floats(0.01, 1),
    aspect=st.floats(1, 10),
    seed=st.integers(0, 2**32),
)
@settings(deadline=None, max_examples=60)
def test_every_photograph_has_views(width, height, fit, area, aspect, seed):
    config = ViewConfig(least_area=area, most_aspect=aspect)
    made = view(picture(width, height), config, fit=fit, seed=seed)
    assert made.shape == (16, 16, 3)
    assert made.dtype == np.uint8
    assert np.array_equal(made, view(picture(width, height), config, fit=fit, seed=seed))


@pytest.mark.parametrize("fit", ["squeeze", "crop"])
def test_a_view_that_alters_nothing_is_what_the_network_sees(tmp_path, fit):
    Image.fromarray(picture(40, 30)).save(tmp_path / "a.png")
    seen, _ = fit_to_square(open_photograph(tmp_path / "a.png"), 16, fit)
    assert np.array_equal(view(picture(40, 30), PLAIN, fit=fit), seen)


def test_mirrored_and_grey_views():
    pixels = picture(16, 16)
    assert np.array_equal(view(pixels, PLAIN.replace(mirror=1.0)), pixels[:, ::-1])
    grey = view(pixels, PLAIN.replace(grey=1.0))
    assert np.array_equal(grey[..., 0], grey[..., 2])
    assert np.abs(grey[..., 0] - pixels.mean(2)).max() <= 0.5


def test_light_stays_within_its_bounds():
    grey = np.full((8, 8, 3), 100, np.uint8)
    made = np.array(
        [view(grey, PLAIN.replace(contrast=0.2, brightness=20, colour=10), seed=seed) for seed in range(99)]
    )
    assert 100 * 0.8 - 31 <= made.min() < 80
    assert 120 < made.max() <= 100 * 1.2 + 31


@pytest.fixture
def photographs(tmp_path):
    names = [f"{index}.png" for index in range(40)]
    for index, name in enumerate(names):
        Image.fromarray(picture(40, 32, seed=index)).save(tmp_path / name)
    return lambda: Photographs(tmp_path, names, EncoderConfig(input_size=32))


def test_a_view_depends_on_seed_epoch_and_photograph_alone(photographs):
    def of(index, *, seed=1, epoch=1):
        return photographs().view(index, ViewConfig(), seed=seed, epoch=epoch)

    here = photographs()
    backwards = [here.view(index, ViewConfig(), seed=1, epoch=1) for index in (2, 1, 0)]
    assert all(np.array_equal(of(index), made) for index, made in zip((2, 1, 0), backwards, strict=True))
    assert not np.array_equal(of(0), of(0, epoch=2))
    assert not np.array_equal(of(0), of(0, seed=2))


def test_missing_folder_is_told_before_anything_is_read(photographs, tmp_path):
    names = photographs().names
    with pytest.raises(AnnotationError, match=r"40 of 40 photographs are not in .*, 0\.png among them"):
        Photographs(tmp_path / "elsewhere", names, EncoderConfig(input_size=32))


def test_a_few_damaged_photographs_are_left_out_and_more_are_refused(photographs, caplog):
    them = photographs()
    for index in range(3):
        (them.folder / f"{index}.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert [them.plain(index) for index in (0, 1, 0)] == [None] * 3
    assert them.left_out == {"0.png", "1.png"}
    assert len(caplog.messages) == 2
    with pytest.raises(ImageError, match=r"3 of 40 photographs in .* cannot be read"):
        them.plain(2)
