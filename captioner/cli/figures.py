"""The folder into which ``captioner caption --attention`` puts figures and weights."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from captioner.attention_map import save_weights
from captioner.caption import CaptionEntry
from captioner.cli.console import complain
from captioner.cli.options import FigureFormat
from captioner.errors import OutputError
from captioner.exports.figure import export_figure
from captioner.file_names import printable

if TYPE_CHECKING:
    from captioner.caption import Caption


class FigureFolder:
    """Writes a figure, such as ``NAME.png``, and the weights, ``NAME.npz``, for each caption.

    NAME is the image's name without extension. Where two images share a name, or a file is there already and
    ``overwrite`` is off, a number is added. The photographs themselves are never replaced.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """

    def __init__(self, folder: Path, kind: FigureFormat, *, photographs: Iterable[Path], overwrite: bool) -> None:
        self.folder, self.overwrite, self._ending = folder, overwrite, f".{kind}"
        self._taken: set[str] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"{printable(folder)} cannot be made a folder: {error.strerror}. Choose another name."
            raise OutputError(message, path=folder) from error
        if not os.access(folder, os.W_OK):
            raise OutputError(f"{printable(folder)} is read-only. Choose another folder.", path=folder)
        self._taken.update(
            path.stem for path in photographs if path.suffix.lower() == self._ending and _lies_in(path, folder)
        )

    def add(self, caption: Caption) -> None:
        """Write the figure and the weights of one caption; one without words is named on stderr and left out."""
        if caption.path is None or not caption.words:
            complain(f"{printable(caption.path or 'The image')} has no words to show attention for.")
            return
        words = [word.text for word in caption.words]
        probabilities = [word.probability for word in caption.words]
        name = self._free_name(caption.path.stem)
        entry = CaptionEntry(os.fspath(caption.path), caption.text, caption)
        target = self.folder / f"{name}{self._ending}"
        export_figure(entry, target, smooth=True, shared_scale=True, overwrite=self.overwrite)
        weights = self.folder / f"{name}.npz"
        save_weights(weights, caption.attention, words, caption.grid, caption.geometry, probabilities=probabilities)

    def _free_name(self, stem: str) -> str:
        name, number = stem, 1
        while name in self._taken or (not self.overwrite and self._exists(name)):
            number += 1
            name = f"{stem}-{number}"
        self._taken.add(name)
        return name

    def _exists(self, name: str) -> bool:
        return any((self.folder / f"{name}{suffix}").exists() for suffix in (self._ending, ".npz"))


def _lies_in(path: Path, folder: Path) -> bool:
    return path.parent.resolve() == folder.resolve()
