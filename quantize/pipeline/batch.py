"""Many pictures: each job ends in an outcome, and a bad one costs one line and not the others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from quantize.errors import QuantizeError, SkippedError
from quantize.files.marks import is_ours, refuse_foreign
from quantize.files.planning import place_index
from quantize.parallel.progress import OnStage
from quantize.pipeline.convert import convert_file
from quantize.records.job import STDIO, Job, Outcome
from quantize.records.settings import Settings

Result = TypeVar("Result")


def skip_own_results(jobs: Sequence[Job]) -> list[Job | Outcome]:
    """Replace each job whose input is our own result for another of the jobs by the outcome that it is skipped."""
    owners = {os.path.abspath(path): job for job in jobs for path in job.outputs.paths}

    def skip(job: Job) -> Job | Outcome:
        owner = owners.get(os.path.abspath(job.source))
        if owner and job.source != STDIO and is_ours(Path(job.source), owner.outputs.report):
            return Outcome(job, skipped=f"is our own result for {owner.source}")
        return job

    return [skip(job) for job in jobs]


def preview_jobs(jobs: Sequence[Job]) -> Iterator[Outcome]:
    """Tell what can be told of each job without reading its picture: whether it would be skipped or fail."""
    for item in skip_own_results(jobs):
        if isinstance(item, Outcome):
            yield item
        elif item.source != STDIO and not Path(item.source).exists():
            yield Outcome(item, failure=f"{item.source}: no such file")
        else:
            try:
                refuse_foreign(item)
            except QuantizeError as error:
                yield Outcome(item, failure=str(error))
            else:
                yield Outcome(item)


def run_jobs(
    jobs: Sequence[Job], settings: Settings, n_workers: int = 1, on_stage: OnStage | None = None
) -> Iterator[Outcome]:
    """Convert every job and tell what became of each, in order; of several with pages, write the index.

    Parameters
    ----------
    jobs : sequence of Job
        Those that are `sharing` get one palette.
    settings : Settings
        Its `n_threads` is shared out among the workers.
    n_workers : int
        Pictures at a time. The results do not depend on it.
    on_stage : callable, optional
        As of `convert_file`, where one picture is done after the other.

    Raises
    ------
    OutputError
        The index cannot be written.
    """
    work = skip_own_results(jobs)
    n_workers = min(n_workers, sum(isinstance(item, Job) for item in work))
    if n_workers > 1:
        on_stage, settings = None, replace(settings, n_threads=max(1, settings.n_threads // n_workers))
    sharing = [item for item in work if isinstance(item, Job) and item.sharing]
    if sharing:
        from quantize.pipeline.sharing import share_palette

        palette = share_palette(sharing, settings, partial(_map, n_workers=n_workers, on_death=lambda _: None))
        settings = replace(settings, palette=palette)
    outcomes = _map(partial(_run_job, settings=settings, on_stage=on_stage), work, n_workers, _report_death)
    index = place_index(jobs)
    if index is not None:
        from quantize.pipeline.indexing import index_outcomes

        outcomes = index_outcomes(outcomes, index)
    yield from outcomes


def _map(
    function: Callable[..., Result], items: Iterable[Job | Outcome], n_workers: int, on_death: Callable[..., Result]
) -> Iterator[Result]:
    if n_workers <= 1:
        yield from map(function, items)
    else:
        from quantize.parallel.processes import map_in_order

        yield from map_in_order(function, items, n_workers, on_death)


def _report_death(item: Job | Outcome) -> Outcome:
    if isinstance(item, Outcome):
        return item
    return Outcome(item, failure=f"{item.source}: its process died twice, perhaps for want of memory")


def _run_job(job: Job | Outcome, settings: Settings, on_stage: OnStage | None = None) -> Outcome:
    if isinstance(job, Outcome):
        return job
    try:
        report, data = convert_file(job, settings, on_stage)
    except SkippedError as error:
        return Outcome(job, skipped=str(error))
    except QuantizeError as error:
        return Outcome(job, failure=str(error))
    except MemoryError:
        return Outcome(job, failure=f"{job.source}: needs more memory than there is")
    except Exception as error:  # a fault of ours must not cost the rest of the batch either
        return Outcome(job, failure=f"{job.source}: failed by a fault in quantize ({error!r}); please report it")
    return Outcome(job, report, b"" if job.outputs.picture else data)
