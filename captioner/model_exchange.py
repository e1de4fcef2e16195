"""Model packages that come and go: installed from a folder or a zip file, exported to one, removed.

A package from elsewhere is not trusted: it is copied into a hidden folder beside the installed models, where it is
verified and loaded as a whole, and only then gets its name. Links are never followed, nothing but the five files of a
package is ever written, and no more of a file is read than it may hold.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from captioner.atomic_file import atomic_path
from captioner.errors import CaptionerError, ModelPackageError, OutputError
from captioner.file_names import file_name, is_model_name, printable
from captioner.model_archive import ModelArchive, copy_at_most, write_archive
from captioner.model_library import (
    CARD,
    CONFIG,
    MANIFEST,
    MAX_JSON_BYTES,
    PACKAGE_FILES,
    VOCABULARY,
    WEIGHTS,
    ModelPackage,
    find_package,
    package_folders,
    read_package,
    user_models_folder,
)
from captioner.weight_files import MAX_FILE_BYTES

# JSON takes up to thirty times its length in memory: what comes from elsewhere may be 2 MB, or 150,000 words. Weights
# come last, so that nothing large is copied for a package that lacks a small file.
MAX_BYTES = {
    CONFIG: MAX_JSON_BYTES,
    VOCABULARY: 2 * 2**20,
    CARD: MAX_JSON_BYTES,
    MANIFEST: MAX_JSON_BYTES,
    WEIGHTS: MAX_FILE_BYTES,
}
ALL_FILES = tuple(MAX_BYTES)
logger = logging.getLogger(__name__)


def install_package(source: str | os.PathLike[str]) -> ModelPackage:
    """Verify a model package and put it among the installed models.

    A package that is installed or bundled already, byte for byte, is left as it is and returned; an installed one that
    is damaged is replaced.

    Parameters
    ----------
    source
        The folder of a package, or a ``.zip`` file that holds one, in a folder or by itself. The name of the folder,
        or else of the zip file, becomes the name of the model.

    Returns
    -------
    ModelPackage
        The package where it is installed.

    Raises
    ------
    ModelPackageError
        If ``source`` is not a package, is damaged, does not fit together, holds links or anything else that a package
        does not, has a name that not every system allows, or another model of this name is there.
    OutputError
        If the folder of installed models cannot be written.
    """
    source = Path(source)
    shelf = user_models_folder()
    with _opened(source) as (name, copy_into), _staging(shelf, name) as folder:
        copy_into(folder)
        try:
            staged = read_package(folder)
            staged.load()
        except CaptionerError as error:
            raise _not_installed(source, folder, error) from error
        if (present := _namesake(name)) is not None:
            path, origin = present
            if _hashes(path) == _hashes(folder) and _is_whole(path):
                return read_package(path, origin=origin)
            _require_damaged(path, origin, source)
            _discard(path)
        folder.rename(shelf / name)
    logger.info("installed %s from %s", name, printable(source))
    return read_package(shelf / name, origin="installed")


def export_package(name: str | os.PathLike[str], target: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Verify a model and write it to a ``.zip`` file that `install_package` takes, whole or not at all.

    The same model always gives the same bytes.

    Parameters
    ----------
    name
        Name of an installed or bundled model, or a package's folder.
    target
        The file; its name ends in ``.zip``.
    overwrite
        Replace a file that is there.

    Raises
    ------
    ModelPackageError
        If there is no such model or it is damaged.
    OutputError
        If the file is there already or cannot be written.
    """
    target = Path(target)
    if target.suffix.lower() != ".zip":
        raise OutputError(f"{printable(target)} must end in .zip to hold a model. Rename it.", path=target)
    if os.path.lexists(target) and not overwrite:
        message = f"{printable(target)} exists already. Choose another name, or allow it to be replaced."
        raise OutputError(message, path=target)
    package = find_package(name)
    _require_name(package.name, package.path)
    package.verify()
    with atomic_path(target) as temporary:
        write_archive(temporary, package.name, {file: package.path / file for file in ALL_FILES})


def remove_package(name: str) -> None:
    """Remove an installed model, whether it is whole or damaged.

    Raises
    ------
    ModelPackageError
        If no model of this name is installed, or it came with the program.
    OutputError
        If its folder cannot be removed.
    """
    origins = {origin: path for path, origin in package_folders() if path.name == name}
    if "installed" in origins:
        _discard(origins["installed"])
    elif origins:
        raise ModelPackageError(f"The model {name} came with the program and cannot be removed.")
    else:
        raise ModelPackageError(f"No model {printable(name)!r:.80} is installed. List the models to see their names.")


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[tuple[str, Callable[[Path], None]]]:
    """The name of the package in ``source``, and what copies its files into a folder."""
    if source.is_dir():
        name = source.resolve().name
        _require_name(name, source)
        yield name, functools.partial(_copy_folder, source)
    elif source.is_file():
        with ModelArchive(source, MAX_BYTES) as archive:
            name = archive.folder or source.stem
            _require_name(name, source)
            yield name, archive.extract
    else:
        message = f"{printable(source)} is neither a folder nor a file. Choose a model's folder or .zip file."
        raise ModelPackageError(message, path=source)


def _copy_folder(source: Path, folder: Path) -> None:
    for name in ALL_FILES:
        with _ordinary_file(source / name) as file:
            copy_at_most(MAX_BYTES[name], file, folder / name)


def _ordinary_file(path: Path) -> IO[bytes]:
    # Neither a link is followed nor a pipe waited for, even one that takes the file's place at this instant.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ModelPackageError(f"{printable(path)} is a link or no file. Copy the file itself.", path=path)
        return os.fdopen(os.open(path, flags), "rb")
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        message = f"{printable(path)} cannot be read: {reason}. A model's folder holds {', '.join(ALL_FILES)}."
        raise ModelPackageError(message, path=path) from error


@contextlib.contextmanager
def _staging(shelf: Path, name: str) -> Iterator[Path]:
    """A hidden folder among the installed models; what is left of it at the end is removed."""
    folder: Path | None = None
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=shelf))
        folder.chmod(0o755)
        yield folder
    except OSError as error:
        reason = error.strerror or "the disk may be full"
        message = f"{name} cannot be installed in {printable(shelf)}: {reason}. Free some space or allow writing there."
        raise OutputError(message, path=shelf) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _not_installed(source: Path, folder: Path, error: CaptionerError) -> ModelPackageError:
    """The error about a file in the hidden folder as one about the source, which is what the user knows."""
    reason = error.message.replace(f"{folder}{os.sep}", "")
    for advice in (" Install the model again", " Copy it again."):
        reason = reason.partition(advice)[0]
    message = f"{printable(source)} was not installed: {reason} Get it again from its maker."
    return ModelPackageError(message, path=source)


def _require_name(name: str, path: Path) -> None:
    if not is_model_name(name):
        message = (
            f"{printable(name)!r:.80} cannot be the name of a model. Rename {file_name(path)}; take up to 64 letters, "
            "digits, hyphens and dots."
        )
        raise ModelPackageError(message, path=path)


def _namesake(name: str) -> tuple[Path, str] | None:
    """Folder and origin of the model of this name, case aside; an installed one goes before a bundled one."""
    found = [(path, origin) for path, origin in package_folders() if path.name.casefold() == name.casefold()]
    return found[-1] if found else None


def _hashes(path: Path) -> object:
    """SHA-256 of each file as the manifest has it; None where there is no manifest to read."""
    try:
        files = json.loads((path / MANIFEST).read_text(encoding="utf-8"))["files"]
        return {name: files[name]["sha256"] for name in PACKAGE_FILES}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _is_whole(path: Path) -> bool:
    try:
        read_package(path).verify()
    except CaptionerError:
        return False
    return True


def _require_damaged(path: Path, origin: str, source: Path) -> None:
    """Refuse to take the place of a model that can be used, or of one that came with the program."""
    if origin == "bundled":
        message = f"A model named {path.name} comes with the program. Rename {file_name(source)} and install it again."
        raise ModelPackageError(message, path=source)
    if _is_whole(path):
        message = (
            f"Another model named {path.name} is installed. Remove that one first, or rename {file_name(source)} and "
            "install it again."
        )
        raise ModelPackageError(message, path=source)


def _discard(path: Path) -> None:
    """Remove an installed package; it disappears at once, and as a whole. Of a link the link is removed."""
    try:
        if path.is_symlink():
            path.unlink()
            return
        grave = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        try:
            path.rename(grave / path.name)
        finally:
            shutil.rmtree(grave, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or "it is in use"
        raise OutputError(
            f"The model {path.name} cannot be removed: {reason}. Close what uses it.", path=path
        ) from error
