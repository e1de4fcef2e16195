"""Text that nothing obeys: one line, without what a terminal or a spreadsheet would take for an order."""

from __future__ import annotations

import unicodedata

FORMULA_STARTS = ("=", "+", "-", "@")


def plain(text: str) -> str:
    """``text`` on one line, with nothing in it that a terminal would obey or cannot show."""
    shown = "".join(
        " " if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") else character for character in text
    )
    return shown.encode("utf-8", "backslashreplace").decode()


def no_formula(text: str) -> str:
    """``text`` with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip().startswith(FORMULA_STARTS) else text
