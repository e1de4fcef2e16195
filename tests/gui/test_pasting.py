"""Pasted pictures become files."""

from __future__ import annotations

from datetime import datetime

import pytest
from PySide6.QtGui import QColor, QImage

from captioner.errors import OutputError
from gui.incoming import Picture
from gui.pasting import PictureSaver, save_picture

NOW = datetime(2026, 11, 21, 10, 12, 33)


def test_bytes_are_written_as_they_are_under_a_name_that_says_when(tmp_path):
    path = save_picture(Picture(b"\x00anything", ".webp"), tmp_path / "pasted", NOW)
    assert path == tmp_path / "pasted" / "Pasted 2026-11-21 10.12.33.webp"
    assert path.read_bytes() == b"\x00anything"


def test_an_earlier_picture_is_never_replaced(tmp_path):
    paths = [save_picture(Picture(bytes([number]), ".png"), tmp_path, NOW) for number in range(3)]
    assert [path.read_bytes() for path in paths] == [b"\x00", b"\x01", b"\x02"]
    assert paths[2].name == "Pasted 2026-11-21 10.12.33 (3).png"
    assert len(list(tmp_path.iterdir())) == 3


def test_pixels_are_written_as_png(qapp, tmp_path):
    image = QImage(5, 4, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    path = save_picture(Picture(image, ".png"), tmp_path, NOW)
    pillow = pytest.importorskip("PIL.Image")
    with pillow.open(path) as written:
        assert written.size == (5, 4)
        assert written.convert("RGB").getpixel((2, 2)) == (10, 20, 30)


def test_a_folder_that_cannot_be_made_is_named_in_a_sentence(tmp_path):
    (tmp_path / "pasted").write_text("in the way")
    with pytest.raises(OutputError, match="could not be kept"):
        save_picture(Picture(b"png", ".png"), tmp_path / "pasted", NOW)


def test_the_saver_tells_the_path(qtbot, tmp_path):
    saver = PictureSaver(tmp_path)
    with qtbot.waitSignal(saver.saved) as saved:
        thread = saver.save(Picture(b"png", ".png"))
    thread.join()
    assert [str(path) for path in tmp_path.iterdir()] == saved.args


def test_the_saver_tells_a_failure(qtbot, tmp_path):
    (tmp_path / "pasted").write_text("in the way")
    saver = PictureSaver(tmp_path / "pasted")
    with qtbot.waitSignal(saver.failed) as failed:
        thread = saver.save(Picture(b"png", ".png"))
    thread.join()
    assert "could not be kept" in failed.args[0]
