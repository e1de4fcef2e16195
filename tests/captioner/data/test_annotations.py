import csv
import io
import json
import logging
import os
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from captioner.data import text_file
from captioner.data.annotations import CaptionedImage, read_annotations, read_split
from captioner.errors import AnnotationError

KAGGLE = 'image,caption\r\nb.jpg,"A dog, a ""big"" one ."\r\na.jpg,Two men\r\nb.jpg,A brown dog\r\n'
TOKEN = 'b.jpg#0\tA dog , a " big " one .\nb.jpg#1\tA brown dog\na.jpg.1#0\tTwo men\n'
FLICKR30K = (
    "image_name| comment_number| comment\nb.jpg| 0| A dog | a cat .\n  a.jpg | 0| Two men\nb.jpg| 1| A brown dog\n"
)
COCO = {
    "info": {},
    "images": [{"id": 9, "file_name": "b.jpg", "width": 640}, {"id": 25, "file_name": "a.jpg"}],
    "annotations": [
        {"image_id": 25, "id": 1, "caption": "Two men"},
        {"image_id": 9, "id": 2, "caption": "A dog\n"},
        {"image_id": 9, "id": 3, "caption": "A brown dog"},
    ],
}


def _sentence(raw, number=0):
    return {"tokens": raw.lower().split(), "raw": raw, "imgid": 0, "sentid": number}


KARPATHY = {
    "dataset": "coco",
    "images": [
        {"filepath": "val2014", "filename": "b.jpg", "cocoid": 9, "imgid": 0, "split": "test", "sentids": [0, 1],
         "sentences": [_sentence("A dog"), _sentence("A brown dog", 1)]},
        {"filename": "a.jpg", "imgid": 1, "split": "train", "sentids": [2], "sentences": [_sentence("Two men", 2)]},
        {"filepath": "", "filename": "c.jpg", "imgid": 2, "split": "restval", "sentids": [3],
         "sentences": [_sentence("A sea", 3)]},
    ],
}  # fmt: skip


@pytest.fixture
def write(tmp_path):
    """Write content (text, bytes, or a value as JSON) to a file whose extension says nothing, and return its path."""

    def write_file(content, name="captions.dat"):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            text = content if isinstance(content, str) else json.dumps(content)
            path.write_text(text, encoding="utf-8", newline="")
        return path

    return write_file


def _refusal(path, *parts, read=read_annotations):
    with pytest.raises(AnnotationError) as caught:
        read(path)
    message = caught.value.message
    for part in parts:
        assert part in message
    assert "\n" not in message
    assert caught.value.path == path
    return message


def _result_or_error(read, path):
    try:
        return read(path)
    except AnnotationError as error:
        return error


# Layouts


@pytest.mark.parametrize(
    ("content", "layout", "images"),
    [
        (
            KAGGLE,
            "Kaggle CSV",
            [("b.jpg", ('A dog, a "big" one .', "A brown dog"), None, None), ("a.jpg", ("Two men",), None, None)],
        ),
        (
            TOKEN,
            "Flickr token file",
            [("b.jpg", ('A dog , a " big " one .', "A brown dog"), None, None), ("a.jpg.1", ("Two men",), None, None)],
        ),
        (
            FLICKR30K,
            "Flickr30k CSV",
            [("b.jpg", ("A dog | a cat .", "A brown dog"), None, None), ("a.jpg", ("Two men",), None, None)],
        ),
        (
            COCO,
            "COCO annotations",
            [("b.jpg", ("A dog", "A brown dog"), None, 9), ("a.jpg", ("Two men",), None, 25)],
        ),
        (
            KARPATHY,
            "Karpathy split",
            [
                ("val2014/b.jpg", ("A dog", "A brown dog"), "test", 9),
                ("a.jpg", ("Two men",), "train", 1),
                ("c.jpg", ("A sea",), "restval", 2),
            ],
        ),
    ],
)
def test_each_layout_is_recognised_and_read_in_the_order_of_the_file(write, content, layout, images):
    path = write(content)
    annotations = read_annotations(path)
    assert annotations.layout == layout
    assert annotations.path == path
    assert annotations.images == tuple(CaptionedImage(*image) for image in images)


@pytest.mark.parametrize("content", [KAGGLE, TOKEN, FLICKR30K, json.dumps(COCO)])
@pytest.mark.parametrize("change", ["mark", "line ends", "no last line end"])
def test_byte_order_mark_and_line_ends_do_not_matter(write, content, change):
    plain = content.replace("\r\n", "\n")
    changed = {
        "mark": "\ufeff" + plain,
        "line ends": plain.replace("\n", "\r\n"),
        "no last line end": plain.rstrip("\n"),
    }[change]
    assert read_annotations(write(changed)).images == read_annotations(write(plain)).images


def test_a_caption_may_span_lines_in_a_csv_and_lines_are_still_counted_right(write):
    path = write('image,caption\na.jpg,"one\ntwo"\nb.jpg\n')
    _refusal(path, "line 4", "2 columns")
    assert read_annotations(write('image,caption\na.jpg,"one\ntwo"\n')).images[0].captions == ("one\ntwo",)


def test_hostile_captions_are_kept_as_plain_text(write):
    captions = ["<img src=x onerror=alert(1)>", '=cmd|"/c calc"!A1', "%s {} \\n \u202e"]
    document = {
        "images": [{"id": 1, "file_name": "a.jpg"}],
        "annotations": [{"image_id": 1, "caption": caption} for caption in captions],
    }
    assert read_annotations(write(document)).images[0].captions == tuple(captions)


def test_the_broken_row_of_flickr30k_is_left_out_and_named(write, caplog):
    with caplog.at_level(logging.WARNING):
        annotations = read_annotations(write(FLICKR30K + "c.jpg| 4   A dog runs across the grass .\n"))
    assert annotations.image_count == 2
    assert "line 5" in caplog.text
    assert "c.jpg| 4" in caplog.text


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5))
def test_any_caption_survives_a_csv(write, captions):
    rows = io.StringIO(newline="")
    csv.writer(rows).writerows([("image", "caption"), *(("a.jpg", caption) for caption in captions), ("b.jpg", "x")])
    read = read_annotations(write(rows.getvalue())).by_name()
    kept = tuple(caption.strip() for caption in captions if caption.strip())
    assert read.get("a.jpg", CaptionedImage("a.jpg", ())).captions == kept


# What can be asked of annotations


def test_counts_and_names(write):
    annotations = read_annotations(write(KARPATHY))
    assert (annotations.image_count, annotations.caption_count) == (3, 4)
    assert annotations.images_per_split() == {"test": 1, "train": 1, "restval": 1}
    assert list(annotations.by_name()) == ["val2014/b.jpg", "a.jpg", "c.jpg"]
    assert annotations.by_name()["a.jpg"].captions == ("Two men",)


def test_restricting_keeps_the_order_of_the_file_and_logs_names_without_captions(write, caplog):
    annotations = read_annotations(write(KAGGLE))
    with caplog.at_level(logging.WARNING):
        restricted = annotations.restrict_to(["missing.jpg", "a.jpg", "b.jpg"])
    assert [image.file_name for image in restricted.images] == ["b.jpg", "a.jpg"]
    assert "missing.jpg" in caplog.text
    assert restricted.layout == annotations.layout
    with pytest.raises(AnnotationError, match="none of the 1 images"):
        annotations.restrict_to(["missing.jpg"])


def test_one_split_can_be_read(write):
    path = write(KARPATHY)
    assert [image.file_name for image in read_annotations(path, split="train").images] == ["a.jpg"]
    with pytest.raises(AnnotationError, match="no split 'val'; it has restval, test, train"):
        read_annotations(path, split="val")
    with pytest.raises(AnnotationError, match="does not say which image belongs to which split"):
        read_annotations(write(KAGGLE), split="train")


def test_images_without_caption_are_left_out_and_named(write, caplog):
    images = [*COCO["images"], {"id": 3, "file_name": "bare.jpg"}]
    with caplog.at_level(logging.WARNING):
        annotations = read_annotations(write({**COCO, "images": images}))
    assert annotations.image_count == 2
    assert "bare.jpg" in caplog.text
    assert read_annotations(write("image,caption\na.jpg,  \nb.jpg,x\n")).image_count == 1


# Refusals


@pytest.mark.parametrize("read", [read_annotations, read_split])
@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"", ["is empty"]),
        (b"\xef\xbb\xbf \n\n", ["is empty"]),
        (b"image,caption\na.jpg,caf\xe9\n", ["line 2", "UTF-8"]),
        ("image,caption\n".encode("utf-16"), ["line 1", "UTF-8"]),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["line 1", "UTF-8"]),
        (b"a.jpg\n\0\0", ["line 2", "binary"]),
    ],
)
def test_files_that_are_no_text_are_refused(write, read, content, parts):
    _refusal(write(content), "captions.dat", *parts, read=read)


@pytest.mark.parametrize("read", [read_annotations, read_split])
def test_missing_files_and_folders_are_refused(tmp_path, read):
    _refusal(tmp_path / "none.csv", "There is no file", "none.csv", read=read)
    _refusal(tmp_path, "is a folder", read=read)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path):
    path = tmp_path / "captions.txt"
    os.mkfifo(path)
    _refusal(path, "captions.txt is not a plain file")


def test_a_file_beyond_the_limit_is_refused(write, monkeypatch):
    monkeypatch.setattr(text_file, "MAX_BYTES", 1024**2)
    path = write(KAGGLE)
    os.truncate(path, 1024**2 + 1)
    _refusal(path, "larger than 1 MB")


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("just some words\n", ["line 1", "Kaggle CSV", "just some words"]),
        ("image;caption\na.jpg;x\n", ["line 1", "image;caption"]),
        ("image,caption\n", ["holds no caption"]),
        ("image,caption\na.jpg,x\nb.jpg,x,y\n", ["line 3", "2 columns", "not 3"]),
        ('image,caption\na.jpg,x\nb.jpg,"never closed\nc.jpg,y\n', ["line 3", "CSV"]),
        ("a.jpg#0\tx\nb.jpg x\n", ["line 2", "tab"]),
        ("image,caption\n,x\n", ["line 2", "empty"]),
        ("[1, 2]", ["JSON but not a captions file"]),
        ('[{"image_id": 1, "caption": "x"}]', ["JSON but not a captions file"]),
        ('{"images": []}', ["JSON but not a captions file"]),
        ("{broken}", ["line 1", "column 2", "not valid JSON"]),
        ("[" * 100_000, ["nested too deeply"]),
        ('{"images": ' + "9" * 5000 + "}", ["number that is too long"]),
    ],
)
def test_content_of_no_known_layout_is_refused(write, content, parts):
    _refusal(write(content), "captions.dat", *parts)


@pytest.mark.parametrize("document", [COCO, KARPATHY])
def test_json_cut_short_is_refused_at_every_place(write, document):
    text = json.dumps(document)
    for end in range(1, len(text), 7):
        _refusal(write(text[:end]), "captions.dat")
    _refusal(write(text[:-1]), "cut short")


def _coco(images=None, annotations=None):
    return {
        "images": [{"id": 1, "file_name": "a.jpg"}] if images is None else images,
        "annotations": [{"image_id": 1, "caption": "x"}] if annotations is None else annotations,
    }


def _karpathy(**changes):
    entry = {"filename": "a.jpg", "imgid": 0, "split": "train", "sentences": [{"raw": "x"}]}
    return {"images": [{**entry, "filename": "first.jpg"}, {**entry, **changes}]}


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        (_coco(images={}), ["images", "a list was expected, not an object"]),
        (_coco(images=[7]), ["image 0", "an object was expected, not a whole number"]),
        (_coco(images=[{"id": True, "file_name": "a.jpg"}]), ["image 0, id", "whole number", "true or false"]),
        (_coco(images=[{"id": 1.5, "file_name": "a.jpg"}]), ["image 0, id", "not a fraction"]),
        (_coco(images=[{"id": 1}]), ["image 0", "'file_name' is missing"]),
        (_coco(images=[{"id": 1, "file_name": None}]), ["image 0, file_name", "text was expected, not nothing"]),
        (_coco(images=[{"id": 1, "file_name": n} for n in ("a.jpg", "b.jpg")]), ["image 1", "id 1 occurs twice"]),
        (_coco(images=[{"id": n, "file_name": "a.jpg"} for n in (1, 2)]), ["a.jpg twice"]),
        (_coco(annotations=[{"image_id": 2, "caption": "x"}]), ["annotation 0", "image id 2", "not among the images"]),
        (_coco(annotations=[{"image_id": 1, "caption": 5}]), ["annotation 0, caption", "text was expected"]),
        (_coco(annotations=[{"image_id": 1, "caption": "\ud800"}]), ["annotation 0", "half a character"]),
        (_coco(annotations=[]), ["holds no caption"]),
        (_karpathy(sentences="x"), ["image 1, sentences", "a list was expected, not text"]),
        (_karpathy(sentences=[{"tokens": ["x"]}]), ["image 1, sentence 0", "'raw' is missing"]),
        (_karpathy(split=None), ["image 1, split", "text was expected"]),
        (_karpathy(cocoid="9"), ["image 1, cocoid", "whole number"]),
        (_karpathy(filename="first.jpg"), ["first.jpg twice"]),
        (_karpathy(filepath="../elsewhere"), ["image 1", "leads out of the images folder"]),
        (_karpathy(filepath="", filename="/etc/passwd"), ["image 1", "leads out of the images folder"]),
    ],
)
def test_json_with_a_wrong_entry_is_refused_and_the_entry_named(write, document, parts):
    _refusal(write(document), "captions.dat", *parts)


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../a.jpg", "x/../../a.jpg", "..\\a.jpg", "C:\\a.jpg", "C:a.jpg", "\\\\host\\share\\a.jpg", ".."],
)
def test_a_captions_file_cannot_lead_out_of_the_images_folder(write, name):
    _refusal(write(_coco(images=[{"id": 1, "file_name": name}])), "image 0", "leads out of the images folder")
    _refusal(write(f"image,caption\na.jpg,x\n{name},x\n"), "line 3", "leads out of the images folder")
    _refusal(write(f"{name}#0\tx\n"), "line 1", "leads out of the images folder")
    _refusal(write(f"a.jpg\n{name}\n"), "line 2", "leads out of the images folder", read=read_split)


@pytest.mark.parametrize("name", ["a\0.jpg", "a\n.jpg", "\x1b[31m.jpg", "\ud800.jpg"])
def test_names_with_characters_that_no_file_has_are_refused(write, name):
    _refusal(write(_coco(images=[{"id": 1, "file_name": name}])), "image 0", "characters")


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.builds(
        lambda start, rest: start + rest,
        st.sampled_from([b"image,caption\n", b"image_name| comment_number| comment\n", b"a#0\tx\n", b'{"images":[{']),
        st.binary(max_size=60) | st.text('a.jpg",|#0\t\n/\\:', max_size=60).map(str.encode),
    )
)
def test_arbitrary_bytes_raise_nothing_but_annotation_errors(write, data):
    path = write(data)
    for read in (read_annotations, read_split):
        result = _result_or_error(read, path)
        assert result.path == path if isinstance(result, AnnotationError) else result


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.sampled_from(["a.jpg", "/", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["images", "annotations", "id", "image_id", "file_name", "caption", "sentences", "raw"]),
            inner,
        )
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values, json_values)
def test_arbitrary_json_raises_nothing_but_annotation_errors(write, images, annotations):
    path = write({"images": images, "annotations": annotations})
    result = _result_or_error(read_annotations, path)
    assert result.path == path
    assert isinstance(result, AnnotationError) or result.images


def test_deep_json_below_the_parser_limit_is_refused_like_any_wrong_type(write):
    depth = sys.getrecursionlimit() - 150
    _refusal(write('{"images": [' + "[" * depth + "]" * depth + '], "annotations": []}'), "captions.dat")


# Lists of images


def test_a_split_list_is_read_in_order_and_blank_lines_are_ignored(write):
    assert read_split(write("b.jpg\r\n\r\na.jpg  \nsub/c.jpg\n\n")) == ("b.jpg", "a.jpg", "sub/c.jpg")


def test_an_image_listed_twice_is_refused_with_both_lines(write):
    _refusal(write("a.jpg\n\nb.jpg\na.jpg\n"), "line 4", "already in line 1", read=read_split)
