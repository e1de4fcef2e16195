from __future__ import annotations

import pytest

from captioner.amounts import byte_size, counted, duration


@pytest.mark.parametrize(("count", "text"), [(0, "0 images"), (1, "1 image"), (2, "2 images"), (6000, "6,000 images")])
def test_counts(count, text):
    assert counted(count, "image") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "1 second"), (1.2, "1 second"), (119, "119 seconds"), (750, "12.5 minutes"), (10_800, "3.0 hours")],
)
def test_times(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("size", "text"), [(114_000, "114 kB"), (2_500_000, "2.5 MB"), (3 * 10**9, "3.0 GB")])
def test_sizes(size, text):
    assert byte_size(size) == text
