"""Parts of captions: they go on where they were interrupted, and are joined into what one process writes."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data.caption_parts import CaptionPartWriter, Frame, is_caption_part, merge_captions
from captioner.data.parts import Part, Shard
from captioner.errors import AnnotationError, ConfigurationError

FRAME = Frame("[\n", ", ", "]\n")
PIECES = ['"a"\n', None, ', "c\u2028 caf\xe9"\n', ', "d"\n', ', "e"\n', ', "f"\n', None]


def part(index, count=2, **changes):
    usual = {"images": 7, "images_per_batch": 2, "names_sha256": "0" * 64, "settings": {"--format": "coco"}}
    return Part(shard=Shard(index, count), **(usual | changes))


def write(path, part, frame=FRAME, until=None):
    """Write the pieces of a part, as far as to image ``until``; returns how many were there already."""
    with CaptionPartWriter(path, part, frame) as writer:
        before = writer.done
        for row in part.rows[before:]:
            if row == until:
                raise KeyboardInterrupt
            writer.add(PIECES[row])
    return before


@pytest.fixture
def parts(tmp_path):
    paths = [tmp_path / f"c.json.{index}-of-2.part" for index in range(2)]
    for index, path in enumerate(paths):
        write(path, part(index))
    return paths


def unfinished(folder):
    return sorted(folder.glob(".*"))


def test_parts_joined_are_what_one_process_writes(parts, tmp_path):
    target = tmp_path / "c.json"
    assert merge_captions(parts[::-1], target) == (5, 7)
    assert json.loads(target.read_text(encoding="utf-8")) == ["a", "c\u2028 caf\xe9", "d", "e", "f"]
    assert not unfinished(tmp_path)


def test_the_first_image_may_have_no_caption(tmp_path):
    lines = part(0, 1, images=3)
    with CaptionPartWriter(tmp_path / "p", lines, FRAME) as writer:
        for piece in (None, '"b"\n', ', "c"\n'):
            writer.add(piece)
    assert writer.failed == 1
    assert merge_captions([tmp_path / "p"], tmp_path / "c.json") == (2, 3)
    assert json.loads((tmp_path / "c.json").read_text()) == ["b", "c"]


@pytest.mark.parametrize(("until", "kept"), [(0, 0), (1, 0), (2, 2), (3, 2)])
def test_an_interrupted_part_goes_on_after_its_last_whole_batch(parts, tmp_path, until, kept):
    path, whole = tmp_path / "again", part(0)
    assert list(whole.rows) == [0, 1, 2, 3]
    with pytest.raises(KeyboardInterrupt):
        write(path, whole, until=until)
    assert not path.exists()
    assert len(unfinished(tmp_path)) == 1
    assert write(path, whole) == kept
    assert path.read_bytes() == parts[0].read_bytes()
    assert not unfinished(tmp_path)


@settings(deadline=None)
@given(data=st.data())
def test_a_part_cut_anywhere_goes_on(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("parts")
    write(folder / "whole", part(0))
    with pytest.raises(KeyboardInterrupt):
        write(folder / "cut", part(0), until=3)
    (left,) = unfinished(folder)
    content = left.read_bytes()
    left.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    write(folder / "cut", part(0))
    assert (folder / "cut").read_bytes() == (folder / "whole").read_bytes()


def test_failures_before_an_interruption_are_counted(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "p", part(0), until=2)
    with CaptionPartWriter(tmp_path / "p", part(0), FRAME) as writer:
        assert (writer.done, writer.failed) == (2, 1)
        writer.add("x")
        writer.add("y")


@pytest.mark.parametrize("other", [part(0, settings={"--format": "csv"}), part(0, images=8), part(0, 3)])
def test_other_settings_begin_anew(tmp_path, other):
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "p", part(0), until=3)
    with CaptionPartWriter(tmp_path / "p", other, FRAME) as writer:
        assert writer.done == 0
    assert not unfinished(tmp_path)


def test_a_finished_part_is_known_by_all_that_made_it(parts, tmp_path):
    assert is_caption_part(parts[0], part(0), FRAME)
    assert not is_caption_part(parts[1], part(0), FRAME)
    assert not is_caption_part(parts[0], part(0), Frame())
    assert not is_caption_part(tmp_path / "none", part(0), FRAME)


def cut_line(content):
    return content[:-3]


def drop_line(content):
    return content[: content[:-1].rindex(b"\n") + 1]


def add_line(content):
    return content + b'"more"\n'


def add_number(content):
    return drop_line(content) + b"7\n"


@pytest.mark.parametrize("damage", [cut_line, drop_line, add_line, add_number])
def test_damaged_parts_are_refused(parts, tmp_path, damage):
    parts[1].write_bytes(damage(parts[1].read_bytes()))
    with pytest.raises(AnnotationError, match=r"c\.json\.1-of-2\.part is damaged"):
        merge_captions(parts, tmp_path / "c.json")
    assert not (tmp_path / "c.json").exists()


HEADERS = ["", "{}\n", "[1]\n", "x\n", '{"layout": "x", "part": "", "frame": ["", "", ""]}\n', "[" * 100_000]
HEADERS += ['{"layout": "captioner-captions-part", "part": 1, "frame": ["", "", ""]}\n']
HEADERS += ['{"layout": "captioner-captions-part", "part": "{}", "frame": ["", ""]}\n']


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
def test_what_is_no_part_is_refused(tmp_path, header):
    (tmp_path / "p").write_text(header)
    with pytest.raises(AnnotationError, match="is no part of captions"):
        merge_captions([tmp_path / "p"], tmp_path / "c.json")


def test_half_a_character_is_written_as_an_escape(parts, tmp_path):
    parts[1].write_bytes(parts[1].read_bytes().replace(b"e\\", b"\\udce9\\"))
    assert merge_captions(parts, tmp_path / "c.json") == (5, 7)
    assert r'"\udce9"' in (tmp_path / "c.json").read_text(encoding="utf-8")


def test_missing_parts_are_refused(parts, tmp_path):
    with pytest.raises(ConfigurationError, match=r"Shard 1/2 is missing"):
        merge_captions(parts[:1], tmp_path / "c.json")
    with pytest.raises(AnnotationError, match=r"none cannot be read"):
        merge_captions([*parts, tmp_path / "none"], tmp_path / "c.json")
