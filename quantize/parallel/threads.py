"""Run a function over fixed pieces of a range, on one thread or several, with the same answer.

The pieces never depend on the number of threads, and their results come back in order: sums that are combined from them
are the same to the last bit for any `n_jobs`.

Work that runs on the pool never waits for the pool: what it would share out, it does itself.
"""

import os
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from quantize.parallel.overflow import let_go
from quantize.parallel.progress import counted

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Result = TypeVar("Result")


class _Here(threading.local):
    """Whether the present thread belongs to the pool."""

    in_pool = False


_HERE = _Here()


def map_chunks(
    function: Callable[[slice], Result], n: int, size: int, n_jobs: int = 1, n_frames: int = 0
) -> list[Result]:
    """Call `function` on each slice of `size` indices below `n` and return the results in order.

    Where the indices are the pixels or rows of `n_frames`, whoever listens hears how many of those are done.
    """
    pieces = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    if n_jobs == 1 or len(pieces) < 2 or _HERE.in_pool:
        return _collect(map(function, pieces), pieces, n_frames)
    try:
        return _collect(_thread_pool(n_jobs).map(function, pieces), pieces, n_frames)
    except RuntimeError as error:
        if not _is_short_of_threads(error):
            raise
        return [function(piece) for piece in pieces]


def _collect(results: Iterator[Result], pieces: list[slice], n_frames: int) -> list[Result]:
    if not n_frames:
        return list(results)
    collected = []
    for _ in counted(pieces, n_frames):
        collected.append(next(results))
        let_go()
    return collected


def run_beside(function: Callable[[], Result], n_jobs: int) -> Callable[[], Result]:
    """Begin some work beside what follows, on the threads that `map_chunks` uses; call what is returned for its result.

    So never more than `n_jobs` things are done at a time. On one thread the work is done when its result is asked for.
    """
    if n_jobs == 1 or _HERE.in_pool:
        return function
    try:
        return _thread_pool(n_jobs).submit(function).result
    except RuntimeError as error:
        if not _is_short_of_threads(error):
            raise
        return function


def _is_short_of_threads(error: RuntimeError) -> bool:
    return "start new thread" in str(error)  # Python has no type of its own for it


@cache
def _thread_pool(n_jobs: int) -> "ThreadPoolExecutor":
    from concurrent.futures import ThreadPoolExecutor  # 4 ms that one thread need not pay

    return ThreadPoolExecutor(n_jobs, initializer=_join_pool)


def _join_pool() -> None:
    _HERE.in_pool = True


# A forked child inherits the pool's locks but not its threads, and would wait for them forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_thread_pool.cache_clear)
