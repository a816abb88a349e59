"""Where a batch is worked on: here, in processes, or on a cluster; always in order, and with the same results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from operator import add
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from quantize.color.histogram import add_up
from quantize.errors import OutputError
from quantize.records.job import STDIO, Job
from quantize.records.picture import Histogram
from quantize.version import __version__

Result = TypeVar("Result")


def _map_here(
    function: Callable[[Job], Result], jobs: Iterable[Job], where: Any, on_death: Callable[[Job], Result]
) -> Iterator[Result]:
    yield from map(function, jobs)


def _map_in_processes(
    function: Callable[[Job], Result], jobs: Iterable[Job], where: Any, on_death: Callable[[Job], Result]
) -> Iterator[Result]:
    from quantize.parallel.processes import map_in_order

    yield from map_in_order(function, jobs, where, on_death)


def _map_on_cluster(
    function: Callable[[Job], Result], jobs: Iterable[Job], where: Any, on_death: Callable[[Job], Result]
) -> Iterator[Result]:
    from quantize.parallel.cluster import map_on_cluster

    with _explained():
        there = partial(_run_there, function, _list_versions())
        yield from map_on_cluster(there, _look_at(jobs), where, lambda seen: on_death(seen.job))


EXECUTORS: dict[str, Callable[..., Iterator[Any]]] = {
    "here": _map_here,
    "processes": _map_in_processes,
    "cluster": _map_on_cluster,
}
"""What runs a function over jobs, in order. `where` is a number of processes, or the address of a scheduler."""

Count = Callable[[Job], Histogram | None]


def _sum_here(count: Count, jobs: Iterable[Job], where: Any) -> Histogram | None:
    return _add_up_those(_map_here(count, jobs, where, _leave_out))


def _sum_from_processes(count: Count, jobs: Iterable[Job], where: Any) -> Histogram | None:
    return _add_up_those(_map_in_processes(count, jobs, where, _leave_out))


def _sum_on_cluster(count: Count, jobs: Iterable[Job], where: Any) -> Histogram | None:
    from quantize.parallel.cluster import sum_on_cluster

    with _explained():
        return sum_on_cluster(partial(_run_there, count, _list_versions()), add, _look_at(jobs), where)


SUMS: dict[str, Callable[..., Histogram | None]] = {
    "here": _sum_here,
    "processes": _sum_from_processes,
    "cluster": _sum_on_cluster,
}
"""What adds up the histograms of jobs, by the names of `EXECUTORS`; None where there is none, or its process died."""


def _leave_out(job: Job) -> None:
    """Give what a job adds whose worker died; the batch says so when the job's turn comes to be converted."""


def _add_up_those(histograms: Iterable[Histogram | None]) -> Histogram | None:
    return add_up(histogram for histogram in histograms if histogram is not None)


class _Seen(NamedTuple):
    """A job, and which of the paths that it needs can be seen from here."""

    job: Job
    paths: tuple[str, ...]


def _look_at(jobs: Iterable[Job]) -> Iterator[_Seen]:
    for job in jobs:
        folders = {str(path.parent) for path in job.outputs.paths}
        needed = (*((job.source,) if job.source != STDIO else ()), *sorted(folders))
        yield _Seen(job, tuple(path for path in needed if Path(path).exists()))


@contextmanager
def _explained() -> Iterator[None]:
    from quantize.parallel.cluster import ClusterError

    try:
        yield
    except ClusterError as error:
        raise OutputError(f"--scheduler: {error}") from None


def _run_there(function: Callable[[Job], Result], versions: dict[str, str], seen: _Seen) -> Result:
    """Do one job on a worker, if that has the versions that the others have, and sees the same files."""
    from quantize.parallel.cluster import ClusterError, name_worker

    for name, version in _list_versions().items():
        if version != versions[name]:
            raise ClusterError(f"{name_worker()}: has {name} {version}, and not {versions[name]} as here")
    for path in seen.paths:
        if not Path(path).exists():
            raise ClusterError(f"{name_worker()}: cannot see {path}; it needs a file system that all share")
    return function(seen.job)


def _list_versions() -> dict[str, str]:
    """What the bytes of a result depend on."""
    import numpy as np
    import PIL

    return {"quantize": __version__, "numpy": np.__version__, "Pillow": PIL.__version__}
