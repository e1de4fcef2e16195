import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.plain_text import FORMULA_STARTS, no_formula, plain

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)


def test_plain_text_is_one_line_that_a_terminal_shows_and_does_not_obey():
    shown = plain("caf\udce9 \x1b[31mred\r\n\u202e\u2028end")
    assert shown.isprintable()
    assert "[31mred" in shown
    shown.encode("utf-8")


@given(ANY_TEXT)
def test_any_text_becomes_plain_once_and_for_all(text):
    shown = plain(text)
    shown.encode("utf-8")
    assert len(shown.splitlines()) <= 1
    assert plain(shown) == shown


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1"])
def test_formulas_are_quoted(formula):
    assert no_formula(formula) == f"'{formula}"


@given(ANY_TEXT)
def test_nothing_begins_as_a_formula(text):
    safe = no_formula(text)
    assert not safe.lstrip().startswith(FORMULA_STARTS)
    assert safe in (text, f"'{text}")
