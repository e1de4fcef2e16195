import pytest

from gui.library.differences import differing_runs, position_of, tint
from gui.theme import DARK, LIGHT, Scheme, theme
from gui.viewmodels.word_difference import difference


@pytest.mark.parametrize(
    ("left", "right", "count"),
    [("a b c", "a b c", 0), ("a b c", "a x c", 1), ("a b c d", "x b c y", 2), ("", "a", 1), ("a b", "b a c", 2)],
)
def test_words_that_differ_side_by_side_are_one_place(left, right, count):
    assert len(differing_runs(difference(left.split(), right.split()))) == count


def test_each_pair_knows_its_words_on_both_sides():
    (run,) = differing_runs(difference(["a", "dog", "runs"], ["a", "cat", "runs"]))

    assert [(position_of(pair, 0), position_of(pair, 1)) for pair in run] == [(1, 1)]


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_colours_are_many_and_calmer_on_their_ground(qapp, scheme):
    theme().set_scheme(scheme)
    ground = (LIGHT if scheme is Scheme.LIGHT else DARK).colour("panel")
    colours = [tint(number).name() for number in range(7)]

    assert len(set(colours)) == 7
    assert tint(7).name() == colours[0]
    assert ground.name() not in colours
