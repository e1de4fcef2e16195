"""Words or characters and their ids: the tokeniser, the special tokens, and the file that travels with a model."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_args

from captioner.config import TextLevel
from captioner.errors import VocabularyError
from captioner.metrics.tokenise import ptb_tokenise

PAD, START, END, UNK = range(4)
SPECIAL_TOKENS = ("<pad>", "<start>", "<end>", "<unk>")
SPACE = " "
FORMAT_VERSION = 1
# Captions have some five characters per word, the space included; fewer than one in a thousand have more than eight.
CHARACTERS_PER_WORD = 8
MAX_FILE_BYTES = 64 * 2**20
MAX_TOKENS = 1_000_000
# Tokens are printed to terminals and written as UTF-8.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CLITICS = frozenset({"'s", "'re", "'ve", "'ll", "'d", "'m", "n't", "'"})


def tokenise_words(caption: str) -> list[str]:
    """Split a caption into lower-case words as the Penn Treebank does, without punctuation.

    The same tokens as the metrics use, so that a model learns exactly the words it is scored on.
    """
    return ptb_tokenise(caption)


def join_words(words: Sequence[str]) -> str:
    """Words of a caption as a readable line; clitics lean on the word before them (``man 's`` gives ``man's``)."""
    text = ""
    for word in words:
        text += word if not text or word in _CLITICS else f" {word}"
    return text


class Vocabulary:
    """The tokens a model knows, in the order of their ids.

    A caption is a sequence of words whatever the level: a vocabulary of characters spells them, with a space between
    two, and reads them back.

    Parameters
    ----------
    tokens
        ``<pad>``, ``<start>``, ``<end>``, ``<unk>`` (ids 0 to 3), then the words, or the characters with
        the space among them.
    level
        ``word`` or ``char``.

    Raises
    ------
    VocabularyError
        If the special tokens are not where they must be, or a token is empty, repeated, not text, or
        holds control characters.
    """

    def __init__(self, tokens: Sequence[str], *, level: TextLevel = "word") -> None:
        self.tokens, self.level = tuple(tokens), level
        _check_tokens(self.tokens, level)
        self._ids = {token: index for index, token in enumerate(self.tokens)}

    @classmethod
    def from_captions(
        cls, captions: Iterable[Sequence[str]], *, min_count: int = 5, level: TextLevel = "word"
    ) -> Vocabulary:
        """Collect what occurs ``min_count`` times or more in ``captions``, most frequent first.

        Parameters
        ----------
        captions
            The words of each.
        min_count
            Least count of a word, or of a character.
        level
            Whether to collect words or the characters that spell them.
        """
        return cls((*SPECIAL_TOKENS, *_frequent(captions, min_count, level)), level=level)

    def extended(self, captions: Iterable[Sequence[str]], *, min_count: int = 5) -> Vocabulary:
        """The same tokens with the same ids, and after them what else occurs ``min_count`` times in ``captions``."""
        new = [token for token in _frequent(captions, min_count, self.level) if token not in self._ids]
        return Vocabulary((*self.tokens, *new), level=self.level) if new else self

    @property
    def space(self) -> int | None:
        """Id of the token between two words; None where words are the tokens."""
        return self._ids[SPACE] if self.level == "char" else None

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and (self.tokens, self.level) == (other.tokens, other.level)

    def __hash__(self) -> int:
        return hash((self.tokens, self.level))

    def encode(self, words: Sequence[str]) -> list[int]:
        """Ids of ``words`` or of their characters; those it does not know become ``<unk>``.

        No ``<start>`` or ``<end>`` is added.
        """
        return [self._ids.get(token, UNK) for token in (words if self.level == "word" else SPACE.join(words))]

    def decode(self, token_ids: Iterable[int]) -> list[str]:
        """Words of ``token_ids``, special tokens left out."""
        tokens = [self.tokens[index] for index in token_ids if index >= len(SPECIAL_TOKENS)]
        return tokens if self.level == "word" else [word for word in "".join(tokens).split(SPACE) if word]

    def max_tokens(self, words: int) -> int:
        """Most tokens that a caption of ``words`` words is given room for, ``<end>`` left out."""
        return words if self.level == "word" else words * CHARACTERS_PER_WORD

    def to_json(self) -> str:
        """The text of ``vocabulary.json``."""
        content = {"format_version": FORMAT_VERSION, "level": self.level, "tokens": list(self.tokens)}
        return json.dumps(content, ensure_ascii=False, indent=0) + "\n"

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Vocabulary:
        """Read ``vocabulary.json``.

        Raises
        ------
        VocabularyError
            If the file is missing, too large, not JSON, or its tokens are not a valid vocabulary.
        """
        path = Path(path)
        content = _read_json(path)
        if not isinstance(content, dict) or content.get("format_version") != FORMAT_VERSION:
            raise _refusal(path, f"it is not a vocabulary of format version {FORMAT_VERSION}")
        level: Any = content.get("level")
        if level not in get_args(TextLevel):
            raise _refusal(path, f"its level {level!r:.40} is not known")
        tokens = content.get("tokens")
        if not isinstance(tokens, list):
            raise _refusal(path, "its list of tokens is missing")
        try:
            return cls(tokens, level=level)
        except VocabularyError as error:
            raise _refusal(path, error.message.rstrip(".")) from error


def _frequent(captions: Iterable[Sequence[str]], min_count: int, level: TextLevel) -> list[str]:
    """Words, or the characters that spell them, that occur ``min_count`` times or more, most frequent first."""
    if level == "char":
        counts = Counter(character for caption in captions for character in SPACE.join(caption))
        counts[SPACE] = max(min_count, counts[SPACE])
    else:
        counts = Counter(word for caption in captions for word in caption)
    kept = [token for token, count in counts.items() if count >= min_count and token not in SPECIAL_TOKENS]
    return sorted(kept, key=lambda token: (-counts[token], token))


def _check_tokens(tokens: tuple[str, ...], level: TextLevel) -> None:
    if tokens[: len(SPECIAL_TOKENS)] != SPECIAL_TOKENS:
        raise VocabularyError(f"The first tokens must be {', '.join(SPECIAL_TOKENS)}.")
    if not len(SPECIAL_TOKENS) < len(tokens) <= MAX_TOKENS:
        raise VocabularyError(f"There must be at least one word and at most {MAX_TOKENS:,} tokens.")
    seen: set[str] = set()
    for index, token in enumerate(tokens):
        is_space = level == "char" and token == SPACE
        if not isinstance(token, str) or not (token.strip() or is_space) or len(token) > 200:
            raise VocabularyError(f"Token {index} is empty, too long or not text.")
        if _UNPRINTABLE.search(token):
            raise VocabularyError(f"Token {index}, {token!r}, holds control characters or half a character.")
        if token in seen:
            raise VocabularyError(f"Token {index}, {token!r}, occurs twice.")
        if level == "char" and index >= len(SPECIAL_TOKENS) and len(token) != 1:
            raise VocabularyError(f"Token {index}, {token!r:.40}, is not a single character.")
        seen.add(token)
    if level == "char" and (SPACE not in seen or len(tokens) == len(SPECIAL_TOKENS) + 1):
        raise VocabularyError("A vocabulary of characters must have the space and at least one other.")


def _read_json(path: Path) -> Any:
    try:
        if path.exists() and not path.is_file():
            raise _refusal(path, "it is not a file")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _refusal(path, f"it is larger than {MAX_FILE_BYTES // 2**20} MB")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refusal(path, error.strerror or "it cannot be opened") from error
    except (ValueError, RecursionError) as error:
        raise _refusal(path, "it is not valid JSON") from error


def _refusal(path: Path, reason: str) -> VocabularyError:
    return VocabularyError(
        f"{path} cannot be used as a vocabulary: {reason}. Install the model again or restore the file.", path=path
    )
