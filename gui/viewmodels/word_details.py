"""What the side panel says about one word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WordDetails:
    """One word of a caption, as it stands in the text.

    Attributes
    ----------
    text
        The word.
    probability
        In [0, 1], given the image and the words before it; None where the model did not say the word.
    alternatives
        Other words that could stand here and their probabilities, most likely first. `text` may be among them.
    entropy, most_entropy
        How widely the word looked and the most that its grid allows, log2 L, both in bits.
    gate
        Xu's beta in [0, 1]: how much of what attention saw was let through.
    place
        Where the word looked, in words, such as ``centre left, 62 %``.
    is_flat
        Whether the word looked everywhere about alike, so that its map says little.
    is_edited
        Whether a hand wrote the word.
    """

    text: str
    probability: float | None = None
    alternatives: tuple[tuple[str, float], ...] = ()
    entropy: float | None = None
    most_entropy: float | None = None
    gate: float | None = None
    place: str = ""
    is_flat: bool = False
    is_edited: bool = False
