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
from contextlib import suppress
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD_PER_THREAD = 4
"""Items in flight for each thread of the cluster, as for processes; those of a worker that joins later count, too."""

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
    from distributed import Client, KilledWorker

    for name in list(logging.root.manager.loggerDict):  # each has a level of its own
        if name.partition(".")[0] in _TALKERS:
            logging.getLogger(name).disabled = True
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(f"{address}: does not answer ({_say(error)}); start one with: dask scheduler") from None
    here = os.getcwd()  # noqa: PTH109 - a string, which any system unpickles
    flying: deque[tuple[Item, Any]] = deque()
    waiting = iter(items)
    try:
        while True:
            room = _AHEAD_PER_THREAD * max(1, sum(client.nthreads().values()))
            while len(flying) < room:
                try:
                    item = next(waiting)
                except StopIteration:
                    break
                flying.append((item, client.submit(_work_at, function, item, here, pure=False)))
            if not flying:
                return
            item, future = flying.popleft()
            try:
                result = future.result()
            except KilledWorker:
                result = on_death(item)
            yield result
    except (OSError, CancelledError):
        raise ClusterError(f"{address}: went away; what is written stays") from None
    except (ImportError, AttributeError, RuntimeError) as error:
        raise ClusterError(f"{address}: a worker cannot do this ({_say(error)}); install the same there") from None
    finally:
        with suppress(Exception):
            client.cancel([future for _, future in flying])
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
