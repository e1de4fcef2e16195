"""Letters are found in order, and the match that a person means goes first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gui.viewmodels.fuzzy_match import fuzzy_match

texts = st.text(max_size=24)


@pytest.mark.parametrize(
    ("query", "text", "positions"),
    [
        ("", "Zoom in", ()),
        ("zi", "Zoom in", (0, 5)),
        ("ZOOM IN", "Zoom in", (0, 1, 2, 3, 5, 6)),
        ("cap", "Recap or caption", (9, 10, 11)),
        ("uber", "Über uns", (0, 1, 2, 3)),
        ("打开", "打开照片…", (0, 1)),
    ],
)
def test_finds_the_letters_that_are_meant(query, text, positions):
    assert fuzzy_match(query, text).positions == positions


@pytest.mark.parametrize(("query", "text"), [("x", "Zoom in"), ("iz", "Zoom in"), ("zoomm", "Zoom"), ("a", "")])
def test_refuses_where_a_letter_is_missing(query, text):
    assert fuzzy_match(query, text) is None


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("fit", "Fit in window", "Figure of this photograph"),
        ("zo", "Zoom out", "Actual size of zoo"),
        ("ca", "Caption again", "Open recent photographs and models"),
        ("open", "Open folder", "Option to end"),
    ],
)
def test_better_match_scores_more(query, better, worse):
    assert fuzzy_match(query, better).score > fuzzy_match(query, worse).score


@given(texts, texts)
@settings(deadline=None)
def test_positions_rise_and_hold_the_letters(query, text):
    match = fuzzy_match(query, text)
    if match is None:
        assert query.strip()
        return
    assert list(match.positions) == sorted(set(match.positions))
    assert len(match.positions) <= len(query)
    assert all(0 <= place < len(text) for place in match.positions)


@given(texts)
@settings(deadline=None)
def test_a_text_matches_itself(text):
    assert fuzzy_match(text, text) is not None
