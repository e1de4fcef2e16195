"""The forms of results, for captions and names that mean harm."""

import csv
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captioner.cli.caption_formats import FORMULA_STARTS, CaptionFormat, caption_writer

NAME = st.text(st.characters(exclude_characters="/\0", exclude_categories=()), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..")
)
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)


def made(name: str, text: str, model: str = "tiny"):
    """As much of a caption as a writer looks at."""
    shared = {"log_probability": -1.5, "width": 4, "height": 3, "model": model}
    content = {"path": name, "caption": text, "words": [], **shared}
    return SimpleNamespace(path=Path(name), text=text, to_dict=lambda: content, **shared)


def written(kind: CaptionFormat, captions) -> str:
    writer = caption_writer(kind, [caption.path for caption in captions])
    text = writer.begin() + "".join(writer.add(caption) for caption in captions) + writer.end()
    text.encode("utf-8")  # whatever the name, it can be written
    return text


@given(st.lists(st.tuples(NAME, TEXT), max_size=4))
def test_text_is_one_printable_line_per_caption(pairs):
    lines = written(CaptionFormat.TEXT, [made(*pair) for pair in pairs]).split("\n")
    assert len(lines) == len(pairs) + 1
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for line in lines for character in line)


@given(st.lists(st.tuples(NAME, TEXT), max_size=4))
def test_json_is_one_object_per_line(pairs):
    text = written(CaptionFormat.JSON, [made(*pair) for pair in pairs])
    assert [json.loads(line)["caption"] for line in text.split("\n")[:-1]] == [text for _, text in pairs]


@given(st.lists(st.tuples(NAME, TEXT), max_size=4, unique_by=lambda pair: pair[0]))
def test_coco_is_one_valid_list_of_different_ids(pairs):
    entries = json.loads(written(CaptionFormat.COCO, [made(*pair) for pair in pairs]))
    assert [entry["caption"] for entry in entries] == [text for _, text in pairs]
    assert len({entry["image_id"] for entry in entries}) == len(pairs)
    assert all(isinstance(entry["image_id"], int) for entry in entries)


@given(NAME, TEXT, TEXT)
def test_csv_has_one_line_per_caption_and_no_formula(name, text, model):
    content = written(CaptionFormat.CSV, [made(name, text, model)])
    assert len(content.splitlines()) == 2
    rows = list(csv.reader(io.StringIO(content, newline="")))
    assert [len(row) for row in rows] == [6, 6]
    path, caption, number, *_, model_field = rows[1]
    assert not any(field.lstrip().startswith(FORMULA_STARTS) for field in (path, caption, model_field))
    assert float(number) == -1.5
    if text.isprintable():
        assert caption in (text, f"'{text}")


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1"])
def test_formulas_are_quoted(formula):
    rows = list(csv.reader(io.StringIO(written(CaptionFormat.CSV, [made(formula, formula)]), newline="")))
    assert rows[1][1].startswith("'")


def test_coco_numbers_come_from_names_only_when_all_have_different_ones():
    def ids(*names: str) -> list[int]:
        entries = json.loads(written(CaptionFormat.COCO, [made(name, "x") for name in names]))
        return [entry["image_id"] for entry in entries]

    assert ids("COCO_val2014_000000000009.jpg", "000000000003.jpg") == [9, 3]
    assert ids("000000000003.jpg", "beach.jpg") == [1, 2]
    assert ids("a_3.jpg", "b_3.jpg") == [1, 2]
