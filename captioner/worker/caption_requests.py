"""Captions of many photographs in parts, read ahead while the network runs, and of one as soon as may be."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from captioner.caption import Caption
from captioner.captioning import ImageFeatures, PreparedImage
from captioner.config import DecodingOptions
from captioner.errors import ImageError
from captioner.read_ahead import map_ahead
from captioner.worker.decoding_gate import DecodingGate
from captioner.worker.jobs import Job, Outlet, Steps
from captioner.worker.loaded_models import ImageKey, LoadedModel, LoadedModels
from captioner.worker.model_details import details_of
from captioner.worker.private_messages import PartStarted
from captioner.worker.protocol import CaptionImages, ImageCaptioned, ImageFailed, LoadModel, ModelLoaded

FIRST_PART = 4
LARGEST_PART = 16
READ_AHEAD = 2 * LARGEST_PART
SECONDS_OF_A_QUICK_PART, SECONDS_OF_A_SLOW_PART = 0.2, 0.4


@dataclass(slots=True)
class Pace:
    """How many photographs are captioned at once: few while a part takes long, so that a job can be stopped soon."""

    size: int = FIRST_PART

    def adapt(self, count: int, seconds: float) -> None:
        """Learn from how long a part of so many photographs took."""
        if seconds < SECONDS_OF_A_QUICK_PART and count >= self.size:  # few that are left over are quick in any case
            self.size = min(LARGEST_PART, 2 * self.size)
        elif seconds > SECONDS_OF_A_SLOW_PART:
            self.size = max(1, self.size // 2)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A photograph on its way: read, or remembered, or why neither."""

    path: str
    key: ImageKey | None
    image: PreparedImage | ImageFeatures | ImageError


class CaptionRequests:
    """Loads models and captions with them; for one thread."""

    def __init__(self, outlet: Outlet, gate: DecodingGate) -> None:
        self._outlet = outlet
        self._gate = gate
        self._models = LoadedModels()
        self._pace = Pace()

    def load(self, job: Job[LoadModel]) -> Steps:
        """Load a model and make it the current one."""
        began = time.perf_counter()
        model = self._models.load(job.request.model)
        details = details_of(model.package)
        self._outlet.send(ModelLoaded(job_id=job.id, model=details, seconds=time.perf_counter() - began))
        yield

    def caption(self, job: Job[CaptionImages]) -> Steps:
        """Caption photographs in their order, a part each step."""
        model = self._models.get(job.request.model)
        options = job.request.options or model.captioner.options
        # An impossible beginning fails the job here, before anything is read.
        model.captioner.caption_features([], options, beginning=job.request.beginning)
        yield
        with contextlib.closing(self._read(job, model)) as images:
            while part := list(itertools.islice(images, self._pace.size)):
                job.check()
                began = time.perf_counter()
                self._caption_part(job, model, options, part)
                self._pace.adapt(len(part), time.perf_counter() - began)
                yield

    def _read(self, job: Job[CaptionImages], model: LoadedModel) -> Generator[_Seen]:
        paths = job.request.paths
        if len(paths) == 1:
            yield self._see(job, model, paths[0])
        else:
            yield from map_ahead(lambda path: self._see(job, model, path), paths, threads=1, depth=READ_AHEAD)

    def _see(self, job: Job[CaptionImages], model: LoadedModel, path: str) -> _Seen:
        job.check()
        key = _key(path)
        if remembered := model.recall(key):
            return _Seen(path, key, remembered)
        try:
            with self._gate.passing(job, path):
                return _Seen(path, key, model.captioner.prepare(path))
        except ImageError as error:
            return _Seen(path, key, error)

    def _caption_part(
        self, job: Job[CaptionImages], model: LoadedModel, options: DecodingOptions, part: Sequence[_Seen]
    ) -> None:
        self._outlet.send(PartStarted(job_id=job.id, paths=tuple(seen.path for seen in part)))
        features = self._encode(model, part)
        captions: Iterator[Caption] = iter(
            model.captioner.caption_features(features, options, beginning=job.request.beginning)
        )
        for seen in part:
            if isinstance(seen.image, ImageError):
                self._outlet.send(ImageFailed(job_id=job.id, path=seen.path, message=seen.image.message))
            else:
                self._outlet.send(ImageCaptioned(job_id=job.id, path=seen.path, caption=next(captions)))

    @staticmethod
    def _encode(model: LoadedModel, part: Sequence[_Seen]) -> list[ImageFeatures]:
        """Features of all photographs that could be read, in order; the encoder sees only those not remembered."""
        prepared = [seen.image for seen in part if isinstance(seen.image, PreparedImage)]
        encoded = iter(model.captioner.encode_prepared(prepared))
        features = []
        for seen in part:
            if isinstance(seen.image, PreparedImage):
                image = next(encoded)
                if seen.key is not None:
                    model.remember(seen.key, image)
                features.append(image)
            elif isinstance(seen.image, ImageFeatures):
                features.append(seen.image)
        return features


def _key(path: str) -> ImageKey | None:
    try:
        status = os.stat(path)  # noqa: PTH116 (a path that is text need not be one that Path can hold)
    except (OSError, ValueError):
        return None
    return path, status.st_mtime_ns, status.st_size
