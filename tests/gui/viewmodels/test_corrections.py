"""Corrected captions in a folder: what is written is what the engine reads, and the newest correction stays."""

from __future__ import annotations

import json
import os
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captioner.data.annotations import read_annotations, read_split
from captioner.errors import AnnotationError, OutputError
from gui.viewmodels.corrections import CAPTIONS, LEAST_WITH_DEV, choice_in, collect, read_collection


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "corrected"


def captions_read(choice):
    """Captions by absolute path, as the engine reads them."""
    images = read_annotations(choice.captions).images
    return {str(Path(choice.images) / image.file_name): image.captions for image in images}


def test_the_engine_reads_what_was_collected(folder):
    wanted = {"/p/trip/sea.jpg": "the sea", "/p/home/Bär 1.png": "ein Bär, „groß“ 熊"}
    result = collect(folder, wanted)
    assert result.choice.images == "/p"
    assert captions_read(result.choice) == {path: (text,) for path, text in wanted.items()}
    assert (result.added, result.changed, result.photographs, result.left_out) == (2, 0, 2, ())


def test_the_newest_correction_of_a_photograph_stays(folder):
    collect(folder, {"/p/a.jpg": "old", "/p/b.jpg": "other"})
    result = collect(folder, {"/p/a.jpg": "new", "/p/c.jpg": "more"})
    assert (result.added, result.changed, result.photographs) == (1, 1, 3)
    assert read_collection(folder) == {"/p/a.jpg": "new", "/p/b.jpg": "other", "/p/c.jpg": "more"}


def test_photographs_from_elsewhere_move_the_folder_that_names_are_relative_to(folder):
    assert collect(folder, {"/p/trip/a.jpg": "a"}).choice.images == "/p/trip"
    result = collect(folder, {"/q/b.jpg": "b"})
    assert result.choice.images == "/"
    assert captions_read(result.choice) == {"/p/trip/a.jpg": ("a",), "/q/b.jpg": ("b",)}


@pytest.mark.parametrize("name", ["a\nb.jpg", "\udcff.jpg", " a.jpg", "a.jpg ", "c:a.jpg", "a\\b.jpg"])
def test_names_that_no_captions_file_can_hold_are_left_out(folder, name):
    result = collect(folder, {f"/p/{name}": "left out", "/p/good.jpg": "kept"})
    assert result.left_out == (f"/p/{name}",)
    assert list(captions_read(result.choice)) == ["/p/good.jpg"]
    with pytest.raises(OutputError, match="None of these photographs"):
        collect(folder.with_name("none"), {f"/p/{name}": "left out"})


def test_line_breaks_and_blank_captions(folder):
    collect(folder, {"/p/a.jpg": " two\nlines ", "/p/b.jpg": "  "})
    assert read_collection(folder) == {"/p/a.jpg": "two lines"}


names = st.text(string.ascii_letters + "äß熊 .-_'", min_size=1, max_size=12)
paths = st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


@settings(deadline=None, max_examples=60)
@given(first=st.dictionaries(paths, st.text(min_size=1)), second=st.dictionaries(paths, st.text(min_size=1)))
def test_nothing_is_lost_or_mixed_up(tmp_path_factory, first, second):
    folder = tmp_path_factory.mktemp("any") / "corrected"
    kept = {}
    for drawn in (first, second):
        captions = {os.path.normpath(path): text for path, text in drawn.items() if text.isprintable() and text.strip()}
        try:
            result = collect(folder, captions)
        except OutputError:
            continue
        kept |= {path: " ".join(text.split()) for path, text in captions.items() if path not in result.left_out}
        assert captions_read(result.choice) == {path: (text,) for path, text in kept.items()}


def test_many_photographs_have_some_to_choose_by_that_stay_so(folder):
    def collected(count):
        result = collect(folder, {f"/p/{number}.jpg": f"number {number}" for number in range(count)})
        assert result.choice.dev_split is not None
        return set(read_split(result.choice.train_split)), set(read_split(result.choice.dev_split))

    train, dev = collected(LEAST_WITH_DEV)
    assert len(train | dev) == LEAST_WITH_DEV
    assert not train & dev
    assert 2 <= len(dev) <= 30
    more_train, more_dev = collected(2 * LEAST_WITH_DEV)
    assert train < more_train
    assert dev < more_dev


def test_few_photographs_are_all_learned_from(folder):
    choice = collect(folder, {f"/p/{number}.jpg": "a" for number in range(LEAST_WITH_DEV - 1)}).choice
    assert (choice.train_split, choice.dev_split) == (None, None)


def test_a_collection_is_known_again(folder):
    collected = collect(folder, {"/p/a.jpg": "a"})
    assert choice_in(folder) == collected.choice
    assert choice_in(folder.with_name("other")) is None


@pytest.mark.parametrize("content", ["[1]", "{}", '{"images": [], "annotations": []}', '{"info": {}}', "{", "\udcff"])
def test_other_files_are_never_written_over(folder, content):
    folder.mkdir()
    path = folder / CAPTIONS
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(AnnotationError, match="Choose another folder"):
        collect(folder, {"/p/a.jpg": "a"})
    assert path.read_bytes() == content.encode("utf-8", "surrogateescape")
    assert choice_in(folder) is None


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises((OutputError, AnnotationError)):
        collect(tmp_path / "file" / "inside", {"/p/a.jpg": "a"})


def test_ids_are_unique(folder):
    collect(folder, {"/p/a.jpg": "a"})
    collect(folder, {"/p/b.jpg": "b"})
    content = json.loads((folder / CAPTIONS).read_text(encoding="utf-8"))
    assert [image["id"] for image in content["images"]] == [1, 2]
    assert [one["image_id"] for one in content["annotations"]] == [1, 2]
