from __future__ import annotations

import math

import numpy as np
import pytest

from captioner.caption import Alternative, Caption, Word
from captioner.config import DecodingOptions
from captioner.geometry import Geometry, Rectangle


def caption_looking(attention) -> Caption:
    words = tuple(Word(f"word{index}", math.log(0.5), 0.5, (("other", -1.0),)) for index in range(len(attention)))
    return Caption(
        path=None,
        text=" ".join(word.text for word in words),
        words=words,
        log_probability=-1.0,
        score=-0.5,
        width=20,
        height=10,
        attention=np.array(attention, dtype=np.float32),
        grid=(2, 2),
        geometry=Geometry(20, 10, Rectangle(0, 0, 20, 10)),
        alternatives=(Alternative("another", -2.0, -1.0),),
        model="tiny",
        options=DecodingOptions(),
    )


def test_entropy_tells_one_place_from_all():
    caption = caption_looking([[1, 0, 0, 0], [0.25] * 4, [0.5, 0.5, 0, 0]])
    assert caption.entropy == pytest.approx([0, 2, 1])


def test_entropy_of_no_words_is_empty():
    assert caption_looking(np.zeros((0, 4))).entropy.shape == (0,)


def test_probability_of_a_word():
    assert caption_looking([[1, 0, 0, 0]]).words[0].probability == pytest.approx(0.5)
