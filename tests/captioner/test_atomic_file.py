"""Atomic files: whole or not at all, no litter, and a plain message when nothing can be written."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from captioner.atomic_file import atomic_path
from captioner.errors import OutputError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_new_file_appears_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "figure.png"
    with atomic_path(target) as path:
        assert path.parent == tmp_path
        assert path.suffix == ".png"
        path.write_bytes(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert names(tmp_path) == ["figure.png"]


@pytest.mark.parametrize("interruption", [ValueError, KeyboardInterrupt, SystemExit])
def test_interrupted_write_keeps_the_old_file(tmp_path: Path, interruption: type[BaseException]) -> None:
    target = tmp_path / "weights.npz"
    target.write_bytes(b"old")

    def write_and_stop() -> None:
        with atomic_path(target) as path:
            path.write_bytes(b"ne")
            raise interruption

    with pytest.raises(interruption):
        write_and_stop()
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["weights.npz"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_failing_disk_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    target = tmp_path / "weights.npz"
    target.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((os, "fsync", fail) if call == "fsync" else (Path, "replace", fail)))
    with pytest.raises(OutputError, match="No space left") as caught, atomic_path(target) as path:
        path.write_bytes(b"new")
    assert caught.value.path == target
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["weights.npz"]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_killed_write_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "checkpoint.bin"
    target.write_bytes(b"old")
    script = (
        "import os, signal, sys\nfrom captioner.atomic_file import atomic_path\n"
        "with atomic_path(sys.argv[1]) as path:\n"
        "    path.write_bytes(b'new')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    process = subprocess.run([sys.executable, "-c", script, str(target)], check=False)
    assert process.returncode == -signal.SIGKILL
    assert target.read_bytes() == b"old"
    assert len(list(tmp_path.glob(".checkpoint.partial-*.bin"))) == 1


def test_missing_folder_is_named(tmp_path: Path) -> None:
    target = tmp_path / "absent" / "figure.png"
    with pytest.raises(OutputError, match="folder does not exist") as caught, atomic_path(target):
        pytest.fail("the block must not run")
    assert str(target) in caught.value.message


def test_folder_as_target_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"), atomic_path(tmp_path):
        pytest.fail("the block must not run")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="pipe"), atomic_path(tmp_path / "pipe"):
        pytest.fail("the block must not run")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.fixture
def as_ordinary_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make read-only folders refuse writing even where the tests run as root."""
    real_open, real_access = os.open, os.access

    def guarded_open(path: str | Path, flags: int, *rest: int) -> int:
        if flags & os.O_CREAT and not Path(path).parent.stat().st_mode & stat.S_IWUSR:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real_open(path, flags, *rest)

    def guarded_access(path: str | Path, mode: int) -> bool:
        return real_access(path, mode) and not (mode & os.W_OK and not Path(path).stat().st_mode & stat.S_IWUSR)

    monkeypatch.setattr(os, "open", guarded_open)
    monkeypatch.setattr(os, "access", guarded_access)


@pytest.mark.usefixtures("as_ordinary_user")
def test_read_only_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="folder is read-only") as caught, atomic_path(folder / "figure.png"):
        pytest.fail("the block must not run")
    assert "figure.png" in caught.value.message
    folder.chmod(0o700)
    assert names(folder) == []


@pytest.mark.usefixtures("as_ordinary_user")
def test_read_only_file_is_left(tmp_path: Path) -> None:
    target = tmp_path / "kept.txt"
    target.write_text("old")
    target.chmod(0o400)
    with pytest.raises(OutputError, match="read-only"), atomic_path(target):
        pytest.fail("the block must not run")
    assert target.read_text() == "old"


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")
def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    target, link = tmp_path / "shared.json", tmp_path / "link.json"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    with atomic_path(link) as path:
        path.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_new_file_gets_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with atomic_path(tmp_path / "atomic") as path:
        path.write_text("new")
    assert (tmp_path / "atomic").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_long_and_unencodable_names(tmp_path: Path) -> None:
    for name in ("é" * 120 + ".json", os.fsdecode(b"caf\xe9.json")):
        target = tmp_path / name
        try:
            target.touch()
        except (OSError, UnicodeError):
            pytest.skip("this file system refuses such names")
        with atomic_path(target) as path:
            path.write_text("new")
        assert target.read_text() == "new"
    with pytest.raises(OutputError) as caught, atomic_path(tmp_path / os.fsdecode(b"caf\xe9") / "x.json"):
        pytest.fail("the block must not run")
    assert r"caf\xe9" in caught.value.message
