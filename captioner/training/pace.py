"""How long a run still takes, judged by how long its parts have taken."""

from __future__ import annotations

import statistics
from collections import defaultdict, deque
from collections.abc import Mapping

REMEMBERED = 101


class Pace:
    """Remembers how long recent steps and evaluations took.

    It goes by medians, so that a step during which the machine was suspended does not count for a million others.
    """

    def __init__(self) -> None:
        self._steps: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=REMEMBERED))
        self._evaluations: deque[float] = deque(maxlen=REMEMBERED)

    def add_step(self, stage: str, seconds: float) -> None:
        """Take in the duration of a step of ``stage``."""
        self._steps[stage].append(seconds)

    def add_evaluation(self, seconds: float) -> None:
        """Take in the duration of what comes between two epochs."""
        self._evaluations.append(seconds)

    def seconds_left(self, steps: Mapping[str, int], evaluations: int) -> float:
        """Seconds that so many ``steps`` of each stage and so many ``evaluations`` will take.

        Steps of a stage that has not begun are taken to last as long as those of the latest stage that has.
        """
        medians = {stage: statistics.median(durations) for stage, durations in self._steps.items()}
        latest = list(medians.values())[-1] if medians else 0.0
        each = statistics.median(self._evaluations) if self._evaluations else 0.0
        return sum(count * medians.get(stage, latest) for stage, count in steps.items()) + evaluations * each
