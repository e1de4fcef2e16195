"""Work done ahead in threads: what comes next is read while what came before is computed."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], *, threads: int, depth: int
) -> Generator[Result]:
    """Like `map`, in order, but with up to ``depth`` results being made in ``threads`` before they are asked for.

    Unlike `concurrent.futures.Executor.map`, ``items`` may be endless: it is drawn from only as results are taken.
    """
    pending: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="read-ahead") as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) >= depth:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def in_batches(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Cut ``items`` into tuples of ``size``, the last one shorter (`itertools.batched` of Python 3.12)."""
    stream = iter(items)
    while batch := tuple(itertools.islice(stream, size)):
        yield batch
