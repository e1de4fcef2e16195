"""Tokens of captions as coco-caption counts them: those of Stanford's PTBTokenizer, lower-cased, without Java."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# coco-caption's list is in capitals but its tokens are lower-cased, so "-lrb-" and its kin are counted as words.
PUNCTUATION = frozenset({"''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"})

# Abbreviations that keep their full stop whatever follows; states that are also words, only with a capital.
_ABBREVIATION = re.compile(
    r"""
      (?i: mrs?|ms|mx|drs?|profs?|sens?|reps?|govs?|lt|col|gen|adm|rev|maj|sgt|cpl|pvt|capt|pres|hon|brig|messrs|msgr
         | ste?|mt|ft|jr|sr|bros|esq|ph|(?:ed|ph)\.d|alex|wm|jos|ave|blvd|rd|bldg|dept|natl|univ|assn|intl|mfg|elec
         | inc|cos?|corp|ltd|plc|etc|al|seq|vs|v|cf|a\.k\.a|est|ext|tel|sq|rt
         | jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|mon|tues?|wed|thu|thurs|fri
         | ala|ariz|calif|colo|conn|ct|dak|fla|ga|ind|kans?|ky|md|mich|minn|mo|mont|neb|nev|okla|penn|tenn|va|vt
         | wisc?|wyo )
    | Ark|Az|Del|Ill|La|Mass|Miss|Ore|Pa|Tex|Wash
    """,
    re.VERBOSE,
)
# These keep theirs only before a number, as in "no. 5".
_NUMBER_ABBREVIATION = re.compile(r"(?i:arts?|ca|figs?|nos?|op|paras?|pp|prop)")
# After a single letter and a full stop, these words begin a sentence; any other word may be a name.
_SENTENCE_START = re.compile(
    r"""
      An?|About|According|Additionally|After|As|At|But|Earlier|Her?|Here|However|If|In|It|Last|Many|More|Now|One|Other|Our
    | She|Since|So|Some|Such|That|The|Their|Then|There|These|They|This|We|What|When|While|Yet|You
    """,
    re.VERBOSE,
)
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_SYMBOLS = {
    "(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-",
    "£": "#", "€": "$", "₹": "$", "¤": "$", "¢": "cents",
    "¼": "1/4", "½": "1/2", "¾": "3/4", "⅓": "1/3", "⅔": "2/3",
}  # fmt: skip
_PLAIN_QUOTES = str.maketrans(
    {"’": "'", "›": "'", "‘": "`", "‹": "`", "“": '"', "”": '"', "«": '"', "»": '"', "\u00ad": None}
)
_BRACKET = re.compile(r"[()\[\]{}]")

_LETTER = r"[^\W\d_ª²³¹º¼-¾⁰-₉⅐-⅟]"
_ALNUM = r"[^\W_ª²³¹º¼-¾⁰-₉⅐-⅟]"
_CLITIC = rf"'(?i:[msd]|re|ve|ll)(?!{_LETTER})"

# The first alternative that matches wins; Stanford's lexer takes the longest, which the order brings about.
# Repetitions are bounded where another alternative would otherwise be tried over the whole of a hostile caption.
_TOKEN = re.compile(
    rf"""
      (?:https?|ftp)://[^\s"<>|(){{}}\[\]]*[^\s"'<>|.!?(){{}},;:&\[\]-]           # links, addresses, tags
    | (?:[a-z]{{1,63}}\.){{1,8}}(?:com|net|org|edu)/[^\s"<>|()]*[^\s"<>|.!?(){{}},-]
    | [A-Za-z0-9._%+-]{{1,64}}@[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,250}}[A-Za-z0-9])?
    | @[A-Za-z_]\w* | \#{_LETTER}(?:{_LETTER}|_)*
    | &(?:amp|lt|gt|quot|apos|\#\d{{1,7}}); | (?i:-[lr][rcs]b-)
    | </?[A-Za-z][\w:.-]*/?>
    | [<>]?[:;=][-o*']?[()DPdpO\\{{@|\[\]](?!{_LETTER})                          # :-) and its kin
    | (?i:can(?=not)|gon(?=na)|wan(?=na)|got(?=ta)|lem(?=me)|gim(?=me))(?=\w{{2,3}}(?![\w'-]))
    | (?i:'t(?=(?:is|was)(?!\w)))
    | [A-Za-z]{{0,60}}[A-MO-Za-mo-z](?=(?i:n['`]t)(?!{_LETTER}))                  # do|n't
    | (?i:n['`]t)(?!{_LETTER})
    | (?i:c'mon|cap'n|c'est|s'mores|somethin'|nat'l|li'l|ol'|ev'ry|nor'easter|e'er|y'(?={_ALNUM}))
    | [A-HJ-XZn](?!{_CLITIC})'{_LETTER}{{2,}} | [dDoOlL]'{_ALNUM}{{2,}}             # O'Neil, o'clock
    | {_LETTER}{{1,60}}[aeiouyAEIOUY](?!{_CLITIC})'[aeiouA-Z]{_LETTER}*           # ma'am
    | (?i:'(?:em|till?|cause)) | (?i:'n)(?:'|(?!{_LETTER})) | '[2-9]0s | '\d\d(?=\s|\Z)
    | \d{{1,4}}-\d{{1,4}}/\d{{1,4}}                                              # 1-1/2, and/or
    | {_ALNUM}+(?:-[A-Za-z]+){{0,2}}(?:/{_ALNUM}+(?:-[A-Za-z]+){{0,2}}){{1,2}}
    | {_ALNUM}(?:{_ALNUM}|[.,]){{0,80}}(?:[-‐‑](?:[A-Za-z](?:\.[A-Za-z])+\.|{_ALNUM}+))+  # t-shirt, U.S.-based
    | {_ALNUM}+(?:[-_‐‑]{_ALNUM}+)+
    | [A-Z]+(?:[+&][A-Z]+)+                                                     # AT&T
    | [A-Z]*\$
    | [-+]?\d*(?:[.,]\d+)+ | [-+]?\d+(?:[.:,]\d+)+ | [-+]\d+                      # 3.5, 10:30
    | [A-Za-z](?:\.[A-Za-z])+\.(?!{_LETTER})                                    # U.S.
    | {_LETTER}{_ALNUM}*(?:[.!?]{_LETTER}{_ALNUM}*)*
    | {_ALNUM}+
    | {_CLITIC}
    | \.{{3,}} | -+ | [?!]+ | ''|`` | \*+ | @+ | \#+ | _+ | << | >>
    | \S
    """,
    re.VERBOSE,
)
_SPECIAL_WORDS = frozenset({"cannot", "gonna", "wanna", "gotta", "lemme", "gimme"})


def ptb_tokenise(caption: str) -> list[str]:
    """Split a caption into the tokens that coco-caption scores.

    Follows ``edu.stanford.nlp.process.PTBTokenizer -preserveLines -lowerCase`` of CoreNLP 3.4.1 and then drops
    coco-caption's list of punctuation. Contractions are split ("do n't", "man 's"), hyphenated words are not, and
    brackets become "-lrb-" and "-rrb-", which stay: coco-caption looks for them in capitals only.

    Parameters
    ----------
    caption
        Any text; line breaks count as spaces.

    Returns
    -------
    list of str
        Lower-cased tokens, none of them empty.

    Notes
    -----
    Three deliberate differences: phone numbers and mixed fractions ("1 1/2"), single tokens with a hard space for
    Stanford, are split; the end of a caption ends a sentence, where Stanford looks at the next line of its file; and
    accents that follow their letter are joined to it first.
    """
    if not caption.isascii():
        caption = unicodedata.normalize("NFC", caption).translate(_PLAIN_QUOTES)
    chunks = caption.split()
    tokens: list[str] = []
    for position, chunk in enumerate(chunks):
        if chunk.isascii() and chunk.isalpha() and chunk.lower() not in _SPECIAL_WORDS:
            tokens.append(chunk.lower())
        elif chunk not in PUNCTUATION:
            following = chunks[position + 1] if position + 1 < len(chunks) else ""
            tokens.extend(
                _split(chunk, not following or bool(_SENTENCE_START.fullmatch(following)), following[:1].isdigit())
            )
    return tokens


@lru_cache(maxsize=1 << 15)
def _split(chunk: str, ends_sentence: bool, before_number: bool) -> tuple[str, ...]:
    """Split one run of characters without spaces, given what follows it."""
    tokens: list[str] = []
    position = 0
    while match := _TOKEN.match(chunk, position):
        token, position = match.group(), match.end()
        rest = chunk[position : position + 2]
        if rest[:1] == "." and _keeps_full_stop(token, rest[1:], ends_sentence, before_number):
            token, position = token + ".", position + 1
        written = _written(token)
        if written and written not in PUNCTUATION:
            tokens.append(written)
    return tuple(tokens)


def _keeps_full_stop(token: str, after: str, ends_sentence: bool, before_number: bool) -> bool:
    """Whether a full stop behind ``token`` is part of it; ``after`` is the character behind that, if any."""
    if not token[-1].isalnum():
        return False
    if after and after in ",;:":
        return True
    if len(token) == 1 and token.isascii() and token.isalpha():
        return bool(after) or not ends_sentence
    if _NUMBER_ABBREVIATION.fullmatch(token):
        return after.isdigit() or (not after and before_number)
    return bool(_ABBREVIATION.fullmatch(token))


def _written(token: str) -> str:
    """The token as Stanford writes it; empty for characters that it cannot tokenise and drops."""
    if token[0].isalnum() and token.isascii():
        return token.lower()
    token = _ENTITIES.get(token, token)
    if len(token) == 1:
        if ord(token) > 0xFFFF or unicodedata.category(token)[0] in "CM" or token in '"–—―…‐‑':
            return ""
        return _SYMBOLS.get(token, token).lower()
    if token[0] == "-" and not token.strip("-"):
        return "--"
    return _BRACKET.sub(lambda bracket: _SYMBOLS[bracket.group()], token).lower() if token.strip(".") else ""
