"""Photographs for the screen: small ones for a list, one at a time for the eye."""

from __future__ import annotations

import os

from captioner.errors import ImageError
from captioner.imaging import Photograph
from captioner.worker.decoding_gate import DecodingGate
from captioner.worker.jobs import Job, Outlet, Steps
from captioner.worker.protocol import ImageFailed, MakeThumbnails, OpenPhotograph, PhotographOpened, ThumbnailMade
from captioner.worker.thumbnail_cache import ThumbnailCache, thumbnail_key


class Photographs:
    """Decodes photographs for a window."""

    def __init__(self, outlet: Outlet, gate: DecodingGate, cache: ThumbnailCache) -> None:
        self._outlet = outlet
        self._gate = gate
        self._cache = cache

    def open(self, job: Job[OpenPhotograph]) -> Steps:
        """Decode one photograph."""
        path = job.request.path
        try:
            photograph = self._gate.open_within(job, path, max(0, job.request.side))
        except ImageError as error:
            self._outlet.send(ImageFailed(job_id=job.id, path=path, message=error.message))
            return
        self._outlet.send(
            PhotographOpened(
                job_id=job.id,
                path=path,
                width=photograph.width,
                height=photograph.height,
                pixels=photograph.pixels,
            )
        )
        yield

    def make_thumbnails(self, job: Job[MakeThumbnails]) -> Steps:
        """Make thumbnails, a step each."""
        for path in job.request.paths:
            try:
                small = self._thumbnail(job, path)
            except ImageError as error:
                self._outlet.send(ImageFailed(job_id=job.id, path=path, message=error.message))
            else:
                self._outlet.send(
                    ThumbnailMade(job_id=job.id, path=path, width=small.width, height=small.height, pixels=small.pixels)
                )
            yield

    def _thumbnail(self, job: Job[MakeThumbnails], path: str) -> Photograph:
        side = max(1, job.request.side)
        try:
            key = thumbnail_key(path, os.stat(path), side)  # noqa: PTH116 (a path that is text need not be a Path)
        except (OSError, ValueError):
            return self._gate.open_within(job, path, side)  # which says what is wrong with it
        kept = self._cache.read(key, lambda file: self._gate.open_within(job, file, side))
        if kept is not None:
            return kept
        small = self._gate.open_within(job, path, side)
        self._cache.keep(key, small)
        return small
