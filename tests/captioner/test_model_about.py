import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.errors import ModelPackageError
from captioner.model_about import MAX_SCORES, MAX_TEXT, PackageAbout

PLAIN = st.text(st.characters(categories=("L", "N", "P", "S")), max_size=40)
NUMBERS = st.floats(-1e8, 1e8) | st.integers(-(10**8), 10**8)


@given(PLAIN, PLAIN, st.dictionaries(PLAIN.filter(bool), NUMBERS, max_size=5))
def test_what_is_said_survives_json(data, limits, scores):
    about = PackageAbout(data=data, limits=limits, scores=tuple(scores.items()), protocol="dev")
    assert PackageAbout.from_dict(json.loads(json.dumps(about.to_dict()))) == about


def test_nothing_need_be_said():
    assert PackageAbout.from_dict({}) == PackageAbout()
    assert dataclasses.astuple(PackageAbout()) == ("", "", "", (), "")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (None, "must be a table"),
        ([], "must be a table"),
        ({"colour": "red"}, "'colour' is not known"),
        ({"data": 3}, "data must be plain text"),
        ({"licence": None}, "licence must be plain text"),
        ({"limits": "x" * (MAX_TEXT + 1)}, "limits must be plain text"),
        ({"data": "two\nlines"}, "data must be plain text"),
        ({"protocol": "\x1b[31m"}, "protocol must be plain text"),
        ({"protocol": "\u202eback"}, "protocol must be plain text"),
        ({"data": "\ud800"}, "data must be plain text"),
        ({"scores": [["CIDEr", 50]]}, "table of names and numbers"),
        ({"scores": {"CIDEr": "50"}}, "CIDEr is not a finite number"),
        ({"scores": {"CIDEr": True}}, "CIDEr is not a finite number"),
        ({"scores": {"CIDEr": float("nan")}}, "CIDEr is not a finite number"),
        ({"scores": {"CIDEr": float("inf")}}, "CIDEr is not a finite number"),
        ({"scores": {"CIDEr": 10**400}}, "CIDEr is not a finite number"),
        ({"scores": {"": 1}}, "short name"),
        ({"scores": {"x" * 41: 1}}, "short name"),
        ({"scores": {str(index): 1 for index in range(MAX_SCORES + 1)}}, f"more than {MAX_SCORES} scores"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_anything_else_is_refused(values, reason):
    with pytest.raises(ModelPackageError, match=reason):
        PackageAbout.from_dict(values)


def test_a_score_has_one_value():
    with pytest.raises(ModelPackageError, match="named twice"):
        PackageAbout(scores=(("CIDEr", 1.0), ("CIDEr", 2.0)))
