"""Files that appear whole or not at all: written beside their target, flushed to the disk, then renamed over it."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from captioner.errors import OutputError
from captioner.file_names import printable


@contextlib.contextmanager
def atomic_path(target: str | os.PathLike[str]) -> Iterator[Path]:
    """Lend an empty file in the folder of ``target`` that replaces it when the block ends well.

    The file is flushed to the disk before the rename and its folder after it, so that a crash, a full disk or a kill
    leaves either the old file or the new one. When the block raises, the old file stays and the new one is removed.
    Only a kill can leave the new one behind; it is then found as ``.{stem}.partial-*{suffix}``.

    Parameters
    ----------
    target
        The file to write. It may exist already, and then lends its permissions to the new file. A symbolic link is
        followed, so that the link stays a link.

    Yields
    ------
    Path
        Where to write: a hidden name with the suffix of ``target``, for writers that go by the suffix.

    Raises
    ------
    OutputError
        When the file cannot be written or renamed. An `OSError` that leaves the block is taken for such a failure;
        every other exception passes through unchanged.
    """
    target = Path(target)
    final = Path(os.path.realpath(target))
    temporary: Path | None = None
    try:
        _require_replaceable(final)
        temporary = _create_beside(final)
        yield temporary
        _flush(temporary)
        if final.exists():
            temporary.chmod(stat.S_IMODE(final.stat().st_mode))
        temporary.replace(final)
        temporary = None
        _flush_folder(final.parent)
    except OSError as error:
        raise OutputError(_explain(target, final, error), path=target) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _require_replaceable(final: Path) -> None:
    """Refuse what a rename would destroy: a device or pipe, and a file that its owner made read-only."""
    if not final.exists():
        return
    if not final.is_file():
        raise FileExistsError(17, "it is not an ordinary file", str(final))
    if not os.access(final, os.W_OK):
        raise PermissionError(13, "the file is read-only", str(final))


def _create_beside(final: Path) -> Path:
    # The stem is shortened so that the temporary name stays within the 255 bytes that most file systems allow.
    stem = os.fsdecode(os.fsencode(final.stem)[:100])
    temporary = final.with_name(f".{stem}.partial-{secrets.token_hex(4)}{final.suffix[:32]}")
    # Mode 0o666 less the umask is what any new file gets; tempfile.mkstemp would make it private to the user.
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    return temporary


def _flush(path: Path) -> None:
    # Windows flushes only what is open for writing.
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _flush_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system can open a folder (Windows cannot, some mounts refuse)."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _explain(target: Path, final: Path, error: OSError) -> str:
    name = printable(target)
    if final.is_dir():
        return f"{name} is a folder, so no file can be written there. Choose another name."
    if final.exists() and not final.is_file():
        return f"{name} is a device or a pipe, which is never replaced. Choose another name."
    if not final.parent.is_dir():
        return f"{name} cannot be written because its folder does not exist. Create the folder or choose another."
    if final.exists() and not os.access(final, os.W_OK):
        return f"{name} is read-only and was left as it is. Allow writing to it or choose another name."
    if isinstance(error, PermissionError) or not os.access(final.parent, os.W_OK):
        return f"{name} cannot be written because its folder is read-only. Choose another folder."
    reason = error.strerror or str(error) or type(error).__name__
    return f"{name} could not be written: {reason}. Free some space or choose another folder, then try again."
