"""The forms of results, for captions and names that mean harm."""

import csv
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captioner.caption import CaptionEntry
from captioner.caption_formats import CocoWriter, CsvWriter, JsonLinesWriter, ProvenanceWriter, TextWriter, pieces
from captioner.plain_text import FORMULA_STARTS

NAME = st.text(st.characters(exclude_characters="/\0", exclude_categories=()), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..")
)
TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
PAIRS = st.lists(st.tuples(NAME, TEXT), max_size=4)
any_pairs = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(writer, pairs, entries) -> str:
    """What a writer makes of names and texts, some by a model, some by hand."""
    made = [
        CaptionEntry(name, text)
        if index % 3 == 2
        else CaptionEntry(name, text, entries.caption("a dog"), index % 2 > 0)
        for index, (name, text) in enumerate(pairs)
    ]
    text = "".join(pieces(writer, made))
    text.encode("utf-8")  # whatever the name, it can be written
    return text


def as_utf8(text: str) -> bool:
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in text)


@any_pairs
@given(PAIRS)
def test_text_is_one_printable_line_per_caption(entries, pairs):
    lines = written(TextWriter(), pairs, entries).split("\n")
    assert len(lines) == len(pairs) + 1
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for line in lines for character in line)


@any_pairs
@given(PAIRS)
def test_json_is_one_object_per_line(entries, pairs):
    objects = [json.loads(line) for line in written(JsonLinesWriter(), pairs, entries).split("\n")[:-1]]
    assert len(objects) == len(pairs)
    for content, (name, text) in zip(objects, pairs, strict=True):
        assert content["caption"] == text or not as_utf8(text)
        assert content["path"] == name or not as_utf8(name)


@any_pairs
@given(st.lists(st.tuples(NAME, TEXT), max_size=4, unique_by=lambda pair: pair[0]))
def test_coco_is_one_valid_list_of_different_ids(entries, pairs):
    objects = json.loads(written(CocoWriter([name for name, _ in pairs]), pairs, entries))
    for content, (_, text) in zip(objects, pairs, strict=True):
        assert content["caption"] == text or not as_utf8(text)
    assert len({content["image_id"] for content in objects}) == len(pairs)
    assert all(isinstance(content["image_id"], int) for content in objects)


@any_pairs
@given(PAIRS)
def test_csv_has_one_line_per_caption_and_no_formula(entries, pairs):
    content = written(CsvWriter(tells_edits=True), pairs, entries)
    assert len(content.splitlines()) == len(pairs) + 1
    header, *rows = csv.reader(io.StringIO(content, newline=""))
    assert header == ["path", "caption", "log_probability", "width", "height", "model", "edited"]
    for row in rows:
        assert len(row) == len(header)
        assert not any(row[column].lstrip().startswith(FORMULA_STARTS) for column in (0, 1, 5))
        assert row[2] in ("", "-1.500000")
        assert row[6] in ("yes", "no")


def test_csv_tells_edits_only_when_asked(entries):
    header, row = csv.reader(io.StringIO("".join(pieces(CsvWriter(), [entries.entry("a.jpg")]))))
    assert header == ["path", "caption", "log_probability", "width", "height", "model"]
    assert row == ["a.jpg", "a red circle", "-1.500000", "96", "64", "tiny"]


def test_log_probability_is_not_that_of_an_edited_text(entries):
    edited = CaptionEntry("a.jpg", "a ring", entries.caption("a red circle"), True, (0, 2))
    _, row = csv.reader(io.StringIO("".join(pieces(CsvWriter(tells_edits=True), [edited]))))
    assert row == ["a.jpg", "a ring", "", "96", "64", "tiny", "yes"]


def test_provenance_tells_who_wrote_what(entries):
    caption = entries.caption("a red circle")
    content = json.loads(
        "".join(
            pieces(
                ProvenanceWriter(),
                [
                    CaptionEntry("a.jpg", "a red circle", caption),
                    CaptionEntry("b.jpg", "a ring", caption, True, (0, None)),
                    CaptionEntry("c.jpg", "by hand", None, True),
                ],
            )
        )
    )
    own, edited, by_hand = content
    assert [one["is_edited"] for one in content] == [False, True, True]
    assert own["written"]["words"][1] == {
        "text": "red",
        "log_probability": -0.5,
        "gate": 0.5,
        "alternatives": [["red", -0.25]],
    }
    assert own["options"]["beam_size"] == 3
    assert "word_indices" not in own
    assert (edited["caption"], edited["written"]["caption"]) == ("a ring", "a red circle")
    assert edited["word_indices"] == [0, None]
    assert by_hand == {"path": "c.jpg", "caption": "by hand", "is_edited": True}


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["COCO_val2014_000000000009.jpg", "000000000003.jpg"], [9, 3]),
        (["000000000003.jpg", "beach.jpg"], [1, 2]),
        (["a_3.jpg", "b_3.jpg"], [1, 2]),
    ],
)
def test_coco_numbers_come_from_names_only_when_all_have_different_ones(names, ids, entries):
    objects = json.loads("".join(pieces(CocoWriter(names), [entries.entry(name) for name in names])))
    assert [content["image_id"] for content in objects] == ids
    assert [content["caption"] for content in objects] == ["a red circle"] * len(names)
