"""Run a function over fixed pieces of a range, on one thread or several, with the same answer.

The pieces never depend on the number of threads, and their results come back in order: sums that are combined from them
are the same to the last bit for any `n_jobs`.

Who asks for a piece that no thread has begun does it then and there: work is done where there are no more threads, too.
Work that runs on the pool never waits for the pool. What it would share out, it does itself.
"""

import os
import threading
from collections.abc import Callable, Iterator
from functools import cache, partial
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from quantize.parallel.overflow import let_go
from quantize.parallel.progress import counted

Result = TypeVar("Result")


def map_chunks(
    function: Callable[[slice], Result], n: int, size: int, n_jobs: int = 1, n_frames: int = 0
) -> list[Result]:
    """Call `function` on each slice of `size` indices below `n` and return the results in order.

    Where the indices are the pixels or rows of `n_frames`, whoever listens hears how many of those are done.
    """
    pieces = [slice(start, min(start + size, n)) for start in range(0, n, size)]
    if n_jobs == 1 or len(pieces) < 2 or _HERE.in_pool:
        return _collect(map(function, pieces), pieces, n_frames)
    errands = [_Errand(partial(function, piece)) for piece in pieces]
    queue = _start_threads(n_jobs)
    for errand in errands:
        queue.put(errand)
    try:
        return _collect(_do_together(errands), pieces, n_frames)
    finally:
        for errand in errands:  # where one has failed, or an interrupt came
            errand.claim()


def _collect(results: Iterator[Result], pieces: list[slice], n_frames: int) -> list[Result]:
    if not n_frames:
        return list(results)
    collected = []
    for _ in counted(pieces, n_frames):
        collected.append(next(results))
        let_go()
    return collected


def _do_together(errands: "list[_Errand[Result]]") -> Iterator[Result]:
    """Give the results in order; while one is waited for, what nobody has begun is done here."""
    ahead = iter(errands)
    for errand in errands:
        while not errand.is_done and (next_one := next(ahead, None)):
            next_one.run()
        yield errand.result()


def run_beside(function: Callable[[], Result], n_jobs: int) -> Callable[[], Result]:
    """Begin some work beside what follows, on the threads that `map_chunks` uses; call what is returned for its result.

    So never more than `n_jobs` things are done at a time. On one thread the work is done when its result is asked for.
    """
    if n_jobs == 1 or _HERE.in_pool:
        return function
    errand = _Errand(function)
    _start_threads(n_jobs).put(errand)
    return errand.result


class _Errand(Generic[Result]):
    """Some work that is done once, by the first who gets to it."""

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function: Callable[[], Result] | None = function
        self._lock, self._done = threading.Lock(), threading.Event()
        self._value: Any = None
        self._error: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return self._done.is_set()

    def claim(self) -> Callable[[], Result] | None:
        """Take the work, so that nobody else begins it; None where somebody has."""
        if not self._lock.acquire(blocking=False):
            return None
        function, self._function = self._function, None
        return function

    def run(self) -> None:
        """Do it, unless somebody has begun."""
        if function := self.claim():
            try:
                self._value = function()
            except BaseException as error:
                self._error = error
            self._done.set()

    def result(self) -> Result:
        """Give its result, or raise its error, once it is done."""
        self.run()
        self._done.wait()
        if self._error is not None:
            raise self._error
        value: Result = self._value
        return value


class _Here(threading.local):
    """Whether the present thread belongs to the pool."""

    in_pool = False


_HERE = _Here()


@cache
def _start_threads(n_jobs: int) -> "SimpleQueue[_Errand[Any]]":
    """Start all threads but the present one, and return the queue that they work on."""
    queue: SimpleQueue[_Errand[Any]] = SimpleQueue()
    for _ in range(n_jobs - 1):
        try:
            threading.Thread(target=_work, args=(queue,), daemon=True).start()
        except RuntimeError:  # there are no more
            break
    return queue


def _work(queue: "SimpleQueue[_Errand[Any]]") -> None:
    _HERE.in_pool = True
    while True:
        queue.get().run()


# A forked child inherits the pool's locks but not its threads, and would wait for them forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_threads.cache_clear)
