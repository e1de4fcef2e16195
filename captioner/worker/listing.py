"""Finding photographs in what was dropped on a window, a few hundred at a time."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from captioner.errors import CaptionerError, ImageError
from captioner.file_names import printable
from captioner.imaging import find_images
from captioner.imaging.ordinary_files import opened
from captioner.worker.jobs import Job, Outlet, Steps
from captioner.worker.protocol import FindImages, FoundImage, ImagesFound, PathRefused

MOST_IN_A_CHUNK = 500
SECONDS_FOR_A_CHUNK = 0.1
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")


class Listing:
    """Answers what photographs there are."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet

    def find(self, job: Job[FindImages]) -> Steps:
        """Find photographs and tell of them in chunks, one a step."""
        for given in job.request.paths:
            chunk: list[FoundImage] = []
            began = time.monotonic()
            for found in self._found(job, given):
                if found is not None:
                    chunk.append(found)
                if len(chunk) >= MOST_IN_A_CHUNK or (chunk and time.monotonic() - began > SECONDS_FOR_A_CHUNK):
                    self._tell(job, chunk)
                    yield
                    chunk, began = [], time.monotonic()
            self._tell(job, chunk)
            yield

    def _tell(self, job: Job[FindImages], chunk: list[FoundImage]) -> None:
        if chunk:
            self._outlet.send(ImagesFound(job_id=job.id, images=tuple(chunk)))

    def _found(self, job: Job[FindImages], given: str) -> Iterator[FoundImage | None]:
        """What one given path stands for; None for each file that is refused."""
        try:
            _refuse_senseless(given)
            for path in find_images([given], recursive=job.request.is_recursive, on_folder=lambda _: job.check()):
                job.check()
                yield self._described(job, path)
        except CaptionerError as error:
            self._refuse(job, given, error)
        except ValueError:  # a zero byte
            message = f"{printable(given)} is not a name that a file can have. Choose another."
            self._refuse(job, given, ImageError(message))

    def _described(self, job: Job[FindImages], path: Path) -> FoundImage | None:
        try:
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                return FoundImage(os.fspath(path), status.st_size, status.st_mtime_ns)
        except OSError:
            pass
        try:
            with opened(path):  # which says what is wrong with it
                return None
        except ImageError as error:
            self._refuse(job, os.fspath(path), error)
            return None

    def _refuse(self, job: Job[FindImages], path: str, error: CaptionerError) -> None:
        self._outlet.send(PathRefused(job_id=job.id, path=path, message=error.message))


def _refuse_senseless(given: str) -> None:
    if not given:
        raise ImageError("Nothing was given to look for. Choose a photograph or a folder.")
    if _ADDRESS.match(given) and not os.path.lexists(given):
        raise ImageError(f"{printable(given)} is an address, not a file. Save the photograph to a file first.")
