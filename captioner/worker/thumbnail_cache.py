"""Small pictures kept on disk, so that a folder that was seen before is there at once."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from PIL import Image

from captioner.errors import CaptionerError
from captioner.imaging import Photograph

MOST_BYTES = 200_000_000
# Well below what shows at this size, and a tenth of a PNG's bytes.
JPEG_QUALITY = 92
_NAME = re.compile(r"[0-9a-f]{40}-([1-9]\d{0,8})x([1-9]\d{0,8})\.jpg")

logger = logging.getLogger(__name__)


def thumbnails_folder() -> Path:
    """Where thumbnails are kept; the folder need not exist."""
    return Path(platformdirs.user_cache_dir("captioner", appauthor=False)) / "thumbnails"


@dataclass(frozen=True, slots=True)
class ThumbnailCache:
    """Thumbnails in a folder, as JPEG files named by the photograph, its time of change, its size, and the side.

    A name also holds the size of the original, such as ``3f/3f0a...-4000x3000.jpg``. Nothing here ever fails a
    thumbnail: what cannot be kept or read is made again.
    """

    folder: Path
    most_bytes: int = MOST_BYTES

    def read(self, key: str, decode: Callable[[str], Photograph]) -> Photograph | None:
        """A thumbnail that was kept, as ``decode`` reads its file; None if there is none or it is broken.

        The photograph has the width and height of the original.
        """
        for path in self._kept(key):
            sides = _NAME.fullmatch(path.name)
            try:
                small = decode(os.fspath(path))
            except CaptionerError as error:
                logger.info("A kept thumbnail is made again: %s", error)
                with contextlib.suppress(OSError):
                    path.unlink()
                continue
            if sides is not None:
                return Photograph(small.pixels, int(sides[1]), int(sides[2]))
        return None

    def keep(self, key: str, photograph: Photograph) -> None:
        """Write a thumbnail, whole or not at all."""
        path = self.folder / key[:2] / f"{key}-{photograph.width}x{photograph.height}.jpg"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Renamed but not flushed, unlike what cannot be made again: waiting for the disk would take longer than
            # the thumbnail.
            temporary = path.with_name(f"{secrets.token_hex(8)}.partial")
            Image.fromarray(photograph.pixels).save(temporary, "JPEG", quality=JPEG_QUALITY, subsampling=0)
            temporary.replace(path)
        except OSError as error:
            logger.info("A thumbnail was not kept: %s", error)

    def prune(self) -> None:
        """Remove what was kept longest ago until no more than ``most_bytes`` are left, and all that was never whole."""
        kept: list[tuple[float, int, Path]] = []
        for path in self.folder.glob("*/*"):
            with contextlib.suppress(OSError):
                status = path.stat()
                kept.append((status.st_mtime, status.st_size, path))
        spare = self.most_bytes
        for _, size, path in sorted(kept, reverse=True):
            spare -= size
            if spare < 0 or not _NAME.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    path.unlink()

    def _kept(self, key: str) -> list[Path]:
        return sorted((self.folder / key[:2]).glob(f"{key}-*.jpg"))


def thumbnail_key(path: str, status: os.stat_result, side: int) -> str:
    """Forty hexadecimal digits that change with the photograph's path, time of change and size, and with the side."""
    parts = (os.path.abspath(path), str(status.st_mtime_ns), str(status.st_size), str(side))  # noqa: PTH100 (no links)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]
