"""Numbers as people read them, in the language of the window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

MINUS = "\N{MINUS SIGN}"


def percent_text(value: float) -> str:
    """A share in [0, 1] as ``62 %``; what is there but rounds to nothing is ``<1 %``."""
    if 0 < value < 0.005:
        return QCoreApplication.translate("Numbers", "<1\N{NO-BREAK SPACE}%")
    percent = QLocale().toString(round(value * 100))
    return QCoreApplication.translate("Numbers", "{percent}\N{NO-BREAK SPACE}%").format(percent=percent)


def decimal_text(value: float, digits: int = 1) -> str:
    """A number with so many digits after the point and a true minus sign, such as ``−7.9``."""
    return QLocale().toString(value, "f", digits).replace("-", MINUS)
