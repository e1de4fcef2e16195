"""Attention of sample images survives being made small, written and read."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from captioner.data.feature_layout import FeatureFileInfo
from captioner.training.sample_attention import (
    SAMPLED_IMAGES,
    Places,
    SampleAttention,
    read_attention,
    sampled_positions,
    write_attention,
)

ALPHAS = np.random.default_rng(0).dirichlet(np.full(6, 0.3), 3).astype(np.float32)
BOXES = np.random.default_rng(1).uniform(0, 1, (2, 6, 4)).astype(np.float32)


def sample(alphas=ALPHAS, grid=(2, 3), **about):
    return SampleAttention.of(tuple("abcdefgh"[: len(alphas)]), alphas, grid=grid, **about)


@given(arrays.arrays(np.float32, (4, 6), elements=st.floats(0, 1, width=32)))
@settings(deadline=None)
def test_weights_come_back_to_half_a_255th_of_each_words_greatest(alphas):
    error = np.abs(sample(alphas).alphas - alphas)
    assert np.all(error <= alphas.max(1, keepdims=True) * (0.5 / 255 + 1e-3) + 1e-6)


def test_no_words_are_no_weights():
    nothing = sample(np.zeros((0, 6), np.float32))
    assert (nothing.words, nothing.peaks, nothing.shares, nothing.alphas.shape) == ((), (), b"", (0, 6))


@given(st.integers(0, 3000))
def test_sampled_images_are_spread_evenly(images):
    positions = sampled_positions(images)
    assert len(positions) == min(images, SAMPLED_IMAGES)
    assert sorted(set(positions)) == positions
    assert all(0 <= position < images for position in positions)
    gaps = np.diff([*positions, images])
    assert gaps.max(initial=0) - gaps.min(initial=images + 1) <= 1


def test_a_file_holds_all_of_it(tmp_path):
    boxes = Places((1, 6), boxes=BOXES).of_sample(1)
    attention = {
        "hé.jpg": sample(fit="crop", reference="a café"),
        "b.jpg": SampleAttention.of(tuple("abc"), ALPHAS, **boxes),
    }
    write_attention(tmp_path / "a.json", attention)
    assert read_attention(tmp_path / "a.json") == attention
    assert np.allclose(attention["b.jpg"].boxes, BOXES[1], atol=5e-5)


def test_where_there_is_no_file_there_is_no_attention(tmp_path):
    assert read_attention(tmp_path / "gone.json") == {}


@pytest.mark.parametrize(
    "change",
    [
        {"shares": "AAAA"},
        {"shares": "!"},
        {"grid": [2, 2]},
        {"grid": [0, 3]},
        {"grid": [-2, -3]},
        {"grid": 6},
        {"peaks": [0.5]},
        {"peaks": [2.0, 0.1, 0.1]},
        {"peaks": [float("nan"), 0.1, 0.1]},
        {"boxes": [[0, 0, 1, 1]]},
        {"boxes": [[0, 0, 1, 7]] * 6},
        {"boxes": [[0, 0]] * 6},
        {"words": None},
    ],
)
def test_what_does_not_fit_together_is_refused(tmp_path, change):
    values = sample().to_dict() | change
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"format_version": 1, "images": {"a.jpg": values}}))
    with pytest.raises(ValueError, match=r"do not fit|between|outside|damaged|base64|padding|unpack|character"):
        read_attention(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format_version": 2, "images": {}}', '{"format_version": 1}'])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ValueError, match=r"damaged|version|Expecting"):
        read_attention(tmp_path / "a.json")


class Features:
    def __init__(self, preprocessing, boxes=None):
        self.info = FeatureFileInfo(images=40, dim=5, grid=(2, 3), preprocessing=preprocessing)
        self._boxes = boxes

    def boxes(self, rows):
        return None if self._boxes is None else self._boxes[rows]


@pytest.mark.parametrize(
    ("preprocessing", "fit"), [("squeeze; mean 0", "squeeze"), ("crop; mean 0", "crop"), ("", "squeeze")]
)
def test_places_are_those_of_the_features(preprocessing, fit):
    places = Places.of(Features(preprocessing), np.arange(40))
    assert (places.grid, places.count, places.fit, places.boxes) == ((2, 3), 6, fit, None)


def test_boxes_are_those_of_the_sampled_rows():
    boxes = np.random.default_rng(0).uniform(0, 1, (40, 6, 4)).astype(np.float32)
    rows = np.arange(39, 9, -1)
    assert np.array_equal(Places.of(Features("", boxes), rows).boxes, boxes[rows[sampled_positions(30)]])
