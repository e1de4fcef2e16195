"""Captions as files: which, where, and never over anything."""

import csv
import json

import pytest

from captioner.caption import CaptionEntry
from captioner.errors import ConfigurationError, OutputError
from captioner.exports import export_captions

ONE_FILE = ("csv", "json", "coco", "html")


@pytest.fixture
def made(entries, photographs):
    """Entries for the three photographs of a folder."""
    return [entries.entry(path) for path in sorted(photographs.glob("*.jpg"))]


def test_text_lies_beside_each_photograph(made, photographs):
    written = export_captions(made, "txt", None, overwrite=False)
    assert written == [photographs / f"photo-{number}.txt" for number in (1, 2, 3)]
    assert [path.read_text(encoding="utf-8") for path in written] == ["a red circle\n"] * 3


def test_photographs_of_one_name_do_not_fight(entries, tmp_path):
    names = ["a.jpg", "A.png", "b.jpg", "notes.txt", "notes.jpg"]
    written = export_captions([entries.entry(tmp_path / name) for name in names], "txt", None, overwrite=False)
    assert [path.name for path in written] == ["a.jpg.txt", "A.png.txt", "b.txt", "notes.txt.txt", "notes.jpg.txt"]


def test_text_is_one_plain_line(tmp_path):
    (path,) = export_captions(
        [CaptionEntry(str(tmp_path / "a.jpg"), "café \x1b[31m\nred")], "txt", None, overwrite=False
    )
    assert path.read_bytes() == "café  [31m red\n".encode()


def test_last_caption_of_a_photograph_counts(made, photographs):
    again = CaptionEntry(made[0].path, "by hand", None, True)
    export_captions([*made, again], "txt", None, overwrite=False)
    assert (photographs / "photo-1.txt").read_text() == "by hand\n"


def test_csv_and_json_and_coco_hold_every_caption(made, tmp_path):
    for form in ("csv", "json", "coco"):
        assert export_captions(made, form, tmp_path / f"out.{form}", overwrite=False) == [tmp_path / f"out.{form}"]
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        assert [row["caption"] for row in csv.DictReader(file)] == ["a red circle"] * 3
    assert [one["path"] for one in json.loads((tmp_path / "out.json").read_text())] == [one.path for one in made]
    assert [one["image_id"] for one in json.loads((tmp_path / "out.coco").read_text())] == [1, 2, 3]


def test_page_holds_every_photograph(made, tmp_path):
    export_captions(made, "html", tmp_path / "page.html", overwrite=False)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count("<article>") == page.count("data:image/jpeg") == 3
    assert page.endswith("</html>\n")


def test_no_captions_are_valid_files(tmp_path):
    assert export_captions([], "txt", None, overwrite=False) == []
    for form in ONE_FILE:
        export_captions([], form, tmp_path / form, overwrite=False)
    assert json.loads((tmp_path / "json").read_text()) == json.loads((tmp_path / "coco").read_text()) == []


def test_nothing_is_written_if_one_file_is_there(made, photographs):
    (photographs / "photo-3.txt").write_text("precious")
    with pytest.raises(OutputError, match=r"photo-3\.txt exists already. Choose another name, or allow"):
        export_captions(made, "txt", None, overwrite=False)
    assert [path.name for path in photographs.glob("*.txt")] == ["photo-3.txt"]
    assert (photographs / "photo-3.txt").read_text() == "precious"
    assert len(export_captions(made, "txt", None, overwrite=True)) == 3
    assert (photographs / "photo-3.txt").read_text() == "a red circle\n"


@pytest.mark.parametrize("form", ONE_FILE)
def test_file_is_replaced_only_when_asked(made, tmp_path, form):
    target = tmp_path / "out"
    target.write_text("precious")
    with pytest.raises(OutputError, match="exists already"):
        export_captions(made, form, target, overwrite=False)
    assert target.read_text() == "precious"
    export_captions(made, form, target, overwrite=True)
    assert "precious" not in target.read_text()


def test_photograph_is_never_replaced(made, photographs, tmp_path):
    before = (photographs / "photo-1.jpg").read_bytes()
    (tmp_path / "link").symlink_to(photographs)
    for target in (photographs / "photo-1.jpg", tmp_path / "link" / "photo-1.jpg"):
        with pytest.raises(OutputError, match="one of the photographs"):
            export_captions(made, "csv", target, overwrite=True)
    assert (photographs / "photo-1.jpg").read_bytes() == before


def test_targets_that_cannot_be(made, tmp_path):
    with pytest.raises(OutputError, match="no file to write to"):
        export_captions(made, "csv", None, overwrite=False)
    with pytest.raises(OutputError, match="is a folder"):
        export_captions(made, "csv", tmp_path, overwrite=True)
    with pytest.raises(OutputError, match="folder does not exist"):
        export_captions(made, "csv", tmp_path / "absent" / "out.csv", overwrite=False)
    with pytest.raises(ConfigurationError, match="'docx'"):
        export_captions(made, "docx", tmp_path / "out.docx", overwrite=False)


def test_entry_that_does_not_fit_leaves_the_old_file(made, tmp_path):
    (tmp_path / "page.html").write_text("old")
    broken = CaptionEntry(made[0].path, "a b", made[0].caption, True, (7, 8))
    with pytest.raises(ConfigurationError):
        export_captions([*made[1:], broken], "html", tmp_path / "page.html", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "photos"]
    assert (tmp_path / "page.html").read_text() == "old"
