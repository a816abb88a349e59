"""A function over many items on a Dask cluster, in order: only what is in flight is known to the scheduler.

Dask starts the workers, moves items and results, and gives what a dead worker had to another one. A worker does one
item at a time, in the working folder of whoever asked: it has to see the same files by the same names.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD_PER_THREAD = 4
"""Items in flight for each thread of the cluster, as for processes; those of a worker that joins later count, too."""

_SUMMED_THERE = 1000
"""Items whose results are added up on the workers: the scheduler remembers how each sum came about until it is there,
in case that a worker dies, at some kilobytes for each item."""

_PATIENCE = 10
"""Seconds in which a scheduler has to answer."""

_TALKERS = ("distributed", "tornado", "asyncio")
"""Loggers that would write tracebacks on the screen; what goes wrong is said in one sentence instead."""

_ONE_AT_A_TIME = threading.Lock()
"""Threads of a worker share its working folder."""


class ClusterError(Exception):
    """What is wrong with a cluster or a worker, in a sentence that names it."""


def map_on_cluster(
    function: Callable[[Item], Result], items: Iterable[Item], address: str, on_death: Callable[[Item], Result]
) -> Iterator[Result]:
    """Yield `function(item)` for every item, in order.

    Parameters
    ----------
    function : callable
        Of one item. It, the items and the results are pickled.
    items : iterable
        Read as the work goes on.
    address : str
        Of the scheduler, as ``tcp://host:8786`` or ``tls://host:8786``.
    on_death : callable
        Gives the result of an item with which worker after worker died.

    Raises
    ------
    ClusterError
        The scheduler does not answer or goes away, or a worker has not got the function or the working folder.
    """
    with _connected(address) as client:
        from distributed import KilledWorker

        flying: deque[tuple[Item, Any]] = deque()
        try:
            for item, future in _submit_ahead(client, function, items, flying):
                try:
                    result = future.result()
                except KilledWorker:
                    # Perhaps it only waited, more than once, on a worker that another item killed.
                    try:
                        result = _submit(client, function, item).result()
                    except KilledWorker:
                        result = on_death(item)
                yield result
        finally:
            with suppress(Exception):
                client.cancel([future for _, future in flying])


def _submit_ahead(
    client: Any, function: Callable[[Item], Result], items: Iterable[Item], flying: deque[tuple[Item, Any]]
) -> Iterator[tuple[Item, Any]]:
    """Yield each item with its future, in order, while those after it are on their way already."""
    waiting = iter(items)
    while True:
        room = _AHEAD_PER_THREAD * max(1, sum(client.nthreads().values()))
        for item in islice(waiting, max(0, room - len(flying))):
            flying.append((item, _submit(client, function, item)))
        if not flying:
            return
        yield flying.popleft()


def _submit(client: Any, function: Callable[[Item], Result], item: Item) -> Any:
    here = os.getcwd()  # noqa: PTH109 - a string, which any system unpickles
    return client.submit(_work_at, function, item, here, pure=False)


def sum_on_cluster(
    function: Callable[[Item], Result | None],
    add: Callable[[Result, Result], Result],
    items: Iterable[Item],
    address: str,
) -> Result | None:
    """Add up `function(item)` of all items as a tree, on the workers: one sum for each thousand items comes here.

    Parameters
    ----------
    function : callable
        Of one item; None where it has nothing to add. What an item would add with which worker after worker died, is
        left out.
    add : callable
        Of two results. The sum must not depend on the order of its terms, which are added as they come.
    items, address
        As of `map_on_cluster`.

    Returns
    -------
    The sum, or None where there is none.

    Raises
    ------
    ClusterError
        As of `map_on_cluster`.
    """
    total: Result | None = None
    waiting = iter(items)
    with _connected(address) as client:
        while some := list(islice(waiting, _SUMMED_THERE)):
            sums = _sum_some(client, function, add, some)
            for result in client.gather(sums):
                total = _add(add, total, result)
    return total


def _sum_some(client: Any, function: Callable[..., Any], add: Callable[..., Any], items: Iterable[Any]) -> list[Any]:
    """Give the futures of a few sums, most often one."""
    from distributed import KilledWorker, as_completed

    upcoming = (future for _, future in _submit_ahead(client, function, items, deque()))
    finished = as_completed(list(islice(upcoming, 1)), loop=client.loop)
    sums: set[str] = set()
    terms: list[Any] = []
    for future in finished:
        is_sum = future.key in sums
        try:
            if future.status == "error":
                future.result()
            terms.append(future)
        except KilledWorker:
            if is_sum:
                raise RuntimeError("it dies of adding up") from None
        if len(terms) == 2:
            finished.add(total := client.submit(_add, add, *terms, pure=False))
            sums.add(total.key)
            terms = []
        if not is_sum:
            finished.update(list(islice(upcoming, 1)))
    return terms


def _add(add: Callable[[Result, Result], Result], one: Result | None, other: Result | None) -> Result | None:
    return one if other is None else other if one is None else add(one, other)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    """Give a client of a scheduler, and say in a sentence what goes wrong with it."""
    from distributed import Client

    for name in list(logging.root.manager.loggerDict):  # each has a level of its own
        if name.partition(".")[0] in _TALKERS:
            logging.getLogger(name).disabled = True
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(f"{address}: does not answer ({_say(error)}); start one with: dask scheduler") from None
    try:
        yield client
    except (OSError, CancelledError):
        raise ClusterError(f"{address}: went away; what is written stays") from None
    except (ImportError, AttributeError, RuntimeError) as error:
        raise ClusterError(f"{address}: a worker cannot do this ({_say(error)}); install the same there") from None
    finally:
        with suppress(Exception):
            client.close(timeout=1)


def _work_at(function: Callable[[Any], Any], item: Any, folder: str) -> Any:
    """Do one item in a folder. Runs on a worker."""
    with _ONE_AT_A_TIME:
        try:
            os.chdir(folder)
        except OSError as error:
            raise ClusterError(f"{name_worker()}: cannot see {folder} ({error.strerror})") from None
        return function(item)


def name_worker() -> str:
    """Give the address of the worker that this runs on."""
    from distributed import get_worker

    return f"worker {get_worker().address}"


def _say(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
