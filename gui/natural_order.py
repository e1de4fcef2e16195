"""The order in which people expect file names: ``IMG_2`` before ``IMG_10``."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"[0-9]+")


def natural_key(name: str) -> str:
    """Sort key under which runs of digits count as numbers and case does not count.

    The engine finds photographs in the same order (`captioner.imaging.search`, which the window cannot import). Here
    the key is one string, since 10,000 strings are sorted five times as fast as as many lists.
    """
    return f"{_DIGITS.sub(_number, name.casefold())}\0\0{name}"


def _number(match: re.Match[str]) -> str:
    # Of two numbers the one with more digits is larger. The zero, which no file name holds, ends the text before it.
    digits = match.group().lstrip("0")
    return f"\0{chr(len(digits) + 1)}{digits}"
