import numpy as np
import pytest
import torch
from PIL import Image

from captioner.config import EncoderConfig
from captioner.data.feature_files import FeatureFile
from captioner.data.features import extract_features, training_views
from captioner.encoders import Encoder
from captioner.errors import FeatureFileError, ImageError


@pytest.fixture(scope="module")
def encoder():
    """An untrained encoder, its output scaled up so that images are far apart."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        encoder = Encoder(EncoderConfig(input_size=32))
    encoder.trunk.stage32[-1].weight.data *= 1000
    return encoder.optimise_for_inference(torch.float32)


@pytest.fixture
def folder(tmp_path):
    """Five photographs; 1.png is cut short, and gone.png is not there."""
    for index in range(5):
        pixels = np.random.default_rng(index).integers(0, 256, (4, 5, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((50, 40), Image.Resampling.BICUBIC).save(tmp_path / f"{index}.png")
    content = (tmp_path / "1.png").read_bytes()
    (tmp_path / "1.png").write_bytes(content[: len(content) // 2])
    return tmp_path


GOOD = ["0.png", "2.png", "3.png", "4.png"]
NAMES = ["0.png", "1.png", "2.png", "gone.png", "3.png", "4.png"]


def extract(encoder, names, folder, output, **options):
    return list(extract_features(encoder, names, folder, output, weights_sha256="0" * 64, **options))


def test_damaged_images_are_left_out_and_reported(encoder, folder, tmp_path):
    events = extract(encoder, NAMES, folder, tmp_path / "features.h5", views=15)
    assert [(event.done, event.failed, event.images) for event in events] == [(1, 1, 6), (2, 2, 6), (4, 2, 6)]
    errors = [error for event in events for error in event.errors]
    assert all(isinstance(error, ImageError) for error in errors)
    assert [error.path.name for error in errors] == ["1.png", "gone.png"]
    with FeatureFile(tmp_path / "features.h5") as features:
        assert features.image_names == tuple(GOOD)
        assert features.info.images == 4
        assert (features.info.grid, features.info.dim, features.info.views) == ((1, 1), 320, 15)
        assert features.info.encoder == "stepped_resnet18"


def test_rows_belong_to_their_names(encoder, folder, tmp_path):
    extract(encoder, NAMES, folder, tmp_path / "all.h5", views=1)
    with FeatureFile(tmp_path / "all.h5") as together:
        rows = together.read(np.arange(4))
        for row, name in enumerate(GOOD):
            extract(encoder, [name], folder, tmp_path / f"{name}.h5")
            with FeatureFile(tmp_path / f"{name}.h5") as alone:
                distances = np.abs(rows - alone.read(np.array([0]))).max((1, 2))
            assert distances[row] < 0.02
            assert (np.delete(distances, row) > 0.1).all()


def test_views_differ_from_the_plain_image_and_from_one_another(encoder, folder, tmp_path):
    extract(encoder, GOOD, folder, tmp_path / "views.h5", views=3)
    with FeatureFile(tmp_path / "views.h5") as features:
        views = [features.read(np.array([2]), np.array([view])) for view in range(4)]
    for one in range(4):
        for other in range(one):
            assert np.abs(views[one] - views[other]).max() > 0.1


def test_extraction_is_the_same_each_time(encoder, folder, tmp_path):
    for name in ("one.h5", "two.h5"):
        extract(encoder, GOOD, folder, tmp_path / name, views=3)
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.h5").read_bytes()


def test_no_file_is_left_when_no_image_can_be_read(encoder, folder, tmp_path):
    with pytest.raises(FeatureFileError, match="No image of"):
        extract(encoder, ["1.png", "gone.png"], folder, tmp_path / "features.h5")
    assert not list(tmp_path.glob("*features*"))


def test_no_file_is_left_when_extraction_is_stopped(encoder, folder, tmp_path):
    events = extract_features(encoder, NAMES, folder, tmp_path / "features.h5", weights_sha256="", views=31)
    next(events)
    events.close()
    assert not list(tmp_path.glob("*features*"))


def test_first_view_is_the_mirror_image():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    views = training_views(pixels, 3, index=4)
    assert len(views) == 3
    np.testing.assert_array_equal(views[0], pixels[:, ::-1])
    assert all(view.shape == pixels.shape and view.dtype == np.uint8 for view in views)


def test_views_are_decided_by_the_index():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    one, same, other = (training_views(pixels, 4, index=index)[1] for index in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    assert training_views(pixels, 0, index=1) == []


def test_views_show_at_least_half_of_a_gradient():
    ramp = np.repeat(np.arange(64, dtype=np.uint8)[None, :, None] * 4, 64, 0).repeat(3, 2)
    for index in range(20):
        for view in training_views(ramp, 4, index=index)[1:]:
            span = int(view.max()) - int(view.min())
            # Half the area at an aspect of 3:4 is 0.61 of the width.
            assert span >= 0.55 * 252
