"""What is printed about progress, and what may be written where."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from captioner.cli import console
from captioner.errors import ImageError, OutputError


def test_nothing_is_drawn_where_there_is_no_terminal(capsys):
    assert list(console.counted("abc", 3, "images")) == ["a", "b", "c"]
    with console.download_progress() as on_progress:
        on_progress(1, 2)
    assert capsys.readouterr() == ("", "")


def drawn(completed: float, total: float | None, elapsed: float) -> str:
    """A progress bar as it looks after some seconds."""
    now = [0.0]
    stream = io.StringIO()
    columns = console.progress_bar("images").columns
    with Progress(*columns, console=Console(file=stream, width=80), get_time=lambda: now[0], auto_refresh=False) as bar:
        task = bar.add_task("", total=total)
        now[0] = elapsed
        bar.update(task, completed=completed)
    return stream.getvalue()


def test_bar_tells_rate_and_time_left():
    assert "-:--:-- left" in drawn(0, 60, 2)
    text = drawn(20, 60, 5)
    assert "20/60" in text
    assert "4.0 images/s" in text
    assert "0:00:10 left" in text
    assert "1:06:40 left" in drawn(10, 40_010, 1)


@pytest.mark.parametrize(("name", "is_allowed"), [("new.txt", True), ("empty.txt", True), ("full.txt", False)])
def test_only_files_that_hold_nothing_are_written_over(tmp_path, name, is_allowed):
    (tmp_path / "empty.txt").touch()
    (tmp_path / "full.txt").write_text("x")
    if is_allowed:
        console.require_new(tmp_path / name, overwrite=False)
    else:
        with pytest.raises(OutputError, match="--overwrite"):
            console.require_new(tmp_path / name, overwrite=False)
    console.require_new(tmp_path / name, overwrite=True)


@pytest.mark.parametrize("name", ["photo.jpg", "PHOTO.PNG", "photo.heic"])
def test_no_result_has_the_name_of_an_image(name):
    with pytest.raises(OutputError, match="name of an image"):
        console.require_new(Path(name), overwrite=True)


def test_folder_of_images_is_one(tmp_path):
    console.require_folder(tmp_path)
    (tmp_path / "file").touch()
    for name, reason in (("file", "is not a folder"), ("missing", "does not exist")):
        with pytest.raises(ImageError, match=reason):
            console.require_folder(tmp_path / name)
