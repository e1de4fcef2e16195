"""Which photographs files, folders and patterns stand for, and in which order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from captioner.errors import ImageError
from captioner.imaging.search import find_images


def plant(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def found(folder: Path, *paths: str, recursive: bool = False) -> list[str]:
    return [str(path.relative_to(folder)) for path in find_images([folder / p for p in paths], recursive=recursive)]


def test_files_stand_for_themselves_in_the_given_order(tmp_path: Path) -> None:
    plant(tmp_path, "b.jpg", "a.txt", ".hidden.png")
    assert found(tmp_path, "b.jpg", "a.txt", ".hidden.png", "missing.jpg") == [
        "b.jpg",
        "a.txt",
        ".hidden.png",
        "missing.jpg",
    ]


def test_folder_in_natural_order_without_hidden_and_other_files(tmp_path: Path) -> None:
    plant(tmp_path, "IMG_10.jpg", "img_2.JPG", "IMG_1.png", "notes.txt", ".hidden.jpg", "jpg", "007.webp", "7.webp")
    plant(tmp_path, "folder.jpg/inside.jpg")
    assert found(tmp_path, "") == ["007.webp", "7.webp", "IMG_1.png", "img_2.JPG", "IMG_10.jpg"]


def test_subfolders_only_when_asked(tmp_path: Path) -> None:
    plant(tmp_path, "z.jpg", "day 10/a.jpg", "day 2/b.jpg", ".cache/c.jpg")
    assert found(tmp_path, "") == ["z.jpg"]
    assert found(tmp_path, "", recursive=True) == ["z.jpg", "day 2/b.jpg", "day 10/a.jpg"]


def test_patterns(tmp_path: Path) -> None:
    plant(tmp_path, "a10.jpg", "a9.jpg", "a.txt", "sub/b.png", "sub/deep/c.gif")
    assert found(tmp_path, "a*") == ["a9.jpg", "a10.jpg"]
    assert found(tmp_path, "**/*.png") == ["sub/b.png"]
    assert found(tmp_path, "[st]ub/*/?.gif") == ["sub/deep/c.gif"]


def test_file_named_like_a_pattern_stands_for_itself(tmp_path: Path) -> None:
    plant(tmp_path, "photo[1].jpg", "photo1.jpg")
    assert found(tmp_path, "photo[1].jpg") == ["photo[1].jpg"]


def test_folder_without_images_says_so_and_names_recursive_only_where_it_helps(tmp_path: Path) -> None:
    plant(tmp_path, "notes.txt")
    with pytest.raises(ImageError, match=r"has no images \(looked for \.jpg") as caught:
        list(find_images([tmp_path]))
    assert caught.value.path == tmp_path
    assert "--recursive" not in caught.value.message
    plant(tmp_path, "sub/notes.txt")
    with pytest.raises(ImageError, match="add --recursive to look in its subfolders"):
        list(find_images([tmp_path]))
    with pytest.raises(ImageError) as caught:
        list(find_images([tmp_path], recursive=True))
    assert "--recursive" not in caught.value.message


def test_pattern_without_match_says_so(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt")
    for pattern in ("*.jpg", "a*"):
        with pytest.raises(ImageError, match="No image matches"):
            list(find_images([tmp_path / pattern]))


def test_unreadable_subfolder_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, "a.jpg", "locked/b.jpg", "open/c.jpg")
    real = os.scandir

    def scan(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scan)
    assert found(tmp_path, "", recursive=True) == ["a.jpg", "open/c.jpg"]
    with pytest.raises(ImageError, match="Permission denied"):
        found(tmp_path, "locked")


@pytest.mark.skipif(os.name != "posix", reason="links and pipes of POSIX")
def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    plant(tmp_path, "a/one.jpg", "b/two.jpg")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/self.jpg").symlink_to("self.jpg")
    (tmp_path / "b/again").symlink_to(tmp_path / "a")
    (tmp_path / "linked.jpg").symlink_to("a/one.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    assert found(tmp_path, "", recursive=True) == ["linked.jpg", "a/one.jpg", "b/two.jpg"]


def test_names_that_are_not_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        plant(tmp_path, name)
    except (OSError, UnicodeError):
        pytest.skip("this file system refuses such names")
    assert found(tmp_path, "") == [name]


def test_search_streams(tmp_path: Path) -> None:
    plant(tmp_path, "a.jpg", "sub/b.jpg")
    images = find_images([tmp_path, tmp_path / "missing*"], recursive=True)
    assert next(images) == tmp_path / "a.jpg"
    assert next(images) == tmp_path / "sub/b.jpg"
    with pytest.raises(ImageError):
        next(images)


def test_search_tells_of_each_folder_and_can_be_ended_there(tmp_path: Path) -> None:
    plant(tmp_path, "a/one.jpg", "b/notes.txt", "c/two.jpg")
    searched: list[Path] = []
    list(find_images([tmp_path], recursive=True, on_folder=searched.append))
    assert searched == [tmp_path, tmp_path / "a", tmp_path / "b", tmp_path / "c"]

    def end(folder: Path) -> None:
        if folder.name == "b":
            raise InterruptedError

    images = find_images([tmp_path], recursive=True, on_folder=end)
    assert next(images) == tmp_path / "a/one.jpg"
    with pytest.raises(InterruptedError):
        next(images)
