"""Where a batch is worked on: here, in processes, or on a cluster; always in order, and with the same results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from quantize.errors import OutputError
from quantize.records.job import Job
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
    from quantize.parallel.cluster import ClusterError, map_on_cluster

    try:
        yield from map_on_cluster(partial(_run_there, function, _list_versions()), jobs, where, on_death)
    except ClusterError as error:
        raise OutputError(f"--scheduler: {error}") from None


EXECUTORS: dict[str, Callable[..., Iterator[Any]]] = {
    "here": _map_here,
    "processes": _map_in_processes,
    "cluster": _map_on_cluster,
}
"""What runs a function over jobs, in order. `where` is a number of processes, or the address of a scheduler."""


def _run_there(function: Callable[[Job], Result], versions: dict[str, str], job: Job) -> Result:
    """Do one job on a worker, if that has the versions that the others have."""
    from quantize.parallel.cluster import ClusterError, name_worker

    for name, version in _list_versions().items():
        if version != versions[name]:
            raise ClusterError(f"{name_worker()}: has {name} {version}, and not {versions[name]} as here")
    return function(job)


def _list_versions() -> dict[str, str]:
    """What the bytes of a result depend on."""
    import numpy as np
    import PIL

    return {"quantize": __version__, "numpy": np.__version__, "Pillow": PIL.__version__}
