"""What was asked of the worker and not answered yet, and what becomes of it when the worker dies."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path

from captioner.file_names import file_name
from captioner.worker.private_messages import DangerousFile, PartFinished, PartStarted
from captioner.worker.protocol import (
    Cancel,
    Cancelled,
    CaptionImages,
    DecodingFinished,
    DecodingStarted,
    Event,
    ExportCaptions,
    Failed,
    Finished,
    FoundImage,
    ImageCaptioned,
    ImageFailed,
    ImagesFound,
    LoadModel,
    MakeThumbnails,
    ModelLoaded,
    OpenPhotograph,
    PathRefused,
    PhotographOpened,
    Request,
    ThumbnailMade,
    WorkerReady,
    WorkerStarted,
    WorkerUnusable,
)

MOST_DEATHS_OF_A_JOB = 2
CRASHED = "{} made the decoder crash and was left out. Save it anew in another program to use it."
HUNG = "{} took too long to decode and was left out. Save it anew in another program to use it."
TOO_MUCH = "{} was left out: the worker ended twice over it. Close other programs to free memory and try again."
ENDED_OVER_JOB = "The worker ended while it did this. Free some memory by closing other programs, then try again."
ENDED_OVER_EXPORT = (
    "The worker ended while it wrote the captions, so some may be missing. Export them again, replacing what is there."
)

_Answer = ThumbnailMade | PhotographOpened | ImageCaptioned | ImageFailed


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker ended.

    Attributes
    ----------
    was_killed
        By somebody else, such as a system without memory: then the file that was being decoded is only a suspect.
    was_hung
        By the client, since a file took too long.
    """

    was_killed: bool = False
    was_hung: bool = False


@dataclass(slots=True)
class Reaction:
    """What follows: events to tell and requests to send, in this order."""

    events: list[Event] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


@dataclass(slots=True)
class _Job:
    request: Request
    portions: deque[Request] = field(default_factory=deque)
    answered: Counter[str] = field(default_factory=Counter)
    suspects: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    deaths: int = 0
    is_cancelled: bool = False

    @property
    def remaining(self) -> list[str]:
        """Paths without an answer, in order; a path that was given twice has two."""
        paths = _paths(self.request)
        if not self.answered:
            return list(paths)
        skipped = self.answered.copy()
        remaining = []
        for path in paths:
            if skipped[path] > 0:
                skipped[path] -= 1
            else:
                remaining.append(path)
        return remaining

    def divide(self) -> list[Request]:
        """What is left to be asked: suspects one by one and before the rest, which innocent photographs then pass."""
        if not isinstance(self.request, (CaptionImages, MakeThumbnails)):
            return [self.request]
        remaining = self.remaining
        alone = [path for path in remaining if path in self.suspects]
        together = tuple(path for path in remaining if path not in self.suspects)
        portions = [*((path,) for path in alone), *([together] if together else [])]
        return [dataclasses.replace(self.request, paths=paths) for paths in portions] or [self.request]


class OpenJobs:
    """Requests without their last answer, in the order in which they came; for one thread at a time."""

    def __init__(self) -> None:
        self._jobs: dict[int, _Job] = {}
        self._at_hand: dict[int, tuple[str, ...]] = {}
        self._decoding: str | None = None
        self._loaded: LoadModel | None = None
        self.dangerous: dict[str, DangerousFile] = {}

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, request: Request) -> None:
        """Remember a request that is being sent.

        Raises
        ------
        ValueError
            If a job with its id is open still, or the id is below 1.
        """
        if request.job_id < 1 or request.job_id in self._jobs:
            raise ValueError(f"A job cannot be called {request.job_id}: ids are 1 or more, and each is used once.")
        self._jobs[request.job_id] = _Job(request)

    def cancel(self, job_id: int) -> list[Request]:
        """Note that a job is to end, and give what must be sent for that."""
        job = self._jobs.get(job_id)
        if job is None:
            return []
        job.is_cancelled = True
        job.portions.clear()
        return [Cancel(job_id=job_id)]

    def receive(self, event: Event) -> Reaction:
        """Take note of an event of the worker; what a window need not know stays here."""
        match event:
            case DecodingStarted():
                self._decoding = event.path
            case DecodingFinished():
                self._decoding = None
            case PartStarted():
                self._at_hand[event.job_id] = event.paths
            case PartFinished():
                self._at_hand.pop(event.job_id, None)
            case WorkerStarted() | WorkerReady() | WorkerUnusable() | Failed(job_id=0):
                return Reaction([event])
            case _ if job := self._jobs.get(event.job_id):
                return self._receive_for(job, event)
        return Reaction()

    def _receive_for(self, job: _Job, event: Event) -> Reaction:
        match event:
            case ThumbnailMade() | PhotographOpened() | ImageCaptioned() | ImageFailed():
                self._answer(job, event)
            case ImagesFound() | PathRefused():
                return Reaction(_not_told_yet(job, event))
            case ModelLoaded() if isinstance(job.request, LoadModel):
                self._loaded = dataclasses.replace(job.request, job_id=0)
            case Finished() if job.portions:
                return Reaction(requests=[job.portions.popleft()])
            case Finished() if job.is_cancelled and job.remaining:
                return Reaction(self._close(Cancelled(job_id=event.job_id)))
            case Finished() | Cancelled() | Failed():
                return Reaction(self._close(event))
        return Reaction([event])

    def _answer(self, job: _Job, event: _Answer) -> None:
        job.answered[event.path] += 1
        job.deaths = 0

    def _close(self, event: Event) -> list[Event]:
        del self._jobs[event.job_id]
        self._at_hand.pop(event.job_id, None)
        return [event]

    def fail_all(self, message: str) -> list[Event]:
        """Close every job with a sentence."""
        return [
            event
            for job_id, job in list(self._jobs.items())
            for event in self._close(Cancelled(job_id=job_id) if job.is_cancelled else _failed(job_id, message))
        ]

    # When the worker dies

    def recover(self, death: Death) -> tuple[list[Event], bool]:
        """Find what the worker died of, so that the next one need not; `requests` then gives what is left to do.

        Returns
        -------
        events
            Photographs and jobs that are given up.
        is_narrowed
            Whether anything was given up or is now tried alone, so that the next worker will fare better.
        """
        decoding, at_hand = self._decoding, self._at_hand
        self._decoding, self._at_hand = None, {}
        events = [self._close(Cancelled(job_id=id_))[0] for id_, job in list(self._jobs.items()) if job.is_cancelled]
        if decoding is not None and not (death.was_killed and self._is_first_suspicion(decoding)):
            events += self._give_up_file(decoding, HUNG if death.was_hung else CRASHED)
            is_narrowed = True
        else:
            is_narrowed = decoding is not None
            for job_id, paths in at_hand.items():
                if job := self._jobs.get(job_id):
                    given_up, is_new = self._suspect(job, paths)
                    events += given_up
                    is_narrowed |= bool(given_up) or is_new
        is_answered = [id_ for id_, job in self._jobs.items() if _paths(job.request) and not job.remaining]
        for job_id in is_answered:
            events += self._close(Finished(job_id=job_id))
        return events, is_narrowed

    def _is_first_suspicion(self, path: str) -> bool:
        """Suspect a file in the jobs that wait for it, and say whether that is new."""
        jobs = [job for job in self._jobs.values() if path in _paths(job.request)]
        is_new = bool(jobs) and not any(path in job.suspects for job in jobs)
        for job in jobs:
            job.suspects.add(path)
        return is_new

    def _give_up_file(self, path: str, sentence: str) -> list[Event]:
        """Fail a file in all jobs that wait for it, and remember it, as it is now, for those to come."""
        message = sentence.format(file_name(Path(path)))
        try:
            status = os.stat(path)  # noqa: PTH116 (a path that is text need not be one that Path can hold)
            self.dangerous[path] = DangerousFile(path, status.st_size, status.st_mtime_ns, message)
        except (OSError, ValueError):
            pass  # it is gone
        return [
            self._failed_image(job, path, message)
            for job in self._jobs.values()
            for _ in range(job.remaining.count(path))
        ]

    def _suspect(self, job: _Job, paths: tuple[str, ...]) -> tuple[list[Event], bool]:
        """Give up what the worker died over for the second time, and have the rest tried one by one."""
        if not paths:
            job.deaths += 1
            return self._give_up_job(job), False
        if len(paths) == 1 and paths[0] in job.suspects:
            return [self._failed_image(job, paths[0], TOO_MUCH.format(file_name(Path(paths[0]))))], True
        is_new = not job.suspects.issuperset(paths)
        job.suspects.update(paths)
        return [], is_new

    def _give_up_job(self, job: _Job) -> list[Event]:
        job_id = job.request.job_id
        if isinstance(job.request, ExportCaptions):
            # It writes many files, refuses to replace any, and may have written some.
            return self._close(_failed(job_id, ENDED_OVER_EXPORT))
        return self._close(_failed(job_id, ENDED_OVER_JOB)) if job.deaths >= MOST_DEATHS_OF_A_JOB else []

    def _failed_image(self, job: _Job, path: str, message: str) -> Event:
        failed = ImageFailed(job_id=job.request.job_id, path=path, message=message)
        self._answer(job, failed)
        return failed

    def requests(self) -> list[Request]:
        """All that a new worker must be sent: the model that was current, then the open jobs."""
        requests: list[Request] = [] if self._loaded is None else [self._loaded]
        for job_id, job in self._jobs.items():
            job.portions = deque(job.divide())
            requests.append(job.portions.popleft())
            if job.is_cancelled:
                job.portions.clear()
                requests.append(Cancel(job_id=job_id))
        return requests


def _paths(request: Request) -> tuple[str, ...]:
    """Paths that each have one answer."""
    match request:
        case CaptionImages() | MakeThumbnails():
            return request.paths
        case OpenPhotograph():
            return (request.path,)
    return ()


def _failed(job_id: int, message: str) -> Failed:
    return Failed(job_id=job_id, message=message)


def _not_told_yet(job: _Job, event: ImagesFound | PathRefused) -> list[Event]:
    """Leave out what was found before: twice, or by a worker that died while it searched."""
    if isinstance(event, PathRefused):
        is_new = event.path not in job.found
        job.found.add(event.path)
        return [event] if is_new else []
    images: list[FoundImage] = []
    for image in event.images:
        if image.path not in job.found:
            job.found.add(image.path)
            images.append(image)
    return [dataclasses.replace(event, images=tuple(images))] if images else []
