"""A function over many items by several processes, in order: holds only what is in flight, and ends when told.

Processes rather than threads: half of a conversion is many short numpy calls, which hold the interpreter's lock.

Each worker has a pipe of its own and shares no lock with the others, so that one that dies costs its own item alone.
That item is tried once more while nothing else runs, for it may have died for want of memory.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, NamedTuple, TypeVar

from quantize.parallel.signals import STOP_SIGNALS, ignore, signals_held

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD_PER_WORKER = 4
"""Items taken ahead of the one that is waited for: enough that a long one does not idle the other workers."""

_PATIENCE = 0.8
"""Seconds that a worker gets to clean up after itself when it is told to end."""


class _Task(NamedTuple):
    number: int
    item: Any
    is_second_try: bool = False


class _Worker(NamedTuple):
    process: BaseProcess
    connection: Connection


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
        Processes. Where the system allows fewer, there are fewer; where it allows none, the work is done in this one.
    on_death : callable
        Gives the result of an item whose worker died twice.
    """
    tasks = (_Task(number, item) for number, item in enumerate(items))
    upcoming = next(tasks, None)
    second_tries: deque[_Task] = deque()
    results: dict[int, Result] = {}
    n_yielded = 0
    with _Crew(function, n_workers) as crew:
        while upcoming or second_tries or crew.busy or results:
            while n_yielded in results:
                yield results.pop(n_yielded)
                n_yielded += 1
            if second_tries:
                if not crew.busy:
                    crew.give(second_tries.popleft())
            elif not crew.has_second_try:
                furthest = n_yielded + n_workers * _AHEAD_PER_WORKER
                while upcoming and upcoming.number < furthest and crew.give(upcoming):
                    upcoming = next(tasks, None)
            for task, reply in crew.collect():
                if reply:
                    results[task.number] = reply[0]
                elif task.is_second_try:
                    results[task.number] = on_death(task.item)
                else:
                    second_tries.append(task._replace(is_second_try=True))


class _Crew(Generic[Result]):
    """Worker processes, each with at most one task at a time."""

    def __init__(self, function: Callable[[Any], Result], n_workers: int) -> None:
        self.busy: dict[Connection, tuple[_Worker, _Task]] = {}
        self._function, self._n_workers = function, n_workers
        self._idle: list[_Worker] = []
        self._alive: list[_Worker] = []
        self._done_here: list[tuple[_Task, tuple[Result]]] = []
        self._context = multiprocessing.get_context("fork" if sys.platform == "linux" else None)
        # Nothing is ever sent here. That its other end is gone tells a worker that this process died.
        self._lifeline, self._held_end = self._context.Pipe(duplex=False)

    def __enter__(self) -> _Crew[Result]:
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self._alive:
            worker.process.terminate()
        for worker in self._alive:
            worker.process.join(_PATIENCE)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
            worker.connection.close()
        self._lifeline.close()
        self._held_end.close()

    @property
    def has_second_try(self) -> bool:
        """Whether a task is tried again, for which everything else waits."""
        return any(task.is_second_try for _, task in self.busy.values())

    def give(self, task: _Task) -> bool:
        """Give a task to a worker that has none, or do it here where there can be no workers; tell whether it went."""
        while self._idle or len(self.busy) < self._n_workers:
            worker = self._idle.pop() if self._idle else self._start()
            if worker is None:
                break
            try:
                worker.connection.send(task.item)
            except OSError:  # it died without a task
                self._bury(worker)
                continue
            self.busy[worker.connection] = worker, task
            return True
        if self.busy:
            return False
        self._done_here.append((task, (self._function(task.item),)))
        return True

    def collect(self) -> list[tuple[_Task, tuple[Result] | None]]:
        """Wait until some task has ended; give each that did with its result, or None where its worker died."""
        if self._done_here:
            done_here, self._done_here = self._done_here, []
            return [*done_here]
        ended: list[tuple[_Task, tuple[Result] | None]] = []
        for connection in wait(list(self.busy)) if self.busy else ():
            assert isinstance(connection, Connection)
            worker, task = self.busy.pop(connection)
            try:
                ended.append((task, (connection.recv(),)))
            except (EOFError, OSError):
                self._bury(worker)
                ended.append((task, None))
            else:
                self._idle.append(worker)
        return ended

    def _start(self) -> _Worker | None:
        """Start a worker; None where the system allows no more, and then none is asked for again."""
        try:
            ours, theirs = self._context.Pipe()
            # A signal that came now would find a child that still has its parent's handlers.
            with signals_held():
                process = self._context.Process(
                    target=_work, args=(self._function, theirs, self._lifeline, (ours, self._held_end)), daemon=True
                )
                process.start()
                worker = _Worker(process, ours)
                self._alive.append(worker)  # before an interrupt may come, which looks for it here
            theirs.close()
        except OSError:
            self._n_workers = len(self.busy)
            return None
        return worker

    def _bury(self, worker: _Worker) -> None:
        worker.process.join()
        worker.connection.close()
        self._alive.remove(worker)


def _work(
    function: Callable[[Any], Any], connection: Connection, lifeline: Connection, others: tuple[Connection, ...]
) -> None:
    """Do what comes, until the parent says to end or is gone. Runs in a process of its own."""
    # Ctrl-C and a closed terminal reach every process of the terminal; the parent decides, and tells its workers.
    for number in STOP_SIGNALS:
        signal.signal(number, _end if number == signal.SIGTERM else signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    for (
        other
    ) in others:  # the parent's ends, inherited by a fork: while they are open here, nobody is told of its death
        with suppress(OSError):
            other.close()
    with suppress(RuntimeError):  # no thread to be had: then the parent's death is noticed after the present item
        threading.Thread(target=_follow, args=(lifeline,), daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            connection.send(function(connection.recv()))


def _end(*_: object) -> None:
    signal.signal(signal.SIGTERM, ignore)  # what is cleaned up now is cleaned up once
    sys.exit(128 + signal.SIGTERM)


def _follow(lifeline: Connection) -> None:
    """End this process once its parent is gone."""
    with suppress(EOFError, OSError):
        lifeline.recv()
    os.kill(os.getpid(), signal.SIGTERM)
