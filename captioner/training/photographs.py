"""The photographs that a model is fine-tuned on: read anew each time, altered, and left out where they are damaged."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from captioner.config import EncoderConfig
from captioner.errors import AnnotationError, ImageError
from captioner.file_names import printable
from captioner.imaging import Photograph, fit_to_square, open_photograph
from captioner.training.fine_tuning_config import ViewConfig
from captioner.training.photograph_views import random_view

logger = logging.getLogger(__name__)

MOST_LEFT_OUT = 0.05
_VIEWS = 11


class Photographs:
    """Files of one folder, as an encoder sees them.

    Parameters
    ----------
    folder
        Where they are.
    names
        Their paths in it. A photograph is known by its place here.
    encoder
        Decides size and fit.

    Attributes
    ----------
    left_out
        Names of those that could not be read so far. Of each, one sentence goes into the log.

    Raises
    ------
    AnnotationError
        If more than a twentieth of the files are not there.
    """

    def __init__(self, folder: Path, names: Sequence[str], encoder: EncoderConfig) -> None:
        self.folder, self.names, self.encoder = folder, tuple(names), encoder
        self.left_out: set[str] = set()
        self._lock = threading.Lock()
        missing = [name for name in self.names if not (folder / name).is_file()]
        if len(missing) > MOST_LEFT_OUT * len(self.names):
            raise AnnotationError(
                f"{len(missing):,} of {len(self.names):,} photographs are not in {printable(folder)}, {missing[0]} "
                "among them. Name the folder that holds them.",
                path=folder,
            )

    def __len__(self) -> int:
        return len(self.names)

    def plain(self, index: int) -> NDArray[np.uint8] | None:
        """Pixels (S, S, 3) of a photograph as they are when it is captioned; None where it cannot be read."""
        photograph = self._open(index)
        if photograph is None:
            return None
        return fit_to_square(photograph, self.encoder.input_size, self.encoder.fit)[0]

    def view(self, index: int, config: ViewConfig, *, seed: int, epoch: int) -> NDArray[np.uint8] | None:
        """Pixels (S, S, 3) of a view, the same each time for the same arguments; None where it cannot be read."""
        photograph = self._open(index)
        if photograph is None:
            return None
        random = np.random.default_rng([seed, epoch, index, _VIEWS])
        return random_view(photograph.pixels, self.encoder.input_size, self.encoder.fit, config, random)

    def _open(self, index: int) -> Photograph | None:
        name = self.names[index]
        try:
            return open_photograph(self.folder / name, at_least=self.encoder.input_size)
        except ImageError as error:
            self._leave_out(name, error)
            return None

    def _leave_out(self, name: str, error: ImageError) -> None:
        with self._lock:
            if name in self.left_out:
                return
            self.left_out.add(name)
            count = len(self.left_out)
        logger.warning("%s It is left out.", error.message)
        if count > max(1, MOST_LEFT_OUT * len(self.names)):
            raise ImageError(
                f"{count:,} of {len(self.names):,} photographs in {printable(self.folder)} cannot be read, {name} "
                "among them. Mend them, or take them out of the captions.",
                path=self.folder,
            )


def reading_threads() -> int:
    """How many threads decode photographs: as many as there are processors, from 2 to 8."""
    return max(2, min(8, os.cpu_count() or 1))
