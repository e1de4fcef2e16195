"""What a drop or the clipboard holds."""

from __future__ import annotations

import os
import sys

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from gui.incoming import Reason, count_of, is_worth_dropping, path_of, read_mime_data


def urls(*texts):
    data = QMimeData()
    data.setUrls([QUrl(text) if "://" in text else QUrl.fromLocalFile(text) for text in texts])
    return data


def text(content):
    data = QMimeData()
    data.setText(content)
    return data


def test_files_and_folders_are_taken_in_order_and_once(qapp, tmp_path):
    (tmp_path / "a b ü.jpg").touch()
    (tmp_path / "folder").mkdir()
    names = [str(tmp_path / "folder"), str(tmp_path / "a b ü.jpg")]
    data = urls(*names, names[0])
    assert read_mime_data(data).paths == tuple(names)
    assert read_mime_data(data).refused == ()
    assert count_of(data) == 2


def test_what_is_elsewhere_is_refused_by_name_and_the_rest_taken(qapp, tmp_path):
    incoming = read_mime_data(urls(str(tmp_path), "https://example.org/cat.jpg", "sftp://host/dog.jpg"))
    assert incoming.paths == (str(tmp_path),)
    assert [refused.reason for refused in incoming.refused] == [Reason.ELSEWHERE] * 2
    assert "https://example.org/cat.jpg" in incoming.refused[0].sentence
    assert incoming.count == 1


def test_only_what_is_elsewhere_is_worth_a_sentence_but_no_count(qapp):
    data = urls("http://example.org/cat.jpg")
    assert count_of(data) == 0
    assert is_worth_dropping(data)
    assert not is_worth_dropping(text("a poem"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes on this system")
def test_a_pipe_is_never_opened_here(qapp, tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert read_mime_data(urls(str(tmp_path / "pipe.jpg"))).paths == (str(tmp_path / "pipe.jpg"),)


@pytest.mark.skipif(sys.platform != "linux", reason="only there are file names any bytes")
def test_a_name_that_is_not_text_keeps_its_bytes(qapp):
    data = QMimeData()
    data.setData("text/uri-list", b"file:///p/caf%E9%25.jpg\r\n")
    assert read_mime_data(data).paths == (os.fsdecode(b"/p/caf\xe9%.jpg"),)


@pytest.mark.parametrize("url", ["file://server/share/a.jpg", "http://example.org", "mailto:a@example.org"])
@pytest.mark.skipif(sys.platform == "win32", reason="there it is a path")
def test_other_urls_have_no_path(url):
    assert path_of(QUrl(url)) is None


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        ("/p/a.jpg", ("/p/a.jpg",)),
        ("'/p/a b.jpg'\n\n\"/p/c.jpg\"\n", ("/p/a b.jpg", "/p/c.jpg")),
        ("file:///p/a%20b.jpg", ("/p/a b.jpg",)),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="absolute paths are others there")
def test_text_in_which_each_line_is_a_path_is_taken(qapp, content, paths):
    assert read_mime_data(text(content)).paths == paths
    assert count_of(text(content)) == len(paths)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a dog runs", Reason.TEXT),
        ("/p/a.jpg\nand a poem", Reason.TEXT),
        ("~nobody-has-this-name/a.jpg", Reason.TEXT),
        ("https://example.org/a.jpg", Reason.ELSEWHERE),
        ("\n \n", Reason.NOTHING),
    ],
)
def test_other_text_is_refused_with_a_sentence(qapp, content, reason):
    incoming = read_mime_data(text(content))
    assert incoming.paths == ()
    assert [refused.reason for refused in incoming.refused] == [reason]
    assert incoming.refused[0].sentence.endswith(".")


def test_nothing_is_refused_too(qapp):
    assert read_mime_data(QMimeData()).refused[0].reason is Reason.NOTHING


def test_the_bytes_of_a_picture_are_taken_as_they_are_even_if_they_are_none(qapp):
    data = QMimeData()
    data.setData("image/jpeg", b"not a picture at all")
    data.setText("a picture")
    picture = read_mime_data(data).picture
    assert (picture.content, picture.suffix) == (b"not a picture at all", ".jpg")
    assert count_of(data) == 1


def test_of_several_forms_the_lossless_one_is_taken(qapp):
    data = QMimeData()
    data.setData("image/jpeg", b"jpeg")
    data.setData("image/png", b"png")
    assert read_mime_data(data).picture.suffix == ".png"


def test_pixels_are_taken_where_there_are_no_bytes(qapp):
    image = QImage(4, 3, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    data = QMimeData()
    data.setImageData(image)
    assert read_mime_data(data).picture.content.size() == image.size()


def test_a_picture_dragged_from_a_web_page_is_taken_rather_than_refused(qapp):
    data = urls("https://example.org/cat.png")
    data.setData("image/png", b"png")
    incoming = read_mime_data(data)
    assert incoming.picture is not None
    assert incoming.refused == ()


def test_a_file_with_a_preview_is_taken_as_the_file(qapp, tmp_path):
    data = urls(str(tmp_path / "a.jpg"))
    data.setData("image/png", b"preview")
    incoming = read_mime_data(data)
    assert incoming.paths
    assert incoming.picture is None
