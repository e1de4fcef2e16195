import json
import os
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captioner.errors import VocabularyError
from captioner.vocabulary import MAX_FILE_BYTES, SPECIAL_TOKENS, UNK, Vocabulary, join_words, tokenise_words

words = st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=4), max_size=30)
new_words = st.text(min_size=1, max_size=200).filter(
    lambda word: word.isprintable() and word.strip() and word not in SPECIAL_TOKENS
)
in_one_folder = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(captions=st.lists(words, min_size=1, max_size=20), least=st.integers(1, 4))
def test_words_are_kept_by_count_most_frequent_first(captions, least):
    counts = {word: sum(caption.count(word) for caption in captions) for caption in captions for word in caption}
    expected = sorted((word for word, count in counts.items() if count >= least), key=lambda w: (-counts[w], w))
    if not expected:
        with pytest.raises(VocabularyError):
            Vocabulary.from_captions(captions, min_count=least)
        return
    assert Vocabulary.from_captions(captions, min_count=least).tokens == (*SPECIAL_TOKENS, *expected)


def test_special_tokens_in_captions_are_not_words():
    vocabulary = Vocabulary.from_captions([["<pad>", "<unk>", "dog"]] * 5)
    assert vocabulary.tokens == (*SPECIAL_TOKENS, "dog")


@given(words)
def test_encoding_and_decoding_are_inverse(caption):
    vocabulary = Vocabulary.from_captions([["a"], caption], min_count=1)
    assert vocabulary.decode(vocabulary.encode(caption)) == caption
    assert vocabulary.encode(["NEVER SEEN"]) == [UNK]
    assert vocabulary.decode([0, 1, 2, 3]) == []


@in_one_folder
@given(tokens=st.lists(new_words, min_size=1, unique=True))
def test_file_round_trip(tmp_path, tokens):
    vocabulary = Vocabulary((*SPECIAL_TOKENS, *tokens))
    path = tmp_path / "vocabulary.json"
    path.write_text(vocabulary.to_json(), encoding="utf-8")
    assert Vocabulary.from_file(path) == vocabulary
    assert hash(Vocabulary.from_file(path)) == hash(vocabulary)


def test_lookup(tiny):
    vocabulary = tiny.vocabulary(3)
    assert len(vocabulary) == 7
    assert "word2" in vocabulary
    assert "word3" not in vocabulary
    assert vocabulary != tiny.vocabulary(2)


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        SPECIAL_TOKENS,
        ("<start>", "<pad>", "<end>", "<unk>", "dog"),
        ("dog", *SPECIAL_TOKENS),
        (*SPECIAL_TOKENS, "dog", "dog"),
        (*SPECIAL_TOKENS, "<pad>"),
        (*SPECIAL_TOKENS, ""),
        (*SPECIAL_TOKENS, " "),
        (*SPECIAL_TOKENS, "a" * 201),
        (*SPECIAL_TOKENS, 7),
        (*SPECIAL_TOKENS, ["dog"]),
        (*SPECIAL_TOKENS, None),
        (*SPECIAL_TOKENS, "red\x1b[31m"),
        (*SPECIAL_TOKENS, "two\nlines"),
        (*SPECIAL_TOKENS, "half \ud800"),
    ],
)
def test_impossible_tokens_are_refused(tokens):
    with pytest.raises(VocabularyError):
        Vocabulary(tokens)


VALID = {"format_version": 1, "level": "word", "tokens": [*SPECIAL_TOKENS, "dog"]}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"tokens": ' + b"9" * 10_000 + b"}",
        json.dumps([VALID]).encode(),
        json.dumps(VALID | {"format_version": 2}).encode(),
        json.dumps(VALID | {"level": ["word"]}).encode(),
        json.dumps(VALID | {"tokens": "<pad><start>"}).encode(),
        json.dumps(VALID | {"tokens": {"<pad>": 0}}).encode(),
        json.dumps(VALID | {"tokens": [*SPECIAL_TOKENS, "\ud800"]}).encode(),
    ],
)
def test_damaged_file_is_refused_by_name(tmp_path, content):
    path = tmp_path / "vocabulary.json"
    path.write_bytes(content)
    with pytest.raises(VocabularyError, match=r"vocabulary\.json cannot be used") as caught:
        Vocabulary.from_file(path)
    assert caught.value.path == path


@in_one_folder
@given(start=st.integers(0, 90), content=st.binary(max_size=100))
def test_arbitrary_bytes_are_read_or_refused(tmp_path, start, content):
    path = tmp_path / "vocabulary.json"
    path.write_bytes(json.dumps(VALID).encode()[:start] + content)
    try:
        vocabulary = Vocabulary.from_file(path)
    except VocabularyError:
        return
    assert vocabulary.tokens[:4] == SPECIAL_TOKENS


def test_missing_folder_and_pipe_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing.json", ".", "pipe"):
        with pytest.raises(VocabularyError, match="cannot be used"):
            Vocabulary.from_file(tmp_path / name)


def test_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "vocabulary.json"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(VocabularyError, match="larger than"):
        Vocabulary.from_file(path)


def test_tokenising_and_joining():
    assert tokenise_words("A man's dog, running!") == ["a", "man", "'s", "dog", "running"]
    assert join_words(["a", "man", "'s", "dog"]) == "a man's dog"
    assert join_words([]) == ""


# Characters


@given(captions=st.lists(words.filter(len), min_size=1, max_size=20), least=st.integers(1, 9))
def test_characters_are_kept_by_count_and_the_space_always(captions, least):
    text = [" ".join(caption) for caption in captions]
    counts = {character: sum(line.count(character) for line in text) for character in "".join(text)}
    expected = {character for character, count in counts.items() if count >= least} | {" "}
    if expected == {" "}:
        with pytest.raises(VocabularyError, match="the space and at least one other"):
            Vocabulary.from_captions(captions, min_count=least, level="char")
        return
    vocabulary = Vocabulary.from_captions(captions, min_count=least, level="char")
    assert vocabulary.tokens[:4] == SPECIAL_TOKENS
    assert set(vocabulary.tokens[4:]) == expected
    assert vocabulary.tokens[vocabulary.space] == " "


@given(words)
def test_spelling_and_reading_are_inverse(caption):
    vocabulary = Vocabulary.from_captions([["a"], caption], min_count=1, level="char")
    token_ids = vocabulary.encode(caption)
    assert vocabulary.decode(token_ids) == caption
    assert [vocabulary.tokens[index] for index in token_ids] == list(" ".join(caption))
    assert vocabulary.encode(["A"]) == [UNK]
    assert vocabulary.decode([0, 1, 2, 3, vocabulary.space]) == []


def test_clitics_are_words_when_spelled_too():
    tokenised = tokenise_words("A man's dog")
    vocabulary = Vocabulary.from_captions([tokenised], min_count=1, level="char")
    assert join_words(vocabulary.decode(vocabulary.encode(tokenised))) == "a man's dog"


def test_characters_round_trip_and_are_not_words(tmp_path):
    tokens = (*SPECIAL_TOKENS, " ", "a", "é", "'")
    vocabulary, path = Vocabulary(tokens, level="char"), tmp_path / "vocabulary.json"
    path.write_text(vocabulary.to_json(), encoding="utf-8")
    again = Vocabulary.from_file(path)
    assert (again, hash(again), again.level) == (vocabulary, hash(vocabulary), "char")
    assert vocabulary != Vocabulary((*SPECIAL_TOKENS, "a", "é", "'"))
    assert (vocabulary.space, Vocabulary((*SPECIAL_TOKENS, "a")).space) == (4, None)


def test_old_files_are_of_words(tmp_path):
    path = tmp_path / "vocabulary.json"
    path.write_text(json.dumps(VALID))
    vocabulary = Vocabulary.from_file(path)
    assert (vocabulary.level, vocabulary.tokens[4:]) == ("word", ("dog",))
    assert json.loads(vocabulary.to_json()) == VALID


def test_spelled_captions_have_more_tokens():
    assert Vocabulary((*SPECIAL_TOKENS, "a")).max_tokens(10) == 10
    assert Vocabulary((*SPECIAL_TOKENS, "a", " "), level="char").max_tokens(10) > 50


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [
        (("a", "b"), "the space"),
        ((" ",), "at least one other"),
        ((" ", "a", "dog"), "single character"),
        ((" ", "a", "a"), "twice"),
        ((" ", "a", " "), "twice"),
        ((" ", "a", "\n"), "empty"),
        ((" ", "a", "\x1b"), "control"),
    ],
)
def test_impossible_characters_are_refused(tokens, reason):
    with pytest.raises(VocabularyError, match=reason):
        Vocabulary((*SPECIAL_TOKENS, *tokens), level="char")


def test_words_are_added_after_those_that_are_known():
    known = Vocabulary((*SPECIAL_TOKENS, "a", "dog"))
    captions = [["a", "cat"], ["a", "cat", "sleeps"], ["<unk>", "cat"], ["<unk>", "zoo"], ["zoo"]]
    assert known.extended(captions, min_count=2).tokens == (*known.tokens, "cat", "zoo")
    assert known.extended(captions, min_count=9) == known
    assert known.extended([], min_count=1) == known


def test_adding_the_same_words_again_changes_nothing():
    captions = [["a", "cat"], ["a", "zoo"]]
    once = Vocabulary((*SPECIAL_TOKENS, "a")).extended(captions, min_count=1)
    assert once.extended(captions, min_count=1) == once


def test_characters_are_added_to_characters():
    known = Vocabulary((*SPECIAL_TOKENS, " ", "a"), level="char")
    assert known.extended([["ab", "c"]], min_count=1).tokens == (*known.tokens, "b", "c")
