"""Checkpoints: all it takes to go on with a run bit for bit, in files that are whole or not there."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from captioner import __version__
from captioner.atomic_file import atomic_path
from captioner.errors import TrainingRunError
from captioner.file_names import printable

logger = logging.getLogger(__name__)

FORMAT_VERSION = 1
KEPT = 2
_NAME, _SUFFIX = "step-", ".safetensors"
_HEADER = "captioner_checkpoint"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """`tensors` by name, and `values` as JSON has them, that were read from `path`."""

    path: Path
    tensors: dict[str, Tensor]
    values: dict[str, Any]


class CheckpointFolder:
    """The latest checkpoints of a run, ``step-000000123.safetensors`` for what was saved after 123 steps.

    Each is one file: tensors as safetensors has them, and in its metadata a JSON header with the values, the CRC-32 of
    every tensor, and versions. It is written beside its name, flushed and renamed, and only then is the oldest removed;
    so whenever the machine stops, one that is whole is there.

    Parameters
    ----------
    path
        An existing folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(self, step: int, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> Path:
        """Write a checkpoint and remove those that it replaces; returns its path.

        Parameters
        ----------
        step
            Steps done.
        tensors
            On the CPU; no two may share memory.
        values
            Plain values that JSON can hold.

        Raises
        ------
        OutputError
            If it cannot be written; those written before stay.
        """
        path = self.path / f"{_NAME}{step:09d}{_SUFFIX}"
        header = {
            "format_version": FORMAT_VERSION,
            "project_version": __version__,
            "crc32": {name: _crc32(tensor) for name, tensor in tensors.items()},
            "values": values,
        }
        write_tensors(tensors, path, metadata={_HEADER: json.dumps(header)})
        self._remove_replaced(path)
        return path

    def latest(self) -> Checkpoint | None:
        """The last checkpoint that is whole, or None where none was ever written.

        Raises
        ------
        TrainingRunError
            If there are some, but all are damaged.
        """
        paths = self._paths()
        for path in reversed(paths):
            try:
                return read_checkpoint(path)
            except TrainingRunError as error:
                logger.warning("%s", error.message)
        if paths:
            raise TrainingRunError(
                f"No checkpoint in {printable(self.path)} is whole. Copy the folder again, or train anew.",
                path=self.path,
            )
        return None

    def _paths(self) -> list[Path]:
        return sorted(self.path.glob(f"{_NAME}*{_SUFFIX}"))

    def _remove_replaced(self, newest: Path) -> None:
        # What lies ahead of the newest was damaged, or was left behind when an earlier one was resumed from.
        paths = self._paths()
        kept = [path for path in paths if path <= newest][-KEPT:]
        for path in paths:
            if path not in kept:
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:  # the new one is safe, so this is no reason to fail
                    logger.warning("%s cannot be removed: %s.", printable(path), error.strerror)


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint and hold every tensor against its checksum.

    Raises
    ------
    TrainingRunError
        If it is missing, damaged, or of a newer version of this program.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[_HEADER])
            version, checksums, values = header["format_version"], header["crc32"], header["values"]
            if version != FORMAT_VERSION:
                raise TrainingRunError(
                    f"{printable(path)} has format version {version}, but only {FORMAT_VERSION} is known here. "
                    "Resume it with the version of Captioner that wrote it.",
                    path=path,
                )
            # Clones, for what is read lies in the file, which must stay free to be replaced.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 (not a mapping)
        if {name: _crc32(tensor) for name, tensor in tensors.items()} != checksums:
            raise ValueError("a checksum differs")
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise TrainingRunError(
            f"{printable(path)} is damaged or cut short, so training cannot go on from it.", path=path
        ) from error
    return Checkpoint(path, tensors, values)


def write_tensors(tensors: Mapping[str, Tensor], path: Path, *, metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file that appears whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written; a file that was there before stays.
    """
    with atomic_path(path) as temporary:
        try:
            save_file({name: value.contiguous() for name, value in tensors.items()}, temporary, metadata=metadata)
        except SafetensorError as error:  # the disk is full, say
            raise OSError(str(error)) from error


def _crc32(tensor: Tensor) -> int:
    return zlib.crc32(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)
