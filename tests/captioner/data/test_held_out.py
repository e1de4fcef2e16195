"""Which images choose the best epoch where nothing says so."""

import subprocess
import sys

import pytest

from captioner.data.held_out import MOST_HELD_OUT, held_out


def names(count):
    return [f"{number}.jpg" for number in range(count)]


@pytest.mark.parametrize(
    ("images", "share", "expected"),
    [(0, 0.1, 0), (9, 0.1, 0), (10, 0.1, 1), (10, 0.01, 1), (30, 0.1, 3), (11, 0.5, 6), (12_000, 0.1, MOST_HELD_OUT)],
)
def test_a_share_is_held_out_within_bounds(images, share, expected):
    assert len(held_out(names(images), share, 1)) == expected


def test_a_share_of_nothing_holds_out_none():
    assert held_out(names(100), 0, 1) == frozenset()


def test_the_order_of_images_does_not_matter_but_the_seed_does():
    chosen = held_out(names(100), 0.1, 1)
    assert chosen < set(names(100))
    assert held_out(names(100)[::-1], 0.1, 1) == chosen
    assert held_out(names(100), 0.1, 2) != chosen


def test_every_process_holds_out_the_same_images():
    program = (
        "from captioner.data.held_out import held_out; print(*sorted(held_out(list(map(str, range(40))), 0.1, 7)))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True
        ).stdout
        for seed in ("1", "2")
    }
    assert answers == {" ".join(sorted(held_out([str(number) for number in range(40)], 0.1, 7))) + "\n"}
