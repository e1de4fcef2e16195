"""The order of names as people expect it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.natural_order import natural_key


@pytest.mark.parametrize(
    "names",
    [
        ["IMG_2.jpg", "IMG_10.jpg", "IMG_100.jpg"],
        ["a1b2", "a1b10", "a10b1"],
        ["Beach.jpg", "cat.jpg", "Dog.jpg"],
        ["1.jpg", "2.jpg", "10.jpg", "a.jpg"],
    ],
)
def test_numbers_count_as_numbers_and_case_does_not_count(names):
    turned = names[::-1]
    assert sorted(turned, key=natural_key) == names


@given(st.lists(st.text(alphabet="aB1029 ._-é\u0660", max_size=10)))
@settings(deadline=None)
def test_it_is_the_order_in_which_the_engine_finds_photographs(names):
    engine = pytest.importorskip("captioner.imaging.search")
    assert sorted(names, key=natural_key) == sorted(names, key=engine._natural)
