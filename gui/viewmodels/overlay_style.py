"""How attention is drawn over a photograph."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

Mode = Literal["heat", "spotlight", "outline"]
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class OverlayStyle:
    """How attention is drawn over a photograph.

    Attributes
    ----------
    mode
        ``heat`` colours the places by weight, ``spotlight`` darkens those without, ``outline`` draws a line around
        the strong ones.
    colour_map
        Name of the scale of colours for ``heat``.
    opacity
        Of the overlay where it is strongest, in [0, 1].
    is_smooth
        Interpolate between the cells, for the eye only; otherwise the cells are seen as they are.
    is_scale_shared
        One scale for all words of the caption; otherwise each word fills the scale by itself.
    """

    mode: Mode = "heat"
    colour_map: str = "viridis"
    opacity: float = 0.6
    is_smooth: bool = True
    is_scale_shared: bool = True

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """Build from plain values; what is unknown is passed over and what cannot be takes its default."""
        if not isinstance(values, Mapping):
            return cls()
        usable = {name: values[name] for name, fits in _FITS.items() if name in values and fits(values[name])}
        return cls(**usable)

    def to_dict(self) -> dict[str, Any]:
        """Plain values that `from_dict` reads back to an equal object."""
        return dataclasses.asdict(self)


def _is_mode(value: object) -> bool:
    return isinstance(value, str) and value in MODES


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isidentifier() and len(value) <= 40


def _is_share(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value <= 1


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


_FITS = {
    "mode": _is_mode,
    "colour_map": _is_name,
    "opacity": _is_share,
    "is_smooth": _is_bool,
    "is_scale_shared": _is_bool,
}
