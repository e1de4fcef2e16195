import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.training.schedule import warmup_cosine


@given(steps=st.integers(1, 300), share=st.floats(0, 0.9))
def test_rate_rises_to_its_peak_and_falls_to_zero(steps, share):
    warmup = max(1, int(steps * share))
    rates = [warmup_cosine(step, steps=steps, warmup_steps=warmup) for step in range(steps + 1)]
    rising, falling = rates[:warmup], rates[warmup - 1 :]
    assert rising[0] == pytest.approx(1 / warmup)
    assert max(rates) == rising[-1] == 1
    assert all(low < high for low, high in itertools.pairwise(rising))
    assert all(high >= low for high, low in itertools.pairwise(falling))
    assert all(0 < rate <= 1 for rate in rates[:-1])
    assert steps == warmup or rates[-1] == pytest.approx(0, abs=1e-12)


def test_rate_stays_at_zero_after_the_last_step():
    assert warmup_cosine(50, steps=20, warmup_steps=2) == pytest.approx(0, abs=1e-12)


def test_rate_is_half_in_the_middle_of_the_cosine():
    assert warmup_cosine(60, steps=100, warmup_steps=20) == pytest.approx(0.5)
