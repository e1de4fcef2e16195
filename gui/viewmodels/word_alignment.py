"""Which word of a text that a hand has changed is which of the model's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

MAX_WORDS = 300
"""Words of a text beyond these stay without a link; comparing takes the product of both lengths."""

# As the Penn Treebank parts words: man 's, do n't. A hyphen within stays.
_TOKEN = re.compile(r"\w[\w-]*?(?=n't\b)|n't\b|'(?:s|re|ve|ll|d|m)\b|\w[\w-]*")


def align(model_words: Sequence[str], text: str) -> tuple[int | None, ...]:
    """Link the words of a text to the words that a model wrote.

    Case and punctuation do not matter, and a clitic that was joined to the word before it (``man 's`` to ``man's``)
    goes with that word.

    Parameters
    ----------
    model_words
        The model's words, in order.
    text
        What stands there now.

    Returns
    -------
    tuple
        For each white-space separated word of ``text`` the index of the model's word that it came from, or None. The
        indices rise strictly, so each of the model's words is used at most once.
    """
    words = text.split()
    tokens = [(token, position) for position, word in enumerate(words[:MAX_WORDS]) for token in tokens_of(word)]
    owners = [position for _, position in tokens]
    links: list[int | None] = [None] * len(words)
    matcher = SequenceMatcher(
        None, [normal(word) for word in model_words], [token for token, _ in tokens], autojunk=False
    )
    for index, place, length in matcher.get_matching_blocks():
        for offset in range(length):
            word = owners[place + offset]
            if links[word] is None:
                links[word] = index + offset
    return tuple(links)


def tokens_of(text: str) -> tuple[str, ...]:
    """The tokens that a model would see in a text: ``Man's dog.`` gives ``man``, ``'s`` and ``dog``."""
    return tuple(_TOKEN.findall(normal(text)))


def normal(word: str) -> str:
    """A word as it is compared: without regard to case and to the shape of its apostrophe."""
    return word.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
