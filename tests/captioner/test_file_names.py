"""File names made printable."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.file_names import file_name, printable


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plage été.jpg", "plage été.jpg"),
        (b"caf\xe9.jpg", r"caf\xe9.jpg"),
        ("two\nlines", r"two\nlines"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        (Path("a") / "b", str(Path("a") / "b")),
    ],
)
def test_examples(name: str | bytes | Path, shown: str) -> None:
    assert printable(name) == shown


@given(st.binary(max_size=50))
def test_any_bytes_become_one_line_of_text(name: bytes) -> None:
    shown = printable(os.fsdecode(name))
    assert shown.isprintable()
    assert shown.encode("utf-8")[: len(name)] or not name


def test_last_part() -> None:
    assert file_name(Path("folder") / "a\tb.jpg") == r"a\tb.jpg"
    assert file_name(Path("/")) == str(Path("/"))
