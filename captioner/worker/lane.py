"""A thread that works on jobs a step at a time, the most urgent first."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass

from captioner.worker.failures import failure
from captioner.worker.jobs import Job, JobCancelledError, Outlet, Steps
from captioner.worker.private_messages import PartFinished, PartStarted
from captioner.worker.protocol import Cancelled, Event, Finished, Request


@dataclass(slots=True, eq=False)
class _Place:
    job: Job[Request]
    steps: Steps
    rank: tuple[int, int]


class Lane:
    """A queue of jobs and the thread that works on them.

    After every step the most urgent job goes on, so that a long one delays an urgent one by no more than a step.

    Parameters
    ----------
    outlet
        Where the last event of each job goes.
    """

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._places: list[_Place] = []
        self._dropped: list[_Place] = []
        self._current: _Place | None = None
        self._count = 0
        self._changed = threading.Condition()

    def add(self, job: Job[Request], steps: Steps, *, urgency: int = 0, is_newest_first: bool = False) -> None:
        """Queue a job.

        Parameters
        ----------
        job, steps
            What to do.
        urgency
            Lower goes first.
        is_newest_first
            Among jobs of one urgency, whether the one that came last goes first.
        """
        with self._changed:
            self._count += 1
            self._places.append(_Place(job, steps, (urgency, -self._count if is_newest_first else self._count)))
            self._changed.notify_all()

    def cancel(self, job_id: int) -> bool:
        """End a job: at once if it waits, at its next look if it is at work. Returns whether it was here."""
        with self._changed:
            place = next((place for place in self._places if place.job.id == job_id), None)
            if place is None:
                return False
            place.job.cancel()
            if place is self._current:
                return True
            self._places.remove(place)
            self._dropped.append(place)  # whose steps only the lane's own thread may close
            self._changed.notify_all()
        self._outlet.send(Cancelled(job_id=job_id))
        return True

    def cancel_all(self) -> None:
        """Ask all jobs to stop, without waiting for them."""
        with self._changed:
            for place in self._places:
                place.job.cancel()

    def wait_until_idle(self, timeout: float) -> bool:
        """Wait until there is no job, for so many seconds at most; returns whether there is none."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._places, timeout)

    def run(self) -> None:
        """Work for ever."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._places or self._dropped)
                self._current = min(self._places, key=lambda place: place.rank, default=None)
                current, dropped, self._dropped = self._current, self._dropped, []
            for place in dropped:
                _close(place.steps)
            if current is not None:
                self._advance(current)

    def _advance(self, place: _Place) -> None:
        """Do one step, and see the job off when it was the last."""
        self._outlet.send(PartStarted(job_id=place.job.id))
        last: Event | None = None
        try:
            place.job.check()
            next(place.steps)
        except StopIteration:
            last = Finished(job_id=place.job.id)
        except JobCancelledError:
            _close(place.steps)
            last = Cancelled(job_id=place.job.id)
        except Exception as error:  # whatever goes wrong with one job, the others go on
            last = failure(place.job.id, error)
        with self._changed:
            self._current = None
            if last is not None:
                self._places.remove(place)
                self._changed.notify_all()
        self._outlet.send(PartFinished(job_id=place.job.id) if last is None else last)


def _close(steps: Steps) -> None:
    with contextlib.suppress(Exception):
        steps.close()
