"""Captions survive JSON, and damaged records are refused."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.errors import ConfigurationError
from captioner.geometry import Geometry, Rectangle
from gui.viewmodels.caption_record import caption_from_record, caption_to_record

EXACT = ("path", "text", "words", "log_probability", "score", "width", "height", "grid", "geometry", "alternatives")


@pytest.fixture
def caption(make_caption):
    return dataclasses.replace(make_caption(), geometry=Geometry(640, 480, Rectangle(80, 0, 560, 480)))


@pytest.fixture
def record(caption):
    return json.loads(json.dumps(caption_to_record(caption)))


def test_a_caption_reads_back(caption, record):
    read = caption_from_record(record)
    for name in (*EXACT, "model", "options"):
        assert getattr(read, name) == getattr(caption, name)
    assert read.attention.dtype == np.float32
    np.testing.assert_allclose(read.attention, caption.attention, rtol=2e-3, atol=1e-6)
    np.testing.assert_allclose(read.attention.sum(axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("path", [None, Path("/photos/caf\udce9.jpg")])
def test_any_path_reads_back(caption, path):
    record = json.loads(json.dumps(caption_to_record(dataclasses.replace(caption, path=path))))
    assert caption_from_record(record).path == path


@pytest.mark.parametrize(
    "damage",
    [
        {"attention": "AAAA"},
        {"attention": "not base64"},
        {"attention": None},
        {"grid": [7, 8]},
        {"grid": [2**40, 2**40]},
        {"grid": [49, True]},
        {"size": [0, 480]},
        {"visible": [0, 0, 640, 481]},
        {"visible": [80, 0, 80, 480]},
        {"words": [["a", 0.0, 0.5, []]] * 201},
        {"words": [["a", float("nan"), 0.5, []]]},
        {"words": [["a", 10**400, 0.5, []]]},
        {"words": 3},
        {"score": "high"},
        {"alternatives": [["a", 0.0]]},
        {"options": []},
        {"options": {"beam_size": [3]}},
        {"model": None},
    ],
    ids=str,
)
def test_damage_is_refused(record, damage):
    with pytest.raises(ValueError, match=r"."):
        caption_from_record({**record, **damage})


def test_options_that_cannot_be_are_refused(record):
    with pytest.raises(ConfigurationError, match="beam size"):
        caption_from_record({**record, "options": {"beam_size": 999}})


@pytest.mark.parametrize("value", [float("inf"), -1.0])
def test_weights_that_cannot_be_are_refused(caption, value):
    attention = caption.attention.copy()
    attention[0, 0] = value
    with pytest.raises(ValueError, match="attention"):
        caption_from_record(caption_to_record(dataclasses.replace(caption, attention=attention)))


@settings(max_examples=30, deadline=None)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)))
def test_anything_else_is_refused(values):
    with pytest.raises(ValueError, match=r"."):
        caption_from_record(values)
