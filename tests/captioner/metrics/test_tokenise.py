import shutil
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.metrics.tokenise import PUNCTUATION, ptb_tokenise

CASES = [
    ("A man in a Red shirt .", "a man in a red shirt"),
    ("Two dogs, one ball; what fun: yes!", "two dogs one ball what fun yes"),
    ("a snow-covered t-shirt", "a snow-covered t-shirt"),
    ("a 50-year-old on a merry-go-round", "a 50-year-old on a merry-go-round"),
    ("a dog -- or a cat - runs", "a dog or a cat runs"),
    ("dog--cat", "dog cat"),
    ("the man's dog and the boys' toys", "the man 's dog and the boys toys"),
    ("he doesn't, can't and won't", "he does n't ca n't and wo n't"),
    ("I'm sure they've said we'll go", "i 'm sure they 've said we 'll go"),
    ("shouldn't've", "should n't 've"),
    ("ma'am, it is one o'clock", "ma'am it is one o'clock"),
    ("O'Neil and D'Angelo", "o'neil and d'angelo"),
    ("rock 'n' roll", "rock 'n' roll"),
    ("y'all cannot stop, gonna go", "y' all can not stop gon na go"),
    ("in the '80s and the 1990's", "in the '80s and the 1990 's"),
    ("a sign says \"STOP\" and 'go'", "a sign says stop and go"),
    ("``quoted''", "quoted"),
    ("a man (left) waits", "a man -lrb- left -rrb- waits"),
    ("[x] {y}", "-lsb- x -rsb- -lcb- y -rcb-"),
    ("3.5 miles, 1,000 people at 10:30", "3.5 miles 1,000 people at 10:30"),
    ("a 5'10\" man", "a 5 10 man"),
    ("$5.00 is 50% off #1", "$ 5.00 is 50 % off # 1"),
    ("the end... of the road..", "the end of the road"),
    ("black/white and/or w/o", "black/white and/or w/o"),
    ("1/2 of 3/4ths", "1/2 of 3/4ths"),
    ("AT&T but at&t", "at&t but at & t"),
    ("wow!! really?!", "wow !! really ?!"),
    ("Mr. Smith of the U.S. at 5 p.m.", "mr. smith of the u.s. at 5 p.m."),
    ("at home. It ends.", "at home it ends"),
    ("number no. 5, no.", "number no. 5 no"),
    ("in La. or la la.", "in la. or la la"),
    ("end.Then more", "end.then more"),
    ("www.example.com and a@b.org", "www.example.com and a@b.org"),
    ("happy :-) <b>man</b>", "happy :--rrb- <b> man </b>"),
    ("Café naïve – “curly” man’s … don’t", "café naïve curly man 's do n't"),
    ("jalapen\u0303os", "jalapeños"),
    ("½ £5 €6", "1/2 # 5 $ 6"),
    ("soft\u00adhyphen 😀 \u200b", "softhyphen"),
    ("line\nbreak\ttab", "line break tab"),
    ("", ""),
    (" . , ", ""),
]


@pytest.mark.parametrize(("caption", "expected"), CASES)
def test_splits_as_stanford_does(caption, expected):
    assert ptb_tokenise(caption) == expected.split()


def test_agrees_with_java():
    if shutil.which("java") is None:
        pytest.skip("Java is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wrapper = pytest.importorskip("pycocoevalcap.tokenizer.ptbtokenizer", reason="pycocoevalcap is not installed")
        # Java reads the file in the encoding of the locale, which may not know more than ASCII.
        captions = [caption for caption, _ in CASES if caption.isascii() and caption.strip()]
        try:
            tokenised = wrapper.PTBTokenizer().tokenize({0: [{"caption": caption} for caption in captions]})
        except OSError as error:
            pytest.skip(f"the Java tokeniser cannot be run here: {error}")
    assert [ptb_tokenise(caption) for caption in captions] == [line.split() for line in tokenised[0]]


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=60) | st.text(alphabet="aZ1 .,'\"-/&()<>:;!?$#@_n\n", max_size=60))
def test_tokens_are_clean_whatever_the_text(caption):
    for token in ptb_tokenise(caption):
        assert token == "".join(token.split()) != ""
        assert token not in PUNCTUATION


@pytest.mark.parametrize("unit", ["a", "a.", "a-", "a'", "1,", "a/", "@", "<", "é", "'n", "A&", "-L", "x:)", "a@"])
def test_one_endless_word_does_not_take_endless_time(unit):
    """Quadratic work on 400,000 characters would outlast any patience."""
    assert len("".join(ptb_tokenise(unit * (400_000 // len(unit))))) <= 2_000_000
