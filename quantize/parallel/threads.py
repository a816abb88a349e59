"""Run a function over fixed pieces of a range, on one thread or several, with the same answer.

The pieces never depend on the number of threads, and their results come back in order: sums that are combined from them
are the same to the last bit for any `n_jobs`.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Result = TypeVar("Result")


def map_chunks(function: Callable[[slice], Result], n: int, size: int, n_jobs: int = 1) -> list[Result]:
    """Call `function` on each slice of `size` indices below `n` and return the results in order."""
    pieces = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    if n_jobs == 1 or len(pieces) < 2:
        return [function(piece) for piece in pieces]
    return list(_thread_pool(n_jobs).map(function, pieces))


def start(function: Callable[[], Result], n_jobs: int) -> Callable[[], Result]:
    """Begin some work beside what follows, on the threads that `map_chunks` uses; call what is returned for its result.

    So never more than `n_jobs` things are done at a time. The work may not use several threads itself: it would wait
    for the one that it stands on.
    """
    return function if n_jobs == 1 else _thread_pool(n_jobs).submit(function).result


@cache
def _thread_pool(n_jobs: int) -> "ThreadPoolExecutor":
    from concurrent.futures import ThreadPoolExecutor  # 4 ms that one thread need not pay

    return ThreadPoolExecutor(n_jobs)


# A forked child inherits the pool's locks but not its threads, and would wait for them forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_thread_pool.cache_clear)
