"""Colours of the runs in a chart: apart for every kind of colour vision, and strong enough on either ground."""

from __future__ import annotations

from PySide6.QtGui import QColor

from gui.theme import OKABE_ITO, Tokens

LEAST_CONTRAST = 3.0
_STEP = 0.04


def run_colour(number: int, tokens: Tokens) -> QColor:
    """The accent for the run that is looked at, number 0, and other colours for those laid over it."""
    if number == 0:
        return tokens.colour("accent")
    # Without the blues, which would be taken for the accent.
    others = [colour for colour in OKABE_ITO if colour not in ("#0072B2", "#56B4E9")]
    return _readable(QColor(others[(number - 1) % len(others)]), QColor(tokens.panel))


def _readable(colour: QColor, ground: QColor) -> QColor:
    """The same hue, darker or lighter until it stands out from the ground."""
    is_dark = _luminance(ground) < 0.2
    hue, saturation, lightness = colour.hslHueF(), colour.hslSaturationF(), colour.lightnessF()
    while contrast(colour, ground) < LEAST_CONTRAST and 0 < lightness < 1:
        lightness = min(max(lightness + (_STEP if is_dark else -_STEP), 0.0), 1.0)
        colour = QColor.fromHslF(hue, saturation, lightness)
    return colour


def contrast(one: QColor, other: QColor) -> float:
    """Contrast as WCAG 2 defines it: 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())
