"""The photographs of a distillation: which they are, and the views of them that teacher and student are shown."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from captioner.data.annotations import read_split
from captioner.errors import ConfigurationError, ImageError
from captioner.file_names import printable
from captioner.imaging import find_images, fit_to_square, open_photograph
from captioner.read_ahead import in_batches, map_ahead
from captioner.training.distillation.config import DistillationConfig
from captioner.training.photograph_views import random_view

logger = logging.getLogger(__name__)

LEAST_IMAGES = 4
_ORDER, _VIEW = 1, 2
"""First numbers of the seeds of what is drawn, so that no two kinds share theirs."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The photographs of a run.

    Attributes
    ----------
    training, held_out
        To learn from, and to measure errors on.
    """

    training: tuple[Path, ...]
    held_out: tuple[Path, ...]

    def fingerprint(self) -> str:
        """SHA-256 of the names, without their folders, which may have been moved."""
        names = "\n".join(printable(path.name) for path in (*self.training, Path("|"), *self.held_out))
        return hashlib.sha256(names.encode()).hexdigest()


def find_pictures(
    folders: Sequence[Path], *, splits: Sequence[Path] = (), left_out: Sequence[Path] = (), held_out: int = 0
) -> Pictures:
    """Find the photographs to learn from.

    Parameters
    ----------
    folders
        Searched with all folders inside them.
    splits, left_out
        Files with one image name per line, relative to one of ``folders``: only the former, and none of the latter.
    held_out
        How many to hold out, evenly spaced; a tenth of all at most.

    Raises
    ------
    ImageError
        If a folder holds no image.
    AnnotationError
        If a list of names cannot be read.
    ConfigurationError
        If a listed image is in none of the folders, or fewer than four are left.
    """
    found: dict[str, list[Path]] = {}
    for folder in folders:
        for path in find_images([folder], recursive=True):
            found.setdefault(path.relative_to(folder).as_posix(), []).append(path)
    wanted = [name for split in splits for name in read_split(split)] if splits else list(found)
    if missing := next((name for name in wanted if name not in found), None):
        raise ConfigurationError(f"{printable(missing)} is in none of the folders of images. Name its folder as well.")
    unwanted = {name for split in left_out for name in read_split(split)}
    paths = [path for name in dict.fromkeys(wanted) if name not in unwanted for path in found[name]]
    if len(paths) < LEAST_IMAGES:
        raise ConfigurationError(f"Only {len(paths)} images are left; {LEAST_IMAGES} are needed at least.")
    count = min(held_out, len(paths) // 10) or min(held_out, 1)
    chosen = {(2 * index + 1) * len(paths) // (2 * count) for index in range(count)}
    return Pictures(
        training=tuple(path for index, path in enumerate(paths) if index not in chosen),
        held_out=tuple(path for index, path in enumerate(paths) if index in chosen),
    )


def epoch_order(images: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """The order of the images in an epoch."""
    return np.random.default_rng([_ORDER, seed, epoch]).permutation(images)


@dataclass(frozen=True, slots=True)
class ViewWish:
    """A view to be made: of the image in this `row`, in this `epoch`, with sides of `size` pixels."""

    row: int
    epoch: int
    size: int


class ViewReader:
    """Reads photographs and makes random views of them, which depend on seed, image and epoch alone.

    Parameters
    ----------
    paths
        The photographs.
    config
        Its seed and the ranges of views.
    threads
        In which they are decoded, ahead of whoever takes them.
    """

    def __init__(self, paths: Sequence[Path], config: DistillationConfig, *, threads: int = 2) -> None:
        self._paths, self._config, self._threads = paths, config, threads
        self._complained: set[Path] = set()

    def batches(self, wishes: Iterable[ViewWish], size: int) -> Generator[NDArray[np.uint8]]:
        """Batches (B, S, S, 3) uint8, one for every ``size`` wishes, which must want the same size in pixels.

        In the place of an image that cannot be read there is another of its batch.

        Raises
        ------
        ImageError
            If none of a batch can be read.
        """
        with contextlib.closing(map_ahead(self._read, wishes, threads=self._threads, depth=3 * size)) as read:
            for views in in_batches(read, size):
                good = [view for view in views if not isinstance(view, ImageError)]
                for error in (view for view in views if isinstance(view, ImageError)):
                    self._complain(error)
                    if not good:
                        raise error
                yield np.stack([*good, *(good[index % len(good)] for index in range(len(views) - len(good)))])

    def _read(self, wish: ViewWish) -> NDArray[np.uint8] | ImageError:
        try:
            photograph = open_photograph(self._paths[wish.row], at_least=2 * wish.size)
        except ImageError as error:
            return error
        random = np.random.default_rng([_VIEW, self._config.seed, wish.epoch, wish.row])
        return random_view(photograph.pixels, wish.size, "squeeze", self._config.views, random)

    def _complain(self, error: ImageError) -> None:
        if error.path is not None and error.path not in self._complained:
            self._complained.add(error.path)
            logger.warning("%s It is left out.", error.message)


def plain_pictures(paths: Sequence[Path], size: int, *, threads: int = 2) -> NDArray[np.uint8]:
    """Whole photographs, squeezed to squares: (N, S, S, 3) uint8; those that cannot be read are left out."""

    def read(path: Path) -> NDArray[np.uint8] | None:
        try:
            return fit_to_square(open_photograph(path, at_least=size), size, "squeeze")[0]
        except ImageError as error:
            logger.warning("%s It is left out.", error.message)
            return None

    read_ones = [picture for picture in map_ahead(read, paths, threads=threads, depth=64) if picture is not None]
    return np.stack(read_ones) if read_ones else np.zeros((0, size, size, 3), np.uint8)
