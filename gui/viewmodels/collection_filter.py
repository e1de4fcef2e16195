"""Which photographs of the collection are shown, and in what order."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from gui.natural_order import natural_key
from gui.viewmodels.image_collection import CollectedImage, ImageState


class Order(StrEnum):
    """What photographs are sorted by."""

    ADDED = "added"
    NAME = "name"
    CONFIDENCE = "confidence"
    STATE = "state"


# Those that wait for the user first.
_BY_URGENCY = (ImageState.FAILED, ImageState.CAPTIONING, ImageState.WAITING, ImageState.DONE, ImageState.EDITED)
_URGENCY = {state: rank for rank, state in enumerate(_BY_URGENCY)}
_ALL_STATES = frozenset(ImageState)


@dataclass(frozen=True, slots=True)
class CollectionFilter:
    """What is shown of a collection.

    Attributes
    ----------
    text
        Words that must all occur in the caption or in the file's name; case does not count.
    states
        Only photographs in one of these are shown.
    order
        As they were added; by name, ``IMG_2`` before ``IMG_10``; by confidence, the least sure first; by state, failed
        ones first.
    is_reversed
        Turn the order round. Photographs without a confidence stay at the end.
    """

    text: str = ""
    states: frozenset[ImageState] = _ALL_STATES
    order: Order = Order.ADDED
    is_reversed: bool = False

    @property
    def takes_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.text.strip() and self.states >= _ALL_STATES

    @property
    def depends_on_captions(self) -> bool:
        """Whether a new caption or state can change what is shown or where it stands."""
        return not self.takes_all or self.order in (Order.CONFIDENCE, Order.STATE)

    def arranged(self, images: Iterable[CollectedImage]) -> list[CollectedImage]:
        """The photographs that are shown, in order; those of equal rank stay as they were added."""
        shown = list(images) if self.takes_all else self._accepted(images)
        match self.order:
            case Order.ADDED if self.is_reversed:
                shown.reverse()
            case Order.NAME:
                shown.sort(key=lambda image: _name_rank(image.path), reverse=self.is_reversed)
            case Order.CONFIDENCE:
                shown.sort(key=_confidence_rank(-1.0 if self.is_reversed else 1.0))
            case Order.STATE:
                shown.sort(key=lambda image: _URGENCY[image.state], reverse=self.is_reversed)
        return shown

    def _accepted(self, images: Iterable[CollectedImage]) -> list[CollectedImage]:
        words, states = self.text.casefold().split(), self.states
        found = [image for image in images if image.state in states]
        for word in words:
            found = [image for image in found if word in _folded_name(image.path) or word in image.text.casefold()]
        return found


def _name(path: str) -> str:
    # Not CollectedImage.name: making 10,000 names printable takes longer than everything else here together.
    return path.rpartition(os.sep)[2]


@functools.lru_cache(maxsize=1 << 17)
def _folded_name(path: str) -> str:
    return _name(path).casefold()


@functools.lru_cache(maxsize=1 << 17)
def _name_rank(path: str) -> str:
    return natural_key(_name(path))


def _confidence_rank(sign: float) -> Callable[[CollectedImage], float]:
    def rank(image: CollectedImage) -> float:
        confidence = image.confidence
        return float("inf") if confidence is None else sign * confidence

    return rank
