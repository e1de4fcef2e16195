import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.config import TrainingConfig
from captioner.training.schedule import Plateau, Schedule

KINDS = ["cosine", "constant", "step", "plateau"]


def schedule(kind="cosine", *, epochs=1, steps_per_epoch=20, **changes):
    return Schedule.for_stage(TrainingConfig(schedule=kind, **changes), epochs=epochs, steps_per_epoch=steps_per_epoch)


@pytest.mark.parametrize("kind", KINDS)
@given(steps=st.integers(1, 300), share=st.floats(0, 0.9))
def test_rate_rises_to_its_peak_and_never_again(kind, steps, share):
    planned = schedule(kind, steps_per_epoch=steps, warmup_fraction=share)
    warmup = max(1, int(steps * share))
    rates = [planned.share(step) for step in range(steps + 1)]
    rising, later = rates[:warmup], rates[warmup - 1 :]
    assert rising[0] == pytest.approx(1 / warmup)
    assert max(rates) == rising[-1] == 1
    assert all(low < high for low, high in itertools.pairwise(rising))
    assert all(high >= low for high, low in itertools.pairwise(later))
    assert all(0 < rate <= 1 for rate in rates[:-1])


@given(steps=st.integers(2, 300))
def test_cosine_falls_to_zero_and_stays_there(steps):
    planned = schedule(steps_per_epoch=steps)
    assert planned.share(steps) == pytest.approx(0, abs=1e-12)
    assert planned.share(2 * steps) == pytest.approx(0, abs=1e-12)


def test_cosine_is_half_in_its_middle():
    assert schedule(steps_per_epoch=100, warmup_fraction=0.2).share(60) == pytest.approx(0.5)


def test_constant_stays_at_its_peak():
    assert {schedule("constant", warmup_fraction=0).share(step) for step in range(100)} == {1}


def test_steps_fall_after_every_so_many_epochs():
    planned = schedule("step", epochs=7, steps_per_epoch=5, warmup_fraction=0, decay_epochs=2, decay_factor=0.1)
    rates = [planned.share(5 * epoch) for epoch in range(7)]
    assert rates == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01, 0.001])
    assert planned.share(9) == 1
    assert planned.share(10) == 0.1


def test_plateau_falls_with_each_drop():
    planned = schedule("plateau", warmup_fraction=0.5, decay_factor=0.5)
    assert [planned.share(15, drops) for drops in (0, 1, 2)] == [1, 0.5, 0.25]
    assert planned.share(4, 1) == 0.5 * planned.share(4)


def test_plateau_drops_when_the_score_has_stopped_rising_for_its_patience():
    plateau, drops = Plateau(2), []
    for score in (1.0, 2.0, 2.0, 1.5, 3.0, 2.9, 2.8, 2.7, 2.6, 4.0):
        plateau.observe(score)
        drops.append(plateau.drops)
    assert drops == [0, 0, 0, 1, 1, 1, 2, 2, 3, 3]
    assert plateau.best == 4.0
