"""How well a few typed letters fit a text."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

START_OF_WORD, NEXT_LETTER, LETTER = 7.0, 8.0, 0.5
LOST_PER_SKIPPED = 0.05


@dataclass(frozen=True, slots=True)
class Match:
    """How well it fits, more is better, and where in the text the letters were found."""

    score: float
    positions: tuple[int, ...]


def fuzzy_match(query: str, text: str) -> Match | None:
    """Find the letters of ``query`` in ``text`` in their order, whatever stands between them.

    Case, accents and spaces of the query do not matter. Of all ways to find the letters the best counts: letters in a
    row and letters at the start of words are worth most, and letters passed over cost a little.

    Returns
    -------
    Match or None
        None where a letter is missing; an empty query fits everything.
    """
    letters = [folded for folded in map(_fold, query) if not folded.isspace()]
    folded_text = [_fold(character) for character in text]
    # best[i]: the best match of the letters so far whose last letter is text[i].
    best: dict[int, Match] = {}
    for number, letter in enumerate(letters):
        found: dict[int, Match] = {}
        for place in (index for index, character in enumerate(folded_text) if character == letter):
            before = [match for index, match in best.items() if index < place] if number else [Match(0.0, ())]
            if before:
                found[place] = max((_extended(match, place, text) for match in before), key=lambda match: match.score)
        best = found
        if not best:
            return None
    if not letters:
        return Match(0.0, ())
    winner = max(best.values(), key=lambda match: match.score)
    return Match(winner.score - LOST_PER_SKIPPED * (len(text) - len(letters)), winner.positions)


def _extended(match: Match, place: int, text: str) -> Match:
    is_next = bool(match.positions) and match.positions[-1] == place - 1
    is_start = place == 0 or not text[place - 1].isalnum()
    worth = max(LETTER, NEXT_LETTER * is_next, START_OF_WORD * is_start)
    skipped = place - match.positions[-1] - 1 if match.positions else place
    return Match(match.score + worth - LOST_PER_SKIPPED * skipped, (*match.positions, place))


def _fold(character: str) -> str:
    """A letter without case and accents."""
    base = unicodedata.normalize("NFKD", character)[:1] or character
    return base.casefold()
