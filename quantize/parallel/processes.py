"""A function over many items by several processes, in order: holds only what is in flight, and ends when told.

Processes rather than threads: half of a conversion is many short numpy calls, which hold the interpreter's lock.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_QUEUED_PER_WORKER = 4
"""Items submitted ahead of the one that is waited for: enough that a long one does not idle the other workers."""


def map_in_order(
    function: Callable[[Item], Result], items: Iterable[Item], n_workers: int, on_death: Callable[[Item], Result]
) -> Iterator[Result]:
    """Yield `function(item)` for every item, in order.

    Parameters
    ----------
    function : callable
        Of one item. It, the items and the results are pickled. Should clean up after itself on SystemExit.
    items : iterable
        Read as the work goes on.
    n_workers : int
        Processes.
    on_death : callable
        Gives the result of an item whose worker was killed.
    """
    pool = ProcessPoolExecutor(n_workers, initializer=_obey_the_parent_alone)
    in_flight: deque[tuple[Item, Future[Result]]] = deque()

    def take() -> Result:
        item, future = in_flight.popleft()
        try:
            return future.result()
        except BrokenProcessPool:
            return on_death(item)

    try:
        for item in items:
            in_flight.append((item, _submit(pool, function, item)))
            if len(in_flight) > n_workers * _QUEUED_PER_WORKER:
                yield take()
        while in_flight:
            yield take()
    except BaseException:
        # Interrupted, or nobody wants the rest: what is unfinished ends now, and cleans up after itself.
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, function: Callable[[Item], Result], item: Item) -> Future[Result]:
    try:
        return pool.submit(_call, function, item)
    except BrokenProcessPool as error:
        broken: Future[Result] = Future()
        broken.set_exception(error)
        return broken


class _Worker:
    """What a worker process knows of itself."""

    ended = False
    busy = False


def _obey_the_parent_alone() -> None:
    # Ctrl-C reaches every process of the terminal; the parent decides, and tells its workers by SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)


def _end(*_: object) -> None:
    # Only an item's work is broken off: between items the executor holds locks that the other workers wait for.
    _Worker.ended = True
    if _Worker.busy:
        sys.exit()


def _call(function: Callable[[Item], Result], item: Item) -> Result:
    if _Worker.ended:  # the executor gives out what is queued all the same
        sys.exit()
    _Worker.busy = True
    try:
        return function(item)
    finally:
        _Worker.busy = False
